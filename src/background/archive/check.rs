//! Whether lines are what an archive may hold: each by itself, and beside those before it.

use super::Why;
use crate::base::limits::{
    ARCHIVE_BYTES, ARCHIVE_CHAT_BYTES, ARCHIVE_CHATS, ARCHIVE_COUNT, ARCHIVE_LATEST,
    ARCHIVE_LINE_BYTES, ARCHIVE_MEMBERS, ARCHIVE_NAME_BYTES, ARCHIVE_VALUES,
};
use crate::base::{Moment, Problem, SessionId, TurnKey, origin};
use crate::session::{checkpoints, codec};
use crate::sites;
use crate::wire::archive::{FORM, Last, Line, Named, Point};
use crate::wire::chat::Turn;
use std::collections::BTreeSet;

/// A turn of fewer bytes cannot grow beyond a record's part when it is written with every field.
const SMALL_TURN_BYTES: usize = ARCHIVE_LINE_BYTES / 100;

/// One chat of an archive, each line of which was found to be what it should be.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Chat {
    /// Which.
    pub named: Named,
    /// Its turns.
    pub turns: Vec<Turn>,
    /// Its checkpoints.
    pub points: Vec<Point>,
}

/// The chat in these lines.
///
/// # Errors
/// `Problem::person` where one of them is not what it should be.
pub fn chat_of(lines: &str) -> Result<Chat, Problem> {
    let (mut chat, mut check) = (Chat::default(), Check::of_chats());
    for (line, number) in lines.lines().zip(1..) {
        let parsed = parsed(line.as_bytes());
        let taken = parsed.and_then(|parsed| check.take(&parsed, line.len()).map(|()| parsed));
        match taken.map_err(|why| why.problem(number))? {
            Line::Chat(named) if number == 1 => chat.named = *named,
            Line::Turn(turn) => chat.turns.push(*turn),
            Line::Checkpoint(point) => chat.points.push(*point),
            _ => return Err(Why::Broken("it is of no chat").problem(number)),
        }
    }
    if chat.named == Named::default() { Err(Why::Cut.problem(0)) } else { Ok(chat) }
}

/// One line.
pub(super) fn parsed(line: &[u8]) -> Result<Line, Why> {
    if line.len() > ARCHIVE_LINE_BYTES {
        return Err(Why::Large);
    }
    if is_wide(line) {
        return Err(Why::Large);
    }
    serde_json::from_slice(line).map_err(|_| Why::Broken("it is no line of an archive"))
}

