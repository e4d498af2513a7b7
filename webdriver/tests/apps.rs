//! Real chat applications in real browsers, with the extension: what SHIM stored of them against
//! what the scripted model really sent.
//!
//! `cargo xtask test` installs what it runs and names the browser; a test is named after its
//! application. `SHIM_APP_SCENES` names the scenes to play, where not all are wanted, and
//! `SHIM_APP_PAGES` a folder where their pages are kept.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test that panics is a test that fails, which is what it is for"
)]

mod shared;

use shared::kind;
use shim_webdriver::apps::play::{How, play, title};
use shim_webdriver::apps::{Kind, figures, figures::Figures, judge::TEXT_PERCENT, scenes};
use shim_webdriver::browser::Done;

async fn all_scenes(app: Kind) -> Done<()> {
    let how = How {
        browser: kind(),
        by_shape: false,
        scenes: std::env::var("SHIM_APP_SCENES").unwrap_or_default(),
        patience: scenes::PATIENCE,
    };
    let stage = play(app, &how, &|text| println!("{text}")).await?;
    println!("{}", figures::table(&title(app, &how), &stage.outcomes));
    if let Some(mounted) = stage.mounted {
        println!("Of 100 turns the page loaded again mounts {mounted}.");
    }
    let verdict = Figures::of(&stage.outcomes).verdict;
    assert!(verdict.is_right(), "{} are wrong:\n{}", verdict.wrong.len(), joined(&verdict.wrong));
    assert!(verdict.like.percent() >= TEXT_PERCENT, "{:?}", verdict.like);
    Ok(())
}

fn joined(wrong: &[String]) -> String {
    wrong.iter().map(|wrong| format!("- {wrong}\n")).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn llamacpp() -> Done<()> {
    all_scenes(Kind::LlamaCpp).await
}

#[tokio::test(flavor = "multi_thread")]
async fn openwebui() -> Done<()> {
    all_scenes(Kind::OpenWebUi).await
}

#[tokio::test(flavor = "multi_thread")]
async fn chainlit() -> Done<()> {
    all_scenes(Kind::Chainlit).await
}

#[tokio::test(flavor = "multi_thread")]
async fn assistantui() -> Done<()> {
    all_scenes(Kind::AssistantUi).await
}
