//! What sites show beside the ordinary: an older renderer, accounts of both renderers open at
//! once, messages that a chat is full, a limit is reached, or something went wrong.
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
use shim::wire::chat::{BannerClass, Role};
use shim::wire::records::SessionHead;
use shim::wire::session::ResumeStage;
use shim::wire::signals::{FactorKind, RiskLevel};
use shim_webdriver::browser::{Done, Kind, until};
use shim_webdriver::lab::{Csp, Renderer, Site};
use shim_webdriver::play::{Play, PlayOptions, face};
use thirtyfour::{By, WindowHandle};

/// Messages of a short chat: enough for tool calls and a checkpoint.
const SHORT: usize = 3;

fn options(site: Site, renderer: Renderer) -> PlayOptions {
    let options = PlayOptions::test(kind(), site, Csp::Permissive);
    PlayOptions { turns: SHORT, renderer, ..options }
}

async fn heads(play: &Play) -> Done<Vec<SessionHead>> {
    Ok(play.browser.dump().await?.sessions())
}

/// The main job on the older renderer of a site, read without a gap.
async fn main_job(site: Site) -> Done<Play> {
    let mut play = Play::start(options(site, Renderer::July)).await?;
    play.whole_job().await?;
    println!("{}", play.report.table());
    assert!(play.report.failures.is_empty(), "{:#?}", play.report.failures);
    for head in heads(&play).await? {
        assert_eq!(head.gaps, Vec::<String>::new(), "the renderer is read without a gap");
    }
    Ok(play)
}

