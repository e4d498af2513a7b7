//! An archive written chat by chat.

use super::check::{Check, is_address};
use super::gzip::Pack;
use crate::background::Whole;
use crate::base::{Moment, SessionId, limits, text};
use crate::session::{codec, segments};
use crate::wire::archive::{FORM, First, Last, Line, Named, Point};
use crate::wire::records::{SessionHead, Stored};
use crc32fast::Hasher;

/// Writes an archive. Only what can be imported again is written.
pub struct Writer {
    pack: Pack,
    crc: Hasher,
    check: Check,
    left_out: u32,
    /// What is packed and not taken yet.
    out: Vec<u8>,
}

impl Writer {
    /// One that was begun at this moment.
    #[must_use]
    pub fn new(at: Moment) -> Self {
        let (pack, crc) = (Pack::new(), Hasher::new());
        let mut this = Self { pack, crc, check: Check::default(), left_out: 0, out: Vec::new() };
        let by = env!("CARGO_PKG_VERSION").to_owned();
        this.line(&Line::Archive(First { form: FORM, by, made_at: at }));
        this
    }

    /// Adds a chat, of which these are the records, and gives out what is packed so far.
    pub fn chat(&mut self, head: &SessionHead, records: &[Stored]) -> Vec<u8> {
        let whole = Whole::of(records);
        self.left_out = self.left_out.saturating_add(whole.damaged);
        if self.line(&Line::Chat(Box::new(named(head)))) {
            let points = segments::texts_of(records, &whole.turns);
            for turn in whole.turns {
                self.member(Some(Line::Turn(Box::new(turn))));
            }
            for (head, state) in points {
                let point = |state| Line::Checkpoint(Box::new(Point { head, state }));
                self.member(state.map(point));
            }
        } else {
            self.left_out = self.left_out.saturating_add(1);
        }
        std::mem::take(&mut self.out)
    }

    /// The rest of the file, what is in it, and how many turns, checkpoints or chats do not open or
    /// are too large, and are not.
    #[must_use]
    pub fn end(mut self) -> (Vec<u8>, Last, u32) {
        let sums = Last { check: self.crc.clone().finalize(), ..self.check.sums };
        self.check.sums = sums;
        self.line(&Line::End(sums));
        let mut out = self.out;
        out.extend(self.pack.end());
        (out, sums, self.left_out)
    }

    fn member(&mut self, line: Option<Line>) {
        if !line.is_some_and(|line| self.line(&line)) {
            self.left_out = self.left_out.saturating_add(1);
        }
    }

    /// Whether it could be written.
    fn line(&mut self, line: &Line) -> bool {
        let mut text = codec::json(line);
        let fits = self.check.take(line, text.len()).is_ok();
        if fits {
            text.push('\n');
            self.crc.update(text.as_bytes());
            self.out.extend(self.pack.push(text.as_bytes()));
        }
        fits
    }
}

fn named(head: &SessionHead) -> Named {
    // A character takes four bytes at most.
    let own = |words: &str| text::clip(words, limits::ARCHIVE_NAME_BYTES / 4);
    let is_own = is_address(&head.site, &head.url) && head.url.len() <= limits::ARCHIVE_NAME_BYTES;
    let is_other = |parent: &SessionId| *parent != head.id;
    Named {
        site: head.site.clone(),
        account: head.account.clone(),
        chat: head.chat.clone(),
        title: own(&head.title),
        model: own(&head.model),
        // A page tells its address; of another place it is worth nothing.
        url: if is_own { head.url.clone() } else { String::new() },
        started_at: head.started_at,
        updated_at: head.updated_at,
        parent: head.parent.clone().filter(is_other),
    }
}
