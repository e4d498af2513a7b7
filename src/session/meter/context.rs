//! The model's real context, by estimate: what a page shows, and what it never shows.
//!
//! The visible text of a session with tools is about half of its context: the rest is the site's
//! prompt, definitions of tools, frames of calls, and thinking.

use super::model::Nature;

/// Share of the window at which sites sum a chat up, or end it: the last part is kept for the
/// answer.
const FULL: f64 = 0.85;
/// How near the end a number still says something: the estimate is off by about as many messages.
const BLUR: f64 = 10.0;

/// What is visible of a session.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Visible {
    pub tokens: u64,
    pub calls: u32,
    pub messages: u32,
}

/// Tokens of the context; 0 where nothing was said.
pub(super) fn context_tokens(nature: Nature, visible: Visible) -> u64 {
    if visible.messages == 0 {
        return 0;
    }
    let hidden = if visible.calls > 0 { nature.agent } else { nature.plain };
    hidden.saturating_add(grown(nature, visible))
}

/// What the messages brought, with what came unseen with them.
fn grown(nature: Nature, visible: Visible) -> u64 {
    let shown = visible.tokens.saturating_mul(nature.percent) / 100;
    shown.saturating_add(nature.call.saturating_mul(visible.calls.into()))
}

/// Tokens that a message brought on the whole; 0 before the first.
pub(super) fn growth(nature: Nature, visible: Visible) -> f64 {
    grown(nature, visible) as f64 / f64::from(visible.messages.max(1))
}

/// Messages until the context is full, at the pace of the session so far. None: too little was
/// said to tell a pace, or nothing came.
pub(super) fn turns_left(nature: Nature, visible: Visible, window: u64) -> Option<f64> {
    const FEWEST: u32 = 8;
    let a_message = growth(nature, visible);
    let room = window as f64 * FULL - context_tokens(nature, visible) as f64;
    let told = visible.messages >= FEWEST && a_message >= 1.0;
    told.then(|| (room.max(0.0) / a_message).min(9_999.0))
        .map(|left| (left * left + BLUR * BLUR).sqrt())
}
