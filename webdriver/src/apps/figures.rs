//! What came of an application's scenes, the table of it, and its figures.

use super::judge::Verdict;
use std::time::Duration;

/// How soon SHIM is to know how an answer stands.
pub const SOON: Duration = Duration::from_secs(2);

/// What came of one scene.
#[derive(Clone, Debug)]
pub struct Outcome {
    /// Its name.
    pub scene: &'static str,
    /// How the store compares.
    pub verdict: Verdict,
    /// From the moment when it happened until the store held all of it; none: it never did.
    pub stored: Option<Duration>,
    /// What happened in it that a page tells, and how long after the moment it was known; none: it
    /// never was.
    pub events: Vec<Option<Duration>>,
}

/// All scenes together.
#[derive(Clone, Debug, Default)]
pub struct Figures {
    /// Texts, turns, calls and their states.
    pub verdict: Verdict,
    /// See [`Outcome::events`].
    pub events: Vec<Option<Duration>>,
}

impl Figures {
    /// The figures of these scenes.
    #[must_use]
    pub fn of(outcomes: &[Outcome]) -> Self {
        let mut figures = Self::default();
        for outcome in outcomes {
            figures.verdict.add(outcome.verdict.clone());
            figures.events.extend_from_slice(&outcome.events);
        }
        figures
    }

    /// How many of the events were known soon.
    #[must_use]
    pub fn soon(&self) -> usize {
        self.events.iter().flatten().filter(|after| **after <= SOON).count()
    }

    /// In one line.
    #[must_use]
    pub fn line(&self) -> String {
        let Verdict { like, turns, lost, extra, .. } = &self.verdict;
        let (all, right) = self.verdict.structure();
        format!(
            "text {:.3} % of {} characters, {} of {} code blocks byte for byte, {lost} of {turns} \
             turns lost, {extra} doubled or made up; roles, order, tool names and call states {} \
             of {all} ({:.1} %); states within {} s {} of {} ({:.1} %)",
            like.percent(),
            like.chars,
            like.code_right,
            like.code,
            right,
            percent(right, all),
            SOON.as_secs(),
            self.soon(),
            self.events.len(),
            percent(self.soon(), self.events.len()),
        )
    }
}

/// So many of all, in percent; all where there are none.
#[must_use]
pub fn percent(part: usize, all: usize) -> f64 {
    if all == 0 { 100.0 } else { part as f64 / all as f64 * 100.0 }
}

/// The table that a person reads: one row a scene, the sum, and the figures.
#[must_use]
pub fn table(title: &str, outcomes: &[Outcome]) -> String {
    let mut text = format!(
        "{title}\n| scene | characters | code | turns | lost | extra | misplaced | tools named | \
         call states | states | known after | stored after |\n|{}\n",
        " --- |".repeat(12)
    );
    for outcome in outcomes {
        let known: Vec<String> = outcome.events.iter().map(|after| told(*after)).collect();
        let known = if known.is_empty() { "-".to_owned() } else { known.join(", ") };
        text.push_str(&row(outcome.scene, &outcome.verdict, &known, &told(outcome.stored)));
    }
    let figures = Figures::of(outcomes);
    let known = figures.events.iter().max_by_key(|after| after.unwrap_or(Duration::MAX));
    let known = known.map_or("-".to_owned(), |after| format!("at most {}", told(*after)));
    let stored = outcomes.iter().filter_map(|outcome| outcome.stored).max();
    let stored = format!("at most {}", told(Some(stored.unwrap_or_default())));
    text.push_str(&row("all", &figures.verdict, &known, &stored));
    text.push_str(&format!("{title}: {}\n", figures.line()));
    text
}

fn told(after: Option<Duration>) -> String {
    after.map_or("never".to_owned(), |after| format!("{} ms", after.as_millis()))
}

fn row(scene: &str, verdict: &Verdict, known: &str, stored: &str) -> String {
    let Verdict { like, turns, lost, extra, misplaced, calls, call_states, states, .. } = verdict;
    format!(
        "| {scene} | {:.2} % of {} | {}/{} | {turns} | {lost} | {extra} | {misplaced} | {}/{} | \
         {}/{} | {}/{} | {known} | {stored} |\n",
        like.percent(),
        like.chars,
        like.code_right,
        like.code,
        calls.1,
        calls.0,
        call_states.1,
        call_states.0,
        states.1,
        states.0,
    )
}
