//! When something that failed is tried again.

use crate::base::{Moment, Span};

/// The wait after a first failure.
const FIRST_WAIT: Span = Span(500);
/// The longest: a person who made room sees it saved within this time.
const LONGEST_WAIT: Span = Span::seconds(10);

/// When to try again: later with every failure in a row.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Patience {
    wait: Span,
    due: Option<Moment>,
}

impl Patience {
    /// It failed. Several failures of one attempt count as one.
    pub(super) fn failed(&mut self, steady: Moment) {
        if self.due.is_none() {
            self.wait = self.wait.doubled(LONGEST_WAIT).max(FIRST_WAIT);
            self.due = Some(steady.after(self.wait));
        }
    }

    /// It worked: what waits need not wait any longer.
    pub(super) fn worked(&mut self, steady: Moment) {
        self.wait = Span(0);
        self.due = self.due.map(|_| steady);
    }

    /// When to try again.
    pub(super) fn next(&self) -> Option<Moment> {
        self.due
    }

    /// Whether the time to try again has come. Says so once.
    pub(super) fn is_due(&mut self, steady: Moment) -> bool {
        self.due.take_if(|due| *due <= steady).is_some()
    }
}
