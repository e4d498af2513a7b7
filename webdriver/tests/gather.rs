//! The whole transcript of a chat of which only a few turns are mounted, gathered because a person
//! asked for it in the popup.
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
use shim::base::SessionId;
use shim::view::texts;
use shim::wire::chat::Role;
use shim::wire::ui::{Answer, Ask};
use shim_webdriver::browser::{Done, until};
use shim_webdriver::lab::{Csp, Renderer, Site};
use shim_webdriver::play::{Play, PlayOptions};
use thirtyfour::{By, WindowHandle};

/// Messages with their answers: many times of what is mounted.
const EXCHANGES: usize = 40;
const BUTTON: &str = "[data-testid=gather]";
const LINE: &str = "[data-testid=gathering]";

/// A long chat that was held before, open in its tab, and the popup over it in a window of its
/// own: the chat stays in view.
struct Open {
    play: Play,
    said: Vec<(String, String)>,
    chat: WindowHandle,
    popup: WindowHandle,
    session: SessionId,
}

async fn open(site: Site, renderer: Renderer, csp: Csp) -> Done<Open> {
    let play =
        Play::start(PlayOptions { renderer, ..PlayOptions::test(kind(), site, csp) }).await?;
    let exchange = |n| {
        let answer = format!("Answer {n} begins.\n\n{}It ends.", "A line of it.\n\n".repeat(n % 5));
        (format!("Question {n}"), answer)
    };
    let said: Vec<_> = (1..=EXCHANGES).map(exchange).collect();
    let id = play.lab.past(&said);
    let path = if site == Site::Claude { "chat" } else { "c" };
    let fresh = play.fresh_url();
    let origin: Vec<&str> = fresh.splitn(4, '/').take(3).collect();
    let browser = &play.browser;
    let url = format!("{}/{path}/{id}", origin.join("/"));
    let chat = browser.open(&url).await?;
    let session = play.saved(2).await?;
    let script = "const [host, done] = arguments; chrome.tabs.query({ url: `https://${host}/*` }) \
        .then(([{ id }]) => done(id), (why) => done(String(why)));";
    let tab = browser.in_inspector(script, vec![site.host().into()]).await?;
    browser.show(&chat).await?;
    let popup = browser.driver.new_window().await?;
    browser.show(&popup).await?;
    browser.driver.goto(format!("{}popup.html?tab={tab}&url={url}", browser.pages)).await?;
    Ok(Open { play, said, chat, popup, session })
}

impl Open {
    /// Lets the site be asked for what its page does not show, or not any more.
    async fn allow(&self, on: bool) -> Done<()> {
        let wanted = on.to_string();
        until("the switch of deep capture to turn", async || {
            let switch = self.play.browser.driver.find(By::Css("[data-testid=deep]")).await?;
            if switch.attr("aria-checked").await?.as_ref() != Some(&wanted) {
                switch.click().await?;
                return Ok(None);
            }
            let Answer::Status(status) = self.play.browser.ask(&Ask::Status).await? else {
                return Err("no status".into());
            };
            Ok((status.settings.deep.is_empty() != on).then_some(()))
        })
        .await?;
        self.both_in_view().await
    }

    /// The chat is what its window shows, and the popup is asked.
    async fn both_in_view(&self) -> Done<()> {
        self.play.browser.show(&self.chat).await?;
        self.play.browser.show(&self.popup).await
    }

    async fn press(&self, label: &str) -> Done<()> {
        until(&format!("the button “{label}”"), async || {
            let button = self.play.browser.driver.find(By::Css(BUTTON)).await?;
            if button.text().await? != label {
                return Ok(None);
            }
            button.click().await?;
            Ok(Some(()))
        })
        .await
    }

    async fn told(&self, words: &str) -> Done<()> {
        until(&format!("the words “{words}”"), async || {
            let text = self.play.browser.driver.find(By::Css(LINE)).await?.text().await?;
            if text.contains(words) { Ok(Some(())) } else { Err(text.into()) }
        })
        .await
    }

    /// Every turn is stored once, in order, with its text.
    async fn is_whole(&self) -> Done<()> {
        let whole = self.play.browser.dump().await?.whole(&self.session);
        let turns = |role| whole.turns.iter().filter(move |turn| turn.role == role);
        let text = |role| turns(role).map(|turn| turn.markdown.trim()).collect::<Vec<_>>();
        let asked: Vec<&str> = self.said.iter().map(|(question, _)| question.trim()).collect();
        let answered: Vec<&str> = self.said.iter().map(|(_, answer)| answer.trim()).collect();
        assert_eq!(text(Role::User), asked);
        assert_eq!(text(Role::Assistant), answered);
        let roles: Vec<Role> = whole.turns.iter().map(|turn| turn.role).collect();
        let in_turn = [Role::User, Role::Assistant].into_iter().cycle();
        assert!(roles.iter().copied().eq(in_turn.take(2 * EXCHANGES)), "{roles:?}");
        Ok(())
    }

