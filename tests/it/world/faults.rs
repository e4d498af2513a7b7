//! What can go wrong, and what is made wrong on purpose to see that it is noticed.

use super::World;
use shim::base::PortId;
use shim::base::limits::PACK_AFTER;

/// Something that went wrong in a run.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Fault {
    WorkerKilled,
    TabCrashed,
    BrowserKilled,
    MessageLost,
    MessageRepeated,
    ReadFailed,
    StoreClosed,
    WriteRefused,
    ClockBack,
    ClockForward,
    Slept,
    ClosedWhileSaving,
    Damaged,
    Deleted,
    Undeleted,
    /// The worker died between two effects of one event.
    KilledBetween,
    /// A write was refused because the disk is full.
    NoRoom,
    MessageReordered,
    /// A second window came to show a chat.
    TwoWindows,
    StoreLost,
    /// Something was owed by second copies, and was there.
    CopyUsed,
}

impl Fault {
    /// Each of them.
    pub const ALL: [Self; 21] = [
        Self::WorkerKilled,
        Self::TabCrashed,
        Self::BrowserKilled,
        Self::MessageLost,
        Self::MessageRepeated,
        Self::ReadFailed,
        Self::StoreClosed,
        Self::WriteRefused,
        Self::ClockBack,
        Self::ClockForward,
        Self::Slept,
        Self::ClosedWhileSaving,
        Self::Damaged,
        Self::Deleted,
        Self::Undeleted,
        Self::KilledBetween,
        Self::NoRoom,
        Self::MessageReordered,
        Self::TwoWindows,
        Self::StoreLost,
        Self::CopyUsed,
    ];
}

/// One thing that the world does wrong on purpose. A run must fail for it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Sabotage {
    #[default]
    None,
    /// Journal entries of resumes are said to be committed, and are not.
    NoJournal,
    /// A commit is told before it is made: a worker that dies meanwhile loses it.
    ToldEarly,
    /// A refused commit is told as done.
    RefusalsHidden,
    /// A failed read is told as one that found nothing.
    FailedReadsEmpty,
    /// The store that does not open is told as an empty one.
    ClosedStoreEmpty,
    /// Timers believe the clock: where it went back they wait until it has caught up.
    ClockBelieved,
    /// The background's timer never fires.
    WorkerDeaf,
    /// The pages' timers never fire.
    PagesDeaf,
    /// All documents of a chat have one name: nobody can tell two tabs of it apart.
    OneDocument,
    /// A tab that a person closed looks like one whose process died, and says no goodbye.
    ClosedLooksDead,
    /// The browser's word for its own start never changes.
    OneBrowserStart,
    /// A record that does not open is written over where it lies.
    WrittenOver,
    /// What is packed together is deleted, and the segment never put.
    SegmentLost,
    /// A checkpoint is stored as it was before a person pinned it.
    PinsForgotten,
    /// Second copies are there, and cannot be read.
    CopiesUnread,
    /// A turn is stored a second time under another name.
    TurnsDoubled,
}

impl Sabotage {
    /// Each of them.
    pub const ALL: [Self; 16] = [
        Self::NoJournal,
        Self::ToldEarly,
        Self::RefusalsHidden,
        Self::FailedReadsEmpty,
        Self::ClosedStoreEmpty,
        Self::ClockBelieved,
        Self::WorkerDeaf,
        Self::PagesDeaf,
        Self::OneDocument,
        Self::ClosedLooksDead,
        Self::OneBrowserStart,
        Self::WrittenOver,
        Self::SegmentLost,
        Self::PinsForgotten,
        Self::CopiesUnread,
        Self::TurnsDoubled,
    ];
}

impl Sabotage {
    /// Where to begin: with a seed that noticed it when it was last looked for.
    pub fn seed(self) -> u64 {
        match self {
            Self::ToldEarly => 24,
            Self::FailedReadsEmpty => 15,
            Self::WrittenOver => 6,
            Self::WorkerDeaf => 144,
            _ => 0,
        }
    }
}

/// What is wrong for a while.
#[derive(Clone, Copy, Debug)]
pub struct Weather {
    /// Faults of chance happen.
    pub rough: bool,
    /// There is no room: every put is refused until this moment of real time.
    pub full_until_ms: u64,
    /// Reads fail until this moment of real time.
    pub blind_until_ms: u64,
    /// How far the shown clock was set back in all.
    pub back_ms: u64,
}

impl Default for Weather {
    fn default() -> Self {
        Self { rough: true, full_until_ms: 0, blind_until_ms: 0, back_ms: 0 }
    }
}

impl World {
    /// Whether a fault of chance strikes now.
    pub(super) fn bad_luck(&mut self, percent: u64) -> bool {
        self.weather.rough && self.chance.percent(percent)
    }

    pub(super) fn is_full(&self) -> bool {
        self.real_ms < self.weather.full_until_ms
    }

    pub(super) fn is_blind(&self) -> bool {
        self.real_ms < self.weather.blind_until_ms
    }

    /// Clocks jump, disks fill up, machines sleep.
    pub(super) fn change_weather(&mut self) {
        if !self.weather.rough {
            return;
        }
        match self.chance.below(2_000) {
            0..3 => self.set_clock_back(),
            3..5 => {
                let span_ms = self.chance.below(10 * 3_600_000);
                self.now.0 += span_ms;
                self.strikes(Fault::ClockForward, || format!("clock set {span_ms} ms forward"));
            }
            5..7 => self.sleep(),
            7..12 if !self.is_full() => {
                self.weather.full_until_ms = self.real_ms + self.chance.below(30_000);
                self.tell("disk", || "is full".into());
            }
            12..15 if !self.is_blind() => {
                self.weather.blind_until_ms = self.real_ms + self.chance.below(8_000);
                self.tell("disk", || "cannot be read".into());
            }
            15..21 => {
                let more_ms = self.chance.below(60_000);
                self.pass(PACK_AFTER.0 + more_ms);
                self.tell("world", || "nobody does anything for a while".into());
            }
            21 => self.lose_store(),
            _ => {}
        }
    }

    /// Ports are heard in any order, and one port's messages in theirs.
    pub(super) fn next_up(&mut self) -> Option<(PortId, String)> {
        let first = self.up.front()?.0;
        let other = self.up.iter().position(|(port, _)| *port != first);
        match other.filter(|_| self.bad_luck(10)) {
            None => self.up.pop_front(),
            Some(other) => {
                self.strikes(Fault::MessageReordered, || "another port is heard first".into());
                self.up.remove(other)
            }
        }
    }

    fn set_clock_back(&mut self) {
        // By some seconds, as the network corrects it, or by up to two days.
        let most = [5_000, 3_600_000, 48 * 3_600_000][self.chance.below(3) as usize];
        let span_ms = self.chance.below(most);
        self.now.0 -= span_ms;
        self.weather.back_ms += span_ms;
        self.strikes(Fault::ClockBack, || format!("clock set {span_ms} ms back"));
    }

    /// The machine sleeps for hours. The browser has ended the worker when it wakes up.
    fn sleep(&mut self) {
        let span_ms = self.chance.below(9 * 3_600_000);
        self.pass(span_ms);
        self.strikes(Fault::Slept, || format!("the machine slept for {span_ms} ms"));
        if self.chance.percent(70) {
            self.kill_worker();
        }
    }
}
