//! Records of what was typed and not sent.
//!
//! Absent from here: when one is written, and when it goes.

use super::codec;
use crate::base::{Moment, Problem, limits, text};
use crate::wire::drafts::DraftHead;
use crate::wire::records::{RecordKey, StoreName, Stored};

/// Address of what was typed into a chat in one document: two windows of a chat hold two texts.
#[must_use]
pub fn key(head: &DraftHead) -> RecordKey {
    codec::joined(StoreName::Drafts, &[head.session.as_str(), &head.document])
}

/// What a text gives its head.
#[must_use]
pub fn describe(head: DraftHead, text: &str, at: Moment) -> DraftHead {
    DraftHead {
        at,
        gone: false,
        chars: text.chars().count() as u64,
        start: text::clip(&text::one_line(text), limits::DRAFT_START_CHARS),
        letters: letters(text),
        ..head
    }
}

/// A draft's record: its text is part 0.
#[must_use]
pub fn record(head: &DraftHead, text: &str) -> Stored {
    let at = key(head);
    codec::seal(at.store, at.key, &head.session, head, &[text])
}

/// Head and text of a draft's record.
///
/// # Errors
/// As [`codec::open`] and [`codec::part`].
pub fn open(stored: &Stored) -> Result<(DraftHead, String), Problem> {
    Ok((codec::open(stored)?, codec::part(stored, 0)?))
}

/// The first letters and digits of a text. A site shows what was typed as Markdown, with other
/// spaces, signs and breaks; these stay.
#[must_use]
pub fn letters(text: &str) -> String {
    text.chars().filter(|char| char.is_alphanumeric()).take(limits::DRAFT_LETTERS).collect()
}
