//! What is measured of a session, and the risk read from it.

use super::fields::names;
use crate::base::Moment;
use serde::{Deserialize, Serialize};

/// A trend of a series: only a slope that is relative and significant counts.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Trend {
    /// No significant slope, or too few samples.
    #[default]
    Stable,
    /// Grows.
    Rising,
    /// Shrinks.
    Falling,
}

/// Risk in three steps.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum RiskLevel {
    /// Nothing to see.
    #[default]
    Safe,
    /// Save often.
    Warning,
    /// May end at any moment.
    Danger,
}

names!(RiskLevel { Safe = "safe", Warning = "warning", Danger = "danger" });

/// Where each level's scores begin; each ends where the next begins, danger at 1.
pub const BANDS: [f64; 3] = [0.0, 0.4, 0.75];

/// A reason for a risk, as data; `view` makes the words.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Factor {
    /// Which signal.
    pub signal: FactorKind,
    /// Its value, in the signal's own unit.
    pub value: f64,
    /// The threshold it passed.
    pub threshold: f64,
    /// How serious.
    pub level: RiskLevel,
    /// Its part of all that was found, 0-1: those of one risk make 1.
    #[serde(default)]
    pub share: f64,
}

/// The signals that can be a factor.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum FactorKind {
    /// Share of the context window in use, 0-1, by estimate.
    Context,
    /// Number of messages.
    Messages,
    /// Session length, minutes.
    Duration,
    /// Tool calls since the last checkpoint.
    CallsSinceCheckpoint,
    /// Share of failed calls among the last 50.
    FailureRate,
    /// Mean response latency, milliseconds.
    Latency,
    /// The site itself announced a limit or an end.
    SiteBanner,
    /// Messages until the context is full, at the pace so far, by estimate.
    TurnsLeft,
    /// How often the same call returned the same.
    RepeatedCalls,
    /// Elements of the page.
    PageSize,
    /// Share of the time that the page's thread is busy.
    PageBusy,
    /// Share of its memory that the page uses.
    PageMemory,
}

names!(FactorKind {
    Context = "context", Messages = "messages", Duration = "duration",
    CallsSinceCheckpoint = "calls_since_checkpoint", FailureRate = "failure_rate",
    Latency = "latency", SiteBanner = "site_banner", TurnsLeft = "turns_left",
    RepeatedCalls = "repeated_calls",
    PageSize = "page_size", PageBusy = "page_busy", PageMemory = "page_memory",
});

/// Risk of a session at one moment.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Risk {
    /// The step.
    pub level: RiskLevel,
    /// 0 (none) to 1.
    pub score: f64,
    /// Why, most serious first.
    pub factors: Vec<Factor>,
    /// The context window that it was judged by, tokens; 0: not told.
    pub window: u64,
}

/// Every signal of a session at one moment.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Signals {
    /// When they were taken.
    pub at: Moment,
    /// Tokens of messages, thinking, tool arguments and results, by estimate.
    pub estimated_total_tokens: u64,
    /// Of them, what tools were given and returned.
    pub tool_tokens: u64,
    /// Mean tokens of the last 20 messages.
    pub tokens_per_message: f64,
    /// Tokens of the model's real context, by estimate: with what a page never shows.
    pub context_tokens: u64,
    /// The model's window, tokens; 200,000 where unknown.
    pub context_window: u64,
    /// Share of the window in use, 0 and up.
    pub context_window_usage: f64,
    /// Tokens left, 0 where overdrawn.
    pub context_window_remaining: u64,
    /// Tokens that the context grew by a message so far, by estimate: the pace.
    pub context_growth_tokens: f64,
    /// Messages until the context is full at the pace so far; none: not known yet.
    pub turns_left: Option<f64>,
    /// Messages of both sides.
    pub message_count: u32,
    /// Tool calls seen.
    pub tool_call_count: u32,
    /// Tool calls since the last checkpoint.
    pub tool_calls_since_checkpoint: u32,
    /// Messages a minute over the last 10; 0 with fewer than two stamps.
    pub messages_per_minute: f64,
    /// Milliseconds since the session began.
    pub session_duration_ms: u64,
    /// Milliseconds since the last answer ended; 0 where none did.
    pub time_since_last_response_ms: u64,
    /// Mean of the last 20 latencies, milliseconds; 0 where there is none.
    pub response_latency_avg_ms: f64,
    /// Latencies that the mean is made of.
    pub response_latency_samples: u32,
    /// Trend of the last 10 latencies.
    pub latency_trend: Trend,
    /// Failed share of the last 50 ended calls, 0-1; 0 where there is none.
    pub tool_failure_rate: f64,
    /// Ended calls that the rate is made of.
    pub tool_failure_samples: u32,
    /// Failures since the last success.
    pub consecutive_tool_failures: u32,
    /// Errors seen twice or more, each in one clipped line, most frequent first.
    pub error_patterns: Vec<String>,
    /// How often the most frequent error was seen.
    pub repeated_errors: u32,
    /// How often the same call returned the same without a pause, at most of the recent calls.
    pub repeated_calls: u32,
    /// Answers that were interrupted.
    pub interruptions: u32,
    /// Error banners that told of a timeout.
    pub timeouts: u32,
    /// Times a stream stood still too long.
    pub stalled_streams: u32,
    /// Answers that vanished from the page.
    pub vanished_responses: u32,
    /// Elements of the page; 0: not weighed.
    pub page_nodes: u32,
    /// Share of the last half minute or so that the page's thread was busy for more than 50 ms at a
    /// time, 0-1; 0 where the browser does not tell.
    pub page_busy_share: f64,
    /// Share of the memory at which the browser ends the tab, 0-1; 0 where it does not tell.
    pub page_heap_share: f64,
}
