//! A file that a person chose, whatever it is: an archive of SHIM, the export of a site as it was
//! downloaded (a zip file), or the conversations in it. It tells which bytes it needs next, so that
//! of a zip file only its directory and its conversations are read.

use super::elements::Elements;
use super::export::Export;
use super::zip::{self, Found, Part, Unzip};
use super::{Reader, Why};
use crate::base::Problem;
use crate::wire::archive::{Last, Skipped};
use std::collections::VecDeque;
use std::ops::Range;

/// Bytes that are read at once: they may unpack to a thousand times as many.
const READ_BYTES: u64 = 64 << 10;
/// What a zip file begins with: a part, or the end of an empty directory.
const ZIP: [&[u8]; 2] = [b"PK\x03\x04", b"PK\x05\x06"];

/// Reads a file of any kind. What is given out before [`Source::end`] is of a file of which the
/// rest is not known: it is read whole once before any of it is used.
pub struct Source {
    size: u64,
    /// Whether chats are given out.
    gives: bool,
    /// What was read so far, and what there is to read.
    done: u64,
    all: u64,
    kind: Kind,
    export: Export,
    failed: Option<Problem>,
}

enum Kind {
    /// Its first bytes are to be read.
    Unknown,
    Archive(Box<Reader>),
    Json(Elements, Range<u64>),
    Zip(Step),
}

/// What of a zip file is read next.
enum Step {
    Tail,
    Record(Range<u64>),
    Directory { range: Range<u64>, bytes: Vec<u8> },
    Head(Part, VecDeque<Part>),
    Data { unzip: Box<Unzip>, elements: Elements, left: Range<u64>, parts: VecDeque<Part> },
    Done,
}

impl Source {
    /// A file of so many bytes. `gives`: chats are given out; otherwise they are checked alone.
    #[must_use]
    pub fn new(size: u64, gives: bool) -> Self {
        let (kind, export) = (Kind::Unknown, Export::new(gives));
        Self { size, gives, done: 0, all: size, kind, export, failed: None }
    }

    /// Which bytes of the file are to be pushed next; none: it is read.
    #[must_use]
    pub fn next(&self) -> Option<Range<u64>> {
        let some = |range: &Range<u64>| {
            let end = range.end.min(range.start.saturating_add(READ_BYTES));
            (range.start < end).then_some(range.start..end)
        };
        match &self.kind {
            _ if self.failed.is_some() => None,
            Kind::Unknown => some(&(0..self.size)),
            Kind::Archive(_) => some(&(self.done..self.size)),
            Kind::Json(_, left) => some(left),
            Kind::Zip(step) => match step {
                Step::Tail => Some(zip::tail(self.size)),
                Step::Record(range) => Some(range.clone()),
                Step::Directory { range, .. } => some(range),
                Step::Head(part, _) => Some(part.head()),
                Step::Data { left, .. } => some(left),
                Step::Done => None,
            },
        }
    }

    /// How much is read of how much.
    #[must_use]
    pub fn progress(&self) -> (u64, u64) {
        (self.done, self.all)
    }

    /// Takes the bytes that it asked for.
    ///
    /// # Errors
    /// `Problem::person` where it is no file to import, damaged, of a newer SHIM or too large. From
    /// then on every call says the same.
    pub fn push(&mut self, bytes: &[u8]) -> Result<(), Problem> {
        self.failed.clone().map_or(Ok(()), Err)?;
        if bytes.is_empty() {
            return Err(self.fail(Why::Cut));
        }
        if let Kind::Unknown = self.kind {
            self.begin(bytes);
            if let Kind::Zip(_) = self.kind {
                // It is read from its end.
                return Ok(());
            }
        }
        if let Kind::Archive(reader) = &mut self.kind {
            self.done = self.done.saturating_add(bytes.len() as u64);
            return reader.push(bytes);
        }
        self.take_bytes(bytes).map_err(|why| self.fail(why))
    }

    /// The chats that are complete since the last call, each as its lines.
    pub fn take(&mut self) -> Vec<String> {
        match &mut self.kind {
            Kind::Archive(reader) => reader.take(),
            _ => self.export.take(),
        }
    }

