//! Risk and context of a chat over its session, as a drawing.
//!
//! The way to the right is time in use: each window of snapshots takes the same room, so that a
//! night between two messages does not press both days flat.

use super::detail::Past;
use super::{amount, metrics};
use crate::base::Moment;
use crate::base::order::sort_by;
use crate::wire::metrics::{MetricsView, Window};
use crate::wire::records::What;
use crate::wire::session::ResumeStage;
use crate::wire::signals::BANDS;
use std::fmt::Write as _;

/// Width and height of the drawing, in its own units; `0, 0` is its upper left corner.
pub const SIDE: u32 = 1_000;
/// Where the last window is drawn: what came after it, which may be the end, has the rest.
const LAST: u32 = 940;

/// The drawing: lines as the `d` of an SVG path, in units of [`SIDE`].
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Chart {
    /// The risk's score; 1 is the upper edge.
    pub risk: String,
    /// Share of the context window in use; 1 and more is the upper edge.
    pub context: String,
    /// Where danger begins, as a rectangle from the upper edge.
    pub danger: String,
    /// Where a warning begins, down from danger.
    pub warning: String,
    /// A mark at the lower edge for each checkpoint.
    pub saved: String,
    /// A line for each time that it broke off.
    pub failed: String,
    /// A line for each time that the work went on in another chat.
    pub carried_on: String,
    /// When it begins, from now.
    pub from: String,
    /// When it ends, from now.
    pub to: String,
    /// All of it in a sentence, for who does not see it.
    pub told: String,
}

/// The drawing of a chat; none: nothing was measured.
#[must_use]
pub fn chart(course: &MetricsView, past: &Past<'_>, now: Moment) -> Option<Chart> {
    let windows = course.windows.as_slice();
    let (first, last) = (windows.first()?, windows.last()?);
    let saved: Vec<Moment> = past.checkpoints.iter().map(|head| head.created_at).collect();
    let (failed, carried_on) = (failed(past), carried_on(past));
    let all = [&saved, &failed, &carried_on].into_iter().flatten().copied();
    let mut later: Vec<Moment> = all.filter(|moment| *moment > last.from).collect();
    sort_by(&mut later, Ord::cmp);
    later.dedup();
    let at = |moments: &[Moment], from: u32| {
        let mut path = String::new();
        for moment in moments {
            let x = later
                .iter()
                .position(|one| one == moment)
                .map_or_else(|| place(windows, *moment), |nth| after(nth, later.len()));
            // Writing into a string does not fail.
            let _ = write!(path, "M{x} {from}V{SIDE}");
        }
        path
    };
    Some(Chart {
        risk: line(windows, |window| window.score_permille),
        context: line(windows, |window| window.context_permille),
        danger: band(0, height(BANDS[2])),
        warning: band(height(BANDS[2]), height(BANDS[1])),
        saved: at(&saved, SIDE - SIDE / 10),
        failed: at(&failed, 0),
        carried_on: at(&carried_on, 0),
        from: amount::ago_short(first.from, now),
        to: amount::ago_short(last.from, now),
        told: told(course, (first, last), [saved.len(), failed.len(), carried_on.len()]),
    })
}

/// A line through the windows: of one of them, a level one.
fn line(windows: &[Window], of: fn(&Window) -> u32) -> String {
    let mut path = String::new();
    for (index, window) in windows.iter().enumerate() {
        let (x, y) = (spread(index as u64 * 1_000, windows.len()), SIDE - of(window).min(SIDE));
        let _ = write!(path, "{}{x} {y}", if index == 0 { 'M' } else { 'L' });
    }
    if windows.len() == 1 {
        let _ = write!(path, "H{LAST}");
    }
    path
}

/// Where a place among so many windows is drawn, in thousandths of a window.
fn spread(permille: u64, count: usize) -> u32 {
    let most = (count as u64).saturating_sub(1).max(1) * 1_000;
    u32::try_from(permille.min(most) * u64::from(LAST) / most).unwrap_or(LAST)
}

/// Where the `nth` of so many moments behind the last window is drawn: evenly, in their order.
fn after(nth: usize, count: usize) -> u32 {
    let part = (nth as u64 + 1) * u64::from(SIDE - LAST) / (count as u64 + 1);
    LAST + u32::try_from(part).unwrap_or(0)
}

/// Where a moment is drawn: between the windows around it.
fn place(windows: &[Window], at: Moment) -> u32 {
    let next = windows.iter().take_while(|window| window.from <= at).count();
    let Some((this, before)) = next.checked_sub(1).and_then(|i| Some((windows.get(i)?, i))) else {
        return 0;
    };
    let length = windows.get(next).map(|window| window.from.since(this.from).0);
    let part = length.map_or(1_000, |ms| at.since(this.from).0.saturating_mul(1_000) / ms.max(1));
    spread(before as u64 * 1_000 + part, windows.len())
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a share of the side; a cast from a float saturates"
)]
fn height(score: f64) -> u32 {
    (f64::from(SIDE) * (1.0 - score)).round() as u32
}

fn band(from: u32, to: u32) -> String {
    format!("M0 {from}H{SIDE}V{to}H0Z")
}

fn failed(past: &Past<'_>) -> Vec<Moment> {
    let ended = |what: What| matches!(what, What::Ended(_));
    let mut moments: Vec<Moment> =
        past.head.happened.iter().filter(|one| ended(one.what)).map(|one| one.at).collect();
    // Records of an earlier SHIM tell the last end alone.
    let untold = past.head.ended.map(|(_, at)| at).filter(|at| !moments.contains(at));
    moments.extend(untold);
    moments
}

fn carried_on(past: &Past<'_>) -> Vec<Moment> {
    let went = |stage| matches!(stage, Some(ResumeStage::Sent | ResumeStage::Answered));
    past.resumes.iter().filter(|head| went(head.stage)).map(|head| head.stage_at).collect()
}

fn told(course: &MetricsView, (first, last): (&Window, &Window), marks: [usize; 3]) -> String {
    let share = |permille: u32| amount::percent(f64::from(permille) / 1_000.0);
    let many = |count: usize, word| amount::count(count as u64, word);
    let [saved, failed, carried_on] = marks;
    format!(
        "Risk {} at first and {} at last, {}. Context {} of its window, {}. {}, broken off {}, \
         carried on {}.",
        share(first.score_permille),
        share(last.score_permille),
        metrics::trend(course.risk_trend),
        share(last.context_permille),
        metrics::trend(course.context_trend),
        many(saved, "checkpoint"),
        many(failed, "time"),
        many(carried_on, "time"),
    )
}
