//! What the scripted model is told to do, in plain words.
//!
//! A message that begins with `please` and a verb of this table commands the model; every other
//! message gets a short answer made from it. The words are plain ones, since composers change
//! quotation marks and read Markdown. A command is one line; only `repeat` takes lines below it.
//!
//! | message | what the model does |
//! | --- | --- |
//! | `please write 200 words` | writes 200 numbered words, in paragraphs |
//! | `please show markdown` | writes a sample of everything Markdown has |
//! | `please think first` | thinks, then answers |
//! | `please repeat TEXT` | writes TEXT and no more |
//! | `please use get_weather` | calls a tool, and answers from what it returned |
//! | `please use get_weather for Oslo` | the same with this text as its argument |
//! | `please use get_weather 3 times` | calls it three times at once |
//! | `please use get_weather and search_docs` | calls both at once |
//! | `please refuse, limit` | HTTP 429 with the time at which the limit resets |
//! | `please refuse, context` | HTTP 400: the conversation is longer than the model's context |
//! | `please refuse, server` | HTTP 500 |
//! | `please refuse, key` | HTTP 401 |
//! | `please fail after 8 words` | eight words, then, at go on, an error inside the stream |
//! | `please drop after 8 words` | eight words, then, at go on, the connection breaks |
//! | `please hang after 8 words` | eight words, then nothing; after 0 not even an answer's head |
//! | `please pause after 8 words` | eight words, then nothing until the test says go on |
//! | `please count messages` | says how many messages and characters it received |
//! | `please recall WORD` | says in how many earlier messages WORD stands |
//!
//! `, 20 a second` at the end of any of them is the pace, in tokens.

use serde_json::{Value, json};

use super::text;

/// Tokens a second where a message names no pace: fast enough for a test of many turns.
const PACE: f64 = 200.0;
/// Longest answer that may be asked for, in words.
const WORDS_MAX: usize = 20_000;
/// Calls that one message may ask for.
const CALLS_MAX: usize = 20;
/// Words that follow those after which something happens.
const REST_WORDS: usize = 40;

/// How an answer comes to its end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ending {
    /// As it should.
    Done,
    /// It is refused before its first word.
    Refused(Refusal),
    /// An error stands in the stream after this many tokens, when the test says go on.
    Fails(usize),
    /// The connection breaks after this many tokens, when the test says go on.
    Drops(usize),
    /// Nothing more comes after this many tokens.
    Hangs(usize),
    /// Nothing more comes after this many tokens until the test says go on.
    Pauses(usize),
}

/// Why a request is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// A limit of use is reached.
    Limit,
    /// The conversation is too long for the model.
    Context,
    /// The server failed.
    Server,
    /// The key is unknown.
    Key,
}

/// A call of a tool.
#[derive(Clone, Debug, PartialEq)]
pub struct Call {
    /// The tool.
    pub name: String,
    /// Its arguments, an object.
    pub args: Value,
}

/// What the model is going to do.
#[derive(Clone, Debug, PartialEq)]
pub struct Plan {
    /// What it thinks first; empty: nothing.
    pub thinking: String,
    /// What it writes.
    pub text: String,
    /// Tools that it calls when it has written.
    pub calls: Vec<Call>,
    /// How it ends.
    pub ending: Ending,
    /// Tokens a second.
    pub pace: f64,
}

/// What the model received of a chat.
#[derive(Clone, Debug, Default)]
pub struct Heard {
    /// All messages, as role and text, oldest first.
    pub messages: Vec<(String, String)>,
    /// What tools returned since the last message of a person.
    pub results: Vec<String>,
}

impl Heard {
    /// The last message of a person.
    #[must_use]
    pub fn asked(&self) -> &str {
        let mut users = self.messages.iter().rev().filter(|(role, _)| role == "user");
        users.next().map_or("", |(_, text)| text.as_str())
    }
}

/// What the model is going to do about a chat.
#[must_use]
pub fn plan(heard: &Heard) -> Plan {
    let asked = heard.asked();
    if let Some(side) = text::side_task(asked) {
        return Plan { pace: f64::INFINITY, ..said(side) };
    }
    let (line, pace) = paced(asked.trim());
    let command = line.strip_prefix("please ").or_else(|| line.strip_prefix("Please "));
    let plan = command.and_then(|command| commanded(command, heard));
    Plan { pace, ..plan.unwrap_or_else(|| said(text::plain(line))) }
}

fn said(text: String) -> Plan {
    Plan { thinking: String::new(), text, calls: Vec::new(), ending: Ending::Done, pace: PACE }
}

/// A message without its pace, and that.
fn paced(message: &str) -> (&str, f64) {
    let found = message.strip_suffix(" a second").and_then(|rest| {
        let (rest, number) = rest.rsplit_once(", ")?;
        Some((rest, number.parse().ok().filter(|pace| *pace > 0.0)?))
    });
    found.unwrap_or((message, PACE))
}

