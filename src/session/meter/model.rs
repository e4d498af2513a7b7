//! What is known of models by name, and the trend of a series.

use crate::wire::signals::Trend;

/// Context windows as the chat sites serve them, tokens; a programming interface often has a
/// larger one. The first row counts whose words all stand in the name. Sources: the sites' own
/// help pages, spring to autumn 2026. A model whose window hangs on the plan (`ChatGPT` Instant:
/// 16,000 to 128,000) is left to the default.
const WINDOWS: [(&[&str], u64); 9] = [
    (&["1m"], 1_000_000),
    (&["500k"], 500_000),
    (&["claude"], 200_000),
    (&["opus"], 200_000),
    (&["sonnet"], 200_000),
    (&["haiku"], 200_000),
    (&["gpt", "thinking"], 256_000),
    (&["chatgpt", "thinking"], 256_000),
    (&["gpt", "4o"], 128_000),
];

/// The window of a model by the name the page shows, tokens; none where the table knows it not.
/// Names are compared by words: "GPT-5.1 Mini" is no "1M".
pub(super) fn window(model: &str) -> Option<u64> {
    let lower = model.to_ascii_lowercase();
    let words: Vec<&str> =
        lower.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty()).collect();
    let known = |row: &&(&[&str], u64)| row.0.iter().all(|word| words.contains(word));
    WINDOWS.iter().find(known).map(|row| row.1)
}

/// Samples that a trend looks at, and the fewest that it is read from.
const LATEST: usize = 10;
const FEWEST: usize = 5;
/// A slope counts where it moves the series by this share of its mean, over all samples: 100 to
/// 104 ms in a straight line is no trend.
const RELATIVE: f64 = 0.2;
/// Student's t, two-sided 95 %, for 3 to 8 degrees of freedom: what noise alone rarely reaches.
const SIGNIFICANT: [f64; 6] = [3.182, 2.776, 2.571, 2.447, 2.365, 2.306];

/// Least squares over the last ten samples.
pub(super) fn trend(samples: &[u64]) -> Trend {
    let from = samples.len().saturating_sub(LATEST);
    let latest: Vec<f64> = samples.iter().skip(from).map(|&sample| sample as f64).collect();
    let Some(limit) = latest.len().checked_sub(FEWEST).and_then(|at| SIGNIFICANT.get(at)) else {
        return Trend::Stable;
    };
    let count = latest.len() as f64;
    let (mid, mean) = ((count - 1.0) / 2.0, latest.iter().sum::<f64>() / count);
    let points = || latest.iter().enumerate().map(|(x, y)| (x as f64 - mid, y - mean));
    let spread: f64 = points().map(|(x, _)| x * x).sum();
    let slope = points().map(|(x, y)| x * y).sum::<f64>() / spread;
    let rest: f64 = points().map(|(x, y)| (y - slope * x).powi(2)).sum();
    let error = (rest / (count - 2.0) / spread).sqrt();
    if slope.abs() * (count - 1.0) < RELATIVE * mean || slope.abs() <= limit * error {
        Trend::Stable
    } else if slope > 0.0 {
        Trend::Rising
    } else {
        Trend::Falling
    }
}
