//! Text of a page as lines that an editor gives back unchanged and that cannot leave the record.

use crate::base::Moment;
use crate::session::secrets::masked_but;
use std::collections::BTreeSet;

/// Longest line, in characters; longer ones are broken at a space.
pub const LINE_CHARS: usize = 300;

/// Makes page text safe to quote.
#[derive(Clone, Copy, Debug)]
pub struct Cleaner<'a> {
    nonce: &'a str,
    /// Secrets that a person let pass.
    allowed: &'a BTreeSet<u64>,
}

/// The letters and digits of a code; never empty.
pub fn nonce(code: &str) -> String {
    let kept: String = code.chars().filter(char::is_ascii_alphanumeric).take(32).collect();
    if kept.is_empty() { "0".to_owned() } else { kept }
}

impl<'a> Cleaner<'a> {
    /// A cleaner for the record marked by `nonce`.
    pub fn new(nonce: &'a str, allowed: &'a BTreeSet<u64>) -> Self {
        Self { nonce, allowed }
    }

    /// `text` as one line: no control or invisible characters, single spaces, none at the ends,
    /// no three angle brackets in a row, no nonce, and no secret that is known as one
    /// but those that a person let pass.
    pub fn line(&self, text: &str) -> String {
        let mut out = String::with_capacity(text.len().min(4_096));
        let mut run = ('\0', 0);
        for c in text.chars().filter(|c| !invisible(*c) || c.is_whitespace()) {
            if c.is_whitespace() || c.is_control() {
                if !out.ends_with(' ') && !out.is_empty() {
                    out.push(' ');
                }
                run = ('\0', 0);
                continue;
            }
            run = if run.0 == c { (c, run.1 + 1) } else { (c, 1) };
            if matches!(c, '<' | '>') && run.1 > 2 {
                out.push(' ');
                run.1 = 1;
            }
            out.push(c);
        }
        out.truncate(out.trim_end().len());
        // A short code could be any word; the angle brackets alone keep the record shut.
        if self.nonce.len() >= 6 && out.contains(self.nonce) {
            out = out.replace(self.nonce, "(code)");
        }
        // After what is invisible is gone, which may stand inside a key.
        masked_but(&out, self.allowed).into_owned()
    }

    /// The lines of `text`, cleaned and broken; empty ones never at the ends nor two in a row.
    pub fn lines(&self, text: &str) -> Vec<String> {
        let mut out: Vec<String> = Vec::new();
        // A key file has many lines.
        for line in masked_but(text, self.allowed).split(['\n', '\r', '\u{2028}', '\u{2029}']) {
            let line = self.line(line);
            if line.is_empty() {
                if out.last().is_some_and(|l| !l.is_empty()) {
                    out.push(line);
                }
                continue;
            }
            wrap(&line, &mut out);
        }
        if out.last().is_some_and(String::is_empty) {
            out.pop();
        }
        out
    }
}

/// Breaks a line at spaces; a word longer than a line is broken anywhere.
fn wrap(line: &str, out: &mut Vec<String>) {
    let mut rest = line;
    loop {
        let head = crate::base::text::head(rest, LINE_CHARS);
        if head.len() == rest.len() {
            out.push(rest.to_owned());
            return;
        }
        let cut = head.rfind(' ').filter(|at| *at > head.len() / 2).unwrap_or(head.len());
        let (line, more) = rest.split_at_checked(cut).unwrap_or((rest, ""));
        out.push(line.trim_end().to_owned());
        rest = more.trim_start();
        if rest.is_empty() {
            return;
        }
    }
}

/// Characters that show nothing, hide text or turn it round.
fn invisible(c: char) -> bool {
    c.is_control()
        || matches!(u32::from(c),
            0xad | 0x34f | 0x61c | 0x70f | 0x115f..=0x1160 | 0x17b4..=0x17b5 | 0x180b..=0x180f
            | 0x200b..=0x200f | 0x2028..=0x202e | 0x2060..=0x206f | 0x3164 | 0xfe00..=0xfe0f
            | 0xfeff | 0xffa0 | 0xfff0..=0xfffc | 0xfffe..=0xffff | 0x1bca0..=0x1bca3
            | 0x1d173..=0x1d17a | 0xe0000..=0xe0fff)
}

/// One line of the record. Editors that format while a person types look at how a line ends
/// ("`", "**", "->", a straight quote): such an end is covered.
pub fn covered(mut line: String) -> String {
    if line.ends_with("...") {
        line.truncate(line.len() - 3);
        line.push('…');
    }
    let signs = ["(c)", "(r)", "(tm)", "^2", "^3"];
    let sign = signs.iter().any(|s| line.ends_with(s));
    if sign || line.ends_with(['`', '*', '_', '~', '"', '\'', '-', '>', '<', '=']) {
        line.push_str(" |");
    }
    line
}

/// Day and time of a moment in UTC, to the minute (days to civil date: Hinnant 2013).
pub fn utc(at: Moment) -> String {
    let minutes = at.0 / 60_000;
    let days = minutes / 1_440 + 719_468;
    let era = days / 146_097;
    let doe = days % 146_097;
    let yoe = (doe - doe / 1_460 + doe / 36_524 - doe / 146_096) / 365;
    let doy = doe - (365 * yoe + yoe / 4 - yoe / 100);
    let mp = (5 * doy + 2) / 153;
    let day = doy - (153 * mp + 2) / 5 + 1;
    let month = if mp < 10 { mp + 3 } else { mp - 9 };
    let year = yoe + era * 400 + u64::from(month <= 2);
    let (hour, minute) = (minutes / 60 % 24, minutes % 60);
    format!("{year:04}-{month:02}-{day:02} {hour:02}:{minute:02}")
}
