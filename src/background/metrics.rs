//! Metrics of what is stored: sums of chats and resumes, by group.
//!
//! Nothing is read for them: a chat's head adds its snapshots up by day as they are taken, and
//! tells when it was open and how it ended; resumes tell the rest. Sums of parts are sums of the
//! whole, so a new chat or resume changes only the groups it is of.

use crate::base::limits::HAPPENED;
use crate::base::{Moment, SessionId, Span};
use crate::wire::history::DayTally;
use crate::wire::metrics::{Group, Metric, MetricKind, Metrics};
use crate::wire::records::{ResumeHead, SessionHead, What};
use crate::wire::session::{EndReason, ResumeStage};
use std::collections::{BTreeMap, BTreeSet};

/// In less time a crash more or less says nothing of ten hours.
const ENOUGH: Span = Span::hours(1);
/// Ten hours.
const TEN_HOURS: Span = Span::hours(10);
/// A day.
const DAY: Span = Span::hours(24);

/// What one group adds up to.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Sum {
    active_ms: u64,
    snapshots: u32,
    danger: u32,
    context_peak_permille: u32,
    crashes: BTreeSet<(Moment, SessionId)>,
    recoveries_ms: Vec<u64>,
    lost: f64,
    placed: u32,
    clicks: u32,
    resumes: u32,
    open: Vec<(Moment, Moment)>,
}

impl Sum {
    fn tally(&mut self, day: &DayTally) {
        self.active_ms = self.active_ms.saturating_add(day.active_ms);
        self.snapshots = self.snapshots.saturating_add(day.snapshots);
        self.danger = self.danger.saturating_add(day.danger);
        self.context_peak_permille = self.context_peak_permille.max(day.context_peak_permille);
    }

    fn crash(&mut self, session: &SessionId, reason: EndReason, at: Moment) {
        // What a site announced, and what a person wished, is no crash.
        if matches!(reason, EndReason::TabCrashed | EndReason::BrowserCrashed | EndReason::Unknown)
        {
            self.crashes.insert((at, session.clone()));
        }
    }

    fn resume(&mut self, head: &ResumeHead) {
        let Some(clicks) = clicks(head) else { return };
        self.clicks = self.clicks.saturating_add(clicks);
        self.resumes = self.resumes.saturating_add(1);
        let Some(placed_at) = head.placed_at else { return };
        self.placed = self.placed.saturating_add(1);
        self.lost += 1.0 - if head.fidelity.is_nan() { 0.0 } else { head.fidelity.clamp(0.0, 1.0) };
        if head.reason != EndReason::Asked {
            self.recoveries_ms.push(placed_at.since(head.crashed_at).0);
        }
    }

    /// The value of one kind.
    #[must_use]
    pub fn metric(&self, kind: MetricKind) -> Metric {
        let hours = |ms: u64| Span(ms) >= ENOUGH;
        let crashes = u32::try_from(self.crashes.len()).unwrap_or(u32::MAX);
        let recoveries = u32::try_from(self.recoveries_ms.len()).unwrap_or(u32::MAX);
        let opened = u32::try_from(self.open.len()).unwrap_or(u32::MAX);
        let of = |sum: f64, count: u32| (count > 0).then(|| sum / f64::from(count));
        let (value, samples) = match kind {
            MetricKind::Crashes => {
                let each = f64::from(crashes) * float(TEN_HOURS.0) / float(self.active_ms);
                (hours(self.active_ms).then_some(each), crashes)
            }
            MetricKind::Recovery => (median(&self.recoveries_ms), recoveries),
            MetricKind::ContextLoss => (of(self.lost, self.placed), self.placed),
            MetricKind::Interventions => (of(f64::from(self.clicks), self.resumes), self.resumes),
            MetricKind::Parallel => ((opened > 0).then(|| most_at_once(&self.open)), opened),
            MetricKind::Danger => (of(f64::from(self.danger), self.snapshots), self.snapshots),
            MetricKind::ContextPeak => {
                let peak = f64::from(self.context_peak_permille) / 1_000.0;
                ((self.snapshots > 0).then_some(peak), self.snapshots)
            }
            MetricKind::Active => {
                ((self.snapshots > 0).then(|| float(self.active_ms)), self.snapshots)
            }
        };
        Metric { kind, value, samples }
    }
}

/// Clicks of a person for a resume that came to something; none: it did not, or it only stands
/// for another one of the same crash, which a person asked for.
fn clicks(head: &ResumeHead) -> Option<u32> {
    let asked = u32::from(head.asked);
    match head.stage? {
        ResumeStage::Waiting | ResumeStage::Placing => None,
        ResumeStage::Placed => Some(asked),
        ResumeStage::Declined if head.document.is_none() => None,
        // Sending, taking out, declining, and copying by hand: one each.
        ResumeStage::Sent
        | ResumeStage::Answered
        | ResumeStage::Undone
        | ResumeStage::Declined
        | ResumeStage::Failed => Some(asked.saturating_add(1)),
    }
}

