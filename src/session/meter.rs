//! The signal collector: counts what a chat says and does, and gives the signals of any moment.
//!
//! It is fed with turns as they are read, new and changed, as often as the page shows them, and
//! is stored and loaded when the page is. A turn is known by its key: seen again, it changes
//! nothing; grown, it replaces its own earlier count.
//!
//! Absent from here: thresholds (`risk` has them), and the text of a chat.

mod context;
mod count;
mod follow;
mod growing;
mod lists;
mod model;
mod tokens;

use crate::base::order::sort_by;
use crate::base::{Moment, Span, text};
use crate::wire::chat::{BannerClass, Role, Turn};
use crate::wire::fields::read_fields;
use crate::wire::signals::Signals;
use crate::wire::tuning::Tuning;
use context::{Visible, context_tokens, growth, turns_left};
use count::{Digest, Errors, Outcomes};
use follow::Repeats;
use growing::Growing;
use lists::{add, mean, number, push_bounded};
use serde::Serialize;

pub use tokens::tokens;

/// Turns counted one by one. Older ones cannot change any more and are folded into totals.
const DIGESTS: usize = 256;
/// Folded turns that are still known when they are seen again, while a person scrolls up.
const MARKS: usize = 4_000;
/// Messages that the mean size looks at.
const RECENT: usize = 20;
/// Stamps that the rate looks at.
const STAMPS: usize = 10;
/// Latencies that the mean looks at.
const LATENCIES: usize = 20;
/// Longer waits say that the person or the machine was away.
const LATENCY_AT_MOST: Span = Span::minutes(10);
/// After this long without anything new, the next message begins a new sitting: yesterday's
/// hours do not make today's chat risky.
const SITTING_GAP: Span = Span::hours(4);
/// Banners remembered as shown.
const BANNERS: usize = 20;
/// Characters kept of a model's name.
const MODEL_CHARS: usize = 100;

/// The collector. Its JSON is a few KB, and at most about 60 KB in a chat of 4,000 turns.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Meter {
    model: String,
    hosted: bool,
    total: Option<u32>,
    began: Option<Moment>,
    last: Option<Moment>,
    digests: Vec<Digest>,
    folded_turns: u32,
    folded_tokens: u64,
    folded_tool_tokens: u64,
    folded_marks: Vec<u32>,
    highest: u32,
    calls: u32,
    calls_at_checkpoint: u32,
    stamps: Vec<Moment>,
    waiting: Option<(Moment, u32)>,
    latencies: Vec<u64>,
    last_answer: Option<Moment>,
    busy: bool,
    outcomes: Outcomes,
    errors: Errors,
    repeats: Repeats,
    shown: Vec<u64>,
    interruptions: u32,
    timeouts: u32,
    stalled: u32,
    vanished: u32,
    #[serde(skip)]
    growing: Growing,
}

read_fields!(Meter {
    model,
    hosted,
    total,
    began,
    last,
    digests,
    folded_turns,
    folded_tokens,
    folded_tool_tokens,
    folded_marks,
    highest,
    calls,
    calls_at_checkpoint,
    stamps,
    waiting,
    latencies,
    last_answer,
    busy,
    outcomes,
    errors,
    repeats,
    shown,
    interruptions,
    timeouts,
    stalled,
    vanished,
} but growing);

impl Meter {
    /// Takes in a new or changed turn as it reads at `at`. The same turn again changes nothing.
    pub fn turn(&mut self, at: Moment, turn: &Turn) {
        let mark = count::mark(turn);
        let slot = self.digests.iter().position(|digest| digest.0 == mark);
        if slot.is_none() && self.folded_marks.contains(&count::short(mark)) {
            return;
        }
        let before = slot.and_then(|slot| self.digests.get(slot)).cloned();
        let said = self.growing.tokens(mark, turn);
        let now = Digest::of(turn, said, before.as_ref());
        if !before.as_ref().is_some_and(|before| now.says_the_same(before)) {
            self.active(at);
            if before.is_none() {
                self.first_seen(at, turn);
            }
            self.count_calls(at, turn, &now, before.as_ref());
            if turn.role == Role::Assistant {
                self.follow_answer(at, turn.position, &now, before.as_ref());
            }
        }
        self.highest = self.highest.max(turn.position);
        match slot.and_then(|slot| self.digests.get_mut(slot)) {
            Some(digest) => *digest = now,
            None => self.digests.push(now),
        }
        self.fold();
    }

    /// Whether an answer is being made, as the page shows it.
    pub fn busy(&mut self, at: Moment, now: bool) {
        if now == self.busy {
            return;
        }
        self.busy = now;
        self.active(at);
        if now {
            self.shown.clear();
        } else {
            self.last_answer = Some(at);
        }
    }

