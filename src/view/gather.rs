//! How the gathering of a transcript goes, in words.

use super::amount::count;
use crate::wire::gather::{GatherStage, Gathered};

/// What is said of it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct GatherLine {
    /// The words.
    pub text: String,
    /// Whether it goes on, so that it can be stopped.
    pub going: bool,
}

/// What is said of a gathering.
#[must_use]
pub fn line(gathered: &Gathered) -> GatherLine {
    let so_far = match gathered.total {
        Some(total) => format!("{} of {}", gathered.turns, count(total.into(), "turn")),
        None => count(gathered.turns.into(), "turn"),
    };
    let text = match gathered.stage {
        GatherStage::Going => format!("Gathering the transcript: {so_far} so far."),
        GatherStage::Busy => format!("Gathering waits for the answer under way: {so_far} so far."),
        GatherStage::Hidden => format!("Gathering waits until its tab is seen: {so_far} so far."),
        GatherStage::Whole if gathered.total.is_some() => {
            format!("The whole transcript is saved: {}.", count(gathered.turns.into(), "turn"))
        }
        GatherStage::Whole => format!("All that the page has is saved: {so_far}."),
        GatherStage::Short => {
            format!("{so_far} are saved: the page did not show the others. Try it once more.")
        }
        GatherStage::Stopped => format!("Gathering was stopped. Saved so far: {so_far}."),
    };
    let unused = match gathered.unused.as_str() {
        "" => String::new(),
        why => format!(" The site's own record was not used, since {why}: the page is read."),
    };
    GatherLine { text: text + &unused, going: gathered.stage.is_open() }
}
