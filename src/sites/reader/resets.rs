//! When a limit ends, from what a message says: a moment, a time of day, a date, or a while.
//!
//! Months and days are read in English, times of day in any language that writes them in digits.
//! What is not certain is no moment: a wrong one would let a chat wait, or hurry, for nothing.

use crate::base::{Moment, Span, text};

/// Milliseconds of a minute and of a day.
const MINUTE: i64 = 60_000;
const DAY: i64 = 24 * 60 * MINUTE;

const MONTHS: &[&str] =
    &["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"];
/// From the day of 1970-01-01 on.
const WEEKDAYS: &[&str] = &["thu", "fri", "sat", "sun", "mon", "tue", "wed"];
/// What makes a time of day one of the morning, or of the afternoon.
const MORNING: &[&str] = &["am", "a.m", "오전", "午前", "上午"];
const AFTERNOON: &[&str] = &["pm", "p.m", "오후", "午後", "下午"];
/// Zones by name, in minutes ahead of UTC. One that has another offset in summer under the same
/// name is not here.
const ZONES: &[(&str, i64)] = &[
    ("utc", 0),
    ("gmt", 0),
    ("z", 0),
    ("est", -300),
    ("edt", -240),
    ("cst", -360),
    ("cdt", -300),
    ("mst", -420),
    ("mdt", -360),
    ("pst", -480),
    ("pdt", -420),
    ("cet", 60),
    ("cest", 120),
    ("jst", 540),
    ("kst", 540),
];
/// Before the time at which a limit ends, in lower case.
const CUES: &[&str] = &["reset", "until", "again", "available", "renew", "refill", "back "];
/// What a zone may be that no table here knows: then there is no moment.
const UNKNOWN_ZONES: &[&str] = &["pt", "et", "ct", "mt", "bst", "ist"];

/// A time of day as it was found.
#[derive(Clone, Copy, Default)]
struct Found {
    /// Minutes since midnight.
    clock: Option<i64>,
    /// Whether a word or the number itself tells the half of the day.
    certain: bool,
    /// Month from 1, and day from 1.
    date: Option<(i64, i64)>,
    weekday: Option<i64>,
    tomorrow: bool,
    /// Minutes ahead of UTC, where a zone is named.
    zone_min: Option<i64>,
    /// A zone that is not known.
    lost: bool,
}

/// When the limit that `line` speaks of ends, seen at `at` on a clock so many minutes ahead of UTC;
/// where that is not known, only what names a zone or a while is certain.
pub(super) fn moment(line: &str, at: Moment, zone_min: Option<i32>) -> Option<Moment> {
    let lower = text::lower(line);
    let cue = CUES.iter().filter_map(|cue| Some(lower.find(cue)? + cue.len())).min();
    let words = words(lower.get(cue.unwrap_or(0)..)?);
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    if let (Some(_), Some(wait)) = (cue, wait(&words)) {
        return Some(at.after(wait));
    }
    let found = find(&words);
    if found.lost || !(found.certain || cue.is_some()) {
        return None;
    }
    let zone_min = found.zone_min.or(zone_min.map(i64::from))?;
    resolve(found, i64::try_from(at.0).ok()?, zone_min)
}

/// A moment as machines write it: `2026-05-09T19:55:00Z`, also with an offset.
pub(super) fn stamp(text: &str) -> Option<Moment> {
    let (date, time) = text.trim().split_once(['T', ' '])?;
    let mut parts = date.splitn(3, '-').map(|part| part.parse::<i64>().ok());
    let (year, month, day) = (parts.next()??, parts.next()??, parts.next()??);
    let cut = time.find(['Z', '+', '-']).unwrap_or(time.len());
    let (clock, zone) = time.split_at_checked(cut)?;
    let mut parts = clock.splitn(3, ':');
    let (hour, minute) = (parts.next()?.parse::<i64>().ok()?, parts.next()?.parse::<i64>().ok()?);
    let whole = parts.next().and_then(|s| s.split('.').next()?.parse::<i64>().ok()).unwrap_or(0);
    let good = (1970..=9999).contains(&year)
        && (1..=12).contains(&month)
        && (1..=31).contains(&day)
        && (0..24).contains(&hour)
        && (0..60).contains(&minute)
        && (0..=60).contains(&whole);
    if !good {
        return None;
    }
    let zone = if zone.is_empty() || zone == "Z" { 0 } else { offset(zone)? };
    let ms = days(year, month, day) * DAY + (hour * 60 + minute - zone) * MINUTE + whole * 1_000;
    u64::try_from(ms).ok().map(Moment)
}

