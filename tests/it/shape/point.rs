//! What comes of pointing: rows that read the page as the person who pointed does.

use super::{read, role, rows, tree};
use crate::pages::folders;
use shim::sites::css::Selector;
use shim::sites::shape::{self, Understood, point};
use shim::wire::page::{Element, Node};
use shim::wire::point::{PICKED, Part, Unclear};
use shim::wire::rows::SiteRows;

const URL: &str = "http://chat.example.org/";

/// The tree of a page; what was pointed at has the attribute [`PICKED`] in its text.
fn page(html: &str) -> Element {
    let flush = tree(html);
    match flush.slots[shape::PAGE].nodes.first() {
        Some(Node::Element(element)) => element.clone(),
        other => panic!("{other:?}"),
    }
}

fn pointed(html: &str, part: Part, known: Option<&SiteRows>) -> Result<Understood, Unclear> {
    point(&page(html), part, known)
}

/// Who says what, by these rows.
fn said(rows: &SiteRows, html: &str) -> Vec<(&'static str, String)> {
    let turns = read(rows, html, URL).changed;
    turns.iter().map(|turn| (role(turn.role), turn.markdown.clone())).collect()
}

/// A page with three exchanges whose turns have classes that say nothing, a day between them, and
/// notes about something else whose classes say a lot. `U` and `A` mark a message of each side.
fn mixed(user: &str, answer: &str) -> String {
    let mut list = String::new();
    for number in 1..=3 {
        let (u, a) = if number == 2 { (user, answer) } else { ("", "") };
        list.push_str(&format!(
            "<div class=zq8k1x><i>Day {number}</i></div>\
             <div class='b7f0aa row9x'><div class=c1d2e3><p {u}>Question {number}?</p></div></div>\
             <div class='b7f0aa col7y'><div class=f4g5h6><p {a}>Answer {number}.</p><ul><li>so\
             </ul></div></div>"
        ));
    }
    let note = "<div class=user-note>A note.</div><div class=bot-note>Its answer.</div>";
    format!(
        "<title>Beans</title><section class=notes>{}</section><main>{list}</main>\
         <form class=entry><textarea placeholder=Ask></textarea><button class=go>Go</button>\
         </form>",
        note.repeat(4)
    )
}

const USER: &str = ":picked=user";
const ANSWER: &str = ":picked=assistant";

#[test]
fn a_list_that_shape_does_not_find_is_read_by_one_message_of_each_side() {
    let plain = mixed("", "");
    let by_shape = rows(&plain, URL).expect("the notes look like a chat");
    assert!(
        said(&by_shape, &plain)
            .iter()
            .all(|(_, text)| text.contains("note") || text.contains("Its"))
    );
    let one = mixed(USER, "");
    assert_eq!(pointed(&one, Part::User, Some(&by_shape)), Err(Unclear::Wants(Part::Assistant)));
    let other = mixed("", ANSWER);
    assert_eq!(pointed(&other, Part::Assistant, None), Err(Unclear::Wants(Part::User)));
    let made = pointed(&mixed(USER, ANSWER), Part::Assistant, Some(&by_shape)).unwrap();
    assert_eq!((made.asked, made.answered), (3, 3));
    let turns = said(&made.rows, &plain);
    let wanted = (1..=3).flat_map(|number| {
        [
            ("user", format!("Question {number}?")),
            ("assistant", format!("Answer {number}.\n\n- so")),
        ]
    });
    assert_eq!(turns, wanted.collect::<Vec<_>>());
    assert!(made.rows.by_hand && read(&made.rows, &plain, URL).composer.present);
}

/// Two sides that the shape takes for each other: what the person says is richer and stands left.
const SWAPPED: &str = "<main>\
    <div class='line in'>Fine.</div><div class='line out'><p>See:</p><ul><li>this</ul></div>\
    <div class='line in' A>Done.</div><div class='line out' U><p>And:</p><ul><li>that</ul></div>\
    <div class='line in'>Well.</div><div class='line out'><p>Or:</p><ul><li>it</ul></div>\
    </main><form><textarea></textarea></form>";

