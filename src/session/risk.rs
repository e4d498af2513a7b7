//! Risk: how likely this chat ends soon, read from its signals.
//!
//! The rule is the reference's: context at danger alone is danger; two danger signals are danger;
//! one danger or one warning is warning. A site's own word that the chat is full, or a limit is
//! reached, is danger by itself.
//!
//! Absent from here: words (`view` has them), and what is done about it.

use crate::base::order::sort_by;
use crate::wire::chat::BannerClass;
use crate::wire::signals::{Factor, FactorKind, Risk, RiskLevel, Signals};
use crate::wire::tuning::Tuning;

/// Where each level's scores begin; each ends where the next begins, danger at 1.
const BANDS: [f64; 3] = [0.0, 0.4, 0.75];
/// Share of the worst signal in a score; the rest is the mean of all.
const WORST: f64 = 0.6;

/// One signal against its two thresholds.
struct Gauge {
    kind: FactorKind,
    value: f64,
    warning: f64,
    danger: f64,
}

impl Gauge {
    fn new(kind: FactorKind, value: f64, (warning, danger): (f64, f64)) -> Self {
        Self { kind, value, warning, danger }
    }

    fn level(&self) -> RiskLevel {
        if reached(self.value, self.danger) {
            RiskLevel::Danger
        } else if reached(self.value, self.warning) {
            RiskLevel::Warning
        } else {
            RiskLevel::Safe
        }
    }

    /// How far on the way to danger, 0-1.
    fn share(&self) -> f64 {
        let share = self.value / self.danger;
        if self.danger > 0.0 && share.is_finite() { share.clamp(0.0, 1.0) } else { 0.0 }
    }

    fn factor(&self) -> Option<Factor> {
        let level = self.level();
        let threshold = match level {
            RiskLevel::Safe => return None,
            RiskLevel::Warning => self.warning,
            RiskLevel::Danger => self.danger,
        };
        Some(Factor { signal: self.kind, value: self.value, threshold, level })
    }
}

/// A threshold of zero, below, or no number switches its signal off.
fn reached(value: f64, threshold: f64) -> bool {
    threshold > 0.0 && value >= threshold
}

/// The risk of a session: its level, a score, and the factors that passed a threshold, most
/// serious first.
///
/// The score is 0 for a fresh chat and 1 at most. It never falls while a signal grows, and agrees
/// with the level: below 0.4 safe, below 0.75 warning. Latency and failure rate say nothing below
/// their minimum of samples. `banner` is the most serious one now shown.
#[must_use]
pub fn assess(signals: &Signals, tuning: &Tuning, banner: Option<BannerClass>) -> Risk {
    let gauges = gauges(signals, tuning);
    let announced =
        matches!(banner, Some(BannerClass::Full | BannerClass::Fatal | BannerClass::Limit));
    let mut factors: Vec<Factor> = gauges.iter().filter_map(Gauge::factor).collect();
    if announced {
        let signal = FactorKind::SiteBanner;
        factors.push(Factor { signal, value: 1.0, threshold: 1.0, level: RiskLevel::Danger });
    }
    sort_by(&mut factors, |a, b| {
        seriousness(b)
            .0
            .cmp(&seriousness(a).0)
            .then_with(|| seriousness(b).1.total_cmp(&seriousness(a).1))
    });
    let level = level(&factors);
    Risk { level, score: score(level, announced, &gauges), factors }
}

fn gauges(signals: &Signals, tuning: &Tuning) -> Vec<Gauge> {
    use FactorKind::{CallsSinceCheckpoint, Context, Duration, FailureRate, Latency, Messages};
    let (messages, calls) = (tuning.messages, tuning.calls);
    let minutes = |ms: u64| ms as f64 / 60_000.0;
    let mut gauges = vec![
        Gauge::new(Context, signals.context_window_usage, tuning.context),
        Gauge::new(
            Messages,
            f64::from(signals.message_count),
            (messages.0.into(), messages.1.into()),
        ),
        Gauge::new(
            Duration,
            minutes(signals.session_duration_ms),
            (minutes(tuning.duration.0.0), minutes(tuning.duration.1.0)),
        ),
        Gauge::new(
            CallsSinceCheckpoint,
            f64::from(signals.tool_calls_since_checkpoint),
            (calls.0.into(), calls.1.into()),
        ),
    ];
    if signals.tool_failure_samples >= tuning.failure_samples {
        gauges.push(Gauge::new(FailureRate, signals.tool_failure_rate, tuning.failure_rate));
    }
    if signals.response_latency_samples as usize >= tuning.latency_samples {
        gauges.push(Gauge::new(Latency, signals.response_latency_avg_ms, tuning.latency_ms));
    }
    gauges
}

/// The banner and the context come first among equals: each is danger by itself.
fn decides_alone(factor: &Factor) -> bool {
    matches!(factor.signal, FactorKind::SiteBanner | FactorKind::Context)
}

fn seriousness(factor: &Factor) -> ((RiskLevel, bool, bool), f64) {
    let announced = factor.signal == FactorKind::SiteBanner;
    ((factor.level, announced, decides_alone(factor)), factor.value / factor.threshold)
}

fn level(factors: &[Factor]) -> RiskLevel {
    let dangers: Vec<&Factor> =
        factors.iter().filter(|factor| factor.level == RiskLevel::Danger).collect();
    if dangers.len() > 1 || dangers.iter().any(|factor| decides_alone(factor)) {
        RiskLevel::Danger
    } else if factors.is_empty() {
        RiskLevel::Safe
    } else {
        RiskLevel::Warning
    }
}

/// The level's band, and in it the worst and the mean of all signals.
fn score(level: RiskLevel, announced: bool, gauges: &[Gauge]) -> f64 {
    let shares = || gauges.iter().map(Gauge::share);
    let worst = shares().fold(if announced { 1.0 } else { 0.0 }, f64::max);
    // Over all kinds, so that a signal that reaches its samples never lowers the mean.
    let mean = shares().sum::<f64>() / KINDS;
    let within = WORST * worst + (1.0 - WORST) * mean.min(1.0);
    let (from, to) = match level {
        RiskLevel::Safe => (BANDS[0], BANDS[1]),
        RiskLevel::Warning => (BANDS[1], BANDS[2]),
        RiskLevel::Danger => (BANDS[2], 1.0),
    };
    from + (to - from) * within
}

/// Signals that are gauged: every kind of factor but the banner.
const KINDS: f64 = 6.0;