fn commanded(command: &str, heard: &Heard) -> Option<Plan> {
    let (verb, rest) = command.split_once(char::is_whitespace)?;
    let (verb, rest) = (verb.trim_end_matches(','), rest.trim());
    let cut = |ending: fn(usize) -> Ending| {
        let after = number(rest.strip_prefix("after ")?)?;
        Some(Plan { ending: ending(after), ..said(text::words(after + REST_WORDS)) })
    };
    match verb {
        "write" => Some(said(text::words(number(rest)?))),
        "show" => Some(said(text::MARKDOWN.to_owned())),
        "think" => Some(Plan {
            thinking: text::THOUGHTS.to_owned(),
            ..said("After some thought: the second way is better.".to_owned())
        }),
        "repeat" => Some(said(rest.to_owned())),
        "use" => Some(using(rest, &heard.results)),
        "refuse" => Some(Plan { ending: Ending::Refused(refusal(rest)?), ..said(String::new()) }),
        "fail" => cut(Ending::Fails),
        "drop" => cut(Ending::Drops),
        "hang" => cut(Ending::Hangs),
        "pause" => cut(Ending::Pauses),
        "count" => Some(said(count(heard))),
        "recall" => Some(said(recall(rest, heard))),
        _ => None,
    }
}

/// The number that a text begins with.
fn number(text: &str) -> Option<usize> {
    let found = text.split_whitespace().next()?.parse().ok()?;
    Some(usize::min(found, WORDS_MAX))
}

fn refusal(name: &str) -> Option<Refusal> {
    match name {
        "limit" => Some(Refusal::Limit),
        "context" => Some(Refusal::Context),
        "server" => Some(Refusal::Server),
        "key" => Some(Refusal::Key),
        _ => None,
    }
}

/// Calls first; once their results are here, an answer from those.
fn using(rest: &str, results: &[String]) -> Plan {
    if !results.is_empty() {
        let lines: Vec<String> = results.iter().map(|result| format!("- `{result}`")).collect();
        let text = format!("The tools returned:\n\n{}\n\nThat is all I know.", lines.join("\n"));
        return said(text);
    }
    let (names, about) = rest.split_once(" for ").unwrap_or((rest, "Paris"));
    let (names, times) = match names.strip_suffix(" times").and_then(|n| n.rsplit_once(' ')) {
        Some((names, times)) => (names, times.parse().unwrap_or(1)),
        None => (names, 1),
    };
    let calls = names.split(" and ").flat_map(|name| {
        let call = |at: usize| {
            // Several calls of one tool differ, so that one which is lost or doubled shows.
            let about = if times > 1 { format!("{about} {}", at + 1) } else { about.to_owned() };
            Call { name: name.to_owned(), args: json!({ text::argument(name): about }) }
        };
        (0..times.min(CALLS_MAX)).map(call)
    });
    Plan { calls: calls.collect(), ..said("Let me look that up.".to_owned()) }
}

fn count(heard: &Heard) -> String {
    let chars: usize = heard.messages.iter().map(|(_, text)| text.chars().count()).sum();
    let users = heard.messages.iter().filter(|(role, _)| role == "user").count();
    format!(
        "Messages received: {}, of those {users} of a person.\n\nCharacters received: {chars}.",
        heard.messages.len()
    )
}

fn recall(word: &str, heard: &Heard) -> String {
    let earlier = heard.messages.len().saturating_sub(1);
    let with = heard.messages.iter().take(earlier).filter(|(_, text)| text.contains(word));
    format!("Earlier messages with {word}: {}.", with.count())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(message: &str) -> Plan {
        let messages = vec![("user".to_owned(), message.to_owned())];
        plan(&Heard { messages, results: Vec::new() })
    }

    #[test]
    fn words_and_pace_are_taken_from_the_message() {
        let plan = told("please write 3 words, 20 a second");
        assert_eq!((plan.text.split_whitespace().count(), plan.pace), (3, 20.0));
        assert_eq!(told("please drop after 8 words").ending, Ending::Drops(8));
        assert_eq!(told("Please refuse, limit").ending, Ending::Refused(Refusal::Limit));
        assert_eq!(told("please repeat a, b").text, "a, b");
    }

    #[test]
    fn calls_are_made_until_their_results_come() {
        let calls = |message: &str| told(message).calls;
        assert_eq!(calls("please use get_weather for Oslo").len(), 1);
        let one = calls("please use get_weather for Oslo").pop().map(|call| call.args);
        assert_eq!(one, Some(json!({"city": "Oslo"})));
        let three = calls("please use get_weather 3 times");
        assert_eq!(three.len(), 3);
        assert_ne!(three.first(), three.last());
        let both = calls("please use get_weather and search_docs");
        let names: Vec<String> = both.into_iter().map(|call| call.name).collect();
        assert_eq!(names, ["get_weather", "search_docs"]);
        let messages = vec![("user".to_owned(), "please use get_weather".to_owned())];
        let after = plan(&Heard { messages, results: vec!["sunny".to_owned()] });
        assert!(after.calls.is_empty() && after.text.contains("sunny"));
    }

    #[test]
    fn what_only_quotes_a_command_is_plain_text() {
        for message in ["I said: please drop after 8 words", "please help me", "please"] {
            let plan = told(message);
            assert_eq!(plan.ending, Ending::Done);
            assert!(!plan.text.is_empty());
        }
    }
}
