//! The figures that take little time come out in a real browser, and are what they are called.
//! Their sizes are nobody's business here.
//!
//! `cargo xtask test` runs them once a browser and sets what they need; `SHIM_BROWSER` names it.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test that panics is a test that fails, which is what it is for"
)]

mod shared;

use shared::kind;
use shim_webdriver::bench::{Bench, Part, Scale, measure};
use shim_webdriver::browser::Done;

/// Measures one part as small as it can be, and checks the figures that have a ceiling.
async fn figures(part: Part, wanted: &[&str]) -> Done<()> {
    let mut bench = Bench::default();
    measure(kind(), part, &Scale::smoke(), &mut bench).await?;
    let promised: Vec<_> = bench.figures.iter().filter(|f| f.goal.is_some()).collect();
    let names: Vec<_> = promised.iter().map(|figure| figure.what.as_str()).collect();
    assert_eq!(names.len(), wanted.len(), "{names:?}");
    for (figure, begins) in promised.iter().zip(wanted) {
        assert!(figure.what.starts_with(begins), "{names:?}");
        assert!(!figure.values.is_empty(), "{begins}: nothing was told");
        assert!(figure.values.iter().all(|value| value.is_finite()), "{figure:?}");
    }
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_popup_without_its_worker_is_measured() -> Done<()> {
    figures(Part::Popup, &["popup"]).await
}

#[tokio::test(flavor = "multi_thread")]
async fn checkpoints_of_both_kinds_are_measured() -> Done<()> {
    let read = "checkpoint read";
    figures(Part::Checkpoint, &[read, read, "checkpoint of a chat", read, read]).await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_batch_of_snapshots_is_measured() -> Done<()> {
    figures(Part::History, &["1000 snapshots", "bytes of their records"]).await
}

#[tokio::test(flavor = "multi_thread")]
async fn chats_on_a_slow_machine_are_measured() -> Done<()> {
    figures(Part::Chats, &["the same with 2 chats"]).await
}

#[tokio::test(flavor = "multi_thread")]
async fn reading_is_measured() -> Done<()> {
    let read = ["full read", "one changed turn", "one more turn"];
    let step = "engine's step for a new message of ";
    let steps = [&format!("{step}1 KB"), &format!("{step}500 KB"), "memory of a tab's engine"];
    figures(Part::Reads, &[&read[..], &steps].concat()).await
}