/// Words, numbers and units apart, without what stands around them.
fn words(text: &str) -> Vec<String> {
    let mut out: Vec<String> = Vec::new();
    let mut kind = 0;
    for c in text.chars().take(400) {
        let now = match c {
            '0'..='9' => 1,
            ':' | '.' if kind == 1 => 1,
            '.' if kind == 2 => 2,
            c if c.is_alphabetic() => 2,
            '+' | '-' | '−' => 3,
            _ => 0,
        };
        if now != 0 {
            match out.last_mut().filter(|_| now == kind && now != 3) {
                Some(word) => word.push(c),
                None => out.push(c.to_string()),
            }
        }
        kind = now;
    }
    for word in &mut out {
        word.truncate(word.trim_end_matches('.').len());
    }
    out
}

/// `in 3 hours 20 minutes`, `in 6m0s`: a while from now.
fn wait(words: &[&str]) -> Option<Span> {
    let begin = words.iter().position(|word| matches!(*word, "in" | "after"))? + 1;
    let mut ms = 0_u64;
    let mut rest = words.get(begin..)?;
    while let [number, unit, more @ ..] = rest {
        // A fraction is rounded up.
        let (whole, fraction) = number.split_once('.').unwrap_or((number, ""));
        let Ok(whole) = whole.parse::<u64>() else { break };
        let number = whole.saturating_add(u64::from(!fraction.trim_matches('0').is_empty()));
        let each = match *unit {
            "s" | "sec" | "secs" | "second" | "seconds" => 1_000,
            "m" | "min" | "mins" | "minute" | "minutes" => 60_000,
            "h" | "hr" | "hrs" | "hour" | "hours" => 3_600_000,
            "d" | "day" | "days" => 86_400_000,
            _ => break,
        };
        ms = ms.saturating_add(number.saturating_mul(each));
        rest = more.strip_prefix(&["and"]).unwrap_or(more);
    }
    // More than a year is no limit of a chat.
    (ms > 0 && ms < 366 * 86_400_000).then_some(Span(ms))
}

fn find(words: &[&str]) -> Found {
    let mut found = Found::default();
    for (at, word) in words.iter().enumerate() {
        let before = at.checked_sub(1).and_then(|at| words.get(at)).copied().unwrap_or_default();
        let after = words.get(at + 1).copied().unwrap_or_default();
        let third = |list: &[&str]| {
            let start = word.get(..3)?;
            list.iter().position(|name| *name == start).and_then(|at| i64::try_from(at).ok())
        };
        if let Some((minutes, certain)) = clock(word, before, after) {
            if found.clock.is_none() {
                (found.clock, found.certain) = (Some(minutes), certain);
            }
        } else if let Some(zone) = zone(word, words.get(at + 1..).unwrap_or_default()) {
            found.zone_min = found.zone_min.or(Some(zone));
        } else if UNKNOWN_ZONES.contains(word) && found.clock.is_some() {
            found.lost = true;
        } else if let Some(month) = third(MONTHS).filter(|_| found.date.is_none()) {
            let day = |word: &str| word.parse::<i64>().ok().filter(|day| (1..=31).contains(day));
            found.date = day(after).or_else(|| day(before)).map(|day| (month + 1, day));
        } else if let Some(weekday) =
            third(WEEKDAYS).filter(|_| word.ends_with("day") || word.len() == 3)
        {
            found.weekday = Some(weekday);
        } else if *word == "tomorrow" {
            found.tomorrow = true;
        }
    }
    found
}

/// A time of day, in minutes, and whether its half of the day is certain.
fn clock(word: &str, before: &str, after: &str) -> Option<(i64, bool)> {
    let marker = |list: &[&str]| list.contains(&after) || list.contains(&before);
    let (morning, afternoon) = (marker(MORNING), marker(AFTERNOON));
    let (hour, minute) = match word.split_once(':') {
        Some((hour, rest)) => {
            let minute = rest.split(':').next().filter(|minute| minute.len() == 2)?;
            (hour, minute.parse::<i64>().ok()?)
        }
        None if morning || afternoon => (word, 0),
        None => return None,
    };
    let hour: i64 = hour.parse().ok()?;
    let hour = match hour {
        12 if morning => 0,
        1..12 if afternoon => hour + 12,
        _ => hour,
    };
    let good = (0..24).contains(&hour) && (0..60).contains(&minute);
    let certain = morning || afternoon || hour > 12 || word.starts_with('0');
    good.then(|| (hour * 60 + minute, certain))
}

