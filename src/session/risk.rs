//! Risk: how likely this chat ends soon, read from its signals.
//!
//! The rule is the reference's: context at danger alone is danger; two danger signals are danger;
//! one danger or one warning is warning. Further: a context whose end is near at this pace is
//! danger, and signals of length alone are one. A site's own word that the chat is full, or a
//! limit is reached, is danger by itself, whatever the estimates say.
//!
//! Absent from here: words (`view` has them), and what is done about it.

use crate::base::Moment;
use crate::base::order::sort_by;
use crate::wire::chat::BannerClass;
use crate::wire::fields::read_fields;
use crate::wire::signals::{BANDS, Factor, FactorKind, Risk, RiskLevel, Signals};
use crate::wire::tuning::Tuning;
use serde::Serialize;

/// Parts of a score within its level: the context, how near its end is, and all others together.
/// The context says most by far: on recorded sessions the others say little beside it.
const WEIGHTS: (f64, f64, f64) = (0.7, 0.2, 0.1);

/// Below this share of a context that is known, two other dangers are no more than a warning: they
/// say that work is at risk, and not that the chat ends.
const WIDE: f64 = 0.5;

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
        // A context is not at its end where it is danger: there is more to come.
        let most =
            if self.kind == FactorKind::Context { self.danger.max(1.0) } else { self.danger };
        let share = self.value / most;
        if self.danger > 0.0 && share.is_finite() { share.clamp(0.0, 1.0) } else { 0.0 }
    }

    fn factor(&self) -> Option<Factor> {
        let level = self.level();
        let threshold = match level {
            RiskLevel::Safe => return None,
            RiskLevel::Warning => self.warning,
            RiskLevel::Danger => self.danger,
        };
        Some(Factor { signal: self.kind, value: self.value, threshold, level, share: 0.0 })
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
    factors.extend(ends_soon(signals, tuning));
    if announced {
        let (signal, level) = (FactorKind::SiteBanner, RiskLevel::Danger);
        factors.push(Factor { signal, value: 1.0, threshold: 1.0, level, share: 0.0 });
    }
    sort_by(&mut factors, |a, b| {
        seriousness(b)
            .0
            .cmp(&seriousness(a).0)
            .then_with(|| seriousness(b).1.total_cmp(&seriousness(a).1))
    });
    let all: f64 = factors.iter().map(weight).sum();
    for factor in &mut factors {
        factor.share = weight(factor) / all;
    }
    // Not measured, it may be any.
    let wide = signals.context_tokens > 0 && signals.context_window_usage < WIDE;
    let level = level(&factors, wide);
    let score = score(level, announced, &gauges, signals);
    Risk { level, score, factors, window: signals.context_window }
}

/// How much of a risk a factor explains, beside the others: danger counts twice, and what decides
/// alone four times as much.
fn weight(factor: &Factor) -> f64 {
    let alone = if decides_alone(factor) { 4.0 } else { 1.0 };
    if factor.level == RiskLevel::Danger { 2.0 * alone } else { alone }
}

/// The end comes near at this pace. Below a share of the window a pace says nothing.
fn ends_soon(signals: &Signals, tuning: &Tuning) -> Option<Factor> {
    let (most, from) = tuning.turns_left;
    let left = signals.turns_left.filter(|left| *left <= most && left.is_finite())?;
    let (signal, level) = (FactorKind::TurnsLeft, RiskLevel::Danger);
    let counts = signals.context_window_usage >= from;
    counts.then_some(Factor { signal, value: left, threshold: most, level, share: 0.0 })
}

fn gauges(signals: &Signals, tuning: &Tuning) -> Vec<Gauge> {
    use FactorKind::{
        CallsSinceCheckpoint, Context, Duration, FailureRate, Latency, Messages, PageBusy,
        PageMemory, PageSize, RepeatedCalls,
    };
    let (messages, calls, repeats) = (tuning.messages, tuning.calls, tuning.repeats);
    let nodes = tuning.page_nodes;
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
        Gauge::new(
            RepeatedCalls,
            f64::from(signals.repeated_calls),
            (repeats.0.into(), repeats.1.into()),
        ),
        Gauge::new(PageSize, f64::from(signals.page_nodes), (nodes.0.into(), nodes.1.into())),
        Gauge::new(PageBusy, signals.page_busy_share, tuning.page_busy),
        Gauge::new(PageMemory, signals.page_heap_share, tuning.page_heap),
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
    use FactorKind::{Context, SiteBanner, TurnsLeft};
    matches!(factor.signal, SiteBanner | Context | TurnsLeft) || is_page(factor)
}

/// Whether it is the page that is about to fail, whatever is said in it.
fn is_page(factor: &Factor) -> bool {
    matches!(factor.signal, FactorKind::PageBusy | FactorKind::PageMemory)
}

fn is_weighed(factor: &Factor) -> bool {
    is_page(factor) || factor.signal == FactorKind::PageSize
}