#[test]
fn one_message_tells_which_side_is_which() {
    let plain = SWAPPED.replace(" A>", ">").replace(" U>", ">");
    let by_shape = rows(&plain, URL).expect("a chat");
    let before = said(&by_shape, &plain);
    let at = before.iter().position(|(_, text)| text == "Done.").unwrap();
    let (who, other) = match before[at].0 {
        "user" => (Part::Assistant, ANSWER),
        _ => (Part::User, USER),
    };
    let html = SWAPPED.replace(" A>", &format!(" {other}>")).replace(" U>", ">");
    let made = pointed(&html, who, Some(&by_shape)).unwrap();
    let after = said(&made.rows, &plain);
    assert_eq!(after.len(), before.len());
    for (was, is) in before.iter().zip(&after) {
        assert_ne!(was.0, is.0, "{was:?} {is:?}");
    }
}

#[test]
fn turns_of_other_rows_have_a_table_of_their_own_and_the_same_rows_have_not() {
    let made = pointed(&mixed(USER, ANSWER), Part::User, None).unwrap();
    let again = pointed(&mixed(USER, ANSWER), Part::User, Some(&made.rows)).unwrap();
    assert_eq!(again.rows, made.rows);
    let by_shape = rows(&mixed("", ""), URL).unwrap();
    let told = pointed(&mixed(USER, ANSWER), Part::User, Some(&by_shape)).unwrap();
    assert_ne!(told.rows.name, by_shape.name);
    let wrong = SiteRows { rows: by_shape.rows, ..made.rows.clone() };
    let third = pointed(&mixed(USER, ANSWER), Part::User, Some(&wrong)).unwrap();
    assert!(![&wrong.name, &by_shape.name].contains(&&third.rows.name), "{}", third.rows.name);
}

/// A page with things that stand in it once.
const CONTROLS: &str = "<header><h1 C>Beans</h1></header><main>\
    <div class=user-message><p>How long?</p></div><div class=bot-message><p>Eight hours.</p></div>\
    </main><div class=bar><div contenteditable=true class=search-box></div>\
    <div class=entry><div contenteditable=true class=entry-text><p D>Hello</p></div>\
    <span class=knob tabindex=0><svg E class=plane-icon></svg></span></div></div>";

fn controls(mark: &str, part: Part) -> String {
    CONTROLS.replace(&format!(" {mark}"), &format!(" :picked={}", part.slot()))
}

#[test]
fn the_field_the_title_and_what_sends_are_found_again() {
    let by_shape = rows(CONTROLS, URL).expect("a chat");
    let mut known = by_shape.clone();
    for (mark, part) in [("C", Part::Title), ("D", Part::Composer), ("E", Part::Send)] {
        known = pointed(&controls(mark, part), part, Some(&known)).unwrap().rows;
    }
    assert!(known.by_hand && known.name == by_shape.name, "the turns are the same");
    let reading = read(&known, CONTROLS, URL);
    assert_eq!(reading.title, "Beans");
    assert_eq!(reading.composer.text, "Hello");
    let css = |slot: &str| Selector::parse(&known.row(slot).unwrap().css[0]).unwrap();
    assert_eq!(css("send").find_all(&page(CONTROLS)).len(), 1);
    assert_eq!(css("composer").find_all(&page(CONTROLS)).len(), 1);
    let turns = said(&known, CONTROLS);
    assert_eq!(turns, said(&by_shape, CONTROLS));
    // What was said of them stays when turns are pointed at later.
    let html = CONTROLS.replace("<p>How", "<p :picked=user>How");
    let later = pointed(&html, Part::User, Some(&known)).unwrap().rows;
    for slot in ["title", "composer", "send"] {
        assert_eq!(later.row(slot), known.row(slot));
    }
}

