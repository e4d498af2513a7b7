//! The list of saved chats.

use super::gather::{self, GatherLine};
use super::{amount, banner, risk, texts};
use crate::base::limits::LISTED_SESSIONS;
use crate::base::order::{Set, sort_by};
use crate::base::{Moment, SessionId, text};
use crate::wire::records::SessionHead;
use crate::wire::session::EndReason;
use crate::wire::ui::Status;

/// Characters of a chat's title in a list; a page may shorten it further.
const TITLE_CHARS: usize = 120;
/// Characters of the list of what could not be read.
const GAPS_CHARS: usize = 160;

/// How a saved chat stands, for the look of its row.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Standing {
    /// Open in a tab.
    Open,
    /// Ended without a clean end, and nothing carries it on yet.
    Lost,
    /// Left the ordinary way, or carried on in another chat.
    #[default]
    Closed,
}

/// One saved chat.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct SessionRow {
    /// Identity.
    pub id: SessionId,
    /// The site's name.
    pub site: String,
    /// Title, one line.
    pub title: String,
    /// How it stands.
    pub standing: Standing,
    /// The same in words: `open now`, `crashed 3 min ago: can be resumed`.
    pub state: String,
    /// Its risk when last heard of.
    pub risk: risk::RiskWords,
    /// When something of it was last stored.
    pub when: String,
    /// So many checkpoints.
    pub checkpoints: String,
    /// So many turns.
    pub turns: String,
    /// So much room.
    pub size: String,
    /// Whether a checkpoint can be made now.
    pub can_save: bool,
    /// Whether there is a checkpoint to resume from.
    pub can_resume: bool,
    /// How the gathering of its transcript goes, where one was asked for.
    pub gather: Option<GatherLine>,
    /// What the site's own message means and says; empty: there is none to tell of.
    pub reason: String,
    /// What a person should know of it: that reason, parts that could not be read.
    pub notes: Vec<String>,
}

/// The saved chats, newest first, at most [`LISTED_SESSIONS`].
///
/// Without a status (the background has not answered yet) a chat counts as open where its record
/// says so.
#[must_use]
pub fn sessions(heads: &[SessionHead], status: Option<&Status>, now: Moment) -> Vec<SessionRow> {
    let heads = || heads.iter().filter(|head| head.deleted_at.is_none());
    let carried_on: Set<&SessionId> = heads().filter_map(|head| head.parent.as_ref()).collect();
    let live: Option<Set<&SessionId>> = status.map(|status| status.live.iter().collect());
    let damaged = |id: &SessionId| {
        let all = status.iter().flat_map(|status| &status.damaged);
        all.into_iter().find(|damaged| damaged.session == *id).cloned().unwrap_or_default()
    };
    let mut sorted: Vec<&SessionHead> = heads().collect();
    sort_by(&mut sorted, |a, b| (b.updated_at, &a.id).cmp(&(a.updated_at, &b.id)));
    sorted
        .into_iter()
        .take(LISTED_SESSIONS)
        .map(|head| {
            let open = live.as_ref().map_or(head.live.is_some(), |live| live.contains(&&head.id));
            let mut row = row(head, open, carried_on.contains(&&head.id), now);
            row.notes.extend(texts::damaged_of_chat(&damaged(&head.id)));
            let all = status.iter().flat_map(|status| &status.gathering);
            let of = all.into_iter().find(|(id, _)| *id == head.id);
            row.gather = of.map(|(_, gathered)| gather::line(gathered));
            row
        })
        .collect()
}

fn row(head: &SessionHead, open: bool, carried_on: bool, now: Moment) -> SessionRow {
    let can_resume = head.last_checkpoint > 0;
    let (standing, state) = state(head, open, carried_on, now);
    let reason = head.banner.as_ref().and_then(|(class, said)| banner::reason(*class, said, open));
    let reason = reason.unwrap_or_default();
    SessionRow {
        id: head.id.clone(),
        site: texts::site(&head.site),
        title: text::clip(&texts::title(&head.title), TITLE_CHARS),
        standing,
        state,
        risk: risk::words(&head.risk),
        when: amount::ago_short(head.updated_at, now),
        checkpoints: amount::count(head.last_checkpoint.into(), "checkpoint"),
        turns: amount::count(head.turn_count.into(), "turn"),
        size: amount::bytes(head.stored_bytes),
        can_save: open,
        can_resume,
        gather: None,
        notes: notes(head, &reason),
        reason,
    }
}

fn state(head: &SessionHead, open: bool, carried_on: bool, now: Moment) -> (Standing, String) {
    let (reason, at) = match head.ended {
        // The person left it for another chat: that is no loss.
        Some((EndReason::Asked, at)) => {
            return (Standing::Closed, format!("carried on by you {}", amount::ago_short(at, now)));
        }
        Some(ended) => ended,
        None if open => return (Standing::Open, "open now".to_owned()),
        None => return (Standing::Closed, "closed".to_owned()),
    };
    let what = texts::ended_short(reason);
    if carried_on {
        let standing = if open { Standing::Open } else { Standing::Closed };
        return (
            standing,
            format!("{what} {}, carried on in another chat", amount::ago_short(at, now)),
        );
    }
    let hope =
        if head.last_checkpoint > 0 { "can be resumed" } else { "before its first checkpoint" };
    if open {
        return (Standing::Open, format!("open now, {what}: {hope}"));
    }
    (Standing::Lost, format!("{what} {}: {hope}", amount::ago_short(at, now)))
}

fn notes(head: &SessionHead, reason: &str) -> Vec<String> {
    let mut notes = Vec::new();
    if !reason.is_empty() {
        notes.push(reason.to_owned());
    }
    if head.site.starts_with("shape@") {
        notes.push(texts::BY_SHAPE.to_owned());
    }
    if !head.gaps.is_empty() {
        let mut note = texts::DEGRADED.to_owned();
        note.push_str(" Missing: ");
        note.push_str(&text::clip(&head.gaps.join(", "), GAPS_CHARS));
        note.push('.');
        notes.push(note);
    }
    notes
}
