//! What is known of models by name: window, what a page never shows of a context, and how dear
//! what it shows is; and the trend of a series.

use crate::wire::signals::Trend;

/// What is known of a kind of model, or of all others.
#[derive(Clone, Copy, Debug)]
pub(super) struct Nature {
    /// Phrases that all stand in its name, words parted by single spaces.
    words: &'static [&'static str],
    /// Context window as the chat sites serve it, tokens; 0: not known.
    pub window: u64,
    /// Hidden tokens of a plain chat: the site's own prompt.
    pub plain: u64,
    /// Hidden tokens where it works with tools: their definitions, and the agent's instructions.
    pub agent: u64,
    /// Tokens of its context for a hundred that are visible: its tokenizer, and what it thinks.
    pub percent: u64,
    /// Hidden tokens of a call and of what it returns: frames, reminders, thinking before it.
    pub call: u64,
}

/// A model of a family whose agents were measured: hidden overhead, factor and tokens of a call
/// are fitted on one half of recorded sessions (`BENCHMARKS.md`). The plain overhead is assumed:
/// the sites do not tell it, and no recording shows it.
const fn claude(words: &'static [&'static str], window: u64, agent: u64) -> Nature {
    Nature { words, window, plain: 3_000, agent, percent: 124, call: 400 }
}

const fn other(words: &'static [&'static str], window: u64) -> Nature {
    Nature { words, window, plain: 3_000, agent: 8_200, percent: 100, call: 85 }
}

/// The first row counts whose words all stand in the name. Windows are those of the chat sites; a
/// programming interface often has a larger one. Sources: the sites' own help pages, spring to
/// autumn 2026; of the newest family, recorded contexts far beyond 200,000. A model whose window
/// hangs on the plan (`ChatGPT` Instant: 16,000 to 128,000) is left to the default.
const NATURES: [Nature; 12] = [
    claude(&["1m"], 1_000_000, 31_000),
    claude(&["500k"], 500_000, 31_000),
    claude(&["fable"], 1_000_000, 53_000),
    claude(&["opus 5"], 1_000_000, 55_000),
    claude(&["sonnet 5"], 1_000_000, 68_000),
    claude(&["claude"], 200_000, 31_000),
    claude(&["opus"], 200_000, 31_000),
    claude(&["sonnet"], 200_000, 31_000),
    claude(&["haiku"], 200_000, 31_000),
    other(&["gpt", "thinking"], 256_000),
    other(&["chatgpt", "thinking"], 256_000),
    other(&["gpt", "4o"], 128_000),
];

/// Every model that no row knows.
const UNKNOWN: Nature = other(&[], 0);

/// What an application that people host themselves sends unseen: no prompt of a site, and the
/// definitions of the few tools that a person gave it. Assumed: no recording shows it.
const HOSTED: (u64, u64) = (0, 2_000);

/// What is known of a model by the name the page shows, on a site or hosted by people themselves.
pub(super) fn nature(model: &str, hosted: bool) -> Nature {
    let nature = by_name(model);
    let (plain, agent) = if hosted { HOSTED } else { (nature.plain, nature.agent) };
    Nature { plain, agent, ..nature }
}

/// Names are compared by words: "GPT-5.1
/// Mini" is no "1M", and "Opus 4.5" no "Opus 5".
fn by_name(model: &str) -> Nature {
    let mut name = " ".to_owned();
    for word in model.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty()) {
        name.push_str(&word.to_ascii_lowercase());
        name.push(' ');
    }
    let stands = |phrase: &&str| {
        name.match_indices(*phrase).any(|(at, _)| {
            let after = name.as_bytes().get(at + phrase.len());
            name.as_bytes().get(at.wrapping_sub(1)) == Some(&b' ') && after == Some(&b' ')
        })
    };
    NATURES.into_iter().find(|row| row.words.iter().all(stands)).unwrap_or(UNKNOWN)
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
