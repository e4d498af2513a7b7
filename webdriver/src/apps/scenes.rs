//! The states that a chat goes through, played on a real application.

mod calls;

use std::time::{Duration, Instant};

use super::chat::Chat;
use super::figures::Outcome;
use super::judge::{Want, WantTurn, Wanted, judge};
use super::model::{Ended, Sent, tokens};
use super::{Kind, judge::Verdict};
use crate::browser::{Done, until, until_within};
use shim::wire::chat::BannerClass;

/// How long the store may take before a scene counts as wrong: a machine may be busy. What it
/// really took is in the table.
const STORE: Duration = Duration::from_secs(20);
/// Exchanges of the long chat.
const EXCHANGES: usize = 50;

/// Words of an answer that ends too early.
const CUT_WORDS: usize = 20;

/// What is played.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scene {
    /// An answer in mid-stream, and then whole.
    Streaming,
    /// Everything that Markdown has.
    Markdown,
    /// Thinking before the answer.
    Thinking,
    /// A tool: asked for where the application asks, running, done.
    Tool,
    /// A tool three times and another one, at once.
    Tools,
    /// A tool that a person forbids.
    Denied,
    /// A tool that fails.
    Broken,
    /// HTTP 429.
    Limit,
    /// The chat is longer than the model holds.
    Context,
    /// An error inside the stream.
    Fails,
    /// The connection breaks.
    Drops,
    /// Nothing more comes, and a person stops it.
    Hangs,
    /// The page is loaded again in mid-stream.
    Reload,
    /// A hundred turns, of which the application may mount few, and a page loaded again.
    Long,
}

impl Scene {
    /// All of them.
    pub const ALL: [Self; 14] = [
        Self::Streaming,
        Self::Markdown,
        Self::Thinking,
        Self::Tool,
        Self::Tools,
        Self::Denied,
        Self::Broken,
        Self::Limit,
        Self::Context,
        Self::Fails,
        Self::Drops,
        Self::Hangs,
        Self::Reload,
        Self::Long,
    ];
}

/// A chat, and what came of its scenes so far.
pub struct Stage {
    /// The chat.
    pub chat: Chat,
    /// What came of the scenes.
    pub outcomes: Vec<Outcome>,
    /// Turns of the long chat that its page mounts when it is loaded again.
    pub mounted: Option<usize>,
}

impl Stage {
    /// Plays a scene. A step that cannot be made is an outcome as well.
    ///
    /// # Errors
    /// When the browser is gone.
    pub async fn play(&mut self, scene: Scene) -> Done<()> {
        let played = match scene {
            Scene::Streaming => self.streaming().await,
            Scene::Markdown => self.whole("markdown", "please show markdown").await,
            Scene::Thinking => self.whole("thinking", "please think first").await,
            Scene::Tool => self.tool().await,
            Scene::Tools => self.tools().await,
            Scene::Denied => self.denied().await,
            Scene::Broken => self.broken().await,
            Scene::Limit => self.refused("limit", BannerClass::Limit).await,
            Scene::Context => self.refused("context", BannerClass::Full).await,
            Scene::Fails => {
                self.cut("before the error", "error in mid-stream", "please fail after 20 words")
                    .await
            }
            Scene::Drops => {
                self.cut("before the drop", "dropped", "please drop after 20 words").await
            }
            Scene::Hangs => self.hangs().await,
            Scene::Reload => self.reload().await,
            Scene::Long => self.long().await,
        };
        if let Err(failure) = played {
            let wrong = vec![format!("{scene:?} could not be played: {failure}")];
            let verdict = Verdict { wrong, ..Verdict::default() };
            self.outcomes.push(Outcome { scene: "not played", verdict, stored_ms: None });
            self.chat.keep_page(&format!("{scene:?}-broken")).await?;
        }
        self.chat.app.model.let_tools_return(true);
        self.chat.app.model.go_on();
        Ok(())
    }

