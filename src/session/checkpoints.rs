//! The record form of a checkpoint: six categories, each packed on its own.
//!
//! What turns hold already is not copied: a recent message is the key of its turn, a recent call
//! the key and its place there, and both are read from the turns again when the checkpoint is
//! opened. Version 1 copied them. Since version 3 whatever else stands in a turn is a quote of it
//! (`session::quotes`). Absent from here: what a state is, and when one is stored.

use super::codec::{self, broken, json};
use super::extract;
use super::quotes::{self, Chat};
use crate::base::{Problem, SessionId, TurnKey};
use crate::wire::chat::Turn;
use crate::wire::records::{CheckpointHead, Part, Stored};
use crate::wire::state::{
    CallNote, Checkpoint, Conversation, Measured, RecentMessage, State, Tools,
};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

/// Turns, and calls, from the end among which a recent one is looked for.
const LOOKED_AT: usize = 64;

/// The six categories as JSON, in their order, without quotes: version 2, and what archives hold.
pub type Texts = [String; 6];

/// The same as they are stored.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Quoted([String; 6]);

impl Quoted {
    /// These categories of a record of that version, from 2 on. `turns`: those of its chat.
    #[must_use]
    pub fn of(version: u16, texts: [String; 6], turns: &[Turn]) -> Self {
        if version < QUOTED { Self(Chat::of(turns).quote(&texts)) } else { Self(texts) }
    }

    /// As texts of JSON.
    #[must_use]
    pub fn texts(&self) -> &[String; 6] {
        &self.0
    }

    /// With its quotes read. `stored`: the record that they stand in.
    ///
    /// # Errors
    /// `Problem::skip` where they come to more than a category may take.
    pub fn plain(&self, stored: &Stored, chat: &Chat<'_>) -> Result<Texts, Problem> {
        let mut texts = Texts::default();
        for (out, text) in texts.iter_mut().zip(&self.0) {
            *out = chat.read(text).ok_or_else(|| broken(stored, "its quotes take too much"))?;
        }
        Ok(texts)
    }
}

/// The first version that quotes.
const QUOTED: u16 = 3;

/// What a turn holds, by its place there, or what no turn holds, as it is.
#[derive(Serialize, Deserialize)]
#[serde(untagged)]
enum Kept<P, T> {
    At(P),
    Own(T),
}

#[derive(Serialize, Deserialize)]
struct KeptTalk {
    #[serde(flatten)]
    talk: Conversation,
    kept: Vec<Kept<TurnKey, RecentMessage>>,
}

#[derive(Serialize, Deserialize)]
struct KeptTools {
    #[serde(flatten)]
    tools: Tools,
    kept: Vec<Kept<(TurnKey, u32), CallNote>>,
}

/// A checkpoint's record: the six categories are parts 0 to 5, and the head tells the size of each
/// before and after packing. `turns` are those of the chat, of which it was made.
#[must_use]
pub fn record(
    checkpoint: &Checkpoint,
    call_count: u32,
    request: (String, u64),
    turns: &[Turn],
) -> Stored {
    let state = &checkpoint.state;
    let mut head = CheckpointHead {
        number: checkpoint.number,
        created_at: checkpoint.created_at,
        trigger: checkpoint.trigger,
        risk: state.measured.risk.clone(),
        turn_count: state.conversation.turn_count,
        call_count,
        sizes: Vec::new(),
        request,
        restored: None,
        pinned: false,
    };
    let texts = texts(state, turns);
    let quoted = Chat::of(turns).quote(&texts);
    let parts: Vec<Part> = quoted.iter().map(|text| codec::pack(text)).collect();
    let sizes = texts.iter().zip(&parts).map(|(text, part)| (small(text), small(&part.0)));
    head.sizes = sizes.collect();
    let at = codec::checkpoint_key(&checkpoint.session, checkpoint.number);
    codec::assemble(at, &checkpoint.session, &head, parts)
}

/// The same of categories that are at hand as texts.
#[must_use]
pub fn of_texts(
    session: &SessionId,
    head: &CheckpointHead,
    texts: &Texts,
    turns: &[Turn],
) -> Stored {
    of_quoted(session, head, &Quoted(Chat::of(turns).quote(texts)))
}

