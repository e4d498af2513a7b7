//! Tokens of a text, estimated without a vocabulary: one pass over its runs, each kind of run with
//! its own price.
//!
//! Tokenizers cut text into runs first (words with the space before them, digits, marks, white
//! space) and then into pieces that were frequent in what they were made of. How many pieces a run
//! of a kind and a length becomes is nearly the same in all of them, and that is what stands here:
//! prices in thousandths of a token, fitted on English, Chinese, code, JSON and logs against two
//! of them. `cargo xtask replay --tokens` measures them.

/// A word, and each further part of it: `Case` in `camelCase`.
const WORD: u64 = 980;
const PART: u64 = 860;
/// Letters of a part that are in its price; each letter beyond.
const LETTERS: usize = 6;
const LETTER: u64 = 150;
/// Each capital after another.
const CAPITAL: u64 = 75;
/// Digits, by threes.
const DIGITS: u64 = 1_350;
/// The first of some marks; each further one that differs from the one before, or repeats it.
const MARK: u64 = 650;
const OTHER_MARK: u64 = 150;
const SAME_MARK: u64 = 290;
/// Line ends that follow each other, with the space between them; an indentation behind them; a
/// gap of two or more spaces in a line. A single space belongs to its word.
const LINE: u64 = 1_230;
const INDENT: u64 = 510;
const GAP: u64 = 1_360;
/// A letter of a wide script, and a mark of it; a letter of any other script.
const WIDE: u64 = 800;
const WIDE_MARK: u64 = 1_630;
const OTHER: u64 = 700;
/// A character of what is no word: a hash, a key, packed data. So long, and with so many digits.
const RANDOM: u64 = 590;
const RANDOM_CHARS: usize = 16;
const RANDOM_DIGITS: usize = 3;

/// Tokens of a text by estimate, rounded up.
#[must_use]
pub fn tokens(text: &str) -> u64 {
    u64::div_ceil(price(text), WHOLE)
}

/// What makes one token.
pub(super) const WHOLE: u64 = 1_000;

/// What a byte is of: a run is of bytes of one kind. Compared with, and never called by a pointer:
/// this is done for every byte of a chat.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Word,
    Space,
    Mark,
    Wide,
}

fn kind(byte: u8) -> Kind {
    match byte {
        b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' => Kind::Word,
        b'\t'..=b'\r' | b' ' => Kind::Space,
        0x80.. => Kind::Wide,
        _ => Kind::Mark,
    }
}

/// The sum of the prices of a text's runs.
pub(super) fn price(text: &str) -> u64 {
    let bytes = text.as_bytes();
    let (mut sum, mut from) = (0, 0);
    while let Some(first) = bytes.get(from) {
        let of = kind(*first);
        let mut end = from + 1;
        while bytes.get(end).is_some_and(|byte| kind(*byte) == of) {
            end += 1;
        }
        let run = bytes.get(from..end).unwrap_or_default();
        sum += match of {
            Kind::Word => word(run),
            Kind::Space => space(run),
            Kind::Mark => marks(run),
            Kind::Wide => text.get(from..end).unwrap_or_default().chars().map(letter).sum(),
        };
        from = end;
    }
    sum
}

/// A letter or a mark of another script than Latin.
fn letter(char: char) -> u64 {
    match char {
        '\0'..'\u{2e80}' => OTHER,
        '\u{3000}'..='\u{303f}' | '\u{ff00}'.. => WIDE_MARK,
        _ => WIDE,
    }
}

fn marks(run: &[u8]) -> u64 {
    let mut sum = MARK;
    for pair in run.windows(2) {
        sum += if pair.first() == pair.last() { SAME_MARK } else { OTHER_MARK };
    }
    sum
}

fn space(run: &[u8]) -> u64 {
    let Some(line) = run.iter().rposition(|b| matches!(b, b'\n' | b'\r')) else {
        return if run.len() > 1 { GAP } else { 0 };
    };
    LINE + if run.len() - line > 2 { INDENT } else { 0 }
}

/// A run of letters and digits, part by part.
fn word(run: &[u8]) -> u64 {
    if run.len() >= RANDOM_CHARS {
        let digits = run.iter().filter(|b| b.is_ascii_digit()).count();
        if digits >= RANDOM_DIGITS && digits < run.len() {
            return RANDOM * run.len() as u64;
        }
    }
    let (mut sum, mut from) = (0, 0);
    while let Some(first) = run.get(from) {
        let base = if from == 0 { WORD } else { PART };
        let mut end = from;
        if first.is_ascii_digit() {
            while run.get(end).is_some_and(u8::is_ascii_digit) {
                end += 1;
            }
            sum += DIGITS * (end - from).div_ceil(3) as u64;
        } else {
            while run.get(end).is_some_and(u8::is_ascii_uppercase) {
                end += 1;
            }
            let mut capitals = end - from;
            while run.get(end).is_some_and(u8::is_ascii_lowercase) {
                end += 1;
            }
            let small = end - from - capitals;
            if capitals > 1 && small > 0 {
                // The last of some capitals begins the word that follows them.
                capitals -= 1;
                end = from + capitals;
            }
            let further = capitals.saturating_sub(1) as u64;
            let letters = if further > 0 { 0 } else { (end - from).saturating_sub(LETTERS) };
            sum += base + CAPITAL * further + LETTER * letters as u64;
        }
        from = end;
    }
    sum
}

/// What a place in a text says of characters that are not shown: `[1234 characters truncated]`.
const CUTS: [&str; 3] = [" cut", " truncated", " omitted"];
/// Characters that one text may claim to have more than it shows.
const HIDDEN_CHARS: u64 = 400_000;
/// Units of what is cut, and how many characters one is.
const UNITS: [(&str, u64); 4] = [(" chars", 1), (" characters", 1), (" bytes", 1), (" tokens", 4)];

/// Tokens of what a tool was given or returned, with those that its notices of a cut tell of.
#[must_use]
pub fn tokens_with_cuts(text: &str) -> u64 {
    let shown = tokens(text);
    let hidden = CUTS.iter().map(|cut| hidden(text, cut)).sum::<u64>().min(HIDDEN_CHARS);
    // What is hidden is taken to be like what is shown.
    shown.saturating_add(shown.saturating_mul(hidden) / (text.len() as u64).max(1))
}

fn hidden(text: &str, cut: &str) -> u64 {
    let notice = |before: &str| {
        let (rest, unit) = UNITS
            .iter()
            .find_map(|(unit, chars)| before.strip_suffix(unit).map(|rest| (rest, *chars)))?;
        let digits = rest.bytes().rev().take_while(u8::is_ascii_digit).count();
        let count = rest.get(rest.len() - digits..)?.parse::<u32>().ok()?;
        Some(u64::from(count) * unit)
    };
    text.match_indices(cut).filter_map(|(at, _)| notice(text.get(..at)?)).sum()
}