#[test]
fn without_a_chat_a_message_of_each_side_is_asked_for_and_then_all_counts() {
    let html = mixed("", "").replace("<form", "<form :picked=composer");
    assert!(matches!(pointed(&html, Part::Send, None), Err(Unclear::Unseen)));
    let bare = "<main><p>Nothing.</p></main><form :picked=composer><textarea></textarea></form>";
    assert_eq!(pointed(bare, Part::Composer, None), Err(Unclear::Wants(Part::User)));
    let html = mixed(USER, ANSWER).replace("<button class=go", "<button :picked=send class=go");
    let made = pointed(&html, Part::Assistant, None).unwrap();
    assert_eq!(made.rows.row("send").unwrap().css, ["[class~=\"go\"]"]);
    let field = mixed("", "").replace("<main>", "<main :picked=composer>");
    let known = rows(&mixed("", ""), URL).unwrap();
    assert_eq!(pointed(&field, Part::Composer, Some(&known)), Err(Unclear::NoField));
}

/// The control that stops stands where the one that sends stood, and is the same but for a label.
#[test]
fn what_stops_is_told_from_what_sends() {
    let html = |button: &str| {
        format!(
            "<main><div class=user-message><p>How long?</p></div><div class=bot-message><p>Eight \
             hours.</p></div></main><form><textarea></textarea>{button}</form>"
        )
    };
    let sends = html("<button id=main type=submit aria-label=Send><svg></svg></button>");
    let known = rows(&sends, URL).expect("a chat");
    assert_eq!(known.row("send").unwrap().css, ["#main"]);
    let stop =
        html("<button id=main type=submit aria-label=Halt><svg :picked=stop></svg></button>");
    let made = pointed(&stop, Part::Stop, Some(&known)).unwrap().rows;
    assert!(read(&made, &stop, URL).busy.now && !read(&made, &sends, URL).busy.now);
    let bare = html("<button id=main type=submit :picked=stop><svg></svg></button>");
    assert_eq!(pointed(&bare, Part::Stop, Some(&known)), Err(Unclear::Alike));
    let named = html("<button class=stop-button :picked=stop>x</button>");
    let made = pointed(&named, Part::Stop, Some(&known)).unwrap().rows;
    assert_eq!(made.row("stop").unwrap().css, ["[class~=\"stop-button\"]"]);
}

/// Marks the first element that `is` so, in document order.
fn mark(element: &mut Element, wanted: &Element, part: Part) -> bool {
    if element == wanted {
        element.attrs.push((PICKED.to_owned(), part.slot().to_owned()));
        return true;
    }
    let children = element.children.iter_mut().filter_map(|child| match child {
        Node::Element(child) => Some(child),
        Node::Text(_) => None,
    });
    children.into_iter().any(|child| mark(child, wanted, part))
}

#[test]
fn who_points_at_what_is_read_right_already_changes_nothing_of_what_is_read() {
    let mut tried = 0;
    for (name, html) in folders("tests/shapes") {
        let Some(by_shape) = rows(&html, URL) else { continue };
        let mut page = page(&html);
        let css = |slot: &str| Selector::parse(&by_shape.row(slot)?.css[0]).ok();
        let (Some(turn), Some(user), Some(answer)) = (css("turn"), css("user"), css("assistant"))
        else {
            continue;
        };
        let whole = page.clone();
        let turns = turn.find_outer(&whole);
        let has = |turn: &&&Element, css: &Selector| css.find_first(turn).is_some();
        let asked = turns.iter().find(|t| has(t, &user) && !has(t, &answer));
        let answered = turns.iter().find(|t| has(t, &answer));
        let (Some(asked), Some(answered)) = (asked, answered) else { continue };
        assert!(mark(&mut page, asked, Part::User) && mark(&mut page, answered, Part::Assistant));
        let made = point(&page, Part::User, Some(&by_shape)).map(|made| made.rows);
        let made = made.unwrap_or_else(|why| panic!("{name:?}: {why:?}"));
        assert_eq!(said(&made, &html), said(&by_shape, &html), "{name:?}");
        tried += 1;
    }
    assert!(tried > 25, "only {tried} pages");
}