#[tokio::test(flavor = "multi_thread")]
async fn main_job_on_claude_of_july() -> Done<()> {
    let play = main_job(Site::Claude).await?;
    assert!(play.report.calls >= 3, "only {} calls were read", play.report.calls);
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn main_job_on_chatgpt_of_july() -> Done<()> {
    main_job(Site::ChatGpt).await?;
    Ok(())
}

/// Two chats one after the other in the same document, with the same words.
async fn two_in_one_document(site: Site, link: &str) -> Done<()> {
    let play = Play::start(options(site, Renderer::July)).await?;
    play.browser.open(&play.fresh_url()).await?;
    play.say("Good morning").await?;
    play.answered(1).await?;
    let first = play.saved(2).await?;
    play.browser.driver.find(By::Css(link)).await?.click().await?;
    until("the page to show a new chat", async || {
        Ok(play.browser.driver.find(By::Css(play.face.message)).await.is_err().then_some(()))
    })
    .await?;
    play.say("Good morning").await?;
    play.answered(2).await?;
    let second = until("the second chat to be stored", async || {
        let dump = play.browser.dump().await?;
        let other = dump.sessions().into_iter().find(|head| head.id != first);
        let other = other.map(|head| head.id).ok_or("it has no record")?;
        Ok((dump.whole(&other).turns.len() == 2).then_some(other))
    })
    .await?;
    let dump = play.browser.dump().await?;
    for session in [&first, &second] {
        let turns = dump.whole(session).turns;
        assert_eq!(turns.len(), 2);
        assert_eq!(turns[0].markdown, "Good morning");
        assert!(turns[1].markdown.contains("Happy to help"), "{}", turns[1].markdown);
    }
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn chats_that_follow_each_other_on_claude_of_july_stay_apart() -> Done<()> {
    two_in_one_document(Site::Claude, "a[href=\"/new\"]").await
}

#[tokio::test(flavor = "multi_thread")]
async fn chats_that_follow_each_other_on_chatgpt_of_july_stay_apart() -> Done<()> {
    two_in_one_document(Site::ChatGpt, "nav a[href=\"/\"]").await
}

/// Two chats of one site side by side, each in its own renderer and of its own account.
struct Both {
    play: Play,
    /// Tab and session, the older renderer first.
    old: (WindowHandle, SessionId),
    new: (WindowHandle, SessionId),
}

const WALNUTS: [&str; 2] = ["Count the walnuts in the shed", "Count the walnuts again"];
const FENCES: [&str; 2] = ["Paint the fences green", "Paint the fences again"];

/// Opens a fresh chat of the account that has this renderer.
async fn fresh(play: &mut Play, site: Site, renderer: Renderer) -> Done<WindowHandle> {
    let name = renderer.name();
    play.face = face(site, renderer);
    let url = format!("{}?account=account-{name}&renderer={name}", play.fresh_url());
    play.browser.open(&url).await
}

/// Holds both chats, a message of one after a message of the other.
async fn both(site: Site) -> Done<Both> {
    let mut play = Play::start(options(site, Renderer::Newest)).await?;
    let old = fresh(&mut play, site, Renderer::July).await?;
    play.say(WALNUTS[0]).await?;
    play.answered(1).await?;
    let new = fresh(&mut play, site, Renderer::Newest).await?;
    play.say(FENCES[0]).await?;
    play.answered(2).await?;
    play.browser.show(&old).await?;
    play.face = face(site, Renderer::July);
    play.say(WALNUTS[1]).await?;
    play.answered(3).await?;
    play.browser.show(&new).await?;
    play.face = face(site, Renderer::Newest);
    play.say(FENCES[1]).await?;
    play.answered(4).await?;
    let sessions = until("both chats to be stored", async || {
        let dump = play.browser.dump().await?;
        let whole = |texts: [&str; 2]| {
            let fits = |head: &SessionHead| {
                let turns = dump.whole(&head.id).turns;
                let said = turns.iter().filter(|t| t.role == Role::User).map(|t| &t.markdown);
                turns.len() == 4 && said.eq(texts) && head.last_checkpoint > 0
            };
            dump.sessions().into_iter().find(fits).map(|head| head.id)
        };
        match (whole(WALNUTS), whole(FENCES)) {
            (Some(walnuts), Some(fences)) => Ok(Some((walnuts, fences))),
            some => Err(format!("{some:?} of {:?}", dump.sessions()).into()),
        }
    })
    .await?;
    assert_eq!(heads(&play).await?.len(), 2, "there are two chats and no third");
    for head in heads(&play).await? {
        assert_eq!(head.gaps, Vec::<String>::new(), "both renderers are read without a gap");
    }
    Ok(Both { play, old: (old, sessions.0), new: (new, sessions.1) })
}

#[tokio::test(flavor = "multi_thread")]
async fn accounts_of_both_renderers_of_claude_stay_apart() -> Done<()> {
    let site = Site::Claude;
    let Both { mut play, old, new } = both(site).await?;
    let accounts: Vec<_> = heads(&play).await?.into_iter().map(|head| head.account).collect();
    assert_ne!(accounts[0], accounts[1], "each chat is of its own account");

    play.browser.show(&old.0).await?;
    play.browser.crash_tab(play.face.host).await?;
    play.crash_is_noticed(&old.1).await?;
    fresh(&mut play, site, Renderer::Newest).await?;
    if kind() == Kind::Firefox {
        // Both tabs share their process there: this account's chat is lost too, and is its own.
        let prompt = play.placed().await?;
        assert!(prompt.contains("fences") && !prompt.contains("walnuts"), "{prompt}");
        play.browser.press_card("Undo").await?;
    } else {
        // A whole exchange: had a prompt been due here, it would have come before.
        play.say("Good morning").await?;
        play.answered(5).await?;
        assert_eq!(play.lab.log().last().unwrap().text, "Good morning");
        assert!(play.browser.dump().await?.resumes().is_empty());
        assert_eq!(play.browser.dump().await?.whole(&new.1).turns.len(), 4);
    }
    fresh(&mut play, site, Renderer::July).await?;
    let prompt = play.placed().await?;
    assert!(prompt.contains("walnuts") && !prompt.contains("fences"), "{prompt}");
    let before = play.lab.log().len();
    play.browser.press_card("Send").await?;
    play.answered(before + 1).await?;
    assert_eq!(play.lab.log().last().unwrap().text, prompt);
    let to = until("the resume to be answered", async || {
        let resumes = play.browser.dump().await?.resumes();
        let done = |r: &&shim::wire::records::ResumeHead| {
            r.from == old.1 && r.stage == Some(ResumeStage::Answered)
        };
        Ok(resumes.iter().find(done).and_then(|resume| resume.to.clone()))
    })
    .await?;
    let heads = heads(&play).await?;
    let account =
        |id: &SessionId| heads.iter().find(|head| head.id == *id).map(|head| &head.account);
    assert_eq!(account(&to), account(&old.1), "the new chat is of the same account");
    assert_ne!(account(&to), account(&new.1));
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn both_renderers_of_chatgpt_are_read_side_by_side() -> Done<()> {
    let Both { mut play, old, new } = both(Site::ChatGpt).await?;
    // An answer has another id after the page was loaded again, and is the same answer.
    play.browser.show(&old.0).await?;
    play.face = face(Site::ChatGpt, Renderer::July);
    let url = play.browser.driver.current_url().await?;
    play.browser.driver.goto(format!("{url}?renderer=2026-07")).await?;
    until("the page to show the chat again", async || {
        Ok((play.browser.driver.find_all(By::Css(play.face.turn)).await?.len() == 4).then_some(()))
    })
    .await?;
    play.say("And the hazelnuts").await?;
    play.answered(5).await?;
    let turns = until("the third exchange to be stored", async || {
        let turns = play.browser.dump().await?.whole(&old.1).turns;
        Ok((turns.len() >= 6).then_some(turns))
    })
    .await?;
    let said = turns.iter().filter(|t| t.role == Role::User).map(|t| t.markdown.as_str());
    let said: Vec<&str> = said.collect();
    assert_eq!(said, [WALNUTS[0], WALNUTS[1], "And the hazelnuts"]);
    assert_eq!(turns.len(), 6, "no answer is there twice");
    assert_eq!(play.browser.dump().await?.whole(&new.1).turns.len(), 4);
    Ok(())
}

/// A message that makes the site say something, what that means, and what the popup says of it.
type Said = (&'static str, BannerClass, &'static str);

/// Brings a site to each message in a chat of its own, and reads what is stored and shown.
async fn site_says(site: Site, cases: [Said; 3]) -> Done<(Play, Vec<SessionId>)> {
    let play = Play::start(options(site, Renderer::Newest)).await?;
    let mut sessions: Vec<SessionId> = Vec::new();
    for (number, (command, class, reason)) in cases.into_iter().enumerate() {
        let chat = play.browser.open(&play.fresh_url()).await?;
        play.say("Good morning").await?;
        play.answered(number * 2 + 1).await?;
        play.say(command).await?;
        play.answered(number * 2 + 2).await?;
        let head = until(&format!("{command} to be recognised"), async || {
            let heads = heads(&play).await?;
            let new = heads.iter().find(|head| !sessions.contains(&head.id));
            let new = new.ok_or("the chat has no record")?;
            let known = new.banner.as_ref().is_some_and(|(is, _)| *is == class);
            if known { Ok(Some(new.clone())) } else { Err(format!("{:?}", new.banner).into()) }
        })
        .await?;
        let announced = head.risk.factors.iter().any(|f| f.signal == FactorKind::SiteBanner);
        let serious = matches!(class, BannerClass::Full | BannerClass::Limit);
        assert_eq!(announced, serious, "{command}: {:?}", head.risk);
        assert_eq!(head.risk.level == RiskLevel::Danger, serious, "{command}: {:?}", head.risk);
        shown(&play, &head.id, reason).await?;
        play.browser.show(&chat).await?;
        sessions.push(head.id);
    }
    Ok((play, sessions))
}

/// Waits until the popup's list says this of a chat.
async fn shown(play: &Play, session: &SessionId, reason: &str) -> Done<()> {
    play.browser.show_inspector().await?;
    play.browser.driver.refresh().await?;
    let row = format!("[data-testid=session][data-session=\"{session}\"] [data-testid=reason]");
    until(&format!("the popup to say: {reason}"), async || {
        let says = play.browser.driver.find(By::Css(row.as_str())).await?;
        let says = says.text().await?;
        if says == reason { Ok(Some(())) } else { Err(format!("it says: {says}").into()) }
    })
    .await
}

#[tokio::test(flavor = "multi_thread")]
async fn what_claude_says_is_recognised_and_shown() -> Done<()> {
    let full = "Context full: “Claude hit the maximum length for this conversation. Please start \
                a new conversation to continue chatting with Claude.”";
    let error = "The site reported an error: “Claude’s response was interrupted.”";
    let cases = [
        ("!limit 9:30 AM", BannerClass::Limit, "Usage limit, resets at 9:30 AM"),
        ("!error banner", BannerClass::Retryable, error),
        ("!maxlength", BannerClass::Full, full),
    ];
    let (play, sessions) = site_says(Site::Claude, cases).await?;
    // A chat that is full goes on in another one, with two clicks.
    play.browser.show_inspector().await?;
    let row = format!("[data-session=\"{}\"]", sessions[2]);
    play.browser.driver.find(By::Css(row.as_str())).await?.click().await?;
    let tabs = play.browser.driver.windows().await?.len();
    let resume = until("the button that resumes", async || {
        Ok(play.browser.driver.find(By::Css("[data-testid=resume]")).await.ok())
    })
    .await?;
    resume.click().await?;
    let fresh = until("a new tab", async || {
        let all = play.browser.driver.windows().await?;
        Ok((all.len() > tabs).then(|| all.last().cloned()).flatten())
    })
    .await?;
    play.browser.show(&fresh).await?;
    let prompt = play.placed().await?;
    assert!(prompt.contains("Good morning"), "the prompt is of this chat: {prompt}");
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn what_chatgpt_says_is_recognised_and_shown() -> Done<()> {
    let full = "Context full: “You've reached the maximum length for this conversation, but you \
                can keep talking by starting a new chat.”";
    let error = "The site reported an error: “Message delivery timed out. Please try again.”";
    let cases = [
        ("!limit 9:30 AM", BannerClass::Limit, "Usage limit, resets at 9:30 AM"),
        ("!error banner", BannerClass::Retryable, error),
        ("!maxlength", BannerClass::Full, full),
    ];
    site_says(Site::ChatGpt, cases).await?;
    Ok(())
}