    /// A banner of the site is shown. Until a new attempt begins (a message, or an answer being
    /// made) the same text is the same banner.
    pub fn banner(&mut self, at: Moment, class: BannerClass, text: &str) {
        let mark = text::hash(text);
        let passing = matches!(
            class,
            BannerClass::Progress
                | BannerClass::Limit
                | BannerClass::LimitAhead
                | BannerClass::State
        );
        if passing || self.shown.contains(&mark) {
            return;
        }
        self.active(at);
        push_bounded(&mut self.shown, mark, BANNERS);
        if count::tells_of_timeout(text) {
            self.timeouts = self.timeouts.saturating_add(1);
        }
        if matches!(class, BannerClass::Full | BannerClass::Fatal | BannerClass::Retryable) {
            self.errors.note(text);
        }
    }

    /// An answer vanished from the page.
    pub fn vanished(&mut self, at: Moment) {
        self.active(at);
        self.vanished = self.vanished.saturating_add(1);
    }

    /// A stream stood still too long.
    pub fn stalled(&mut self, at: Moment) {
        self.active(at);
        self.stalled = self.stalled.saturating_add(1);
    }

    /// A checkpoint was made: calls are counted from here.
    pub fn checkpoint(&mut self, at: Moment) {
        self.began.get_or_insert(at);
        self.calls_at_checkpoint = self.calls;
    }

    /// The model by the name the page shows; an empty name changes nothing.
    pub fn set_model(&mut self, model: &str) {
        if !model.trim().is_empty() {
            self.model = text::clip(&text::one_line(model), MODEL_CHARS);
        }
    }

    /// Whether people host the application themselves: then no site's own prompt is hidden.
    pub fn set_hosted(&mut self, hosted: bool) {
        self.hosted = hosted;
    }

    /// How many turns the page says there are. Those that were never mounted, and so never seen,
    /// are taken to be like the seen ones.
    pub fn set_total(&mut self, total: Option<u32>) {
        self.total = total;
    }

    /// Every signal at `at`.
    #[must_use]
    pub fn signals(&self, at: Moment, tuning: &Tuning) -> Signals {
        let seen = self.folded_turns.saturating_add(number(self.digests.len()));
        let messages = self.total.unwrap_or(0).max(seen);
        let tokens = self.tokens(seen, messages);
        let nature = model::nature(&self.model, self.hosted);
        let window = if nature.window > 0 { nature.window } else { tuning.default_window.max(1) };
        let visible = self.in_context(tokens, messages);
        let context = context_tokens(nature, visible);
        Signals {
            at,
            estimated_total_tokens: tokens,
            tool_tokens: self.digests.iter().map(|one| one.3).fold(self.folded_tool_tokens, add),
            tokens_per_message: self.tokens_per_message(),
            context_tokens: context,
            context_window: window,
            context_window_usage: context as f64 / window as f64,
            context_window_remaining: window.saturating_sub(context),
            context_growth_tokens: growth(nature, visible),
            turns_left: turns_left(nature, visible, window),
            message_count: messages,
            tool_call_count: self.calls,
            tool_calls_since_checkpoint: self.calls.saturating_sub(self.calls_at_checkpoint),
            messages_per_minute: self.messages_per_minute(),
            session_duration_ms: self.duration(at).0,
            time_since_last_response_ms: self.last_answer.map_or(0, |last| at.since(last).0),
            response_latency_avg_ms: mean(&self.latencies),
            response_latency_samples: number(self.latencies.len()),
            latency_trend: model::trend(&self.latencies),
            tool_failure_rate: self.outcomes.failure_rate(),
            tool_failure_samples: self.outcomes.count(),
            consecutive_tool_failures: self.outcomes.failures_in_a_row(),
            error_patterns: self.errors.repeated(),
            repeated_errors: self.errors.most(),
            repeated_calls: self.repeats.most(),
            interruptions: self.interruptions,
            timeouts: self.timeouts,
            stalled_streams: self.stalled,
            vanished_responses: self.vanished,
            // Of the page, `load` tells.
            ..Signals::default()
        }
    }

    /// Takes what is dated ahead of `now` as having happened now: the clock was set back since it
    /// was stored.
    pub fn not_after(&mut self, now: Moment) {
        for moment in [&mut self.began, &mut self.last, &mut self.last_answer] {
            *moment = moment.map(|moment| moment.min(now));
        }
        self.waiting = self.waiting.filter(|(asked, _)| *asked <= now);
        self.stamps.retain(|stamp| *stamp <= now);
    }

    /// Something happened: the session goes on, or begins, or begins anew.
    fn active(&mut self, at: Moment) {
        if self.last.is_some_and(|last| at.since(last) > SITTING_GAP) {
            self.began = None;
            self.waiting = None;
            self.stamps.clear();
            self.latencies.clear();
        }
        self.began.get_or_insert(at);
        self.last = Some(at);
    }

