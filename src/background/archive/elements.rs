//! The elements of a JSON array, each as its text, told apart while the array comes in pieces: of
//! hundreds of megabytes only one element is in memory.
//!
//! Only strings and brackets are followed: whether an element is good JSON is told by whoever
//! parses it. Elements without an array around them, one after the other, are read as well.

use super::Why;
use crate::base::limits::{EXPORT_CHAT_BYTES, EXPORT_CHAT_VALUES};

/// The file ended too early.
const CUT: Why = Why::Export(
    "This export is cut short: its end is missing. Download it again, then import that file. A \
     zip file may be imported as it is.",
);

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Stage {
    /// Nothing came yet.
    #[default]
    Start,
    /// Inside the array.
    Array,
    /// Between or in elements that stand by themselves.
    Loose,
    /// The array is closed.
    Ended,
}

/// Takes an array apart.
#[derive(Debug, Default)]
pub(super) struct Elements {
    stage: Stage,
    /// Brackets that are open in the element.
    depth: usize,
    in_string: bool,
    escaped: bool,
    /// What came of the element.
    text: Vec<u8>,
    /// Values in it, about.
    values: usize,
    /// It is larger than one may be: no more of it is kept.
    over: bool,
}

impl Elements {
    /// Takes the next bytes, and gives each element that is complete; none: it is too large.
    pub(super) fn push(
        &mut self,
        bytes: &[u8],
        mut take: impl FnMut(Option<&[u8]>),
    ) -> Result<(), Why> {
        let mut from = 0;
        for (at, byte) in bytes.iter().enumerate() {
            if self.in_string {
                (self.in_string, self.escaped) = match (self.escaped, byte) {
                    (false, b'"') => (false, false),
                    (escaped, byte) => (true, !escaped && *byte == b'\\'),
                };
                continue;
            }
            self.values += usize::from(matches!(byte, b',' | b'{' | b'['));
            match byte {
                b'[' if self.stage == Stage::Start => (self.stage, from) = (Stage::Array, at + 1),
                b'{' | b'[' => {
                    if self.stage == Stage::Start {
                        from = at;
                    }
                    self.goes_on(true)?;
                    self.depth += 1;
                }
                b'}' | b']' if self.depth > 0 => {
                    self.depth -= 1;
                    if self.depth == 0 && self.stage == Stage::Loose {
                        self.keep(bytes.get(from..=at));
                        self.give(&mut take);
                        from = at + 1;
                    }
                }
                b']' | b',' if self.depth == 0 && self.stage == Stage::Array => {
                    self.keep(bytes.get(from..at));
                    self.give(&mut take);
                    from = at + 1;
                    if *byte == b']' {
                        self.stage = Stage::Ended;
                    }
                }
                // What a text file may begin with.
                b' ' | b'\n' | b'\r' | b'\t' | 0xef | 0xbb | 0xbf => {}
                _ => {
                    self.goes_on(false)?;
                    self.in_string = *byte == b'"';
                }
            }
        }
        self.keep(bytes.get(from..));
        Ok(())
    }

    /// Nothing follows.
    pub(super) fn end(&self) -> Result<(), Why> {
        let rests = self.depth == 0 && !self.in_string && self.is_blank();
        match self.stage {
            Stage::Start => Err(Why::Foreign),
            Stage::Ended | Stage::Loose if rests => Ok(()),
            _ => Err(CUT),
        }
    }

    /// Something of an element is there, where one may be. `opens`: a bracket.
    fn goes_on(&mut self, opens: bool) -> Result<(), Why> {
        match self.stage {
            Stage::Array => Ok(()),
            Stage::Loose if opens || self.depth > 0 => Ok(()),
            Stage::Start if opens => {
                self.stage = Stage::Loose;
                Ok(())
            }
            _ => Err(Why::Foreign),
        }
    }

    fn keep(&mut self, bytes: Option<&[u8]>) {
        let bytes = bytes.unwrap_or_default();
        self.over |= self.text.len().saturating_add(bytes.len()) > EXPORT_CHAT_BYTES
            || self.values > EXPORT_CHAT_VALUES;
        if self.over {
            self.text = Vec::new();
        } else {
            self.text.extend(bytes);
        }
    }

    fn is_blank(&self) -> bool {
        !self.over && self.text.iter().all(u8::is_ascii_whitespace)
    }

    fn give(&mut self, take: &mut impl FnMut(Option<&[u8]>)) {
        if !self.is_blank() {
            take((!self.over).then_some(&self.text));
        }
        (self.over, self.values) = (false, 0);
        self.text.clear();
    }
}
