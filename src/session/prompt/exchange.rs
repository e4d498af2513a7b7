//! The messages: the last one and the answer to it, and the earlier ones of the person.

use super::Input;
use super::clean::{Cleaner, LINE_CHARS};
use super::record::Record;
use crate::base::text::{clip, head, tail};
use crate::wire::chat::{Role, Turn, TurnState};

/// The last message of the person and what was answered since.
pub struct Exchange<'a> {
    /// The message.
    pub asked: &'a str,
    /// All that was said since, oldest first.
    pub answer: String,
    /// Whether the answer was finished.
    pub finished: bool,
}

impl<'a> Exchange<'a> {
    /// Read from the turns, or from the state's recent messages where no turn of the person is
    /// among them.
    pub fn of(input: &Input<'a>) -> Self {
        let turns = input.turns;
        let at = turns.iter().rposition(|t| t.role == Role::User);
        let recent = &input.state.conversation.recent;
        let asked_recently = recent.iter().rposition(|m| m.role == Role::User);
        let asked = match at {
            // Our own prompt is not quoted again: the state carries on what it asked for.
            Some(at) if !own(turns.get(at)) => turns.get(at).map(|t| t.markdown.as_str()),
            _ => asked_recently.and_then(|a| recent.get(a)).map(|m| m.text.as_str()),
        };
        let since = turns.get(at.map_or(0, |a| a + 1)..).unwrap_or_default();
        let mut answer: Vec<&str> = since.iter().map(|t| t.markdown.trim()).collect();
        if turns.is_empty() {
            let after = recent.get(asked_recently.map_or(0, |a| a + 1)..).unwrap_or_default();
            answer = after.iter().map(|m| m.text.as_str()).collect();
        }
        answer.retain(|text| !text.is_empty());
        Self {
            asked: asked.unwrap_or_default(),
            answer: answer.join("\n"),
            finished: since.last().is_none_or(|t| t.state == TurnState::Done),
        }
    }
}

/// Whether a turn holds a prompt of ours.
fn own(turn: Option<&Turn>) -> bool {
    turn.is_some_and(|t| Record::find(&t.markdown).is_some())
}

/// Each earlier message of the person, oldest first, one line each.
pub fn requests(input: &Input<'_>, cleaner: &Cleaner<'_>) -> Vec<String> {
    let mut of_user = input.turns.iter().filter(|t| t.role == Role::User).rev();
    of_user.next();
    let of_user = of_user.filter(|t| !own(Some(*t)));
    let line = |text: &str| clip(&cleaner.line(head(text, LINE_CHARS * 2)), LINE_CHARS);
    let mut out: Vec<String> =
        of_user.map(|t| line(&t.markdown)).filter(|l| l.len() > 12).collect();
    out.reverse();
    out
}

/// The lines of a message; of a very long one its two ends.
pub fn both_ends(cleaner: &Cleaner<'_>, text: &str, chars: usize) -> Vec<String> {
    let start = head(text, chars);
    let mut lines = cleaner.lines(start);
    let rest = text.get(start.len()..).unwrap_or_default();
    if !rest.is_empty() {
        lines.extend(cleaner.lines(tail(rest, chars / 2)));
    }
    lines
}
