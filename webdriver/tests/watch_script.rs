//! The script of `watch`: what is a step, and what is said of a line that is none.
#![allow(clippy::unwrap_used, reason = "a test that meets what it did not expect should stop")]

use shim_webdriver::watch::script::{Chord, Step, parse};

fn steps(text: &str) -> Vec<Step> {
    parse(text).unwrap().into_iter().map(|line| line.step).collect()
}

#[test]
fn each_step_is_read_with_all_that_follows_it() {
    let read = steps(
        "type Read  src/main.rs, please # now\nsend\nwait-text Done: 3 files\nwait-idle\n\
         wait-turns 12\nwait-stored 1 2\nwait-crash\n\
         card Not this one\nopen https://claude.ai/new\nhide\nshow\n\
         crash\nreload\nclose\npicture a b.png\n",
    );
    assert_eq!(
        read,
        [
            Step::Type("Read  src/main.rs, please # now".to_owned()),
            Step::Send,
            Step::WaitText("Done: 3 files".to_owned()),
            Step::WaitIdle,
            Step::WaitTurns(12),
            Step::WaitStored("1 2".to_owned()),
            Step::WaitCrash,
            Step::Card("Not this one".to_owned()),
            Step::Open("https://claude.ai/new".to_owned()),
            Step::Hide,
            Step::Show,
            Step::Crash,
            Step::Reload,
            Step::Close,
            Step::Picture("a b.png".into()),
        ]
    );
}

#[test]
fn keys_are_letters_names_and_both_with_others_held_down() {
    let press = |held: &[char], key| Step::Press(Chord { held: held.to_vec(), key });
    let read = steps("press Enter\npress é\npress shift+ENTER\npress Ctrl+Shift+End\npress +\n");
    assert_eq!(
        read,
        [
            press(&[], '\u{e007}'),
            press(&[], 'é'),
            press(&['\u{e008}'], '\u{e007}'),
            press(&['\u{e009}', '\u{e008}'], '\u{e010}'),
            press(&[], '+'),
        ]
    );
}

#[test]
fn lines_are_numbered_as_a_person_counts_them() {
    let read = parse("# a chat\n\n  type a\n\t\nsend  \n").unwrap();
    let numbers: Vec<_> = read.iter().map(|line| (line.number, line.text.as_str())).collect();
    assert_eq!(numbers, [(3, "type a"), (5, "send")]);
    assert_eq!(parse("").unwrap(), []);
}

#[test]
fn a_line_that_is_no_step_is_named_with_its_number() {
    let said = |text: &str| parse(text).unwrap_err().to_string();
    let unknown = said("type a\nfrobnicate b\nsend");
    assert!(unknown.starts_with("line 2: there is no step `frobnicate`"), "{unknown}");
    for (text, part) in [
        ("type", "wants the text"),
        ("open  ", "wants a URL"),
        ("send now", "`now` is too much"),
        ("wait-turns many", "not `many`"),
        ("wait-turns 0", "from 1"),
        ("press Nothing", "no key `Nothing`"),
        ("press Meta+a", "`Meta` is not held down"),
        ("Send", "no step `Send`"),
    ] {
        let why = said(text);
        assert!(why.starts_with("line 1: ") && why.contains(part), "{text}: {why}");
    }
}
