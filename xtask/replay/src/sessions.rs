//! Recorded sessions: one a line, JSON, as a file or packed by gzip.

use serde::Deserialize;
use serde::de::DeserializeOwned;
use std::fs::File;
use std::io::{self, BufRead, BufReader};
use std::path::Path;

/// One session. What else a line holds (labels, counts of real tokens, summaries) is not read.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub struct Session {
    /// Its name; only written, never shown to the engine.
    pub session_id: String,
    /// The project it is of: only to choose by.
    pub source: Option<String>,
    /// The piece of work it is of: only to choose by.
    pub group: Option<serde_json::Value>,
    /// What was said, in order.
    pub messages: Vec<Message>,
}

/// One message, as far as a page shows it.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub struct Message {
    /// `user`, or the model.
    pub role: String,
    /// What was said, Markdown.
    pub text: Option<String>,
    /// When, seconds since 1970.
    pub ts: Option<f64>,
    /// The model's name.
    pub model: Option<String>,
    /// Its tool calls.
    pub tool_calls: Option<Vec<ToolCall>>,
}

/// One tool call.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub struct ToolCall {
    /// The tool.
    pub name: Option<String>,
    /// Its arguments, mostly JSON.
    pub args: Option<String>,
    /// What it returned.
    pub result: Option<String>,
    /// Whether that is an error.
    pub is_error: Option<bool>,
}

/// Which sessions are played.
#[derive(Clone, Debug, Default)]
pub struct Choice {
    /// Half of the groups: 0 or 1; all where none is named.
    pub half: Option<u8>,
    /// Names of projects; with a `!` in front, what is left out.
    pub sources: Vec<String>,
}

impl Choice {
    /// Whether this session is played.
    #[must_use]
    pub fn takes(&self, session: &Session) -> bool {
        let half = self.half.is_none_or(|half| half_of(session) == half);
        let source = session.source.as_deref().unwrap_or_default();
        let names = |out: bool| {
            let all = self.sources.iter().map(String::as_str);
            all.filter(move |name| name.starts_with('!') == out)
                .map(|name| name.trim_start_matches('!'))
        };
        let named = names(false).next().is_none() || names(false).any(|name| name == source);
        half && named && !names(true).any(|name| name == source)
    }
}

/// The half that a session's piece of work belongs to: by the first byte of the MD5 of its name,
/// as Python would print it.
fn half_of(session: &Session) -> u8 {
    let group = match &session.group {
        None | Some(serde_json::Value::Null) => "None".to_owned(),
        Some(serde_json::Value::String(name)) => name.clone(),
        Some(other) => other.to_string(),
    };
    let [first, ..] = md5::compute(group).0;
    first % 2
}

/// The sessions of a file, one by one.
///
/// # Errors
/// The file cannot be opened. A line that cannot be read is an error in its place.
pub fn read(path: &Path) -> io::Result<impl Iterator<Item = io::Result<Session>>> {
    lines(path)
}

/// The lines of a file, each JSON.
pub(crate) fn lines<T: DeserializeOwned>(
    path: &Path,
) -> io::Result<impl Iterator<Item = io::Result<T>>> {
    let file = File::open(path)?;
    let packed = path.extension().is_some_and(|ending| ending == "gz");
    let lines: Box<dyn BufRead> = if packed {
        Box::new(BufReader::new(flate2::read::MultiGzDecoder::new(file)))
    } else {
        Box::new(BufReader::new(file))
    };
    let full = |line: &io::Result<String>| !line.as_ref().is_ok_and(|line| line.trim().is_empty());
    Ok(lines
        .lines()
        .filter(full)
        .map(|line| serde_json::from_str(&line?).map_err(io::Error::other)))
}