    /// Waits until the store holds what it must, and notes what it holds in the end.
    async fn check(&mut self, scene: &'static str, first: &str, want: &Want) -> Done<()> {
        self.chat.keep_page(scene).await?;
        let want = &if self.chat.face.tells { want.clone() } else { want.untold() };
        let began = Instant::now();
        let mut last = Verdict::default();
        let held = until_within(STORE, "the store", async || {
            last = judge(&self.chat.browser.dump().await?, first, want);
            Ok(last.is_right().then_some(()))
        })
        .await;
        let stored_ms = held.is_ok().then(|| began.elapsed().as_millis());
        if held.is_err() {
            self.chat.keep_page(&format!("{scene}, wrong")).await?;
        }
        for wrong in &mut last.wrong {
            *wrong = format!("{scene}: {wrong}");
        }
        self.outcomes.push(Outcome { scene, verdict: last, stored_ms });
        Ok(())
    }

    async fn streaming(&mut self) -> Done<()> {
        let message = "please pause after 60 words";
        self.chat.fresh().await?;
        self.chat.say(message).await?;
        let sent = self.sent_words(60).await?;
        self.chat.shows(&sent.text).await?;
        let user = WantTurn::user(message);
        let half = WantTurn::answer(&sent.text, Wanted::Streaming);
        self.check("streaming", message, &want(vec![user.clone(), half])).await?;
        self.chat.app.model.go_on();
        let sent = self.chat.answer().await?;
        self.chat.shows(&sent.text).await?;
        self.chat.idle().await?;
        let whole = WantTurn::answer(&sent.text, Wanted::Done);
        self.check("finished", message, &want(vec![user, whole])).await
    }

    /// A message that is answered as it should be.
    async fn whole(&mut self, scene: &'static str, message: &str) -> Done<()> {
        self.chat.fresh().await?;
        self.chat.say(message).await?;
        let sent = self.chat.answer().await?;
        let last = sent.text.split_whitespace().last().unwrap_or_default();
        self.chat.shows(last).await?;
        self.chat.idle().await?;
        let turns = vec![WantTurn::user(message), WantTurn::answer(&sent.text, Wanted::Done)];
        self.check(scene, message, &want(turns)).await
    }

    async fn refused(&mut self, what: &'static str, class: BannerClass) -> Done<()> {
        let message = format!("please refuse, {what}");
        let mut turns = Vec::new();
        self.chat.fresh().await?;
        if !self.chat.face.tells {
            // A chat without an address is known by its first answer: it is to have one.
            self.exchange(0, &mut turns).await?;
        }
        self.chat.say(&message).await?;
        self.chat.answer().await?;
        if !self.chat.face.trouble.is_empty() {
            self.chat.element(self.chat.face.trouble).await?;
        }
        let nothing = WantTurn { optional: true, ..WantTurn::answer("", Wanted::Broken) };
        turns.extend([WantTurn::user(&message), nothing]);
        let first = turns.first().map(|turn| turn.text.clone()).unwrap_or_default();
        self.check(what, &first, &Want { turns, banner: Some(class) }).await?;
        self.close_trouble().await
    }

    /// An answer that ends too early.
    async fn cut(&mut self, before: &'static str, scene: &'static str, message: &str) -> Done<()> {
        self.chat.fresh().await?;
        self.chat.say(message).await?;
        let sent = self.sent_words(CUT_WORDS).await?;
        self.chat.shows(&sent.text).await?;
        let half = WantTurn::answer(&sent.text, Wanted::Streaming);
        self.check(before, message, &want(vec![WantTurn::user(message), half])).await?;
        self.chat.app.model.go_on();
        let sent = self.chat.answer().await?;
        // An error inside a stream is nothing that llama.cpp's page shows.
        let silent = self.chat.app.kind == Kind::LlamaCpp && sent.ended == Some(Ended::Failed);
        if !self.chat.face.trouble.is_empty() && !silent {
            self.chat.element(self.chat.face.trouble).await?;
        }
        self.chat.idle().await?;
        let state = if silent { Wanted::Done } else { Wanted::Broken };
        let turns = vec![WantTurn::user(message), WantTurn::answer(&sent.text, state)];
        self.check(scene, message, &want(turns)).await?;
        if silent { Ok(()) } else { self.close_trouble().await }
    }

