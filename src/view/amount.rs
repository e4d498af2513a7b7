//! Amounts in words: bytes, lengths of time, counts.

use crate::base::{Moment, Span};

/// A size, to the reader's precision: `812 B`, `14 KB`, `1.2 MB`. A KB is 1,024 bytes.
#[must_use]
pub fn bytes(size: u64) -> String {
    const KB: u64 = 1 << 10;
    const MB: u64 = 1 << 20;
    const GB: u64 = 1 << 30;
    match size {
        0..KB => format!("{} B", grouped(size)),
        KB..MB => format!("{} KB", grouped(size.div_ceil(KB).min(1_023))),
        MB..GB => tenths(size, MB, "MB"),
        _ => tenths(size, GB, "GB"),
    }
}

/// `size` in `unit`s with one digit after the point, rounded down.
fn tenths(size: u64, unit: u64, name: &str) -> String {
    let whole = size / unit;
    let tenth = (size % unit) * 10 / unit;
    format!("{}.{tenth} {name}", grouped(whole))
}

/// How long something took or takes: `12 s`, `3 minutes`, `2 hours`, `5 days`. Rounded down.
#[must_use]
pub fn length(span: Span) -> String {
    match coarse(span) {
        (seconds, Unit::Second) => format!("{seconds} s"),
        (minutes, Unit::Minute) => count(minutes, "minute"),
        (hours, Unit::Hour) => count(hours, "hour"),
        (days, Unit::Day) => count(days, "day"),
    }
}

/// When something was, told from `now`: `just now`, `12 s ago`, `3 minutes ago`, `5 days ago`.
/// A moment after `now` (a clock that jumped) is `just now`.
#[must_use]
pub fn ago(then: Moment, now: Moment) -> String {
    let span = now.since(then);
    if span < JUST_NOW { "just now".to_owned() } else { format!("{} ago", length(span)) }
}

/// The same for a narrow list: `just now`, `12 s ago`, `3 min ago`, `2 h ago`, `5 days ago`.
#[must_use]
pub fn ago_short(then: Moment, now: Moment) -> String {
    let span = now.since(then);
    match coarse(span) {
        _ if span < JUST_NOW => "just now".to_owned(),
        (minutes, Unit::Minute) => format!("{minutes} min ago"),
        (hours, Unit::Hour) => format!("{hours} h ago"),
        _ => format!("{} ago", length(span)),
    }
}

/// Below this a time is not worth a number.
const JUST_NOW: Span = Span::seconds(5);

enum Unit {
    Second,
    Minute,
    Hour,
    Day,
}

/// A length in the largest unit that it fills.
fn coarse(span: Span) -> (u64, Unit) {
    const MINUTE: u64 = 60;
    const HOUR: u64 = 60 * MINUTE;
    const DAY: u64 = 24 * HOUR;
    let seconds = span.0 / 1_000;
    match seconds {
        0..MINUTE => (seconds, Unit::Second),
        MINUTE..HOUR => (seconds / MINUTE, Unit::Minute),
        HOUR..DAY => (seconds / HOUR, Unit::Hour),
        _ => (seconds / DAY, Unit::Day),
    }
}

/// So many of something: `1 turn`, `26 turns`, `1,204 turns`. `one` takes a plain `s`.
#[must_use]
pub fn count(number: u64, one: &str) -> String {
    let plural = if number == 1 { "" } else { "s" };
    format!("{} {one}{plural}", grouped(number))
}

/// A share in whole percent, at most 999: `78 %`.
#[must_use]
pub fn percent(share: f64) -> String {
    format!("{:.0} %", tame(share * 100.0, 999.0))
}

/// A measured value between 0 and `most`; what is no number is 0.
#[must_use]
pub const fn tame(value: f64, most: f64) -> f64 {
    if value.is_nan() { 0.0 } else { value.clamp(0.0, most) }
}

/// Digits in groups of three: `1,204`.
fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut out = String::with_capacity(digits.len() + digits.len() / 3);
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
}