/// Whether this JSON holds more values than a line may. Only a long one can.
fn is_wide(json: &[u8]) -> bool {
    let (mut values, mut inside, mut escaped) = (0, false, false);
    let long = json.len() > 2 * ARCHIVE_VALUES;
    for byte in json.iter().filter(|_| long) {
        match byte {
            _ if escaped => escaped = false,
            b'\\' => escaped = inside,
            b'"' => inside = !inside,
            b',' if !inside => values += 1,
            _ => {}
        }
    }
    values > ARCHIVE_VALUES
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Stage {
    #[default]
    Nothing,
    Chats,
    Ended,
}

/// What was there so far.
#[derive(Default)]
pub(super) struct Check {
    stage: Stage,
    chats: BTreeSet<SessionId>,
    /// The chat that began last, and its turns, checkpoints and bytes.
    chat: Option<SessionId>,
    turns: BTreeSet<TurnKey>,
    numbers: BTreeSet<u32>,
    chat_bytes: usize,
    bytes: u64,
    pub sums: Last,
}

impl Check {
    /// Of lines that stand between the first and the last of a file.
    pub fn of_chats() -> Self {
        Self { stage: Stage::Chats, ..Self::default() }
    }

    pub fn has_ended(&self) -> bool {
        self.stage == Stage::Ended
    }

    /// Takes the next line of so many bytes, or says what is wrong with it; then nothing of it is
    /// kept.
    pub fn take(&mut self, line: &Line, bytes: usize) -> Result<(), Why> {
        self.bytes = self.bytes.saturating_add(bytes as u64);
        let chat_bytes = self.chat_bytes.saturating_add(bytes);
        if self.bytes > ARCHIVE_BYTES || bytes > ARCHIVE_LINE_BYTES {
            return Err(Why::Large);
        }
        match (self.stage, line) {
            (Stage::Nothing, Line::Archive(first)) if first.form > FORM => Err(Why::Newer),
            (Stage::Nothing, Line::Archive(first)) if first.form > 0 => {
                self.stage = Stage::Chats;
                Ok(())
            }
            (Stage::Nothing, _) => Err(Why::Foreign),
            (Stage::Ended, _) => Err(Why::Broken("it stands after the end")),
            (_, Line::Archive(_)) => Err(Why::Broken("a second beginning")),
            (_, Line::Chat(named)) => self.chat(named, bytes),
            (_, Line::End(last)) => self.end(last),
            (_, Line::Turn(_) | Line::Checkpoint(_)) if chat_bytes > ARCHIVE_CHAT_BYTES => {
                Err(Why::Large)
            }
            (_, Line::Turn(turn)) => self.turn(turn, bytes),
            (_, Line::Checkpoint(point)) => self.point(point),
        }?;
        if matches!(line, Line::Turn(_) | Line::Checkpoint(_)) {
            self.chat_bytes = chat_bytes;
        }
        Ok(())
    }

    fn chat(&mut self, named: &Named, bytes: usize) -> Result<(), Why> {
        if self.chats.len() >= ARCHIVE_CHATS {
            return Err(Why::Large);
        }
        let session = named.session();
        if !is_chat(named, &session) {
            return Err(Why::Broken("it is no chat that SHIM can have saved"));
        }
        if !self.chats.insert(session.clone()) {
            return Err(Why::Broken("a chat for the second time"));
        }
        (self.chat, self.chat_bytes) = (Some(session), bytes);
        (self.turns, self.numbers) = (BTreeSet::new(), BTreeSet::new());
        self.sums.chats += 1;
        Ok(())
    }

    fn turn(&mut self, turn: &Turn, bytes: usize) -> Result<(), Why> {
        if self.turns.len() >= ARCHIVE_MEMBERS {
            return Err(Why::Large);
        }
        let times = turn.calls.iter().flat_map(|call| [call.started_at, call.ended_at]).flatten();
        let sane = times.chain([turn.at, turn.read_at]).all(is_time)
            && turn.position <= ARCHIVE_COUNT
            && is_name(&turn.key.0)
            && !turn.key.0.is_empty();
        if self.chat.is_none() || !sane {
            return Err(Why::Broken("it is no turn of a chat"));
        }
        if bytes > SMALL_TURN_BYTES && codec::json(turn).len() > ARCHIVE_LINE_BYTES {
            return Err(Why::Large);
        }
        if !self.turns.insert(turn.key.clone()) {
            return Err(Why::Broken("a turn for the second time"));
        }
        self.sums.turns = self.sums.turns.saturating_add(1);
        Ok(())
    }

    fn point(&mut self, point: &Point) -> Result<(), Why> {
        if self.numbers.len() >= ARCHIVE_MEMBERS {
            return Err(Why::Large);
        }
        let head = &point.head;
        let restored =
            head.restored.is_none_or(|(at, share)| is_time(at) && (0.0..=1.0).contains(&share));
        let sane = (1..=ARCHIVE_COUNT).contains(&head.number)
            && is_time(head.created_at)
            && head.turn_count <= ARCHIVE_COUNT
            && head.sizes.len() <= point.state.len()
            && is_name(&head.request.0)
            && restored;
        let Some(session) = self.chat.as_ref().filter(|_| sane) else {
            return Err(Why::Broken("it is no checkpoint of a chat"));
        };
        if point.state.iter().any(|text| is_wide(text.as_bytes())) {
            return Err(Why::Large);
        }
        // For the problem alone, which is not told.
        let at = codec::formless(codec::checkpoint_key(session, head.number), session.clone());
        if checkpoints::read(&at, &point.state, head, &[]).is_err() {
            return Err(Why::Broken("a checkpoint whose state cannot be read"));
        }
        if !self.numbers.insert(head.number) {
            return Err(Why::Broken("a checkpoint for the second time"));
        }
        self.sums.checkpoints = self.sums.checkpoints.saturating_add(1);
        Ok(())
    }

    fn end(&mut self, last: &Last) -> Result<(), Why> {
        self.stage = Stage::Ended;
        if self.sums == *last { Ok(()) } else { Err(Why::Broken("what it sums up is not there")) }
    }
}

fn is_time(at: Moment) -> bool {
    at <= ARCHIVE_LATEST
}

fn is_name(text: &str) -> bool {
    text.len() <= ARCHIVE_NAME_BYTES
}

fn is_plain(letter: char) -> bool {
    letter.is_ascii_alphanumeric() || "-_.".contains(letter)
}

/// A chat of a site, in a place that its address is of.
fn is_chat(named: &Named, session: &SessionId) -> bool {
    let Named { site, account, chat, title, model, url, parent, .. } = named;
    let place = site.split_once('@');
    let is_site = match place {
        Some((name, place)) => !name.is_empty() && !place.is_empty() && !site.contains('/'),
        // One that only a newer SHIM knows is kept for it. Nothing that was set aside is a chat.
        None => !site.is_empty() && site != "aside" && site.chars().all(is_plain),
    };
    let parent = parent.as_ref().map_or("", SessionId::as_str);
    let texts = [session.as_str(), title, model, url, parent];
    is_site
        && !account.0.contains('/')
        && !chat.0.is_empty()
        && texts.into_iter().all(is_name)
        && parent != session.as_str()
        && [named.started_at, named.updated_at].into_iter().all(is_time)
        && is_address(site, url)
}

/// Whether a chat of this site can have this address; one without has none.
pub(super) fn is_address(site: &str, url: &str) -> bool {
    let is_unknown = !site.contains('@') && sites::by_name(site).is_none();
    let fits = |origin: &str| is_unknown || sites::fits(site, origin);
    url.is_empty() || origin::of(url).is_some_and(fits)
}
