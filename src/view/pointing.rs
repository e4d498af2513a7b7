//! Pointing at something in a page: what the popup offers, what the page asks for, and what came
//! of it.

use super::{amount, texts};
use crate::wire::point::{Part, PointView, Unclear};

/// How pointing goes.
const HOW: &str = "Esc leaves it. ↑ takes what is around it.";

/// What can be pointed at, on a button.
#[must_use]
pub const fn label(part: Part) -> &'static str {
    match part {
        Part::User => "One of your messages",
        Part::Assistant => "One of the answers",
        Part::Composer => "The field you type into",
        Part::Send => "The send button",
        Part::Stop => "The stop button",
        Part::Title => "The chat's title",
    }
}

/// What a person is asked to do.
const fn click(part: Part) -> &'static str {
    match part {
        Part::User => "Click on one of your messages.",
        Part::Assistant => "Click on one of the answers.",
        Part::Composer => "Click on the field you type into.",
        Part::Send => "Click on the send button.",
        Part::Stop => "Click on the button that stops an answer.",
        Part::Title => "Click on the title of the chat.",
    }
}

/// Asks a person to point. The plan is still to be put in.
#[must_use]
pub fn ask(part: Part) -> PointView {
    asking(click(part).to_owned(), part, false)
}

fn asking(text: String, part: Part, warning: bool) -> PointView {
    let (how, close) = (HOW.to_owned(), texts::CLOSE.to_owned());
    PointView { text, how, close, warning, part: Some(part), ..PointView::default() }
}

/// Says how the page is read now. `said`: messages of the person's own that are found, and answers.
#[must_use]
pub fn understood(part: Part, said: (usize, usize)) -> PointView {
    let count =
        |number: usize, what: &str| amount::count(u64::try_from(number).unwrap_or(u64::MAX), what);
    let text = match part {
        Part::User | Part::Assistant => format!(
            "Understood. Found in this page: {} of yours and {}.",
            count(said.0, "message"),
            count(said.1, "answer")
        ),
        Part::Composer => "Understood: this is the field you type into.".to_owned(),
        Part::Send => "Understood: this sends.".to_owned(),
        Part::Stop => "Understood: this stops an answer.".to_owned(),
        Part::Title => "Understood: this is the title of the chat.".to_owned(),
    };
    PointView { text, close: texts::CLOSE.to_owned(), ..PointView::default() }
}

/// Asks for what is missing.
#[must_use]
pub fn unclear(part: Part, why: Unclear) -> PointView {
    let again = |why: &str| asking(format!("{why} {}", click(part)), part, true);
    match why {
        Unclear::Wants(other) if matches!(part, Part::User | Part::Assistant) => {
            asking(format!("Noted. {}", click(other)), other, false)
        }
        Unclear::Wants(other) => {
            asking(format!("Noted. No chat is known here yet. {}", click(other)), other, false)
        }
        Unclear::Unseen => again("This cannot be seen, or the page is too large."),
        Unclear::Alike => again("Nothing tells this from other things in the page."),
        Unclear::NoField => again("This takes no text."),
    }
}

/// Says why it could not be done.
#[must_use]
pub fn trouble(text: String) -> PointView {
    PointView { text, close: texts::CLOSE.to_owned(), warning: true, ..PointView::default() }
}
