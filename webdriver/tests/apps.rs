//! Real chat applications in real browsers, with the extension: what SHIM reads of them against
//! what the scripted model really sent.
//!
//! `cargo xtask test` installs what it runs and names the browser; a test is named after its
//! application.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test that panics is a test that fails, which is what it is for"
)]

mod shared;

use shared::kind;
use shim_webdriver::apps::{self, Kind, chat::Chat};
use shim_webdriver::browser::{Browser, Done, Options};

async fn open(app: Kind) -> Done<Chat> {
    let installed = apps::install(app, &|text| println!("{text}"))?;
    let started = std::time::Instant::now();
    let app = apps::start(&installed).await?;
    println!("started in {:.1} s", started.elapsed().as_secs_f64());
    let browser = Browser::start(&Options::from_env(kind(), 0)?).await?;
    Ok(Chat::new(app, browser))
}

async fn explore(app: Kind) -> Done<()> {
    let chat = open(app).await?;
    for (name, message) in [
        ("words", "please write 60 words"),
        ("markdown", "please show markdown"),
        ("think", "please think first"),
        ("limit", "please refuse, limit"),
        ("context", "please refuse, context"),
        ("fail", "please fail after 20 words"),
        ("drop", "please drop after 20 words"),
        ("tool", "please use get_weather for Oslo"),
        ("pause", "please pause after 20 words"),
    ] {
        println!("scene {name}");
        let went: Done<()> = async {
            chat.fresh().await?;
            chat.say(message).await?;
            if name == "tool" {
                chat.app.model.let_tools_return(false);
            }
            if name == "pause" {
                chat.shows("meadow23").await.ok();
                chat.keep_page("pause-mid").await?;
                chat.app.model.go_on();
            }
            let sent = chat.answer().await?;
            println!("{:?} {:?}", sent.ended, sent.offered);
            let last = sent.text.split_whitespace().last().unwrap_or_default().to_owned();
            if !chat.face.allow.is_empty() && name == "tool" {
                chat.element(chat.face.allow).await?;
                chat.keep_page("tool-asked").await?;
                chat.click(chat.face.allow).await?;
            }
            if name == "tool" {
                tokio::time::sleep(std::time::Duration::from_secs(3)).await;
                chat.keep_page("tool-running").await?;
                chat.app.model.let_tools_return(true);
            }
            if name != "markdown" {
                let _ = chat.shows(&last).await;
            }
            tokio::time::sleep(std::time::Duration::from_secs(3)).await;
            chat.keep_page(name).await?;
            Ok(())
        }
        .await;
        if let Err(error) = went {
            println!("  {error}");
            chat.keep_page(&format!("{name}-broken")).await?;
        }
    }
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn llamacpp() -> Done<()> {
    explore(Kind::LlamaCpp).await
}

#[tokio::test(flavor = "multi_thread")]
async fn openwebui() -> Done<()> {
    explore(Kind::OpenWebUi).await
}

#[tokio::test(flavor = "multi_thread")]
async fn chainlit() -> Done<()> {
    explore(Kind::Chainlit).await
}

#[tokio::test(flavor = "multi_thread")]
async fn assistantui() -> Done<()> {
    explore(Kind::AssistantUi).await
}
