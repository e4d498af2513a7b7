//! Records survive their way through the store, and keep their form.

pub mod damage;
mod stream;
pub mod versions;

use shim::base::chance::Chance;
use shim::base::{Moment, SessionId, limits, text};
use shim::session::{checkpoints, codec, drafts, history};
use shim::wire::chat::{Artifact, Attachment, CallState, Role, ToolCall, Turn, TurnState};
use shim::wire::drafts::DraftHead;
use shim::wire::history::Snapshot;
use shim::wire::records::{
    CheckpointHead, RecordKey, ResumeHead, SessionHead, Settings, StoreName, Stored, StreamHead,
    TurnHead,
};
use shim::wire::signals::{Factor, FactorKind, Risk, RiskLevel, Signals};
use shim::wire::state::{
    CallNote, Checkpoint, Conversation, Files, Measured, Noted, Pending, Phase, Preferences,
    RecentMessage, State, Task, ToolKind, ToolSession, Tools, Trigger,
};

pub fn session() -> SessionId {
    SessionId::from("claude/9f/11-22")
}

pub fn a_turn() -> Turn {
    Turn {
        key: "msg#7/reply".into(),
        position: 3,
        role: Role::Assistant,
        markdown: "Done: `src/main.rs` — 漢字 😀\n\n- [x] build".to_owned(),
        thinking: "hm".to_owned(),
        attachments: vec![Attachment { name: "plan.md".to_owned(), ..Attachment::default() }],
        artifacts: Vec::new(),
        calls: vec![ToolCall {
            name: "bash".to_owned(),
            args: r#"{"command":"cargo test"}"#.to_owned(),
            result: "ok".to_owned(),
            error: String::new(),
            state: CallState::Done,
            started_at: Some(Moment(5)),
            ended_at: Some(Moment(9)),
        }],
        state: TurnState::Done,
        at: Moment(1_000),
        read_at: Moment(1_009),
        found: true,
    }
}

fn noted(text: &str) -> Noted {
    Noted { text: text.to_owned(), turn: "k".into() }
}

/// Every category holds something, so that a lost field shows.
pub fn a_checkpoint() -> Checkpoint {
    let call = CallNote {
        name: "bash".to_owned(),
        args: "ls".to_owned(),
        outcome: "src".to_owned(),
        failed: true,
    };
    let (level, signal) = (RiskLevel::Danger, FactorKind::Context);
    let factor = Factor { signal, value: 0.8, threshold: 0.75, level, share: 1.0 };
    let risk = Risk { level, score: 0.9, factors: vec![factor], window: 200_000 };
    let state = State {
        conversation: Conversation {
            summary: "Builds a saver.".to_owned(),
            decisions: vec![noted("Use deflate.")],
            current_context: "codec".to_owned(),
            recent: vec![RecentMessage { role: Role::User, text: "go on".to_owned() }],
            turn_count: 12,
        },
        task: Task {
            operation: "codec".to_owned(),
            phase: Phase::Implementing,
            progress: Some(0.75),
            completed_steps: vec!["keys".to_owned()],
            next_steps: vec!["meter".to_owned()],
            blockers: vec![noted("none")],
        },
        files: Files {
            artifacts: vec![Artifact { title: "Plan".to_owned(), ..Artifact::default() }],
            active: vec!["a".to_owned()],
            modified: vec!["b".to_owned()],
            created: vec!["c".to_owned()],
            attached: vec!["d".to_owned()],
            diff: "+x".to_owned(),
        },
        tools: Tools {
            sessions: vec![ToolSession {
                kind: ToolKind::Terminal,
                calls: 3,
                last: "ls".to_owned(),
            }],
            pending: vec![Pending { call: call.clone(), how_to_resume: "again".to_owned() }],
            recent: vec![call],
        },
        measured: Measured {
            signals: Signals { message_count: 12, context_window_usage: 0.8, ..Signals::default() },
            risk,
        },
        preferences: Preferences {
            custom_instructions: "Short sentences.".to_owned(),
            recent: vec![noted("no tabs")],
        },
    };
    Checkpoint {
        session: session(),
        number: 4,
        created_at: Moment(77),
        trigger: Trigger::Milestone,
        state,
    }
}

/// One record of every kind.
pub fn records() -> Vec<Stored> {
    let stream =
        StreamHead { key: "k".into(), hash: text::hash("so far"), ..StreamHead::default() };
    let resume = ResumeHead { id: "r1".into(), from: session(), ..ResumeHead::default() };
    vec![
        codec::session_record(&SessionHead { id: session(), ..SessionHead::default() }),
        codec::turn_record(&session(), &a_turn()),
        codec::stream_record(&session(), &stream, "so far"),
        checkpoints::record(&a_checkpoint(), 9, ("doc".to_owned(), 2), &[]),
        codec::resume_record(&resume, "Go on here."),
        codec::settings_record(&Settings::default()),
        drafts::record(&DraftHead { session: session(), ..DraftHead::default() }, "Not sent."),
        history::segment(&session(), &[Snapshot::default(), Snapshot::default()]),
    ]
}

