//! The turns left that were told, against those that were: only here, after the play, is it read
//! how a session ended.

use crate::Choice;
use crate::sessions::lines;
use serde::Deserialize;
use std::collections::BTreeMap;
use std::io;
use std::path::Path;

/// What a session became.
#[derive(Deserialize)]
struct Ended {
    #[serde(flatten)]
    session: crate::Session,
    label: Option<String>,
}

/// What was written of it.
#[derive(Deserialize)]
struct Said {
    session_id: String,
    scores: Vec<(usize, f64, String, u64, Option<f64>)>,
}

/// How far off the turns left were in the last half of the sessions that overflowed, as a line.
///
/// # Errors
/// One of the files cannot be read.
pub fn judge(sessions: &Path, replayed: &Path, choice: &Choice) -> io::Result<String> {
    let mut said = BTreeMap::new();
    for line in lines::<Said>(replayed)? {
        let line = line?;
        said.insert(line.session_id, line.scores);
    }
    let (mut all, mut each) = (Vec::new(), Vec::new());
    for line in lines::<Ended>(sessions)? {
        let Ended { session, label } = line?;
        let overflowed = label.as_deref() == Some("context_overflow");
        let Some(scores) = said.get(&session.session_id).filter(|_| overflowed) else { continue };
        if !choice.takes(&session) {
            continue;
        }
        let mut errors = errors(scores);
        all.extend_from_slice(&errors);
        each.extend(median(&mut errors));
    }
    let share = |errors: &mut Vec<f64>| {
        median(errors).map_or("no data".to_owned(), |share| format!("{:.1} %", share * 100.0))
    };
    let (sessions, messages) = (each.len(), all.len());
    Ok(format!(
        "turns left, last half of {sessions} sessions that overflowed: median relative error {} \
         over {messages} messages, {} over the sessions' own medians",
        share(&mut all),
        share(&mut each),
    ))
}

/// Relative errors after each message of the last half but the last. Where nothing was told, all
/// of it is missed.
#[expect(clippy::cast_precision_loss, reason = "counts of messages are small")]
fn errors(scores: &[(usize, f64, String, u64, Option<f64>)]) -> Vec<f64> {
    let count = scores.len();
    let half = scores.iter().skip(count / 2).take_while(|score| score.0 + 1 < count);
    half.map(|(at, .., left)| {
        let real = (count - 1 - at) as f64;
        left.map_or(1.0, |left| (left - real).abs() / real)
    })
    .collect()
}

fn median(values: &mut [f64]) -> Option<f64> {
    values.sort_by(f64::total_cmp);
    values.get(values.len() / 2).copied()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_told_is_held_against_what_came() {
        let told = |at, left| (at, 0.0, String::new(), 0, left);
        let scores = [
            told(0, Some(99.0)),
            told(1, None),
            told(2, Some(6.0)),
            told(3, Some(1.0)),
            told(4, None),
            told(5, Some(0.0)),
        ];
        // Two left after the fourth, one after the fifth; the last has none.
        assert_eq!(errors(&scores), [0.5, 1.0]);
        assert!(errors(&[]).is_empty());
        assert_eq!(median(&mut [3.0, 1.0, 2.0]), Some(2.0));
        assert_eq!(median(&mut []), None);
    }
}
