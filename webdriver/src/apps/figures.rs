//! What came of an application's scenes, and the table of it.

use super::judge::Verdict;

/// What came of one scene.
#[derive(Clone, Debug)]
pub struct Outcome {
    /// Its name.
    pub scene: &'static str,
    /// How the store compares.
    pub verdict: Verdict,
    /// From the moment when the page showed it until the store held it, in milliseconds; none: it
    /// never did.
    pub stored_ms: Option<u128>,
}

/// The table that a person reads: one row a scene, and the sum.
#[must_use]
pub fn table(title: &str, outcomes: &[Outcome]) -> String {
    let mut text = format!(
        "{title}\n| scene | characters | code | turns | lost | extra | misplaced | tools named | \
         states | stored after |\n| --- | --- | --- | --- | --- | --- | --- | --- | --- | --- |\n"
    );
    let mut sum = Verdict::default();
    for outcome in outcomes {
        let after = outcome.stored_ms.map_or("never".to_owned(), |ms| format!("{ms} ms"));
        text.push_str(&row(outcome.scene, &outcome.verdict, &after));
        sum.add(outcome.verdict.clone());
    }
    let slowest = outcomes.iter().filter_map(|outcome| outcome.stored_ms).max().unwrap_or(0);
    text.push_str(&row("all", &sum, &format!("at most {slowest} ms")));
    text
}

fn row(scene: &str, verdict: &Verdict, after: &str) -> String {
    let Verdict { like, turns, lost, extra, misplaced, calls, states, .. } = verdict;
    format!(
        "| {scene} | {:.2} % of {} | {}/{} | {turns} | {lost} | {extra} | {misplaced} | {}/{} | \
         {}/{} | {after} |\n",
        like.percent(),
        like.chars,
        like.code_right,
        like.code,
        calls.1,
        calls.0,
        states.1,
        states.0,
    )
}
