//! Every threshold that may later be learned. Defaults: the reference behaviour's table.

use super::fields::read_fields;
use crate::base::Span;
use serde::Serialize;

/// Thresholds and intervals.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Tuning {
    /// Context share: warning, danger.
    pub context: (f64, f64),
    /// Messages until the context is full that are danger, and the context share from which on
    /// they count.
    pub turns_left: (f64, f64),
    /// Same calls with the same result: warning, danger.
    pub repeats: (u32, u32),
    /// How long a lower risk must last before it is told.
    pub calm: Span,
    /// Messages: warning, danger.
    pub messages: (u32, u32),
    /// Session length: warning, danger.
    pub duration: (Span, Span),
    /// Calls since the last checkpoint: warning, danger.
    pub calls: (u32, u32),
    /// Failure rate: warning, danger.
    pub failure_rate: (f64, f64),
    /// Elements of the page: warning, danger.
    pub page_nodes: (u32, u32),
    /// Share of the time that the page's thread is busy: warning, danger.
    pub page_busy: (f64, f64),
    /// Share of its memory that the page uses: warning, danger.
    pub page_heap: (f64, f64),
    /// Ended calls below which a failure rate says nothing.
    pub failure_samples: u32,
    /// Mean latency: degrading, critical; milliseconds.
    pub latency_ms: (f64, f64),
    /// Answers below which a latency says nothing.
    pub latency_samples: usize,
    /// Tokens of a window whose model is unknown.
    pub default_window: u64,
    /// Calls after which a checkpoint is due.
    pub call_interval: u32,
    /// Time after which a checkpoint is due.
    pub time_interval: Span,
    /// How long a zone, once left, must wait before it can trigger again.
    pub zone_cooldown: Span,
    /// Tokens of a resume prompt.
    pub prompt_tokens: u64,
    /// How long a stream may stand still before it counts as stalled.
    pub stall_after: Span,
}

read_fields!(Tuning {
    context,
    turns_left,
    repeats,
    calm,
    messages,
    duration,
    calls,
    failure_rate,
    page_nodes,
    page_busy,
    page_heap,
    failure_samples,
    latency_ms,
    latency_samples,
    default_window,
    call_interval,
    time_interval,
    zone_cooldown,
    prompt_tokens,
    stall_after,
});

impl Default for Tuning {
    fn default() -> Self {
        Self {
            context: (0.60, 0.75),
            turns_left: (32.0, 0.62),
            repeats: (4, 8),
            calm: Span::minutes(1),
            messages: (35, 50),
            duration: (Span::minutes(60), Span::minutes(90)),
            calls: (10, 15),
            failure_rate: (0.15, 0.20),
            page_nodes: (60_000, 0),
            page_busy: (0.35, 0.7),
            page_heap: (0.6, 0.85),
            failure_samples: 5,
            latency_ms: (2_000.0, 5_000.0),
            latency_samples: 5,
            default_window: 200_000,
            call_interval: 5,
            time_interval: Span::minutes(10),
            zone_cooldown: Span::minutes(5),
            prompt_tokens: 4_000,
            stall_after: Span::seconds(30),
        }
    }
}