/// A zone's minutes ahead of UTC: its name, and an offset behind `UTC` or `GMT`.
fn zone(word: &str, behind: &[&str]) -> Option<i64> {
    let named = ZONES.iter().find(|(name, _)| *name == word).map(|(_, minutes)| *minutes)?;
    match behind {
        [sign @ ("+" | "-" | "−"), number, ..] if matches!(word, "utc" | "gmt") => {
            offset(&format!("{}{number}", if *sign == "+" { '+' } else { '-' }))
        }
        _ => Some(named),
    }
}

/// `+02:00`, `+0200`, `+2`: minutes.
fn offset(text: &str) -> Option<i64> {
    let (sign, rest) = match text.split_at_checked(1)? {
        ("+", rest) => (1, rest),
        ("-", rest) => (-1, rest),
        _ => return None,
    };
    let (hours, minutes) = match rest.split_once(':') {
        Some(both) => both,
        None => rest.split_at_checked(if rest.len() == 4 { 2 } else { rest.len() })?,
    };
    let minutes: i64 = if minutes.is_empty() { 0 } else { minutes.parse().ok()? };
    let hours: i64 = hours.parse().ok()?;
    let good = (0..=14).contains(&hours) && (0..60).contains(&minutes);
    good.then(|| sign * (hours * 60 + minutes))
}

/// The first moment from `at` on that fits.
fn resolve(found: Found, at: i64, zone_min: i64) -> Option<Moment> {
    let ahead = zone_min * MINUTE;
    let local = at.checked_add(ahead)?;
    let today = local.div_euclid(DAY);
    let clock = found.clock.unwrap_or(0) * MINUTE;
    let day = if let Some((month, day)) = found.date {
        let (year, ..) = civil(today);
        // A date of some days ago is one that was just passed; before that, one of next year.
        let this = days(year, month, day);
        if this + 180 < today { days(year + 1, month, day) } else { this }
    } else if let Some(weekday) = found.weekday {
        let ahead = (weekday - today).rem_euclid(7);
        let passed = ahead == 0 && clock < local.rem_euclid(DAY);
        today + if passed { 7 } else { ahead }
    } else if found.tomorrow {
        today + 1
    } else {
        found.clock?;
        today + i64::from(clock < local.rem_euclid(DAY))
    };
    u64::try_from(day * DAY + clock - ahead).ok().map(Moment)
}

/// Days since 1970-01-01 of a date, and back (H. Hinnant, "chrono-compatible low-level date
/// algorithms").
fn days(year: i64, month: i64, day: i64) -> i64 {
    let year = if month <= 2 { year - 1 } else { year };
    let era = year.div_euclid(400);
    let of_era = year.rem_euclid(400);
    let of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    era * 146_097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719_468
}

fn civil(days: i64) -> (i64, i64, i64) {
    let days = days + 719_468;
    let era = days.div_euclid(146_097);
    let of_era = days.rem_euclid(146_097);
    let year = (of_era - of_era / 1_460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year + year / 4 - year / 100);
    let month = (5 * of_year + 2) / 153;
    let day = of_year - (153 * month + 2) / 5 + 1;
    let month = if month < 10 { month + 3 } else { month - 9 };
    (year + era * 400 + i64::from(month <= 2), month, day)
}

/// How much of a limit is left, in percent.
pub(super) fn left_percent(line: &str) -> Option<u8> {
    let lower = text::lower(line);
    let (before, after) = lower.split_once('%')?;
    let start = before.trim_end().rfind(|c: char| !c.is_ascii_digit()).map_or(0, |at| {
        at + before.get(at..).and_then(|s| s.chars().next()).map_or(1, char::len_utf8)
    });
    let number: u8 = before.trim_end().get(start..)?.parse().ok().filter(|n| *n <= 100)?;
    let says = |word: &str| after.contains(word) || before.contains(word);
    if says("left") || says("remain") { Some(number) } else { says("used").then(|| 100 - number) }
}
