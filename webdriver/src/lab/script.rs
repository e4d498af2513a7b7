//! The command language of the lab's scripted model.
//!
//! A message whose very first character is `!` commands the model. Commands run in order, one a
//! line; a line that does not begin with `!` goes on with the command above it, so that prose and
//! tool results may have many lines. A `!` anywhere else is plain text: a prompt that quotes old
//! commands never runs them.
//!
//! | command | what the model does |
//! | --- | --- |
//! | `!say TEXT` | writes TEXT (Markdown) |
//! | `!lorem N` | writes N words |
//! | `!md` | writes a sample of everything Markdown has |
//! | `!think MS` | thinks for MS milliseconds |
//! | `!tool NAME {json args} => RESULT` | a tool call that returns RESULT |
//! | `!toolfail NAME {json args} => ERROR` | a tool call that fails with ERROR |
//! | `!toolhang NAME {json args}` | a tool call that never returns, until stopped |
//! | `!error banner` | ends the turn with the site's own error |
//! | `!limit TIME` | ends the turn at the usage limit, which resets at TIME (9:30 AM) |
//! | `!maxlength` | ends the turn: the conversation is as long as it may be |
//! | `!drop` | the connection is lost in mid-stream; what was written stays |
//! | `!hang` | goes silent and never ends, until stopped |
//! | `!vanish` | takes back all that the answer has written so far |
//! | `!count` | tells number and characters of the messages received in this chat |
//! | `!recall WORD` | quotes the lines of this chat's earlier messages that contain WORD |
//! | `!last` | tells SHA-256 and length of the message before this one |
//!
//! A turn that is retried goes past `!error`, `!limit`, `!maxlength`, `!drop`, `!hang` and
//! `!toolhang`, so that a second try succeeds.

use serde_json::Value;

use super::answer;

/// Longest pause or text a command may ask for, so that a slip does not block a lab for hours.
const THINK_MAX_MS: u64 = 600_000;
const LOREM_MAX_WORDS: usize = 100_000;
/// What `!limit` says when no time is given: the wording seen in public reports.
const DEFAULT_RESET: &str = "9:30 AM";

/// One thing the model does.
#[derive(Clone, Debug, PartialEq)]
pub enum Step {
    /// Writes Markdown, token by token.
    Say(String),
    /// Thinks, in milliseconds.
    Think(u64),
    /// Calls a tool.
    Tool {
        /// The tool's name, one word.
        name: String,
        /// Its arguments.
        args: Value,
        /// How it ends.
        outcome: Outcome,
    },
    /// Takes back what the answer has written.
    Vanish,
    /// Ends the turn in a way nobody wanted.
    Fault(Fault),
}

/// How a tool call ends.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// It returns this text.
    Returns(String),
    /// It fails with this text.
    Fails(String),
    /// It never returns.
    Hangs,
}

/// How a turn can go wrong.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fault {
    /// The site's own error banner.
    Banner,
    /// The usage limit, with the time of day at which it resets; empty when the site tells none.
    Limit(String),
    /// The conversation is as long as it may be.
    MaxLength,
    /// The connection breaks.
    Drop,
    /// Nothing comes any more.
    Hang,
}

/// A question about what arrived.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Ask {
    /// Number and characters of the messages.
    Count,
    /// Lines that contain a word.
    Recall(String),
    /// Hash and length of the message before.
    Last,
}

/// One parsed command.
#[derive(Clone, Debug, PartialEq)]
pub enum Command {
    /// Something to do.
    Do(Step),
    /// Something to answer from the messages received.
    Ask(Ask),
}

/// Whether the message commands the model.
#[must_use]
pub fn is_commanded(message: &str) -> bool {
    message.starts_with('!')
}

/// Reads the commands of a message. What is not understood becomes a sentence that says so.
#[must_use]
pub fn parse(message: &str) -> Vec<Command> {
    let mut entries: Vec<String> = Vec::new();
    for line in message.lines() {
        match entries.last_mut() {
            Some(entry) if !line.starts_with('!') => {
                entry.push('\n');
                entry.push_str(line);
            }
            _ => entries.push(line.to_owned()),
        }
    }
    entries.iter().map(|entry| command(entry)).collect()
}

fn command(entry: &str) -> Command {
    let body = entry.strip_prefix('!').unwrap_or(entry);
    let (word, rest) = body.split_once(char::is_whitespace).unwrap_or((body, ""));
    let rest = rest.trim();
    let step = match word {
        "say" => Ok(Step::Say(rest.to_owned())),
        "lorem" => {
            number(rest).map(|words: usize| Step::Say(answer::lorem(words.min(LOREM_MAX_WORDS))))
        }
        "md" => Ok(Step::Say(answer::MARKDOWN_SAMPLE.to_owned())),
        "think" => number(rest).map(|ms: u64| Step::Think(ms.min(THINK_MAX_MS))),
        "tool" => tool(rest, Outcome::Returns),
        "toolfail" => tool(rest, Outcome::Fails),
        "toolhang" => tool(rest, |_| Outcome::Hangs),
        "error" => Ok(Step::Fault(Fault::Banner)),
        "limit" if rest.is_empty() => Ok(Step::Fault(Fault::Limit(DEFAULT_RESET.to_owned()))),
        "limit" => Ok(Step::Fault(Fault::Limit(rest.to_owned()))),
        "maxlength" => Ok(Step::Fault(Fault::MaxLength)),
        "drop" => Ok(Step::Fault(Fault::Drop)),
        "hang" => Ok(Step::Fault(Fault::Hang)),
        "vanish" => Ok(Step::Vanish),
        "count" => return Command::Ask(Ask::Count),
        "recall" => return Command::Ask(Ask::Recall(rest.to_owned())),
        "last" => return Command::Ask(Ask::Last),
        _ => Err(format!("I do not know the command `!{word}`.")),
    };
    Command::Do(step.unwrap_or_else(Step::Say))
}

fn number<N: std::str::FromStr>(text: &str) -> Result<N, String> {
    text.parse().map_err(|_| format!("`{text}` is not a number."))
}

/// `NAME {json} => TEXT`; both the arguments and the text may be left out.
fn tool(rest: &str, outcome: impl Fn(String) -> Outcome) -> Result<Step, String> {
    let (name, rest) = rest.split_once(char::is_whitespace).unwrap_or((rest, ""));
    if name.is_empty() {
        return Err("A tool call wants the name of the tool.".to_owned());
    }
    let rest = rest.trim_start();
    let (args, rest) = if rest.starts_with('{') {
        let mut values = serde_json::Deserializer::from_str(rest).into_iter::<Value>();
        match values.next() {
            Some(Ok(args)) => (args, rest.get(values.byte_offset()..).unwrap_or_default()),
            _ => return Err(format!("The arguments of `{name}` are not valid JSON.")),
        }
    } else {
        (Value::Object(serde_json::Map::new()), rest)
    };
    let text = rest.trim_start().strip_prefix("=>").unwrap_or(rest).trim();
    Ok(Step::Tool { name: name.to_owned(), args, outcome: outcome(text.to_owned()) })
}
