//! One chat's past: its checkpoints and what happened to it, as one line of time.

use super::{amount, risk, texts};
use crate::base::order::sort_by;
use crate::base::{Moment, SessionId, Span, text};
use crate::wire::records::{CheckpointHead, ResumeHead, SessionHead, What};
use crate::wire::session::ResumeStage;

/// Characters of another chat's title.
const TITLE_CHARS: usize = 60;

/// How an entry is meant, for its look.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Tone {
    /// It came and went.
    #[default]
    Plain,
    /// A checkpoint.
    Saved,
    /// The work went on.
    Good,
    /// It broke off.
    Bad,
}

/// One thing that happened.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Entry {
    /// Differs from that of every other entry of the chat.
    pub id: String,
    /// When; the page makes an absolute time of it.
    pub at: Moment,
    /// The same relative to now.
    pub when: String,
    /// What, in words.
    pub what: String,
    /// How it is meant.
    pub tone: Tone,
    /// More of a checkpoint.
    pub point: Option<Point>,
    /// The other chat it tells of, where that is listed.
    pub chat: Option<SessionId>,
    /// Whether the work was carried on here, or from here.
    pub resumed: bool,
}

/// What is to be said of a checkpoint.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Point {
    /// Its number in the chat, from 1.
    pub number: u32,
    /// The risk then.
    pub risk: risk::RiskWords,
    /// What was saved with it, and its room in the store.
    pub facts: String,
    /// Whether a person pinned it.
    pub pinned: bool,
    /// What the button that pins it is called.
    pub pin: String,
}

/// What a chat's past is told from.
#[derive(Clone, Copy, Debug)]
pub struct Past<'a> {
    /// The chat.
    pub head: &'a SessionHead,
    /// Its checkpoints that can be read.
    pub checkpoints: &'a [CheckpointHead],
    /// Resumes of it.
    pub resumes: &'a [ResumeHead],
    /// Every chat that is listed.
    pub listed: &'a [SessionHead],
}

/// The past of a chat, newest first.
#[must_use]
pub fn timeline(past: &Past<'_>, now: Moment) -> Vec<Entry> {
    let mut entries = vec![began(past)];
    entries.extend(happened(past.head));
    entries.extend(past.checkpoints.iter().map(|head| checkpoint(head, now)));
    entries.extend(past.resumes.iter().filter_map(|resume| resumed(past, resume)));
    for entry in &mut entries {
        entry.when = amount::ago_short(entry.at, now);
    }
    // What came later in its own record came later.
    entries.reverse();
    sort_by(&mut entries, |a, b| b.at.cmp(&a.at));
    entries
}

/// What of a chat goes next, and when; empty: all of it stays.
#[must_use]
pub fn going(head: &SessionHead, now: Moment) -> String {
    let note = head.keep.unwrap_or_default();
    let Some(due) = note.due.filter(|_| note.count > 0) else { return String::new() };
    let when = match due.since(now) {
        Span(0) => "Soon".to_owned(),
        left => format!("In {}", amount::length(left)),
    };
    let count = amount::count(note.count.into(), "old checkpoint");
    let go = if note.count == 1 { "goes" } else { "go" };
    format!("{when} {count} {go}. What is pinned stays, and so does every message.")
}

fn began(past: &Past<'_>) -> Entry {
    let (named, chat) = match &past.head.parent {
        Some(parent) => other(past, parent),
        None => (String::new(), None),
    };
    let what = if past.head.parent.is_some() {
        format!("Began, carrying on {named}")
    } else {
        "Began".to_owned()
    };
    Entry { id: "began".into(), at: past.head.started_at, what, chat, ..Entry::default() }
}

/// Another chat's title, and its identity where it is listed.
fn other(past: &Past<'_>, id: &SessionId) -> (String, Option<SessionId>) {
    let listed = |head: &&SessionHead| head.id == *id && head.deleted_at.is_none();
    match past.listed.iter().find(listed) {
        Some(head) => {
            let title = text::clip(&texts::title(&head.title), TITLE_CHARS);
            (format!("“{title}”"), Some(id.clone()))
        }
        None => ("another chat".to_owned(), None),
    }
}

fn happened(head: &SessionHead) -> impl Iterator<Item = Entry> {
    let told = head.happened.iter().map(|one| (one.at, one.what));
    // Records of an earlier SHIM tell the last end alone.
    let ended = head.ended.map(|(reason, at)| (at, What::Ended(reason)));
    let untold = ended.filter(|end| !head.happened.iter().any(|one| (one.at, one.what) == *end));
    told.chain(untold).enumerate().map(|(number, (at, what))| {
        let (what, tone) = match what {
            What::Opened => ("Opened again", Tone::Plain),
            What::Left => ("Left", Tone::Plain),
            What::Ended(reason) => (texts::ended(reason).trim_end_matches('.'), Tone::Bad),
        };
        Entry { id: format!("h{number}"), at, what: what.to_owned(), tone, ..Entry::default() }
    })
}

fn checkpoint(head: &CheckpointHead, now: Moment) -> Entry {
    let packed = head.sizes.iter().map(|&(_, packed)| u64::from(packed)).sum();
    let mut facts = vec![
        amount::count(head.turn_count.into(), "turn"),
        amount::count(head.call_count.into(), "tool call"),
        amount::bytes(packed),
    ];
    if let Some((at, _)) = head.restored {
        facts.push(format!("resumed {}", amount::ago_short(at, now)));
    }
    let point = Point {
        number: head.number,
        risk: risk::words(&head.risk),
        facts: facts.join(" · "),
        pinned: head.pinned,
        pin: format!("{} checkpoint {}", texts::PIN, head.number),
    };
    Entry {
        id: format!("c{}", head.number),
        at: head.created_at,
        what: format!("Checkpoint {}: {}", head.number, texts::trigger(head.trigger)),
        tone: Tone::Saved,
        point: Some(point),
        resumed: head.restored.is_some(),
        ..Entry::default()
    }
}

fn resumed(past: &Past<'_>, resume: &ResumeHead) -> Option<Entry> {
    let mut chat = None;
    let (what, tone) = match resume.stage? {
        ResumeStage::Sent | ResumeStage::Answered => {
            let named = resume.to.as_ref().map(|to| other(past, to));
            let named = named.map_or_else(
                || "a new chat".to_owned(),
                |(named, id)| {
                    chat = id;
                    named
                },
            );
            (format!("Carried on in {named}"), Tone::Good)
        }
        ResumeStage::Placed => (texts::PLACED.to_owned(), Tone::Plain),
        ResumeStage::Undone => (texts::UNDONE.to_owned(), Tone::Plain),
        ResumeStage::Failed => (texts::NOT_PLACED.to_owned(), Tone::Bad),
        // Nothing came of it yet, or nobody wanted it.
        ResumeStage::Waiting | ResumeStage::Placing | ResumeStage::Declined => return None,
    };
    Some(Entry {
        id: format!("r{}", resume.id),
        at: resume.stage_at,
        what,
        tone,
        chat,
        resumed: tone == Tone::Good,
        ..Entry::default()
    })
}
