//! Records: made, opened, addressed. Each part is raw deflate of its own, so that a list reads
//! heads without unpacking, and one category of a checkpoint without the other five.
//!
//! Absent from here: the store, and what a record means.

use crate::base::{Moment, Problem, ResumeId, SessionId, TurnKey, limits, text};
use crate::wire::chat::Turn;
use crate::wire::records::{
    Part, RECORD_VERSION, RecordKey, ResumeHead, SessionHead, Settings, StoreName, Stored,
    StreamHead, TurnHead,
};
use miniz_oxide::deflate::compress_to_vec;
use miniz_oxide::inflate::decompress_to_vec_with_limit;
use serde::{Serialize, de::DeserializeOwned};

/// Deflate level: 9 gains two percent on chats and takes three times as long.
const LEVEL: u8 = 6;
/// Of what is packed once, when nobody waits.
const TIGHT: u8 = 9;

/// Makes a record: the head as JSON, each part packed on its own, a checksum over all of it.
///
/// A head that JSON cannot hold (a map whose keys are no text; no head of `wire` is one) gives a
/// record that `open` refuses.
#[must_use]
pub fn seal<H: Serialize>(
    store: StoreName,
    key: String,
    session: &SessionId,
    head: &H,
    parts: &[&str],
) -> Stored {
    assemble(RecordKey { store, key }, session, head, parts.iter().map(|part| pack(part)).collect())
}

/// The same record with another head; its parts stay packed as they are. For a head that changes
/// later, like a checkpoint that was restored.
#[must_use]
pub fn rehead<H: Serialize>(stored: &Stored, head: &H) -> Stored {
    let new = assemble(stored.at.clone(), &stored.session, head, stored.parts.clone());
    // Its parts are of the form that they were.
    let mut new = Stored { version: stored.version, ..new };
    new.check = checksum(&new);
    new
}

/// The head of a record, after its checksum and version were verified.
///
/// # Errors
/// `Problem::skip` where the record is damaged, of a newer SHIM, or holds another kind of head.
pub fn open<H: DeserializeOwned>(stored: &Stored) -> Result<H, Problem> {
    verify(stored)?;
    serde_json::from_str(&stored.head).map_err(|why| {
        let (line, column) = (why.line(), why.column());
        broken(stored, &format!("its head is no head of this store (line {line}:{column})"))
    })
}

/// One part, unpacked, after the record's checksum and version were verified.
///
/// # Errors
/// `Problem::skip` where the record is damaged, has no such part, or where the part unpacks to
/// more than [`limits::SECTION_BYTES`] or to something that is no text.
pub fn part(stored: &Stored, index: usize) -> Result<String, Problem> {
    verify(stored)?;
    unpack(stored, index)
}

/// Whether a record is whole but of a form that only a newer SHIM reads.
#[must_use]
pub fn is_newer(stored: &Stored) -> bool {
    stored.version > RECORD_VERSION && checksum(stored) == stored.check
}

/// Something in the store that has not the form of a record, so that it can be counted and set
/// aside like one: it never opens.
#[must_use]
pub fn formless(at: RecordKey, session: SessionId) -> Stored {
    let (head, parts) = (String::new(), Vec::new());
    let mut stored = Stored { at, session, version: 0, head, parts, check: 0 };
    stored.check = !checksum(&stored);
    stored
}

/// Goes before the keys of records that were set aside; no site is called so.
const ASIDE: &str = "aside/";

/// The key under which a record that does not open is set aside.
#[must_use]
pub fn aside_key(at: &RecordKey, now: Moment) -> String {
    format!("{ASIDE}{}/{}", now.0, at.key)
}

/// Whether a record was set aside.
#[must_use]
pub fn is_aside(at: &RecordKey) -> bool {
    at.key.starts_with(ASIDE)
}

/// Bytes of a record's packed parts.
#[must_use]
pub fn packed_bytes(stored: &Stored) -> u64 {
    stored.parts.iter().map(|part| part.0.len() as u64).sum()
}

pub(super) fn assemble<H: Serialize>(
    at: RecordKey,
    session: &SessionId,
    head: &H,
    parts: Vec<Part>,
) -> Stored {
    let head = serde_json::to_string(head).unwrap_or_default();
    let (session, version) = (session.clone(), RECORD_VERSION);
    let mut stored = Stored { at, session, version, head, parts, check: 0 };
    stored.check = checksum(&stored);
    stored
}

