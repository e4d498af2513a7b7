//! The whole store looked through, step by step: what an extension page asks for, and what was
//! found so far. Absent from here: what counts as a fault.

use super::fields::read_fields;
use crate::base::SessionId;
use serde::{Deserialize, Serialize};

/// The next step of a check.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Wanted {
    /// Drawn by the page, so that no other page's check goes on with this one.
    pub run: u64,
    /// Which step, from 0.
    pub step: u32,
    /// Whether what can be put back is put back.
    pub repair: bool,
}

/// What a check came to so far.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Checked {
    /// Whether it is at its end.
    pub done: bool,
    /// Whether it is to begin anew: the background was ended since, or another page checks.
    pub again: bool,
    /// Records that were opened.
    pub records: u64,
    /// Bytes of their packed parts.
    pub bytes: u64,
    /// Chats that were looked at whole.
    pub chats: u32,
    /// How many there are; 0: not known yet.
    pub all_chats: u32,
    /// What is wrong, as it is now.
    pub faults: Vec<Fault>,
    /// What was wrong and is not any more.
    pub mended: Vec<Fault>,
}

read_fields!(Checked { done, again, records, bytes, chats, all_chats, faults, mended });

/// Something that is not as it should be.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Fault {
    /// Of which chat; empty: of none.
    pub session: SessionId,
    /// What.
    pub flaw: Flaw,
    /// How many times.
    pub count: u32,
    /// How many of them can be put back.
    pub back: u32,
    /// From where.
    pub from: Source,
}

/// What can be wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Flaw {
    /// Turns, checkpoints and the like that do not open.
    Damaged,
    /// Those of a newer SHIM.
    Newer,
    /// Those that were found before and are kept aside.
    Aside,
    /// The chat's own record is missing or does not open.
    Head,
    /// The chat's own record tells other numbers than there are.
    Numbers,
    /// Turns that the chat's own record counts, or a checkpoint names, and that are not there.
    Lost,
    /// A record names a chat or a checkpoint that is not there.
    Loose,
    /// The second copy is missing or does not open.
    Copy,
    /// The settings do not open.
    Settings,
}

/// From where something can be put back.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Source {
    /// From nowhere.
    Nowhere,
    /// From the second copy.
    Copy,
    /// From the other records of the chat.
    Chat,
    /// Nothing needs to be: what it held stands elsewhere in the store as well.
    Beside,
}
