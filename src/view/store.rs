//! What is told of the store itself.

use super::amount::{bytes, count};
use super::drill;
use super::popup::Knows;
use super::texts;
use crate::base::order::sort_by;
use crate::wire::records::SessionHead;
use crate::wire::ui::RoomView;

/// What is told of it in one line each.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct StorePanel {
    /// What the last restore drill came to; empty: not known yet.
    pub drill: String,
    /// How much room is taken; empty: not known.
    pub room: String,
    /// Sites of which something is stored, by name.
    pub sites: Vec<SiteLine>,
}

/// A site of which something is stored.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SiteLine {
    /// As sessions are named.
    pub site: String,
    /// `Claude: 12 chats, 3.1 MB`.
    pub text: String,
}

/// Forgets a site: the button, and once more.
pub const FORGET: &str = "Forget this site";
/// The way out.
pub const KEEP_IT: &str = "Keep it";
/// Heading of the sites.
pub const SITES: &str = "Saved sites";

/// What forgetting a site means.
#[must_use]
pub fn forget_words(line: &SiteLine) -> String {
    format!(
        "Everything saved goes, of all accounts, with second copies and what was kept aside: {}. \
         You can undo it for ten seconds. Your settings for the site stay. The browser's own files \
         may hold old bytes for a while longer.",
        line.text
    )
}

fn sites(heads: &[SessionHead]) -> Vec<SiteLine> {
    let listed = || heads.iter().filter(|head| head.deleted_at.is_none());
    let mut names: Vec<&str> = listed().map(|head| head.id.site()).collect();
    sort_by(&mut names, Ord::cmp);
    names.dedup();
    let line = |site: &str| {
        let mine = || listed().filter(|head| head.id.site() == site);
        let chats = count(mine().count() as u64, "chat");
        let size = bytes(mine().map(|head| head.stored_bytes).sum());
        let text = format!("{}: {chats}, {size}", texts::site(site));
        SiteLine { site: site.to_owned(), text }
    };
    let mut lines: Vec<SiteLine> = names.into_iter().map(line).collect();
    sort_by(&mut lines, |a, b| a.text.cmp(&b.text));
    lines
}

/// What is told of the store.
#[must_use]
pub fn panel(knows: &Knows) -> StorePanel {
    let room = knows.status.as_ref().map(|status| status.room).unwrap_or_default();
    StorePanel {
        drill: last_drill(knows).map(|(line, _)| line).unwrap_or_default(),
        room: taken(room),
        sites: knows.heads.as_ref().map(|heads| sites(heads)).unwrap_or_default(),
    }
}

/// What a person should know of it.
#[must_use]
pub fn problems(knows: &Knows) -> Vec<String> {
    let failed = last_drill(knows).filter(|(_, failed)| *failed).map(|(line, _)| line);
    let room = knows.status.as_ref().map(|status| status.room).unwrap_or_default();
    failed.into_iter().chain(warning(room)).chain(went(room)).collect()
}

/// What stands in the badge's tooltip too.
pub const TIGHT: &str = "\
    Room for saved chats becomes short: delete chats that you do not need, or free space on the \
    disk.";

fn taken(room: RoomView) -> String {
    if room.quota_bytes == 0 {
        return String::new();
    }
    let (used, quota) = (bytes(room.used_bytes), bytes(room.quota_bytes));
    format!("{used} stored, of {quota} that the browser allows.")
}

fn warning(room: RoomView) -> Option<String> {
    let kept = "Until then fewer checkpoints are kept; no turn, no pin and no newest one goes.";
    room.tight.then(|| format!("{TIGHT} {} {kept}", taken(room)))
}

fn went(room: RoomView) -> Option<String> {
    let some = count(room.freed.into(), "old checkpoint");
    (room.freed > 0).then(|| format!("To go on saving on a full disk or quota, {some} went."))
}

fn last_drill(knows: &Knows) -> Option<(String, bool)> {
    let heads = knows.heads.as_ref()?;
    let last = knows.status.as_ref()?.settings.drill.as_ref();
    Some(drill::line(last, heads, knows.now))
}
