//! A check of the whole store in words.

use super::amount::{bytes, count};
use super::popup::Notice;
use super::texts;
use crate::base::{SessionId, text};
use crate::wire::records::SessionHead;
use crate::wire::verify::{Checked, Fault, Flaw, Source};

/// Heading of what is told of the store itself.
pub const STORE: &str = "The store";
/// What checking it means.
pub const HOW: &str = "\
    A check opens everything that is stored, compares checksums, numbers and references, and \
    changes nothing. A repair puts back what can be, and deletes nothing.";
/// Looks through the whole store.
pub const VERIFY: &str = "Check the store";
/// Puts back what can be.
pub const REPAIR: &str = "Put right what can be";
/// A person ended it.
pub const STOPPED: &str = "Stopped.";

/// Characters of a chat's title.
const TITLE_CHARS: usize = 60;

/// What a check came to.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Outcome {
    /// In one sentence.
    pub notice: Notice,
    /// What is wrong and what was put back, one line each.
    pub lines: Vec<String>,
    /// Whether something can be put back.
    pub can_repair: bool,
}

/// How far a check is.
#[must_use]
pub fn checking(checked: &Checked, repair: bool) -> String {
    let what = if repair { "Repairing" } else { "Checking" };
    match checked.all_chats {
        0 => format!("{what}: {} so far.", count(checked.records, "record")),
        all => format!("{what}: {} of {}.", checked.chats, count(all.into(), "chat")),
    }
}

/// What a check came to, once it is at its end. `heads`: the chats that are known by title.
#[must_use]
pub fn outcome(checked: &Checked, heads: &[SessionHead], repair: bool) -> Outcome {
    let all = format!(
        "{} of {} ({}) looked at.",
        count(checked.records, "record"),
        count(checked.all_chats.into(), "chat"),
        bytes(checked.bytes)
    );
    let mended = checked.mended.iter().map(|one| format!("Put right. {}", line(one, heads, true)));
    let left = checked.faults.iter().map(|one| line(one, heads, false));
    let lines = mended.chain(left).collect();
    let is_open = |one: &&Fault| one.flaw != Flaw::Aside && one.from != Source::Beside;
    let open = checked.faults.iter().filter(is_open).count();
    let can_repair = checked.faults.iter().filter(is_open).any(|one| one.back > 0);
    let said = match (open, checked.mended.len()) {
        (0, 0) => format!("{all} Everything opens and fits together."),
        (0, put) => format!("{all} Put right: {}.", count(put as u64, "fault")),
        (open, 0) if repair => {
            format!(
                "{all} {} cannot be put right; nothing was deleted.",
                count(open as u64, "fault")
            )
        }
        (open, 0) => format!("{all} Found: {}.", count(open as u64, "fault")),
        (open, put) => format!(
            "{all} Put right: {}. {} cannot be; nothing was deleted.",
            count(put as u64, "fault"),
            count(open as u64, "other")
        ),
    };
    let notice = if open == 0 { Notice::good(said) } else { Notice::bad(said) };
    Outcome { notice, lines, can_repair }
}

/// `The bridge: 3 records do not open. 2 of them can be put back from the second copy.`
fn line(fault: &Fault, heads: &[SessionHead], done: bool) -> String {
    let what = flaw(fault);
    let whose = whose(&fault.session, heads);
    let back = if done { after(fault) } else { remedy(fault) };
    let mut said = if whose.is_empty() { what } else { format!("{whose}: {what}") };
    if !back.is_empty() {
        said.push(' ');
        said.push_str(&back);
    }
    said
}

fn whose(session: &SessionId, heads: &[SessionHead]) -> String {
    if session.as_str().is_empty() {
        return String::new();
    }
    let head = heads.iter().find(|head| head.id == *session);
    let title = head.map(|head| text::clip(&texts::title(&head.title), TITLE_CHARS));
    let site = texts::site(session.site());
    title.map_or_else(|| format!("A chat of {site}"), |title| format!("“{title}” ({site})"))
}

fn flaw(fault: &Fault) -> String {
    let some = |what: &str, one: &str, more: &str| {
        let verb = if fault.count == 1 { one } else { more };
        format!("{} {verb}.", count(fault.count.into(), what))
    };
    match fault.flaw {
        Flaw::Damaged => some("stored item", "does not open", "do not open"),
        Flaw::Newer => some("stored item", "is of a newer SHIM", "are of a newer SHIM"),
        Flaw::Aside => some("damaged item", "was kept aside earlier", "were kept aside earlier"),
        Flaw::Head => "its own record is missing or does not open.".to_owned(),
        Flaw::Numbers => "its own record counts less than there is.".to_owned(),
        Flaw::Lost => some("turn", "is missing", "are missing"),
        Flaw::Loose => some("reference", "leads to nothing stored", "lead to nothing stored"),
        Flaw::Copy => "its second copy is missing or does not open.".to_owned(),
        Flaw::Settings => texts::SETTINGS_LOST.to_owned(),
    }
}

fn remedy(fault: &Fault) -> String {
    let how_many = if fault.back < fault.count {
        format!("{} of them", fault.back)
    } else if fault.count == 1 {
        "It".to_owned()
    } else {
        "They".to_owned()
    };
    match (fault.flaw, fault.from) {
        (Flaw::Newer, _) => "Update the extension to read it.".to_owned(),
        (Flaw::Settings, _) => String::new(),
        (Flaw::Aside, _) => "Deleting the chat deletes that as well.".to_owned(),
        (Flaw::Loose, Source::Nowhere) => "Nothing of the chat itself is missing.".to_owned(),
        (_, Source::Copy) => format!("{how_many} can be put back from the second copy."),
        (_, Source::Chat) => {
            format!("{how_many} can be made anew from what is stored of the chat.")
        }
        (_, Source::Beside) => {
            "Nothing is lost: what stood there stands elsewhere in the store.".to_owned()
        }
        (_, Source::Nowhere) => {
            "Nothing here can bring that back; open the chat again to save what its page still \
             shows. It is kept as it lies."
                .to_owned()
        }
    }
}

fn after(fault: &Fault) -> String {
    match fault.from {
        Source::Copy => "Put back from the second copy.".to_owned(),
        Source::Chat => "Made anew from what is stored of the chat.".to_owned(),
        Source::Beside | Source::Nowhere => String::new(),
    }
}