    /// Turns found in one look share a stamp: they were said before it, nobody knows when.
    fn first_seen(&mut self, at: Moment, turn: &Turn) {
        if self.stamps.last() != Some(&at) {
            push_bounded(&mut self.stamps, at, STAMPS);
        }
        // An older message, found while scrolling up, waits for nothing.
        if turn.role == Role::User && turn.position >= self.highest {
            self.waiting = Some((at, turn.position));
            self.shown.clear();
        }
    }

    fn count_calls(&mut self, at: Moment, turn: &Turn, now: &Digest, before: Option<&Digest>) {
        let more = now.calls().saturating_sub(before.map_or(0, Digest::calls));
        self.calls = self.calls.saturating_add(more);
        for (index, call) in turn.calls.iter().enumerate() {
            let was = before.and_then(|before| before.call(index));
            let is = now.call(index);
            if is == was || !matches!(is, Some(b'd' | b'f')) {
                continue;
            }
            let failed = is == Some(b'f');
            self.outcomes.ended(now.0, index, failed, !matches!(was, Some(b'd' | b'f')));
            if failed {
                self.errors.call(call);
            }
            self.repeats.ended(at, call);
        }
    }

    fn follow_answer(&mut self, at: Moment, position: u32, now: &Digest, before: Option<&Digest>) {
        let mut answered = false;
        if let Some((asked, from)) = self.waiting
            && now.spoke()
            && position >= from
            && !before.is_some_and(Digest::spoke)
        {
            self.waiting = None;
            answered = at > asked;
            if answered && at.since(asked) <= LATENCY_AT_MOST {
                push_bounded(&mut self.latencies, at.since(asked).0, LATENCIES);
            }
        }
        // An answer that was complete when it was first seen ended before, nobody knows when.
        let was_open = before.map_or(answered, |before| !before.ended());
        if was_open && now.ended() {
            self.last_answer = Some(at);
        }
        if now.interrupted() && !before.is_some_and(Digest::interrupted) {
            self.interruptions = self.interruptions.saturating_add(1);
        }
    }

    fn fold(&mut self) {
        while self.digests.len() > DIGESTS {
            let oldest = self.digests.iter().enumerate().min_by_key(|(_, digest)| digest.1);
            let Some(at) = oldest.map(|(at, _)| at) else { return };
            let digest = self.digests.remove(at);
            self.folded_turns = self.folded_turns.saturating_add(1);
            self.folded_tokens = self.folded_tokens.saturating_add(digest.tokens());
            self.folded_tool_tokens = self.folded_tool_tokens.saturating_add(digest.3);
            push_bounded(&mut self.folded_marks, count::short(digest.0), MARKS);
        }
    }

    fn tokens(&self, seen: u32, messages: u32) -> u64 {
        let known = self.digests.iter().map(Digest::tokens).fold(self.folded_tokens, add);
        let unseen = u64::from(messages.saturating_sub(seen));
        known.saturating_add(known.checked_div(u64::from(seen)).unwrap_or(0).saturating_mul(unseen))
    }

    /// What of it the model still has before it: a site that summed the chat up says so in a
    /// message, and what stood above that is gone.
    fn in_context(&self, tokens: u64, messages: u32) -> Visible {
        let summed = self.digests.iter().filter(|digest| digest.sums_up()).max_by_key(|d| d.1);
        let Some(from) = summed.map(|digest| digest.1) else {
            return Visible { tokens, calls: self.calls, messages };
        };
        let mut visible = Visible::default();
        for digest in self.digests.iter().filter(|digest| digest.1 >= from) {
            visible.tokens = visible.tokens.saturating_add(digest.tokens());
            visible.calls = visible.calls.saturating_add(digest.calls());
            visible.messages += 1;
        }
        visible
    }

    fn tokens_per_message(&self) -> f64 {
        let mut order: Vec<&Digest> = self.digests.iter().collect();
        sort_by(&mut order, |a, b| a.1.cmp(&b.1));
        let last: Vec<u64> =
            order.iter().rev().take(RECENT).map(|digest| digest.tokens()).collect();
        mean(&last)
    }

    fn messages_per_minute(&self) -> f64 {
        let (Some(first), Some(last)) = (self.stamps.first(), self.stamps.last()) else {
            return 0.0;
        };
        let span = last.since(*first).0;
        let steps = self.stamps.len().saturating_sub(1);
        if span == 0 { 0.0 } else { steps as f64 * 60_000.0 / span as f64 }
    }

    /// Zero where the last sitting is over and nothing new was said yet.
    fn duration(&self, at: Moment) -> Span {
        match (self.began, self.last) {
            (Some(_), Some(last)) if at.since(last) > SITTING_GAP => Span(0),
            (Some(began), _) => at.since(began),
            _ => Span(0),
        }
    }
}
