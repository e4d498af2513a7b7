//! What stands in the way: said so, or a failure that nothing put right.

use super::cues::{Cues, is_one, lower};
use super::lines::{Chat, Latest, key};
use super::tools::{about, gist};
use crate::base::limits::BLOCKERS;
use crate::base::text::{clip, one_line, tail};
use crate::wire::chat::{CallState, ToolCall};
use crate::wire::state::Noted;
use std::collections::HashMap;

/// Calls after which an old failure no longer stands in the way.
const STALE_CALLS: usize = 30;

static BLOCKED: Cues = Cues::new(
    "\
    blocked by|blocked on|blocker:|is blocking|waiting for your|waiting on|waiting for approval|\
    waiting for access|i need you to|i need access|don't have access|do not have access|\
    missing credentials|stuck on|blocked until|not possible until|\
    we're waiting for|we are waiting for|i can't proceed|i cannot proceed",
);
static CANNOT: Cues = Cues::new("cannot|can't|can not|won't be able to|unable to");
static UNTIL: Cues = Cues::new("until|without access|before you");
static UNBLOCKED: Cues = Cues::new(
    "\
    unblocked|no longer blocked|no longer blocks|blocker is gone|blocker is resolved|\
    blocker is fixed|not blocked any more",
);
/// Lines of pasted output that tell of an error.
static ERRORS: Cues = Cues::new(
    "\
    error:|error[|panicked at|traceback (most recent call last)|exception:|typeerror:|fatal:|\
    test result: failed",
);

/// The blockers in force, oldest first.
pub fn blockers(chat: &Chat<'_>) -> Vec<Noted> {
    let mut said: Latest<Noted> = Latest::new();
    for turn in &chat.said {
        for sentence in &turn.sentences {
            let (text, words) = (&sentence.text, &sentence.words);
            if UNBLOCKED.inside(words) {
                let gone: Vec<String> = long_words(text);
                said.remove_if(|b| {
                    let mine = long_words(&b.text);
                    gone.is_empty() || mine.iter().any(|w| gone.contains(w))
                });
            } else if blocks(words) {
                let noted = Noted { text: text.clone(), turn: turn.turn.key.clone() };
                said.push(key(text), noted);
            }
        }
    }
    let mut out = failures(chat);
    out.extend(pasted(chat));
    let room = BLOCKERS.saturating_sub(out.len().min(BLOCKERS / 2));
    let mut all = said.last(room);
    let skip = out.len().saturating_sub(BLOCKERS.saturating_sub(all.len()));
    all.extend(out.drain(..).skip(skip));
    all
}

fn blocks(words: &str) -> bool {
    !words.ends_with('?')
        && (BLOCKED.inside(words) || (CANNOT.inside(words) && UNTIL.inside(words)))
}

fn long_words(text: &str) -> Vec<String> {
    let key = key(text);
    let words = key.split(' ').filter(|w| w.len() > 3);
    words.filter(|w| !is_one(w, "blocked|blocker|unblocked|longer")).map(Into::into).collect()
}

/// The last failure of each thing that no later success put right.
fn failures(chat: &Chat<'_>) -> Vec<Noted> {
    let mut open: HashMap<String, (usize, usize, &ToolCall)> = HashMap::new();
    let mut count = 0;
    for (turn, call) in chat.calls() {
        count += 1;
        match call.state {
            CallState::Failed => {
                open.insert(about(call), (count, turn, call));
            }
            CallState::Done => {
                open.remove(&about(call));
            }
            CallState::Running | CallState::Asked | CallState::Refused => {}
        }
    }
    let mut open: Vec<_> = open.into_values().collect();
    open.retain(|(at, _, _)| at + STALE_CALLS > count);
    open.sort_unstable_by_key(|(at, _, _)| *at);
    open.into_iter()
        .map(|(_, turn, call)| {
            let why = if call.error.trim().is_empty() { &call.result } else { &call.error };
            let why = telling(why);
            Noted {
                text: clip(
                    &format!(
                        "{} failed ({}): {why}",
                        call.name,
                        clip(&gist(&call.name, &call.args), 90)
                    ),
                    300,
                ),
                turn: chat.said.get(turn).map(|s| s.turn.key.clone()).unwrap_or_default(),
            }
        })
        .collect()
}

/// The line of an output that tells most: the first that names an error, else the last.
fn telling(output: &str) -> String {
    let output = tail(output, 20_000);
    let named = output.lines().find(|l| {
        let l = lower(l);
        ERRORS.anywhere(&l)
    });
    let line = named.or_else(|| output.lines().rev().find(|l| !l.trim().is_empty()));
    clip(&one_line(line.unwrap_or("no reason shown")), 180)
}

/// An error that the person pasted with the last message.
fn pasted(chat: &Chat<'_>) -> Option<Noted> {
    let last = chat.of_user().next_back()?;
    let line = last.lines.iter().map(|l| l.text).find(|l| {
        let l = lower(l);
        ERRORS.begin(l.trim_start()) || l.contains("panicked at")
    })?;
    let text = clip(&format!("The person reports: {}", one_line(line)), 300);
    Some(Noted { text, turn: last.turn.key.clone() })
}