/// The record with the checksum of what it holds.
pub(super) fn outer(record: Stored) -> Stored {
    Stored { check: checksum(&record), ..record }
}

pub(super) fn pack(text: &str) -> Part {
    Part(compress_to_vec(text.as_bytes(), LEVEL))
}

pub(super) fn pack_tight(text: &str) -> Part {
    Part(compress_to_vec(text.as_bytes(), TIGHT))
}

/// Over everything else in the record, with lengths: bytes that moved from one part to the next,
/// and a record filed under another's key, are damage too.
fn checksum(stored: &Stored) -> u32 {
    let version = stored.version.to_le_bytes();
    let texts = [stored.at.store.as_str(), &stored.at.key, stored.session.as_str(), &stored.head];
    let chunks: Vec<&[u8]> = texts
        .iter()
        .map(|text| text.as_bytes())
        .chain(stored.parts.iter().map(|part| part.0.as_slice()))
        .collect();
    let lengths: Vec<u8> =
        chunks.iter().flat_map(|chunk| (chunk.len() as u64).to_le_bytes()).collect();
    let mut all: Vec<&[u8]> = vec![&version, &lengths];
    all.extend(chunks);
    text::crc32(&all)
}

/// Version 1 is the first; in version 2 checkpoints name what turns hold (`session::checkpoints`
/// converts), and segments hold many records (`session::segments`); in version 3 checkpoints quote
/// turns (`session::quotes`).
fn verify(stored: &Stored) -> Result<(), Problem> {
    if checksum(stored) != stored.check {
        return Err(broken(stored, "it is damaged"));
    }
    match stored.version {
        1..=RECORD_VERSION => Ok(()),
        newer if newer > RECORD_VERSION => Err(broken(
            stored,
            &format!("form {newer} was written by a newer SHIM: update the extension to read it"),
        )),
        other => Err(broken(stored, &format!("form {other} was never written by a SHIM"))),
    }
}

pub(super) fn unpack(stored: &Stored, index: usize) -> Result<String, Problem> {
    let Some(part) = stored.parts.get(index) else {
        return Err(broken(stored, &format!("it has no part {index}")));
    };
    let bytes = decompress_to_vec_with_limit(&part.0, limits::SECTION_BYTES).map_err(|_| {
        broken(stored, &format!("part {index} does not unpack, or is larger than a part may be"))
    })?;
    String::from_utf8(bytes).map_err(|_| broken(stored, &format!("part {index} is no text")))
}

pub(super) fn parsed<T: DeserializeOwned>(stored: &Stored, index: usize) -> Result<T, Problem> {
    let text = unpack(stored, index)?;
    serde_json::from_str(&text).map_err(|why| {
        let (line, column) = (why.line(), why.column());
        broken(stored, &format!("part {index} is not what it should be (line {line}:{column})"))
    })
}

pub(super) fn broken(stored: &Stored, what: &str) -> Problem {
    let key = text::clip(&text::one_line(&stored.at.key), 200);
    let store = stored.at.store.as_str();
    Problem::skip(format!(
        "Record {key} in {store} was left aside: {what}. The other records are not affected."
    ))
}

/// Address of a session's record.
#[must_use]
pub fn session_key(session: &SessionId) -> RecordKey {
    RecordKey { store: StoreName::Sessions, key: session.0.clone() }
}

/// Address of a turn's record.
#[must_use]
pub fn turn_key(session: &SessionId, key: &TurnKey) -> RecordKey {
    joined(StoreName::Turns, &[session.as_str(), key.as_str()])
}

/// Address of one piece of a stream; the pieces that one document read of a turn sort by number.
#[must_use]
pub fn stream_key(session: &SessionId, key: &TurnKey, document: &str, piece: u32) -> RecordKey {
    let piece = format!("{piece:010}");
    joined(StoreName::Streams, &[session.as_str(), key.as_str(), document, &piece])
}

/// Address of a checkpoint; a session's checkpoints sort by number.
#[must_use]
pub fn checkpoint_key(session: &SessionId, number: u32) -> RecordKey {
    joined(StoreName::Checkpoints, &[session.as_str(), &format!("{number:010}")])
}

/// The number in the address of a checkpoint, also of one that does not open: it is never given
/// again.
#[must_use]
pub fn checkpoint_number(at: &RecordKey) -> Option<u32> {
    at.key.rsplit('#').next()?.parse().ok()
}

/// Address of a resume's record.
#[must_use]
pub fn resume_key(resume: &ResumeId) -> RecordKey {
    RecordKey { store: StoreName::Resumes, key: resume.0.clone() }
}

