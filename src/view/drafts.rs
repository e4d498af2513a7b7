//! What was typed and not sent, as rows.

use super::amount;
use super::popup::Knows;
use crate::base::origin;
use crate::wire::records::SessionHead;

/// Rows shown: who misses a text misses a late one.
const ROWS: usize = 8;

/// One text that was not sent.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct DraftRow {
    /// Names it to the background.
    pub key: String,
    /// How it begins.
    pub start: String,
    /// Where and when it was typed, and how much it is.
    pub facts: String,
}

/// The newest of them.
#[must_use]
pub fn rows(knows: &Knows) -> Vec<DraftRow> {
    let notes = knows.status.iter().flat_map(|status| &status.drafts);
    let rows = notes.take(ROWS).map(|note| {
        let heads = knows.heads.iter().flat_map(|heads| heads.iter());
        let head = heads.into_iter().find(|head| head.id == note.session);
        let when = amount::ago_short(note.at, knows.now);
        let size = amount::count(note.chars, "character");
        DraftRow {
            key: note.key.clone(),
            start: note.start.clone(),
            facts: format!("{} · {when} · {size}", place(head, &note.url)),
        }
    });
    rows.collect()
}

fn place(head: Option<&SessionHead>, url: &str) -> String {
    let title = head.map(|head| head.title.as_str()).filter(|title| !title.is_empty());
    title.map_or_else(|| format!("new chat on {}", origin::host(url)), ToOwned::to_owned)
}
