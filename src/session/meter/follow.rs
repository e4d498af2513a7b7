//! Calls that repeat: the same call that returns the same again and again is a loop. One whose
//! result changes, or that waits in between, is a poll.

use crate::base::{Moment, Span, text};
use crate::wire::chat::ToolCall;
use serde::{Deserialize, Serialize};

/// Calls that are remembered.
const CALLS: usize = 12;
/// Who waits this long before asking again is polling.
const PAUSE: Span = Span::seconds(15);

/// The last different calls, oldest first: hash of the call, of what it returned, when, how often.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub(super) struct Repeats(Vec<(u32, u32, Moment, u32)>);

impl Repeats {
    /// A call ended.
    pub(super) fn ended(&mut self, at: Moment, call: &ToolCall) {
        let asked = mark([&call.name, &call.args]);
        let got = mark([&call.result, &call.error]);
        let place = self.0.iter().position(|known| known.0 == asked);
        let before = place.map(|place| self.0.remove(place));
        // A call that shows nothing of itself cannot be told from others.
        let told = !call.args.is_empty();
        let count = match before {
            Some((_, same, when, count)) if told && same == got && at.since(when) < PAUSE => {
                count.saturating_add(1)
            }
            _ => 1,
        };
        self.0.push((asked, got, at, count));
        if self.0.len() > CALLS {
            self.0.remove(0);
        }
    }

    /// The most that one of them was repeated; 1 is no repetition.
    pub(super) fn most(&self) -> u32 {
        self.0.iter().map(|known| known.3).max().filter(|most| *most > 1).unwrap_or(0)
    }
}

fn mark(texts: [&String; 2]) -> u32 {
    let [a, b] = texts.map(|text| text::hash(text));
    let mixed = a.rotate_left(17) ^ b;
    (mixed ^ (mixed >> 32)) as u32
}