/// The same of categories as they are stored.
#[must_use]
pub fn of_quoted(session: &SessionId, head: &CheckpointHead, quoted: &Quoted) -> Stored {
    let at = codec::checkpoint_key(session, head.number);
    codec::assemble(at, session, head, quoted.0.iter().map(|text| codec::pack(text)).collect())
}

/// A checkpoint's record that quotes nothing, for a place where not all turns are; one that does
/// not open stays as it is.
#[must_use]
pub fn in_full(stored: &Stored, turns: &[Turn]) -> Stored {
    let head = codec::open::<CheckpointHead>(stored);
    let texts = upward(stored, &[]).and_then(|quoted| quoted.plain(stored, &Chat::of(turns)));
    match (head, texts) {
        (Ok(head), Ok(texts)) => of_texts(&stored.session, &head, &texts, &[]),
        _ => stored.clone(),
    }
}

/// A checkpoint in full, and its head. `turns`: those of its chat.
///
/// # Errors
/// As [`codec::open`] and [`codec::part`].
pub fn open(stored: &Stored, turns: &[Turn]) -> Result<(CheckpointHead, Checkpoint), Problem> {
    let head: CheckpointHead = codec::open(stored)?;
    let state = match stored.version {
        1 => state_of_version_1(stored)?,
        2 => read(stored, &texts_of(stored)?, &head, turns)?,
        _ => {
            let texts = Quoted(texts_of(stored)?).plain(stored, &Chat::of(turns))?;
            read(stored, &texts, &head, turns)?
        }
    };
    let checkpoint = whole(&stored.session, &head, state);
    Ok((head, checkpoint))
}

/// The checkpoint of this head and state.
#[must_use]
pub fn whole(session: &SessionId, head: &CheckpointHead, state: State) -> Checkpoint {
    Checkpoint {
        session: session.clone(),
        number: head.number,
        created_at: head.created_at,
        trigger: head.trigger,
        state,
    }
}

/// The categories of a record in the form of today.
///
/// # Errors
/// As [`open`].
pub fn upward(stored: &Stored, turns: &[Turn]) -> Result<Quoted, Problem> {
    let texts = match stored.version {
        1 => texts(&state_of_version_1(stored)?, turns),
        _ => texts_of(stored)?,
    };
    Ok(Quoted::of(stored.version, texts, turns))
}

fn texts_of(stored: &Stored) -> Result<Texts, Problem> {
    let text = |index| codec::unpack(stored, index);
    Ok([text(0)?, text(1)?, text(2)?, text(3)?, text(4)?, text(5)?])
}

/// Version 1 held each category in full.
fn state_of_version_1(stored: &Stored) -> Result<State, Problem> {
    Ok(State {
        conversation: codec::parsed(stored, 0)?,
        task: codec::parsed(stored, 1)?,
        files: codec::parsed(stored, 2)?,
        tools: codec::parsed(stored, 3)?,
        measured: codec::parsed(stored, 4)?,
        preferences: codec::parsed(stored, 5)?,
    })
}

/// The categories without quotes.
fn texts(state: &State, turns: &[Turn]) -> Texts {
    let mut talk = state.conversation.clone();
    let kept = std::mem::take(&mut talk.recent).into_iter().map(|one| kept_message(one, turns));
    let kept = kept.collect();
    let conversation = json(&KeptTalk { talk, kept });
    let mut tools = state.tools.clone();
    let kept = std::mem::take(&mut tools.recent).into_iter().map(|one| kept_call(one, turns));
    let kept = kept.collect();
    let tools = json(&KeptTools { tools, kept });
    [
        conversation,
        json(&state.task),
        json(&state.files),
        tools,
        json(&state.measured.signals),
        json(&state.preferences),
    ]
}

