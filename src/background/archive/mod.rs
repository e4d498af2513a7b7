//! Archives: chats as one file, written chat by chat and read with distrust. Their form is told in
//! [`crate::wire::archive`].
//!
//! Reading has two passes. The first checks every line of the file and keeps none; what is wrong
//! with one line is wrong with the file. The second gives the chats out, one text of lines each,
//! which the machine checks again ([`chat_of`]), compares with what is stored ([`merge`]) and
//! commits. Memory is bounded by one chat in either direction. Absent from here: the store, files.

mod check;
mod gzip;
mod merge;
mod people;
mod read;
mod write;

pub use check::{Chat, chat_of};
pub use merge::{Merge, merge};
pub use people::{markdown, transcript};
pub use read::Reader;
pub use write::Writer;

use crate::base::Problem;

/// What is wrong with a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Why {
    Foreign,
    Newer,
    Cut,
    Large,
    Broken(&'static str),
}

impl From<gzip::Fault> for Why {
    fn from(fault: gzip::Fault) -> Self {
        match fault {
            gzip::Fault::Foreign => Self::Foreign,
            gzip::Fault::Broken => Self::Broken("it does not unpack"),
        }
    }
}

impl Why {
    /// For a person. `line`: where it was found, from 1.
    fn problem(self, line: u64) -> Problem {
        Problem::person(match self {
            Self::Foreign => {
                "This file is no archive of SHIM. Choose one that SHIM's “Export” made.".to_owned()
            }
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
