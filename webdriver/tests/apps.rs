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
use shim_webdriver::apps::{
    self, Kind, chat::Chat, figures, judge::TEXT_PERCENT, scenes::Scene, scenes::Stage,
};
use shim_webdriver::browser::{Browser, Done, Options};
use std::time::Instant;

async fn play(app: Kind) -> Done<()> {
    let installed = apps::install(app, &|text| println!("{text}"))?;
    let begun = Instant::now();
    let app = apps::start(&installed).await?;
    println!("{} answers after {:.1} s", installed.kind.name(), begun.elapsed().as_secs_f64());
    let mut options = Options::from_env(kind(), 0)?;
    options.granted = vec!["http://127.0.0.1/*".to_owned()];
    let browser = Browser::start(&options).await?;
    let mut stage = Stage { chat: Chat::new(app, browser), outcomes: Vec::new(), mounted: None };
    stage.chat.prepare().await?;
    let wanted = std::env::var("SHIM_APP_SCENES").unwrap_or_default().to_lowercase();
    for scene in Scene::ALL {
        let name = format!("{scene:?}").to_lowercase();
        if wanted.is_empty() || wanted.split(',').any(|wanted| wanted == name) {
            stage.play(scene).await?;
        }
    }
    let title = format!("{} in {}", installed.kind.name(), kind().name());
    println!("{}", figures::table(&title, &stage.outcomes));
    if let Some(mounted) = stage.mounted {
        println!("Of 100 turns the page loaded again mounts {mounted}.");
    }
    let all = stage.outcomes.iter().flat_map(|outcome| &outcome.verdict.wrong);
    let wrong: Vec<&String> = all.collect();
    let text = stage.outcomes.iter().map(|outcome| outcome.verdict.like);
    let text = text.fold(Default::default(), apps::compare::Likeness::and);
    assert!(wrong.is_empty(), "{} are wrong:\n{}", wrong.len(), joined(&wrong));
    assert!(text.percent() >= TEXT_PERCENT, "{text:?}");
    Ok(())
}

fn joined(wrong: &[&String]) -> String {
    wrong.iter().map(|wrong| format!("- {wrong}\n")).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn llamacpp() -> Done<()> {
    play(Kind::LlamaCpp).await
}

#[tokio::test(flavor = "multi_thread")]
async fn openwebui() -> Done<()> {
    play(Kind::OpenWebUi).await
}

#[tokio::test(flavor = "multi_thread")]
async fn chainlit() -> Done<()> {
    play(Kind::Chainlit).await
}

#[tokio::test(flavor = "multi_thread")]
async fn assistantui() -> Done<()> {
    play(Kind::AssistantUi).await
}