/// The state in these categories, where `stored` is the record they stand in. What a turn holds
/// that does not open any more is left out.
///
/// # Errors
/// `Problem::skip` where one of them is no such category.
pub fn read(
    stored: &Stored,
    texts: &Texts,
    head: &CheckpointHead,
    turns: &[Turn],
) -> Result<State, Problem> {
    let [talk, task, files, tools, signals, preferences] = texts;
    let KeptTalk { talk: mut conversation, kept } = parsed(stored, talk)?;
    conversation.recent = kept.into_iter().filter_map(|one| message(one, turns)).collect();
    let KeptTools { mut tools, kept } = parsed(stored, tools)?;
    tools.recent = kept.into_iter().filter_map(|one| call(one, turns)).collect();
    Ok(State {
        conversation,
        task: parsed(stored, task)?,
        files: parsed(stored, files)?,
        tools,
        measured: Measured { signals: parsed(stored, signals)?, risk: head.risk.clone() },
        preferences: parsed(stored, preferences)?,
    })
}

/// The turns that these categories name or quote, by the names that quotes have for them.
#[must_use]
pub fn named(quoted: &Quoted) -> BTreeSet<String> {
    let [talk, _, _, tools, ..] = &quoted.0;
    let talk = serde_json::from_str::<KeptTalk>(talk).map(|talk| talk.kept).unwrap_or_default();
    let tools = serde_json::from_str::<KeptTools>(tools).map(|tools| tools.kept);
    let messages = talk.into_iter().filter_map(|one| match one {
        Kept::At(key) => Some(key),
        Kept::Own(_) => None,
    });
    let calls = tools.unwrap_or_default().into_iter().filter_map(|one| match one {
        Kept::At((key, _)) => Some(key),
        Kept::Own(_) => None,
    });
    let keys = messages.chain(calls).map(|key| quotes::name(&key));
    keys.chain(quoted.0.iter().flat_map(|text| quotes::names(text))).collect()
}

fn parsed<T: DeserializeOwned>(stored: &Stored, text: &str) -> Result<T, Problem> {
    serde_json::from_str(text).map_err(|why| {
        let (line, column) = (why.line(), why.column());
        broken(stored, &format!("a category is not what it should be (line {line}:{column})"))
    })
}

/// One that is still being written is not named: it will say more than was seen.
fn kept_message(one: RecentMessage, turns: &[Turn]) -> Kept<TurnKey, RecentMessage> {
    let mut last = turns.iter().rev().take(LOOKED_AT).filter(|turn| !turn.state.is_open());
    let is = |turn: &&Turn| turn.role == one.role && extract::message(turn).as_ref() == Some(&one);
    match last.find(is) {
        Some(turn) => Kept::At(turn.key.clone()),
        None => Kept::Own(one),
    }
}

fn kept_call(one: CallNote, turns: &[Turn]) -> Kept<(TurnKey, u32), CallNote> {
    let ended = turns.iter().rev().filter(|turn| !turn.state.is_open());
    let calls = ended.flat_map(|turn| turn.calls.iter().enumerate().rev().map(move |c| (turn, c)));
    let is = |(turn, (at, call)): (&Turn, (usize, &_))| {
        let place = u32::try_from(at).ok()?;
        (extract::note(call) == one).then(|| (turn.key.clone(), place))
    };
    match calls.take(LOOKED_AT).find_map(is) {
        Some(place) => Kept::At(place),
        None => Kept::Own(one),
    }
}

fn message(one: Kept<TurnKey, RecentMessage>, turns: &[Turn]) -> Option<RecentMessage> {
    match one {
        Kept::At(key) => turns.iter().rfind(|turn| turn.key == key).and_then(extract::message),
        Kept::Own(message) => Some(message),
    }
}

fn call(one: Kept<(TurnKey, u32), CallNote>, turns: &[Turn]) -> Option<CallNote> {
    match one {
        Kept::At((key, at)) => {
            let turn = turns.iter().rfind(|turn| turn.key == key)?;
            turn.calls.get(usize::try_from(at).ok()?).map(extract::note)
        }
        Kept::Own(call) => Some(call),
    }
}

/// A size for a head; a part is bounded far below the limit of the type.
fn small<T: AsRef<[u8]>>(bytes: &T) -> u32 {
    u32::try_from(bytes.as_ref().len()).unwrap_or(u32::MAX)
}
