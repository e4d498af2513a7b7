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

/// The sum of the prices of a text's runs.
pub(super) fn price(text: &str) -> u64 {
    let mut sum = 0;
    let mut rest = text;
    while let Some(first) = rest.chars().next() {
        let (end, price) = run(rest, first);
        sum += price;
        rest = rest.get(end..).unwrap_or_default();
    }
    sum
}

/// The run that a text begins with: its end, and its price.
fn run(text: &str, first: char) -> (usize, u64) {
    let wide = |from| if from { WIDE_MARK } else { WIDE };
    let end = |is: fn(u8) -> bool| text.bytes().position(|b| !is(b)).unwrap_or(text.len());
    let piece = |end: usize| text.as_bytes().get(..end).unwrap_or_default();
    match first {
        'a'..='z' | 'A'..='Z' | '0'..='9' => {
            let end = end(|b| b.is_ascii_alphanumeric());
            (end, word(piece(end)))
        }
        '\t'..='\r' | ' ' => {
            let end = end(|b| matches!(b, b'\t'..=b'\r' | b' '));
            (end, space(piece(end)))
        }
        '\0'..='\u{7f}' => {
            let end = end(|b| {
                b.is_ascii() && !b.is_ascii_alphanumeric() && !matches!(b, b'\t'..=b'\r' | b' ')
            });
            let further = piece(end).windows(2).map(|two| match two {
                [a, b] if a == b => SAME_MARK,
                _ => OTHER_MARK,
            });
            (end, MARK + further.sum::<u64>())
        }
        _ => {
            let mark = matches!(first, '\u{3000}'..='\u{303f}' | '\u{ff00}'..);
            let price = if first < '\u{2e80}' { OTHER } else { wide(mark) };
            (first.len_utf8(), price)
        }
    }
}

fn space(run: &[u8]) -> u64 {
    let Some(line) = run.iter().rposition(|b| matches!(b, b'\n' | b'\r')) else {
        return if run.len() > 1 { GAP } else { 0 };
    };
    LINE + if run.len() - line > 2 { INDENT } else { 0 }
}

/// A run of letters and digits, part by part.
fn word(run: &[u8]) -> u64 {
    let digits = run.iter().filter(|b| b.is_ascii_digit()).count();
    if run.len() >= RANDOM_CHARS && digits >= RANDOM_DIGITS && digits < run.len() {
        return RANDOM * run.len() as u64;
    }
    let mut sum = 0;
    let mut rest = run;
    while let Some(first) = rest.first() {
        let count = |is: fn(&u8) -> bool| rest.iter().take_while(|b| is(b)).count();
        let base = if rest.len() == run.len() { WORD } else { PART };
        let end = if first.is_ascii_digit() {
            let digits = count(u8::is_ascii_digit);
            sum += DIGITS * digits.div_ceil(3) as u64;
            digits
        } else {
            let capitals = count(u8::is_ascii_uppercase);
            let after = rest.iter().skip(capitals);
            let small = after.take_while(|b| b.is_ascii_lowercase()).count();
            // The last of some capitals begins the word that follows them.
            let (end, capitals) = match (capitals, small) {
                (0 | 1, _) => (capitals + small, 0),
                (_, 0) => (capitals, capitals - 1),
                _ => (capitals - 1, capitals - 2),
            };
            let letters = if capitals > 0 { 0 } else { end.saturating_sub(LETTERS) };
            sum += base + CAPITAL * capitals as u64 + LETTER * letters as u64;
            end
        };
        rest = rest.get(end..).unwrap_or_default();
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
