//! The site's own message in words: what it means first, then what it says.

use crate::base::text;
use crate::wire::chat::BannerClass;

/// Characters of the site's own words.
const SAID_CHARS: usize = 160;
/// What stands before the time at which a limit ends, in lower case.
const BEFORE_TIME: &[&str] =
    &["reset at ", "resets at ", "reset on ", "resets on ", "again after "];
/// Characters of such a time, with its date; more than this is no time.
const TIME_CHARS: usize = 40;

/// What a person should know of a banner; none: nothing. Of a chat that is not `open` only what
/// may have ended it is told.
#[must_use]
pub fn reason(class: BannerClass, said: &str, open: bool) -> Option<String> {
    let said = text::one_line(said);
    let passing = matches!(
        class,
        BannerClass::Progress | BannerClass::LimitAhead | BannerClass::State | BannerClass::Unknown
    );
    if passing && (!open || said.is_empty()) {
        return None;
    }
    let time = if class == BannerClass::Limit { reset_time(&said) } else { None };
    let mut words = match class {
        BannerClass::Full => "Context full",
        BannerClass::Fatal => "This chat cannot go on",
        BannerClass::Limit => "Usage limit",
        BannerClass::Retryable => "The site reported an error",
        BannerClass::LimitAhead => "A usage limit is near",
        BannerClass::Progress | BannerClass::State | BannerClass::Unknown => "The site says",
    }
    .to_owned();
    if let Some(time) = time {
        words.push_str(", resets ");
        words.push_str(&time);
    } else if !said.is_empty() {
        words.push_str(": “");
        words.push_str(&text::clip(&said, SAID_CHARS));
        words.push('”');
    }
    if !open {
        words.push_str(" (when it was last open)");
    }
    Some(words)
}

/// When a limit ends, as the site writes it: `at 9:30 AM`.
fn reset_time(said: &str) -> Option<String> {
    let lower = text::lower(said);
    let found = BEFORE_TIME.iter().find_map(|words| Some((lower.find(words)?, words)));
    let (at, words) = found?;
    let time = said.get(at + words.len()..)?.split(". ").next()?.trim_end_matches('.').trim();
    let is_time = time.chars().count() <= TIME_CHARS && time.contains(|c: char| c.is_ascii_digit());
    let joint = if words.ends_with("on ") { "on" } else { "at" };
    is_time.then(|| format!("{joint} {time}"))
}
