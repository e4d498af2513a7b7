//! Many texts of JSON in one: each line that stands in a string is held once, and named where it
//! comes again. A state that grows costs what is new in it, and a file that was read twice in a
//! chat is held once, however far apart that was.
//!
//! First the number of lines, then the lines, then each text with its strings replaced by names of
//! lines: `+3` are the next three that no name was given to so far, `17*2` two from the 17th.

use crate::session::quotes::strings::{Piece, each_string};
use std::collections::HashMap;
use std::fmt::Write;

/// Shorter lines are not looked up: a name would be as long.
const LINE_BYTES: usize = 12;
/// What stands for a line's end in a string of JSON.
const END: &str = "\\n";

/// The lines so far, and where each was seen first.
#[derive(Default)]
struct Lines<'a> {
    all: Vec<&'a str>,
    known: HashMap<&'a str, usize>,
}

/// Lines of a string that stand together: new ones, or so many from a known one.
#[derive(Clone, Copy, PartialEq)]
enum Run {
    New(usize),
    Known(usize, usize),
}

/// Weaves them; none: one of them is no JSON as SHIM writes it.
pub fn weave<T: AsRef<str>>(texts: &[T]) -> Option<String> {
    let mut lines = Lines::default();
    let mut rest = String::new();
    for text in texts {
        let text = text.as_ref();
        if text.contains('\n') {
            return None;
        }
        rest.push('\n');
        each_string(text, |piece| match piece {
            Piece::Other(other) => rest.push_str(other),
            Piece::Text(text) => lines.name(text, &mut rest),
        })?;
    }
    let mut woven = lines.all.len().to_string();
    for line in &lines.all {
        woven.push('\n');
        woven.push_str(line);
    }
    woven.push_str(&rest);
    Some(woven)
}

/// The texts that were woven; none: they are not so many, they hold more than `most` bytes
/// together, or this was never woven.
pub fn unweave(woven: &str, count: usize, most: usize) -> Option<Vec<String>> {
    let mut all = woven.split('\n');
    let lines = all.next()?.parse::<usize>().ok()?;
    let known: Vec<&str> = all.by_ref().take(lines).collect();
    let texts: Vec<&str> = all.collect();
    if known.len() != lines || texts.len() != count {
        return None;
    }
    let (mut left, mut next) = (most, 0);
    let mut whole = Vec::with_capacity(count);
    for text in texts {
        let mut out = String::new();
        let mut fits = true;
        each_string(text, |piece| {
            fits = fits
                && match piece {
                    Piece::Other(other) => push(&mut out, other, &mut left),
                    Piece::Text(names) => spell(&known, names, &mut next, &mut out, &mut left),
                }
                .is_some();
        })?;
        whole.push(out);
        if !fits {
            return None;
        }
    }
    Some(whole)
}

impl<'a> Lines<'a> {
    /// Writes names for the lines of this string.
    fn name(&mut self, text: &'a str, out: &mut String) {
        if text.is_empty() {
            return;
        }
        let (mut run, first) = (Run::New(0), out.len());
        for line in split(text) {
            let next = self.next(run, line);
            let goes_on = match (run, next) {
                (Run::New(_), Run::New(_)) => true,
                (Run::Known(_, before), Run::Known(_, now)) => now > before,
                _ => false,
            };
            if !goes_on {
                write_run(out, first, run);
            }
            run = next;
        }
        write_run(out, first, run);
    }

    /// The run that this line belongs to, which follows on that one.
    fn next(&mut self, run: Run, line: &'a str) -> Run {
        if let Run::Known(from, count) = run
            && self.all.get(from + count) == Some(&line)
        {
            return Run::Known(from, count + 1);
        }
        if line.len() >= LINE_BYTES {
            if let Some(at) = self.known.get(line) {
                return Run::Known(*at, 1);
            }
            self.known.insert(line, self.all.len());
        }
        self.all.push(line);
        match run {
            Run::New(count) => Run::New(count + 1),
            Run::Known(..) => Run::New(1),
        }
    }
}

fn write_run(out: &mut String, first: usize, run: Run) {
    let gap = if out.len() > first { " " } else { "" };
    // A text in memory takes whatever is written to it.
    let _ = match run {
        Run::New(0) => Ok(()),
        Run::New(count) => write!(out, "{gap}+{count}"),
        Run::Known(from, 1) => write!(out, "{gap}{from}"),
        Run::Known(from, count) => write!(out, "{gap}{from}*{count}"),
    };
}

/// Writes the lines that these names name; none: there are none such, or too many bytes.
fn spell(
    known: &[&str],
    names: &str,
    next: &mut usize,
    out: &mut String,
    left: &mut usize,
) -> Option<()> {
    let mut is_first = true;
    for name in names.split(' ').filter(|name| !name.is_empty()) {
        let (from, count) = match name.strip_prefix('+') {
            Some(count) => {
                let (from, count) = (*next, count.parse::<usize>().ok()?);
                *next = next.checked_add(count)?;
                (from, count)
            }
            None => match name.split_once('*') {
                Some((from, count)) => (from.parse().ok()?, count.parse().ok()?),
                None => (name.parse().ok()?, 1),
            },
        };
        for line in known.get(from..from.checked_add(count)?)? {
            if !is_first {
                push(out, END, left)?;
            }
            push(out, line, left)?;
            is_first = false;
        }
    }
    Some(())
}

fn push(out: &mut String, text: &str, left: &mut usize) -> Option<()> {
    *left = left.checked_sub(text.len())?;
    out.push_str(text);
    Some(())
}

/// The lines of a string as JSON writes it: a backslash that is one itself begins no line's end.
fn split(text: &str) -> impl Iterator<Item = &str> {
    let mut rest = Some(text);
    std::iter::from_fn(move || {
        let text = rest?;
        let mut bytes = text.bytes().enumerate();
        while let Some((at, byte)) = bytes.next() {
            if byte == b'\\' && bytes.next().is_some_and(|(_, next)| next == b'n') {
                rest = text.get(at + END.len()..);
                return text.get(..at);
            }
        }
        rest = None;
        Some(text)
    })
}