/// Address of the one record of settings.
#[must_use]
pub fn settings_key() -> RecordKey {
    RecordKey { store: StoreName::Settings, key: "settings".to_owned() }
}

/// Joins with `#`, which is escaped inside: ids are the page's, and no two lists may meet in one
/// key.
pub(super) fn joined(store: StoreName, fields: &[&str]) -> RecordKey {
    let safe: Vec<String> =
        fields.iter().map(|field| field.replace('%', "%25").replace('#', "%23")).collect();
    RecordKey { store, key: safe.join("#") }
}

/// A session's record. No parts.
#[must_use]
pub fn session_record(head: &SessionHead) -> Stored {
    let at = session_key(&head.id);
    seal(at.store, at.key, &head.id, head, &[])
}

/// A turn's record: the turn is part 0, its head carries [`turn_hash`].
#[must_use]
pub fn turn_record(session: &SessionId, turn: &Turn) -> Stored {
    let at = turn_key(session, &turn.key);
    seal(at.store, at.key, session, &turn_head(turn), &[&json(turn)])
}

/// What a turn's record tells of it.
#[must_use]
pub fn turn_head(turn: &Turn) -> TurnHead {
    TurnHead {
        key: turn.key.clone(),
        position: turn.position,
        role: turn.role,
        state: turn.state,
        hash: turn_hash(turn),
        at: turn.at,
        read_at: turn.read_at,
        start: text::head(&turn.markdown, limits::TURN_START_CHARS).to_owned(),
        text_bytes: turn.markdown.len() as u64,
    }
}

/// The turn in its record.
///
/// # Errors
/// As [`open`] and [`part`].
pub fn open_turn(stored: &Stored) -> Result<Turn, Problem> {
    open::<TurnHead>(stored)?;
    parsed(stored, 0)
}

/// Hash of what a turn says and does. Its key, its position and every time stamp are left out: a
/// page that was loaded again says the same at another time, and is not saved again for that.
#[must_use]
pub fn turn_hash(turn: &Turn) -> u64 {
    let calls: Vec<_> = turn
        .calls
        .iter()
        .map(|call| (&call.name, &call.args, &call.result, &call.error, call.state))
        .collect();
    let mut files: Vec<&str> = turn.attachments.iter().map(|file| file.name.as_str()).collect();
    for made in &turn.artifacts {
        files.push(&made.title);
        files.extend(made.versions.iter().map(String::as_str));
    }
    text::hash(&json(&(turn.role, turn.state, &turn.markdown, &turn.thinking, files, calls)))
}

/// A piece of a stream: its text is part 0.
#[must_use]
pub fn stream_record(session: &SessionId, head: &StreamHead, text: &str) -> Stored {
    let at = stream_key(session, &head.key, &head.document, head.piece);
    seal(at.store, at.key, session, head, &[text])
}

/// A resume's record: the prompt is part 0. It belongs to the chat that ended.
#[must_use]
pub fn resume_record(head: &ResumeHead, prompt: &str) -> Stored {
    let at = resume_key(&head.id);
    seal(at.store, at.key, &head.from, head, &[prompt])
}

/// The record of settings. No parts.
#[must_use]
pub fn settings_record(settings: &Settings) -> Stored {
    let at = settings_key();
    seal(at.store, at.key, &SessionId::default(), settings, &[])
}

/// Rebuilds a streamed text from its pieces, in any order: keep so many bytes of the text before,
/// then append. A piece counts only where the result has the hash that its head tells, so what
/// comes back is a text that once stood on the page, never a patchwork. A lost or damaged piece
/// ends the text there, unless a later piece begins anew. None: no piece fits.
#[must_use]
pub fn rejoin(pieces: &[(StreamHead, String)]) -> Option<String> {
    let mut order: Vec<&(StreamHead, String)> = pieces.iter().collect();
    order.sort_by_key(|(head, _)| (head.piece, head.at));
    let mut whole: Option<String> = None;
    for (head, piece) in order {
        let Some(kept) = whole.as_deref().unwrap_or_default().get(..head.keep) else { continue };
        let next = [kept, piece].concat();
        if text::hash(&next) == head.hash {
            whole = Some(next);
        }
    }
    whole
}

/// A value as JSON. Empty: JSON cannot hold it; no value of `wire` is one.
#[must_use]
pub fn json<T: Serialize>(value: &T) -> String {
    serde_json::to_string(value).unwrap_or_default()
}