/// Whether a record's own kind opens, parts and all.
fn opens(stored: &Stored) -> bool {
    let head = match stored.at.store {
        StoreName::Sessions => codec::open::<SessionHead>(stored).is_ok(),
        StoreName::Turns => codec::open_turn(stored).is_ok(),
        StoreName::Streams => codec::open::<StreamHead>(stored).is_ok(),
        StoreName::Checkpoints => checkpoints::open(stored, &[]).is_ok(),
        StoreName::Resumes => codec::open::<ResumeHead>(stored).is_ok(),
        StoreName::Settings => codec::open::<Settings>(stored).is_ok(),
        StoreName::Drafts => drafts::open(stored).is_ok(),
        StoreName::History => history::open_segment(stored).is_ok(),
    };
    head && (0..stored.parts.len()).all(|index| codec::part(stored, index).is_ok())
}

#[test]
fn every_kind_comes_back() {
    let head = SessionHead {
        id: session(),
        title: "T".to_owned(),
        stored_bytes: u64::MAX,
        ..SessionHead::default()
    };
    assert_eq!(codec::open::<SessionHead>(&codec::session_record(&head)).unwrap(), head);
    assert_eq!(codec::open_turn(&codec::turn_record(&session(), &a_turn())).unwrap(), a_turn());
    let resume = ResumeHead { id: "r".into(), from: session(), ..ResumeHead::default() };
    let stored = codec::resume_record(&resume, "Go on.");
    assert_eq!(codec::open::<ResumeHead>(&stored).unwrap(), resume);
    assert_eq!(codec::part(&stored, 0).unwrap(), "Go on.");
    assert_eq!(stored.session, session());
    let settings = Settings { offer_only: true, ..Settings::default() };
    let stored = codec::settings_record(&settings);
    assert_eq!(codec::open::<Settings>(&stored).unwrap(), settings);
    assert_eq!(stored.session, SessionId::default());
}

/// Case 22: six sections round-trip, each on its own.
#[test]
fn six_sections_round_trip() {
    let checkpoint = a_checkpoint();
    let stored = checkpoints::record(&checkpoint, 9, ("doc".to_owned(), 2), &[]);
    let (head, back) = checkpoints::open(&stored, &[]).unwrap();
    assert_eq!(back, checkpoint);
    assert_eq!((head.number, head.turn_count, head.call_count), (4, 12, 9));
    assert_eq!((head.trigger, head.risk.level), (Trigger::Milestone, RiskLevel::Danger));
    assert_eq!(head.request, ("doc".to_owned(), 2));
    assert_eq!(stored.parts.len(), 6);
    for (index, (raw, packed)) in head.sizes.iter().enumerate() {
        assert_eq!(codec::part(&stored, index).unwrap().len(), *raw as usize);
        assert_eq!(stored.parts[index].0.len(), *packed as usize);
    }
    let task: Task = serde_json::from_str(&codec::part(&stored, 1).unwrap()).unwrap();
    assert_eq!(task, checkpoint.state.task);
    let packed: u64 = head.sizes.iter().map(|&(_, packed)| u64::from(packed)).sum();
    assert_eq!(codec::packed_bytes(&stored), packed);
}

/// Case 23: the largest lists and texts that a checkpoint may hold stay under 100 KB.
#[test]
fn a_full_checkpoint_is_small() {
    let mut dice = Chance::new(23);
    let mut words = |chars: usize| -> String {
        let mut text = String::new();
        while text.chars().count() < chars {
            text.push_str(&format!("{:x} ", dice.below(1 << 24)));
        }
        text::head(&text, chars).to_owned()
    };
    let mut checkpoint = a_checkpoint();
    let state = &mut checkpoint.state;
    state.conversation.summary = words(limits::SUMMARY_CHARS);
    state.conversation.decisions =
        (0..limits::DECISIONS).map(|_| noted(&words(200))).collect::<Vec<_>>();
    state.task.completed_steps = (0..limits::COMPLETED_STEPS).map(|_| words(120)).collect();
    state.conversation.recent = (0..limits::RECENT_MESSAGES)
        .map(|_| RecentMessage { role: Role::User, text: words(limits::RECENT_MESSAGE_CHARS) })
        .collect();
    let stored = checkpoints::record(&checkpoint, 0, (String::new(), 0), &[]);
    let bytes = codec::packed_bytes(&stored) + stored.head.len() as u64;
    assert!(bytes < 100_000, "{bytes} bytes");
    assert_eq!(checkpoints::open(&stored, &[]).unwrap().1, checkpoint);
}

