//! A page's structure for a report: how it is built, and nothing of what it says.

use super::eyes;
use shim::sites::{shape, structure::structure};
use shim::wire::page::{Element, Node};

const SECRET: &str = "<main class='chat list' data-testid='thread' data-owner='ada@example.org'>\
    <div class='message user-message' id='m-12345678' title='My secret plan'><p>Buy the \
    castle.</p></div><img alt='A castle' src='https://example.org/castle.png'>\
    <a href='https://example.org/?q=castle'>castle</a><textarea>half a secret</textarea></main>";

fn page(html: &str) -> Element {
    let look = eyes::look(&shape::plan(), html, "https://example.org/");
    match look.slots[shape::PAGE].nodes.first() {
        Some(Node::Element(element)) => element.clone(),
        other => panic!("{other:?}"),
    }
}

#[test]
fn tags_and_a_programmers_words_stay_and_texts_become_lengths() {
    let told = structure(&page(SECRET), 7);
    for stays in ["main", "class=\"chat list\"", "data-testid=\"thread\"", "title=#", "(15)"] {
        assert!(told.contains(stays), "{stays}: {told}");
    }
    for gone in ["castle", "secret", "ada", "example", "12345678", "Buy"] {
        assert!(!told.contains(gone), "{gone}: {told}");
    }
}

#[test]
fn a_scrambled_value_is_the_same_within_a_report_and_differs_between_two() {
    let twice = "<p title='a secret'>x</p><p title='a secret'>y</p>";
    let scrambled = |salt| {
        let told = structure(&page(twice), salt);
        let values = told.lines().filter_map(|line| line.split("title=").nth(1));
        values.map(str::to_owned).collect::<Vec<_>>()
    };
    let (one, other) = (scrambled(1), scrambled(2));
    assert_eq!((one.len(), &one[0]), (2, &one[1]));
    assert_ne!(one, other);
}

#[test]
fn a_page_without_end_is_cut_and_says_so() {
    let told = structure(&page(&"<i>x</i>".repeat(30_000)), 1);
    assert!(told.ends_with("(more was left out)\n") && told.lines().count() < 60_000);
}