/// When a chat was open, as far as its head tells.
fn open_times(head: &SessionHead, now: Moment) -> Vec<(Moment, Moment)> {
    let mut times = Vec::new();
    // What happened first is not told of a chat of which more happened than is kept.
    let mut since = (head.happened.len() < HAPPENED).then_some(head.started_at);
    for happened in &head.happened {
        match happened.what {
            What::Opened => since = since.or(Some(happened.at)),
            What::Left | What::Ended(_) => times.extend(since.take().map(|at| (at, happened.at))),
        }
    }
    let until = if head.live.is_some() { now } else { head.updated_at };
    times.extend(since.map(|at| (at, until)));
    times.retain(|(from, to)| from < to);
    times
}

fn most_at_once(times: &[(Moment, Moment)]) -> f64 {
    let ends = times.iter().flat_map(|(from, to)| [(*from, 1), (*to, -1)]);
    let mut ends: Vec<(Moment, i32)> = ends.collect();
    // Where one ends as another begins, they were not open at once.
    ends.sort_unstable();
    let (mut now, mut most) = (0, 0);
    for (_, step) in ends {
        now += step;
        most = most.max(now);
    }
    f64::from(most)
}

fn median(values: &[u64]) -> Option<f64> {
    let mut sorted = values.to_vec();
    sorted.sort_unstable();
    let (low, high) =
        (sorted.get(sorted.len().checked_sub(1)? / 2)?, sorted.get(sorted.len() / 2)?);
    Some(f64::midpoint(float(*low), float(*high)))
}

#[expect(clippy::cast_precision_loss, reason = "lengths of time: centuries are exact")]
fn float(value: u64) -> f64 {
    value as f64
}

fn day_of(at: Moment) -> u32 {
    u32::try_from(at.0 / DAY.0).unwrap_or(u32::MAX)
}

/// The sums of all groups.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Sums(BTreeMap<Group, Sum>);

impl Sums {
    /// The sums of these chats and resumes. A chat that a person deleted is none.
    #[must_use]
    pub fn of<'a>(
        heads: impl Iterator<Item = &'a SessionHead> + Clone,
        resumes: impl Iterator<Item = &'a ResumeHead> + Clone,
        now: Moment,
    ) -> Self {
        let mut this = Self::default();
        this.0.entry(Group::All).or_default();
        let heads = heads.filter(|head| head.deleted_at.is_none());
        for head in heads {
            this.chat(head, now);
            for resume in resumes.clone().filter(|resume| resume.from == head.id) {
                this.resume(head, resume);
            }
        }
        this
    }

    /// Every group that something of this chat at this moment is of.
    fn each(&mut self, head: &SessionHead, at: Option<Moment>, mut add: impl FnMut(&mut Sum)) {
        let (site, model) = (head.site.clone(), head.model.clone());
        let day = at.map(|at| Group::Day(day_of(at)));
        let of_chat = Group::Session(head.id.clone());
        let all = [Group::All, Group::Site(site), Group::Model(model), of_chat];
        for group in all.into_iter().chain(day) {
            add(self.0.entry(group).or_default());
        }
    }

    fn chat(&mut self, head: &SessionHead, now: Moment) {
        self.each(head, None, |_| {});
        for day in &head.history.days {
            let at = Moment(u64::from(day.day).saturating_mul(DAY.0));
            self.each(head, Some(at), |sum| sum.tally(day));
        }
        for time in open_times(head, now) {
            self.each(head, None, |sum| sum.open.push(time));
            let days = &head.history.days;
            for day in
                days.iter().filter(|day| (day_of(time.0)..=day_of(time.1)).contains(&day.day))
            {
                let begin = Moment(u64::from(day.day).saturating_mul(DAY.0));
                let part = (time.0.max(begin), time.1.min(begin.after(DAY)));
                self.0.entry(Group::Day(day.day)).or_default().open.push(part);
            }
        }
        let happened = head.happened.iter().filter_map(|happened| match happened.what {
            What::Ended(reason) => Some((reason, happened.at)),
            What::Opened | What::Left => None,
        });
        for (reason, at) in happened.chain(head.ended) {
            self.each(head, Some(at), |sum| sum.crash(&head.id, reason, at));
        }
    }

    fn resume(&mut self, head: &SessionHead, resume: &ResumeHead) {
        self.each(head, Some(resume.crashed_at), |sum| {
            sum.crash(&head.id, resume.reason, resume.crashed_at);
            sum.resume(resume);
        });
    }

    /// The values of these groups.
    #[must_use]
    pub fn metrics(&self, wanted: impl Fn(&Group) -> bool) -> Vec<Metrics> {
        let groups = self.0.iter().filter(|(group, _)| wanted(group));
        groups
            .map(|(group, sum)| Metrics {
                of: group.clone(),
                values: MetricKind::ALL.map(|kind| sum.metric(kind)).to_vec(),
            })
            .collect()
    }
}