/// Cases 21 and 26: numbers give each checkpoint an address of its own, and addresses sort by
/// number, so that the newest is the last and a duplicate meets the record that is there.
#[test]
fn keys_are_unique_and_sort() {
    let keys: Vec<RecordKey> =
        (1..=1_000).map(|number| codec::checkpoint_key(&session(), number)).collect();
    let mut sorted = keys.clone();
    sorted.sort();
    sorted.dedup();
    assert_eq!(keys, sorted);
    assert_eq!(codec::checkpoint_key(&session(), 7), keys[6]);
    assert!(codec::checkpoint_key(&session(), u32::MAX) > keys[999]);
    assert_eq!(codec::checkpoint_number(&keys[6]), Some(7));
    assert_eq!(codec::checkpoint_number(&codec::session_key(&session())), None);
    let stream = |piece| codec::stream_key(&session(), &"k".into(), "d", piece);
    assert!(stream(9) < stream(10) && stream(99_999) < stream(100_000));
    assert_eq!(codec::session_key(&session()).key, session().0);
}

/// Ids are what a page says: no two lists of them may meet in one key.
#[test]
fn keys_of_hostile_ids_never_meet() {
    let ids = ["", "a", "#", "%", "a#b", "a%23b", "%23", "a#", "#a", "a/b", "b#0000000001"];
    let mut all: Vec<RecordKey> = Vec::new();
    for one in ids {
        let session = SessionId::from(one);
        all.push(codec::checkpoint_key(&session, 1));
        for other in ids {
            all.push(codec::turn_key(&session, &other.into()));
            for document in ids {
                all.push(codec::stream_key(&session, &other.into(), document, 1));
            }
        }
    }
    let count = all.len();
    all.sort();
    all.dedup();
    assert_eq!(all.len(), count);
}

/// Case 16: an empty and a 500 KB message are accepted.
#[test]
fn empty_and_huge_turns_are_kept() {
    for markdown in [String::new(), "All work and no play. 漢\n".repeat(20_000)] {
        let turn = Turn { markdown, ..a_turn() };
        let stored = codec::turn_record(&session(), &turn);
        assert_eq!(codec::open_turn(&stored).unwrap(), turn);
        assert!(codec::packed_bytes(&stored) < 20_000);
    }
}

#[test]
fn a_turns_hash_is_of_what_it_says() {
    let turn = a_turn();
    let hash = codec::turn_hash(&turn);
    let later = |change: &dyn Fn(&mut Turn)| {
        let mut other = turn.clone();
        change(&mut other);
        codec::turn_hash(&other)
    };
    assert_eq!(later(&|turn| turn.at = Moment(9_999)), hash);
    assert_eq!(later(&|turn| turn.position = 88), hash);
    assert_eq!(later(&|turn| turn.calls[0].started_at = None), hash);
    assert_eq!(later(&|turn| turn.calls[0].ended_at = Some(Moment(1))), hash);
    let changed = [
        later(&|turn| turn.markdown.push('.')),
        later(&|turn| turn.thinking.clear()),
        later(&|turn| turn.role = Role::User),
        later(&|turn| turn.state = TurnState::Interrupted),
        later(&|turn| turn.attachments.clear()),
        later(&|turn| turn.calls[0].state = CallState::Failed),
        later(&|turn| turn.calls[0].error = "ok".to_owned()),
        later(&|turn| turn.calls[0].result.clear()),
        later(&|turn| turn.calls.clear()),
    ];
    for (at, one) in changed.iter().enumerate() {
        assert_ne!(*one, hash);
        assert!(!changed[..at].contains(one), "change {at} looks like one before it");
    }
    let head: TurnHead = codec::open(&codec::turn_record(&session(), &turn)).unwrap();
    assert_eq!((head.hash, head.position, head.at), (hash, 3, Moment(1_000)));
    assert_eq!(head.read_at, Moment(1_009));
}

/// A stored session knows its turns by hash: a build that hashes otherwise would send, and store,
/// every turn of every chat once more.
#[test]
fn the_hash_of_a_turn_is_frozen() {
    assert_eq!(codec::turn_hash(&a_turn()), FROZEN_HASH);
}
const FROZEN_HASH: u64 = 4_276_386_895_005_205_347;

#[test]
fn a_new_head_keeps_the_parts() {
    let stored = checkpoints::record(&a_checkpoint(), 9, ("doc".to_owned(), 2), &[]);
    let (mut head, checkpoint) = checkpoints::open(&stored, &[]).unwrap();
    head.restored = Some((Moment(500), 0.0));
    let again = codec::rehead(&stored, &head);
    assert_eq!((&again.at, &again.parts), (&stored.at, &stored.parts));
    // Fidelity 0 reads back as 0, not as "never".
    let back: CheckpointHead = codec::open(&again).unwrap();
    assert_eq!(back.restored, Some((Moment(500), 0.0)));
    assert_eq!(checkpoints::open(&again, &[]).unwrap().1, checkpoint);
}

fn pick(dice: &mut Chance, count: usize) -> usize {
    usize::try_from(dice.below(count as u64)).unwrap()
}
