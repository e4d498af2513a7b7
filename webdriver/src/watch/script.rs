//! The script of `watch`: one step a line.

use std::fmt;
use std::path::PathBuf;

/// One step. `webdriver/help/watch.txt` says what each does.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Step {
    /// Type into the composer, or into what has the focus.
    Type(String),
    /// Press a key.
    Press(Chord),
    /// Press the site's send control.
    Send,
    /// Wait until the page shows a text.
    WaitText(String),
    /// Wait until no answer is being made and all that is shown is stored.
    WaitIdle,
    /// Wait until a chat has so many stored and finished turns.
    WaitTurns(usize),
    /// Wait until a stored turn has a text.
    WaitStored(String),
    /// Wait until a crash is on record.
    WaitCrash,
    /// Click a button of the card.
    Card(String),
    /// Open a page in a new tab.
    Open(String),
    /// Bring another tab before the page.
    Hide,
    /// Bring the page before the other.
    Show,
    /// Kill the page's process.
    Crash,
    /// Load the page again.
    Reload,
    /// Close the page's tab.
    Close,
    /// Take a picture of the page.
    Picture(PathBuf),
}

/// A key with the keys held down meanwhile.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Chord {
    /// Held down: `Shift`, `Control`, `Alt`.
    pub held: Vec<char>,
    /// The key as WebDriver writes it.
    pub key: char,
}

/// A step and where it stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Line {
    /// Number of the line, from 1.
    pub number: usize,
    /// The line.
    pub text: String,
    /// What it says.
    pub step: Step,
}

/// A line that is no step.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BadLine {
    /// Number of the line, from 1.
    pub number: usize,
    /// What is wrong, and what would be right.
    pub why: String,
}

impl fmt::Display for BadLine {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "line {}: {}", self.number, self.why)
    }
}

/// Keys by name, as WebDriver numbers them.
const KEYS: &[(&str, char)] = &[
    ("Backspace", '\u{e003}'),
    ("Tab", '\u{e004}'),
    ("Enter", '\u{e007}'),
    ("Escape", '\u{e00c}'),
    ("Space", ' '),
    ("PageUp", '\u{e00e}'),
    ("PageDown", '\u{e00f}'),
    ("End", '\u{e010}'),
    ("Home", '\u{e011}'),
    ("Left", '\u{e012}'),
    ("Up", '\u{e013}'),
    ("Right", '\u{e014}'),
    ("Down", '\u{e015}'),
    ("Delete", '\u{e017}'),
];

/// Keys that are held down.
const HELD: &[(&str, char)] =
    &[("Shift", '\u{e008}'), ("Control", '\u{e009}'), ("Ctrl", '\u{e009}'), ("Alt", '\u{e00a}')];

/// Reads a script. Empty lines and lines that begin with `#` are left out.
///
/// # Errors
/// The first line that is no step.
pub fn parse(text: &str) -> Result<Vec<Line>, BadLine> {
    let mut lines = Vec::new();
    for (at, line) in text.lines().enumerate() {
        let (number, line) = (at + 1, line.trim());
        if line.is_empty() || line.starts_with('#') {
            continue;
        }
        let step = step(line).map_err(|why| BadLine { number, why })?;
        lines.push(Line { number, text: line.to_owned(), step });
    }
    Ok(lines)
}

fn step(line: &str) -> Result<Step, String> {
    let (name, rest) = line.split_once(char::is_whitespace).unwrap_or((line, ""));
    let rest = rest.trim();
    let wants = |what: &str| match rest {
        "" => Err(format!("`{name}` wants {what} after it")),
        rest => Ok(rest.to_owned()),
    };
    let alone = |step: Step| match rest {
        "" => Ok(step),
        rest => Err(format!("`{name}` stands alone: `{rest}` is too much")),
    };
    match name {
        "type" => Ok(Step::Type(wants("the text")?)),
        "press" => Ok(Step::Press(chord(&wants("a key")?)?)),
        "send" => alone(Step::Send),
        "wait-text" => Ok(Step::WaitText(wants("the text")?)),
        "wait-idle" => alone(Step::WaitIdle),
        "wait-turns" => match wants("a number")?.parse() {
            Ok(count) if count > 0 => Ok(Step::WaitTurns(count)),
            _ => Err(format!("`wait-turns` wants a number from 1, not `{rest}`")),
        },
        "wait-stored" => Ok(Step::WaitStored(wants("the text")?)),
        "wait-crash" => alone(Step::WaitCrash),
        "card" => Ok(Step::Card(wants("the label of a button")?)),
        "open" => Ok(Step::Open(wants("a URL")?)),
        "hide" => alone(Step::Hide),
        "show" => alone(Step::Show),
        "crash" => alone(Step::Crash),
        "reload" => alone(Step::Reload),
        "close" => alone(Step::Close),
        "picture" => Ok(Step::Picture(wants("a file")?.into())),
        _ => Err(format!("there is no step `{name}`: see `cargo xtask watch --help`")),
    }
}

/// `Enter`, `a`, `Shift+Enter`, `Control+Shift+Home`.
fn chord(text: &str) -> Result<Chord, String> {
    let mut held = Vec::new();
    let mut rest = text;
    let named = |list: &[(&str, char)], name: &str| {
        list.iter().find(|(known, _)| known.eq_ignore_ascii_case(name)).map(|(_, key)| *key)
    };
    // Not the last letter: it may be a plus itself.
    while let Some((first, after)) = rest.split_once('+').filter(|(_, after)| !after.is_empty()) {
        held.push(named(HELD, first).ok_or_else(|| format!("`{first}` is not held down"))?);
        rest = after;
    }
    let mut letters = rest.chars();
    let key = match (letters.next(), letters.next()) {
        (Some(letter), None) => Some(letter),
        _ => named(KEYS, rest),
    };
    let key = key.ok_or_else(|| {
        let names: Vec<&str> = KEYS.iter().map(|(name, _)| *name).collect();
        format!("there is no key `{rest}`: it is one letter, or one of {}", names.join(", "))
    })?;
    Ok(Chord { held, key })
}
