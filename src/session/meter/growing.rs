//! The answer that is being made: what was counted of its text is not counted again.

use super::tokens::{WHOLE, price, tokens};
use crate::base::text;
use crate::wire::chat::Turn;

/// By so much of its end a text is known again.
const END_BYTES: usize = 64;

/// A text up to a place where no run of letters goes on.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Growing {
    /// Hash of its turn's key.
    mark: u64,
    bytes: usize,
    /// Hash of its end.
    end: u64,
    price: u64,
}

impl Growing {
    /// Tokens of a turn's text. One that is done is counted as a whole: a page may have changed
    /// what stands above its end.
    pub(super) fn tokens(&mut self, mark: u64, turn: &Turn) -> u64 {
        let text = turn.markdown.as_str();
        if !turn.state.is_open() {
            return tokens(text);
        }
        let known = text.get(..self.bytes).filter(|_| self.mark == mark);
        if known.is_none_or(|known| end(known) != self.end) {
            *self = Self { mark, end: end(""), ..Self::default() };
        }
        let new = text.get(self.bytes..).unwrap_or_default();
        let last_word = new.trim_end().rfind(char::is_whitespace).unwrap_or(0);
        let counted = new.get(..last_word).unwrap_or_default().trim_end();
        self.price += price(counted);
        self.bytes += counted.len();
        self.end = end(text.get(..self.bytes).unwrap_or_default());
        let rest = new.get(counted.len()..).unwrap_or_default();
        u64::div_ceil(self.price + price(rest), WHOLE)
    }
}

fn end(text: &str) -> u64 {
    let from = text.len().saturating_sub(END_BYTES);
    let from = (from..=text.len()).find(|at| text.is_char_boundary(*at));
    text::hash(from.and_then(|from| text.get(from..)).unwrap_or_default())
}
