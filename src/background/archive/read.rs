//! An archive read piece by piece.

use super::Why;
use super::check::{Check, parsed};
use super::gzip::Unpack;
use crate::base::Problem;
use crate::base::limits::ARCHIVE_LINE_BYTES;
use crate::wire::archive::{Last, Line};
use crc32fast::Hasher;

/// Reads an archive. What is given out before [`Reader::end`] is of a file of which the rest is not
/// known: it is read whole once before any of it is used.
pub struct Reader {
    unpack: Unpack,
    lines: Lines,
    failed: Option<Problem>,
}

impl Reader {
    /// One that checks and keeps nothing.
    #[must_use]
    pub fn checking() -> Self {
        Self { unpack: Unpack::new(), lines: Lines::default(), failed: None }
    }

    /// One that also gives the chats out.
    #[must_use]
    pub fn giving() -> Self {
        let lines = Lines { chats: Some(Vec::new()), ..Lines::default() };
        Self { lines, ..Self::checking() }
    }

    /// Takes the next bytes of the file. They may unpack to a thousand times as many: 64 KB at a
    /// time keep memory small.
    ///
    /// # Errors
    /// `Problem::person` where it is no archive, damaged, of a newer SHIM or too large. From then
    /// on every call says the same.
    pub fn push(&mut self, bytes: &[u8]) -> Result<(), Problem> {
        self.still_good()?;
        let lines = &mut self.lines;
        let outcome = self.unpack.push(bytes, |out| lines.take(out));
        outcome.map_err(|why| self.fail(why))
    }

    /// The chats that are complete since the last call, each as its lines.
    pub fn take(&mut self) -> Vec<String> {
        self.lines.chats.as_mut().map(std::mem::take).unwrap_or_default()
    }

    /// The file ends here: what it held.
    ///
    /// # Errors
    /// As [`Reader::push`], and where something is missing.
    pub fn end(&mut self) -> Result<Last, Problem> {
        self.still_good()?;
        if self.lines.check.has_ended() && self.lines.line.is_empty() && self.unpack.is_whole() {
            return Ok(self.lines.check.sums);
        }
        // Without a line there was never an archive.
        Err(self.fail(if self.lines.number == 0 { Why::Foreign } else { Why::Cut }))
    }

    fn still_good(&self) -> Result<(), Problem> {
        self.failed.clone().map_or(Ok(()), Err)
    }

    fn fail(&mut self, why: Why) -> Problem {
        let why = match why {
            Why::Large | Why::Broken(_) if self.lines.number == 0 => Why::Foreign,
            why => why,
        };
        let problem = why.problem(self.lines.number.saturating_add(1));
        self.failed.insert(problem).clone()
    }
}

/// Lines as they come.
#[derive(Default)]
struct Lines {
    /// The beginning of the next one.
    line: Vec<u8>,
    /// Lines so far.
    number: u64,
    /// Of all of them.
    crc: Hasher,
    check: Check,
    /// Lines of the chat that began last.
    chat: String,
    /// Complete chats; none: they are not kept.
    chats: Option<Vec<String>>,
}

impl Lines {
    fn take(&mut self, bytes: &[u8]) -> Result<(), Why> {
        for piece in bytes.split_inclusive(|byte| *byte == b'\n') {
            if self.line.len().saturating_add(piece.len()) > ARCHIVE_LINE_BYTES + 1 {
                return Err(Why::Large);
            }
            self.line.extend(piece);
            if piece.ends_with(b"\n") {
                let mut line = std::mem::take(&mut self.line);
                self.whole(&line)?;
                line.clear();
                self.line = line;
            }
        }
        Ok(())
    }

    /// `bytes`: a line with its end.
    fn whole(&mut self, bytes: &[u8]) -> Result<(), Why> {
        let text = bytes.strip_suffix(b"\n").unwrap_or(bytes);
        let line = parsed(text)?;
        if matches!(line, Line::End(_)) {
            self.check.sums.check = self.crc.clone().finalize();
        }
        self.check.take(&line, text.len())?;
        self.crc.update(bytes);
        self.number += 1;
        let Some(chats) = &mut self.chats else { return Ok(()) };
        if matches!(line, Line::Chat(_) | Line::End(_)) && !self.chat.is_empty() {
            chats.push(std::mem::take(&mut self.chat));
        }
        if matches!(line, Line::Chat(_) | Line::Turn(_) | Line::Checkpoint(_)) {
            let text = std::str::from_utf8(bytes).map_err(|_| Why::Broken("it is no text"))?;
            self.chat.push_str(text);
        }
        Ok(())
    }
}
