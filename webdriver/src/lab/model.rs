//! The scripted model: decides what to answer, and writes the answer at a human pace.
//!
//! An answer is written into the lab's memory whether or not a page listens, as on the real
//! sites: a page that crashed finds the finished answer when it is opened again.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use tokio::sync::watch;

use super::answer;
use super::demo;
use super::script::{self, Ask, Command, Fault, Outcome, Step};
use super::store::{Ending, Event, Memory, Place, Signal, lock};

/// A token is a word or a part of a word of this many characters.
const TOKEN_MAX_CHARS: usize = 6;
/// How long a tool runs, and how long the model is silent before its first sign, in tokens.
const TOOL_TOKENS: u32 = 25;
const FIRST_SIGN_TOKENS: u32 = 8;

/// What the model is going to do about a message. `earlier` are the messages before it.
#[must_use]
pub fn plan(message: &str, earlier: &[String]) -> Vec<Step> {
    if let Some(steps) = demo::steps(message) {
        return steps;
    }
    if !script::is_commanded(message) {
        return vec![Step::Say(answer::plain(message))];
    }
    let answered = |command| match command {
        Command::Do(step) => step,
        Command::Ask(Ask::Count) => Step::Say(answer::count(earlier)),
        Command::Ask(Ask::Recall(word)) => Step::Say(answer::recall(&word, earlier)),
        Command::Ask(Ask::Last) => Step::Say(answer::last(earlier)),
    };
    script::parse(message).into_iter().map(answered).collect()
}

/// A plan without what made the turn fail: a second try succeeds.
pub(super) fn without_faults(steps: Vec<Step>) -> Vec<Step> {
    let mut steps: Vec<Step> = steps
        .into_iter()
        .filter(|step| !matches!(step, Step::Fault(_) | Step::Tool { outcome: Outcome::Hangs, .. }))
        .collect();
    if steps.is_empty() {
        steps.push(Step::Say("This time it worked.".to_owned()));
    }
    steps
}

/// A plan for a site that does not show what tools return: the model quotes it instead.
pub(super) fn with_quoted_results(steps: Vec<Step>) -> Vec<Step> {
    let quoted = |step: &Step| match step {
        Step::Tool { name, outcome: Outcome::Returns(text), .. } => {
            Some(format!("Output of `{name}`:\n\n{}", answer::fenced(text)))
        }
        Step::Tool { name, outcome: Outcome::Fails(text), .. } => {
            Some(format!("`{name}` failed:\n\n{}", answer::fenced(text)))
        }
        _ => None,
    };
    steps
        .into_iter()
        .flat_map(|step| {
            let quotation = quoted(&step).map(Step::Say);
            std::iter::once(step).chain(quotation)
        })
        .collect()
}

/// An answer being written.
pub(super) struct Writer {
    pub(super) memory: Arc<Mutex<Memory>>,
    pub(super) place: Place,
    pub(super) signal: Arc<Signal>,
    pub(super) token: Duration,
    pub(super) closing: watch::Receiver<bool>,
}

impl Writer {
    /// Writes until the plan is done, the stop button is pressed or the lab closes.
    pub(super) async fn run(mut self, steps: Vec<Step>) {
        let mut stop = self.signal.stop.subscribe();
        let mut closing = self.closing.clone();
        let (state, note) = tokio::select! {
            end = self.play(steps) => end,
            _ = stop.wait_for(|pressed| *pressed) => (Ending::Stopped, String::new()),
            // Nobody is left to read it.
            _ = closing.wait_for(|closed| *closed) => return,
        };
        self.push(Event::End { state, note });
    }

    fn push(&self, event: Event) {
        lock(&self.memory).push(&self.place, event);
    }

    async fn play(&mut self, steps: Vec<Step>) -> (Ending, String) {
        tokio::time::sleep(self.token * FIRST_SIGN_TOKENS).await;
        for step in steps {
            match step {
                Step::Say(text) => self.say(&text).await,
                Step::Think(ms) => {
                    self.push(Event::Think);
                    tokio::time::sleep(Duration::from_millis(ms)).await;
                    self.push(Event::Thought { ms });
                }
                Step::Tool { name, args, outcome } => {
                    self.push(Event::Tool { name, args });
                    let (ok, text) = match outcome {
                        Outcome::Returns(text) => (true, text),
                        Outcome::Fails(text) => (false, text),
                        Outcome::Hangs => std::future::pending().await,
                    };
                    tokio::time::sleep(self.token * TOOL_TOKENS).await;
                    self.push(Event::ToolDone { ok, text });
                }
                Step::Vanish => self.push(Event::Vanish),
                Step::Fault(Fault::Banner) => return (Ending::Error, String::new()),
                Step::Fault(Fault::Limit(reset)) => return (Ending::Limit, reset),
                Step::Fault(Fault::MaxLength) => return (Ending::MaxLength, String::new()),
                Step::Fault(Fault::Drop) => return (Ending::Dropped, String::new()),
                Step::Fault(Fault::Hang) => std::future::pending().await,
            }
        }
        (Ending::Done, String::new())
    }

    async fn say(&self, text: &str) {
        let follows_text = lock(&self.memory)
            .turn(&self.place)
            .is_some_and(|turn| matches!(turn.events.last(), Some(Event::Text { .. })));
        if follows_text {
            self.push(Event::Text { s: "\n\n".to_owned() });
        }
        for token in tokens(text) {
            self.push(Event::Text { s: token });
            if !self.token.is_zero() {
                tokio::time::sleep(self.token).await;
            }
        }
    }
}

/// Cuts a text the way models write it: white space goes with the word after it.
fn tokens(text: &str) -> Vec<String> {
    let mut tokens: Vec<String> = Vec::new();
    let mut token = String::new();
    let mut letters = 0;
    for letter in text.chars() {
        if letters == TOKEN_MAX_CHARS || (letter.is_whitespace() && letters > 0) {
            tokens.push(std::mem::take(&mut token));
            letters = 0;
        }
        token.push(letter);
        letters += usize::from(!letter.is_whitespace());
    }
    if !token.is_empty() {
        tokens.push(token);
    }
    tokens
}

#[cfg(test)]
mod tests {
    use super::tokens;

    #[test]
    fn tokens_lose_nothing_and_stay_small() {
        let text = "  A considerably longer line,\n\nthen `code`\tand 漢字漢字漢字漢字. ";
        let cut = tokens(text);
        assert_eq!(cut.concat(), text);
        assert!(cut.iter().all(|token| token.trim().chars().count() <= 6), "{cut:?}");
        assert!(cut.len() > 10);
    }
}