/// Whether the page itself is about to fail: a fresh one would help.
#[must_use]
pub fn page_fails(risk: &Risk) -> bool {
    risk.factors.iter().any(|factor| factor.level == RiskLevel::Danger && is_page(factor))
}

fn seriousness(factor: &Factor) -> ((RiskLevel, bool, bool), f64) {
    let announced = factor.signal == FactorKind::SiteBanner;
    ((factor.level, announced, decides_alone(factor)), factor.value / factor.threshold)
}

/// Whether a signal tells of length or pace. Long chats are long in messages and in minutes, and
/// agents begin to answer late: two of these say one thing, and no second danger.
fn is_length(factor: &Factor) -> bool {
    use FactorKind::{Duration, Latency, Messages};
    matches!(factor.signal, Messages | Duration | Latency)
}

fn level(factors: &[Factor], wide: bool) -> RiskLevel {
    let dangers = || factors.iter().filter(|factor| factor.level == RiskLevel::Danger);
    let two = dangers().count() > 1 && !dangers().all(is_length) && !wide;
    if two || dangers().any(decides_alone) {
        RiskLevel::Danger
    } else if factors.is_empty() {
        RiskLevel::Safe
    } else {
        RiskLevel::Warning
    }
}

/// The level's band, and in it the context, how near its end is, and the mean of all others.
fn score(level: RiskLevel, announced: bool, gauges: &[Gauge], signals: &Signals) -> f64 {
    let context = gauges.iter().filter(|gauge| gauge.kind == FactorKind::Context);
    let others = gauges.iter().filter(|gauge| gauge.kind != FactorKind::Context);
    let context: f64 = context.map(Gauge::share).sum();
    // Over all kinds, so that a signal that reaches its samples never lowers the mean.
    let others = others.map(Gauge::share).sum::<f64>() / KINDS;
    let near = signals.turns_left.map_or(0.0, |left| NEAR / (NEAR + left.max(0.0)));
    let (of_context, of_near, of_others) = WEIGHTS;
    let within = of_context * context + of_near * near + of_others * others.min(1.0);
    let within = if announced { within.max(1.0) } else { within };
    let (from, to) = band(level);
    from + (to - from) * within.clamp(0.0, 1.0)
}

/// Messages left at which the end is half as near as it can be.
const NEAR: f64 = 20.0;
/// Signals that are gauged beside the context.
const KINDS: f64 = 6.0;

/// How the risk is told: it rises by more than one sample, and falls when it stayed lower for a
/// while, so that what swings around a threshold is told once. Its JSON is a line.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Told {
    /// As it was told last.
    level: RiskLevel,
    /// Messages when a higher one was first seen.
    raised: Option<u32>,
    /// Since when it is lower.
    lower: Option<Moment>,
    /// Whether any was told.
    begun: bool,
}

read_fields!(Told { level, raised, lower, begun });

impl Told {
    /// Takes in what was assessed at `at`, and says what is told of it after `last`.
    pub fn next(
        &mut self,
        at: Moment,
        last: &Risk,
        new: Risk,
        signals: &Signals,
        tuning: &Tuning,
    ) -> Risk {
        let announced = new.factors.iter().any(|factor| factor.signal == FactorKind::SiteBanner);
        // A page was weighed more than once.
        let weighed = new.factors.iter().any(|one| one.level == new.level && is_weighed(one));
        let messages = signals.message_count;
        // A chat that is opened late is many samples at once.
        let first = !std::mem::replace(&mut self.begun, messages > 0);
        let seen = *self.raised.get_or_insert(messages);
        let sure = announced || weighed || messages > seen || (first && messages > 2);
        if new.level <= self.level {
            self.raised = None;
        }
        if new.level < self.level {
            let since = *self.lower.get_or_insert(at);
            if at.since(since) < tuning.calm {
                return self.held(last, new);
            }
        }
        if new.level > self.level && !sure {
            return self.held(last, new);
        }
        (self.lower, self.raised) = (None, None);
        self.level = new.level;
        new
    }

    /// The level stays, with the reasons by which it was told; after a reload only those of now
    /// are known.
    fn held(&self, last: &Risk, new: Risk) -> Risk {
        let (from, to) = band(self.level);
        let score = new.score.clamp(from, to);
        let of = if last.level == self.level { last.clone() } else { new };
        Risk { level: self.level, score, ..of }
    }

    /// Takes what is dated ahead of `now` as having happened now.
    pub fn not_after(&mut self, now: Moment) {
        self.lower = self.lower.map(|lower| lower.min(now));
    }
}

/// Where the scores of a level begin and end.
fn band(level: RiskLevel) -> (f64, f64) {
    const BELOW: f64 = 0.001;
    match level {
        RiskLevel::Safe => (BANDS[0], BANDS[1] - BELOW),
        RiskLevel::Warning => (BANDS[1], BANDS[2] - BELOW),
        RiskLevel::Danger => (BANDS[2], 1.0),
    }
}
