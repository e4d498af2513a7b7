//! Archives: chats as one file, written chat by chat and read with distrust. Their form is told in
//! [`crate::wire::archive`].
//!
//! Reading has two passes. The first checks every line of the file and keeps none; what is wrong
//! with one line is wrong with the file. The second gives the chats out, one text of lines each,
//! which the machine checks again ([`chat_of`]), compares with what is stored ([`merge`]) and
//! commits. Memory is bounded by one chat in either direction. [`Source`] tells by a file's first
//! bytes whether it is an archive or a site's own export, whose conversations become the same lines
//! (`export`). Absent from here: the store, files.

mod check;
mod elements;
mod export;
mod gzip;
mod inflate;
mod merge;
mod people;
mod read;
mod source;
mod write;
mod zip;

pub use check::{Chat, chat_of};
pub use merge::{Merge, Rule, merge, merge_by};
pub use people::{markdown, transcript};
pub use read::Reader;
pub use source::Source;
pub use write::Writer;

use crate::base::Problem;
use crate::wire::archive::Piece;

/// Bytes of a piece on its way to the background: browsers carry messages of a few megabytes well,
/// and refuse those of 64.
const PIECE_BYTES: usize = 4 << 20;

/// The lines of a chat in pieces, for the background. `import`: drawn at random.
pub fn pieces(import: u64, lines: &str) -> impl Iterator<Item = Piece> {
    let (mut rest, mut number) = (Some(lines), 0);
    std::iter::from_fn(move || {
        let text = rest?;
        // A character has four bytes at most.
        let ends = (PIECE_BYTES.saturating_sub(4)..=PIECE_BYTES).rev();
        let cut = ends.into_iter().find_map(|end| text.split_at_checked(end));
        let (text, after) = cut.map_or((text, None), |(text, after)| (text, Some(after)));
        rest = after.filter(|after| !after.is_empty());
        let piece = Piece { import, number, text: text.to_owned(), last: rest.is_none() };
        number += 1;
        Some(piece)
    })
}

/// The file is of another kind.
const FOREIGN: &str = "\
    This file is no archive of SHIM, and no export of ChatGPT or Claude. Choose one that SHIM's \
    “Export” made, or the zip file as the site sent it.";

/// What is wrong with a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Why {
    Foreign,
    Newer,
    Cut,
    Large,
    Broken(&'static str),
    /// Something about a site's export: the whole sentence.
    Export(&'static str),
}

impl Why {
    /// For a person. `line`: where it was found, from 1.
    fn problem(self, line: u64) -> Problem {
        Problem::person(match self {
            Self::Foreign => FOREIGN.to_owned(),
            Self::Export(sentence) => sentence.to_owned(),
            Self::Newer => {
                "This archive is of a newer SHIM. Update the extension, then import it again."
                    .to_owned()
            }
            Self::Cut => {
                "This archive is cut short: its end is missing. Copy or download the whole file \
                 again, then import that."
                    .to_owned()
            }
            Self::Large => format!(
                "This archive holds more than an archive may (line {line}). Import one that SHIM \
                 made."
            ),
            Self::Broken(what) => format!(
                "This archive is damaged (line {line}: {what}). Take another copy of the file, or \
                 export it again."
            ),
        })
    }
}
