//! A risk in words.

use super::amount;
use crate::base::Span;
use crate::wire::signals::{Factor, FactorKind, Risk, RiskLevel};

/// A risk, ready to show.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RiskWords {
    /// The step, for the colour.
    pub level: RiskLevel,
    /// The step in words.
    pub label: &'static str,
    /// Why, most serious first; empty where there is nothing to say.
    pub reasons: Vec<String>,
}

/// A risk in words, with its reasons.
#[must_use]
pub fn words(risk: &Risk) -> RiskWords {
    RiskWords {
        level: risk.level,
        label: label(risk.level),
        reasons: risk.factors.iter().map(|factor| reason(factor, risk.window)).collect(),
    }
}

/// A step in words.
#[must_use]
pub const fn label(level: RiskLevel) -> &'static str {
    match level {
        RiskLevel::Safe => "Safe",
        RiskLevel::Warning => "Take care",
        RiskLevel::Danger => "May end soon",
    }
}

/// One reason: a phrase that starts with a small letter and has no full stop.
fn reason(factor: &Factor, window: u64) -> String {
    match factor.signal {
        FactorKind::Context if factor.value >= 1.0 => {
            "context more than full by estimate".to_owned()
        }
        FactorKind::Context => {
            format!("context {} of {} by estimate", amount::percent(factor.value), room(window))
        }
        FactorKind::Messages => format!("{} so far", amount::count(whole(factor.value), "message")),
        FactorKind::Duration => {
            let minutes = whole(factor.value).min(1 << 32);
            if minutes < 180 {
                format!("going on for {}", amount::count(minutes, "minute"))
            } else {
                format!("going on for {}", amount::length(Span::minutes(minutes)))
            }
        }
        FactorKind::CallsSinceCheckpoint => {
            let calls = amount::count(whole(factor.value), "tool call");
            format!("{calls} since the last checkpoint")
        }
        FactorKind::FailureRate => {
            format!("{} of the recent tool calls failed", amount::percent(factor.value))
        }
        FactorKind::Latency => {
            let seconds = amount::tame(factor.value / 1_000.0, 9_999.0);
            format!("answers take {seconds:.1} s to begin")
        }
        FactorKind::TurnsLeft => {
            format!("about {} left", amount::count(whole(factor.value.round()), "turn"))
        }
        FactorKind::RepeatedCalls => {
            format!("the same tool call {} times with the same result", whole(factor.value))
        }
        FactorKind::PageSize => {
            format!("a page of {}", amount::count(whole(factor.value), "element"))
        }
        FactorKind::PageBusy => {
            format!("the page is busy {} of the time", amount::percent(factor.value))
        }
        FactorKind::PageMemory => {
            format!("the page uses {} of its memory", amount::percent(factor.value))
        }
        FactorKind::SiteBanner if factor.level == RiskLevel::Danger => {
            "the site says that this chat cannot go on".to_owned()
        }
        FactorKind::SiteBanner => "the site announced a limit".to_owned(),
    }
}

/// A context window as people call it: `200k`, `1M`.
fn room(tokens: u64) -> String {
    match tokens {
        0 => "its window".to_owned(),
        1_000_000.. if tokens.is_multiple_of(1_000_000) => format!("{}M", tokens / 1_000_000),
        1_000.. => format!("{}k", tokens / 1_000),
        _ => tokens.to_string(),
    }
}

/// A measured value as a whole number.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "brought into a range that a u64 holds before the cast"
)]
fn whole(value: f64) -> u64 {
    amount::tame(value, 1e15) as u64
}