    async fn mounted(&self) -> Done<usize> {
        self.play.browser.show(&self.chat).await?;
        let turns = self.play.browser.driver.find_all(By::Css(self.play.face.turn)).await?.len();
        self.play.browser.show(&self.popup).await?;
        Ok(turns)
    }
}

async fn gathered(site: Site, renderer: Renderer, csp: Csp, words: &str) -> Done<()> {
    let open = open(site, renderer, csp).await?;
    let before = open.mounted().await?;
    assert!(before < EXCHANGES, "{before} are mounted");
    open.press(texts::GATHER).await?;
    open.told(words).await?;
    // It stands where it stood.
    open.play.browser.show(&open.chat).await?;
    let last = format!("Question {EXCHANGES}");
    until("the newest turn in view", async || {
        let body = open.play.browser.driver.find(By::Tag("body")).await?.text().await?;
        Ok(body.contains(&last).then_some(()))
    })
    .await?;
    open.is_whole().await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_transcript_with_a_count_is_gathered() -> Done<()> {
    let words = format!("The whole transcript is saved: {} turns.", 2 * EXCHANGES);
    gathered(Site::Claude, Renderer::Newest, Csp::Permissive, &words).await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_transcript_without_a_count_is_gathered_where_the_page_refuses_the_engine() -> Done<()> {
    let words = format!("All that the page has is saved: {} turns.", 2 * EXCHANGES);
    gathered(Site::ChatGpt, Renderer::Newest, Csp::Strict, &words).await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_gathering_ends_at_once_when_it_is_told_to_or_the_page_is_used() -> Done<()> {
    let open = open(Site::Claude, Renderer::Newest, Csp::Permissive).await?;
    open.press(texts::GATHER).await?;
    open.press(texts::STOP_GATHERING).await?;
    open.told("Gathering was stopped.").await?;
    open.press(texts::GATHER).await?;
    open.told("Gathering the transcript").await?;
    open.play.browser.show(&open.chat).await?;
    open.play.browser.driver.find(By::Css(open.play.face.composer)).await?.click().await?;
    open.play.browser.show(&open.popup).await?;
    open.told("Gathering was stopped.").await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_gathering_that_is_left_with_its_chat_holds_up_no_other() -> Done<()> {
    let open = open(Site::Claude, Renderer::Newest, Csp::Permissive).await?;
    let browser = &open.play.browser;
    open.press(texts::GATHER).await?;
    open.told("Gathering the transcript").await?;
    browser.show(&open.chat).await?;
    browser.driver.find(By::Css("a[href=\"/new\"]")).await?.click().await?;
    let other = open.play.lab.log().len() + 1;
    open.play.say("Good morning").await?;
    open.play.answered(other).await?;
    browser.show(&open.popup).await?;
    open.press(texts::GATHER).await?;
    open.told("The whole transcript is saved: 2 turns.").await
}

async fn called(site: Site, csp: Csp) -> Done<()> {
    let open = open(site, Renderer::Newest, csp).await?;
    open.allow(true).await?;
    let before = open.mounted().await?;
    open.press(texts::GATHER).await?;
    open.told(&format!("The whole transcript is saved: {} turns.", 2 * EXCHANGES)).await?;
    assert_eq!(open.mounted().await?, before);
    open.is_whole().await?;
    // What the page shows of it later is the same to it, and no second turn.
    open.both_in_view().await?;
    open.allow(false).await?;
    open.press(texts::GATHER).await?;
    open.told("Gathering the transcript").await?;
    open.told("saved: ").await?;
    open.is_whole().await
}

#[tokio::test(flavor = "multi_thread")]
async fn claude_is_asked_for_the_whole_chat_where_a_person_opted_in() -> Done<()> {
    called(Site::Claude, Csp::Strict).await
}

#[tokio::test(flavor = "multi_thread")]
async fn chatgpt_is_asked_for_the_whole_chat_where_a_person_opted_in() -> Done<()> {
    called(Site::ChatGpt, Csp::Permissive).await
}

#[tokio::test(flavor = "multi_thread")]
async fn an_answer_that_does_not_fit_the_page_is_not_used() -> Done<()> {
    let open = open(Site::Claude, Renderer::Newest, Csp::Permissive).await?;
    open.play.lab.shorten_calls(2);
    open.allow(true).await?;
    open.press(texts::GATHER).await?;
    open.told("it has another number of turns than the page").await?;
    open.told(&format!("The whole transcript is saved: {} turns.", 2 * EXCHANGES)).await?;
    open.is_whole().await
}