    async fn hangs(&mut self) -> Done<()> {
        let message = "please hang after 24 words";
        self.chat.fresh().await?;
        self.chat.say(message).await?;
        let sent = self.sent_words(24).await?;
        self.chat.shows(&sent.text).await?;
        let user = WantTurn::user(message);
        let half = WantTurn::answer(&sent.text, Wanted::Stalled);
        self.check("hangs", message, &want(vec![user.clone(), half])).await?;
        if self.chat.face.stop.is_empty() {
            return Ok(());
        }
        self.chat.click(self.chat.face.stop).await?;
        self.chat.idle().await?;
        let text = format!("{}{}", sent.text, self.chat.face.stopped);
        let stopped = WantTurn::answer(&text, Wanted::Stopped);
        self.check("stopped", message, &want(vec![user, stopped])).await
    }

    async fn reload(&mut self) -> Done<()> {
        let message = "please pause after 30 words";
        self.chat.fresh().await?;
        self.chat.say(message).await?;
        let sent = self.sent_words(30).await?;
        self.chat.shows(&sent.text).await?;
        let user = WantTurn::user(message);
        let half = WantTurn::answer(&sent.text, Wanted::Streaming);
        self.check("before the reload", message, &want(vec![user.clone(), half])).await?;
        self.chat.browser.driver.refresh().await?;
        self.chat.ready().await?;
        self.chat.app.model.go_on();
        let sent = self.chat.answer().await?;
        // Where the page's own request carried the answer, that ended with the page.
        let whole = sent.ended == Some(Ended::Done) && self.chat.face.keeps;
        if whole {
            self.chat.shows(&sent.text).await?;
            self.chat.idle().await?;
        }
        let text = if whole { sent.text } else { words(&sent.text, 30) };
        let state = whole.then_some(Wanted::Done);
        let answer = WantTurn { state, ..WantTurn::answer(&text, Wanted::Done) };
        self.check("after the reload", message, &want(vec![user, answer])).await
    }

    async fn long(&mut self) -> Done<()> {
        self.chat.fresh().await?;
        let mut turns = Vec::new();
        for number in 1..=EXCHANGES {
            self.exchange(number, &mut turns).await?;
        }
        self.check("100 turns", &exchange(1), &want(turns.clone())).await?;
        if !self.chat.face.keeps {
            return Ok(());
        }
        self.chat.browser.driver.refresh().await?;
        self.chat.ready().await?;
        let last = turns.last().map(|turn| turn.text.clone()).unwrap_or_default();
        self.chat.shows(&last).await?;
        self.mounted = Some(self.chat.mounted().await?);
        // The new document knows nothing of the turns above its window.
        self.exchange(EXCHANGES + 1, &mut turns).await?;
        self.check("102 turns, loaded again", &exchange(1), &want(turns)).await
    }

    async fn exchange(&self, number: usize, turns: &mut Vec<WantTurn>) -> Done<()> {
        let message = exchange(number);
        self.chat.say(&message).await?;
        let sent = self.chat.answer().await?;
        self.chat.shows(&sent.text).await?;
        self.chat.idle().await?;
        turns.push(WantTurn::user(&message));
        turns.push(WantTurn::answer(&sent.text, Wanted::Done));
        Ok(())
    }

    async fn close_trouble(&self) -> Done<()> {
        if self.chat.face.close.is_empty() {
            return Ok(());
        }
        self.chat.click(self.chat.face.close).await
    }

    /// Waits until the model wrote so many words, and says what it wrote.
    async fn sent_words(&self, count: usize) -> Done<Sent> {
        until("the model to write", async || {
            let last = self.chat.app.model.sent().pop();
            Ok(last.filter(|sent| sent.text.split_whitespace().count() == count))
        })
        .await
    }

    async fn ended(&self, how: Ended) -> Done<Sent> {
        until("the model to end its answer", async || {
            Ok(self.chat.app.model.sent().pop().filter(|sent| sent.ended == Some(how)))
        })
        .await
    }
}

/// A message of the long chat.
fn exchange(number: usize) -> String {
    format!("please repeat exchange {number} of the long chat")
}

fn want(turns: Vec<WantTurn>) -> Want {
    Want { turns, banner: None }
}

/// The first words of a text, with the white space between them.
fn words(text: &str, count: usize) -> String {
    tokens(text).into_iter().take(count).collect()
}