    /// The file ends here: what it held, and what of an export is left out.
    ///
    /// # Errors
    /// As [`Source::push`], and where something is missing.
    pub fn end(&mut self) -> Result<(Last, Skipped), Problem> {
        self.failed.clone().map_or(Ok(()), Err)?;
        let ended = match &mut self.kind {
            Kind::Archive(reader) => return reader.end().map(|last| (last, Skipped::default())),
            Kind::Unknown => Err(Why::Foreign),
            Kind::Json(elements, _) => elements.end(),
            Kind::Zip(Step::Done) => Ok(()),
            Kind::Zip(_) => Err(Why::Cut),
        };
        ended.and_then(|()| self.export.end()).map_err(|why| self.fail(why))
    }

    /// By its content: what it is called says nothing.
    fn begin(&mut self, bytes: &[u8]) {
        let is_json = |byte: &&u8| matches!(byte, b'[' | b'{');
        let is_blank = |byte: &&u8| byte.is_ascii_whitespace() || b"\xef\xbb\xbf".contains(byte);
        self.kind = if ZIP.iter().any(|magic| bytes.starts_with(magic)) {
            Kind::Zip(Step::Tail)
        } else if bytes.iter().find(|byte| !is_blank(byte)).filter(is_json).is_some() {
            Kind::Json(Elements::default(), 0..self.size)
        } else {
            let reader = if self.gives { Reader::giving() } else { Reader::checking() };
            Kind::Archive(Box::new(reader))
        };
    }

    fn take_bytes(&mut self, bytes: &[u8]) -> Result<(), Why> {
        let count = bytes.len() as u64;
        match &mut self.kind {
            Kind::Json(elements, left) => {
                left.start = left.start.saturating_add(count);
                self.done = left.start;
                elements.push(bytes, |element| self.export.conversation(element))
            }
            Kind::Zip(step) => {
                let before = std::mem::replace(step, Step::Done);
                let next = self.zip_step(before, bytes)?;
                self.kind = Kind::Zip(next);
                Ok(())
            }
            Kind::Unknown | Kind::Archive(_) => Ok(()),
        }
    }

    fn zip_step(&mut self, step: Step, bytes: &[u8]) -> Result<Step, Why> {
        let count = bytes.len() as u64;
        match step {
            Step::Tail => match zip::find(bytes, self.size)? {
                Found::Directory(range) => self.directory(range, Vec::new()),
                Found::Record(range) => Ok(Step::Record(range)),
            },
            Step::Record(_) => self.directory(zip::find_by(bytes, self.size)?, Vec::new()),
            Step::Directory { range, bytes: mut all } => {
                all.extend(bytes);
                self.directory(range.start.saturating_add(count)..range.end, all)
            }
            Step::Head(part, parts) => {
                let left = part.data(bytes)?;
                let elements = Elements::default();
                let unzip = Box::new(Unzip::new(part));
                let data = Step::Data { unzip, elements, left, parts };
                self.part_ended(data)
            }
            Step::Data { mut unzip, mut elements, mut left, parts } => {
                left.start = left.start.saturating_add(count);
                self.done = self.done.saturating_add(count);
                let export = &mut self.export;
                unzip.push(bytes, |out| elements.push(out, |one| export.conversation(one)))?;
                self.part_ended(Step::Data { unzip, elements, left, parts })
            }
            Step::Done => Ok(Step::Done),
        }
    }

    /// `range`: what of it is still to come.
    fn directory(&mut self, range: Range<u64>, bytes: Vec<u8>) -> Result<Step, Why> {
        if !range.is_empty() {
            return Ok(Step::Directory { range, bytes });
        }
        let from = range.end.saturating_sub(bytes.len() as u64);
        let parts = VecDeque::from(zip::parts(&bytes, from)?);
        self.all = parts.iter().map(Part::packed).sum();
        Ok(next_part(parts))
    }

    fn part_ended(&mut self, step: Step) -> Result<Step, Why> {
        match step {
            Step::Data { unzip, elements, left, parts } if left.is_empty() => {
                unzip.end()?;
                elements.end()?;
                Ok(next_part(parts))
            }
            other => Ok(other),
        }
    }

    fn fail(&mut self, why: Why) -> Problem {
        self.failed.insert(why.problem(0)).clone()
    }
}

fn next_part(mut parts: VecDeque<Part>) -> Step {
    match parts.pop_front() {
        Some(part) => Step::Head(part, parts),
        None => Step::Done,
    }
}
