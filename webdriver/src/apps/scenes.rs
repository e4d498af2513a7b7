//! The states that a chat goes through, played on a real application.
//!
//! Each state begins at a moment, from which it is counted how soon SHIM knows of it: until a look
//! into the store, which takes its own time, finds it there.
//!
//! | state | its moment |
//! | --- | --- |
//! | streaming | the newest piece of the answer left the model |
//! | done, dropped, vanished, error, limit | the model ended its answer, broke it off or refused |
//! | stalled | five seconds after the newest piece: only silence tells it |
//! | hung | five seconds after the model had the message |
//! | stopped | the click |

mod calls;
mod ends;
mod gathers;

use std::time::{Duration, Instant};

use super::chat::Chat;
use super::figures::Outcome;
use super::judge::Verdict;
use super::judge::{Want, WantTurn, Wanted, judge};
use super::model::{Ended, Sent, tokens};
use crate::browser::{Done, until, until_within};
use shim::wire::chat::BannerClass;

/// How long the store may take before a scene counts as wrong: a machine may be busy. What it
/// really took is in the table.
pub const PATIENCE: Duration = Duration::from_secs(20);
/// The same where much is wrong, and only how much is asked.
pub const LESS_PATIENCE: Duration = Duration::from_secs(12);
/// Exchanges of the long chat.
const EXCHANGES: usize = 50;

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
    /// HTTP 500.
    Server,
    /// An error inside the stream.
    Fails,
    /// The connection breaks.
    Drops,
    /// Nothing more comes, and a person stops it.
    Hangs,
    /// Nothing comes at all.
    Silent,
    /// The page is loaded again in mid-stream.
    Reload,
    /// A hundred turns, of which the application may mount few, and a page loaded again.
    Long,
    /// A chat of which the page mounts a part: the rest by the site's own call.
    Called,
    /// The same by scrolling.
    Scrolled,
}

impl Scene {
    /// All of them.
    pub const ALL: [Self; 18] = [
        Self::Streaming,
        Self::Markdown,
        Self::Thinking,
        Self::Tool,
        Self::Tools,
        Self::Denied,
        Self::Broken,
        Self::Limit,
        Self::Context,
        Self::Server,
        Self::Fails,
        Self::Drops,
        Self::Hangs,
        Self::Silent,
        Self::Reload,
        Self::Long,
        Self::Called,
        Self::Scrolled,
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
    /// How long the store may take.
    pub patience: Duration,
}

impl Stage {
    /// A chat of which nothing was played yet.
    #[must_use]
    pub fn new(chat: Chat, patience: Duration) -> Self {
        Self { chat, outcomes: Vec::new(), mounted: None, patience }
    }

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
            Scene::Server => self.refused("server", BannerClass::Retryable).await,
            Scene::Fails => {
                self.cut("before the error", "error in mid-stream", "please fail after 20 words")
                    .await
            }
            Scene::Drops => {
                self.cut("before the drop", "dropped", "please drop after 20 words").await
            }
            Scene::Hangs => self.hangs().await,
            Scene::Silent => self.silent().await,
            Scene::Reload => self.reload().await,
            Scene::Long => self.long().await,
            Scene::Called => self.gathered(true).await,
            Scene::Scrolled => self.gathered(false).await,
        };
        if let Err(failure) = played {
            let wrong = vec![format!("{scene:?} could not be played: {failure}")];
            let verdict = Verdict { wrong, ..Verdict::default() };
            let (stored, events) = (None, Vec::new());
            self.outcomes.push(Outcome { scene: "not played", verdict, stored, events });
            self.chat.keep_page(&format!("{scene:?}-broken")).await?;
        }
        self.chat.app.model.let_tools_return(true);
        self.chat.app.model.go_on();
        Ok(())
    }

    /// Waits until the store holds what it must, and notes what it holds in the end, and how long
    /// after its moment it knew what happened.
    async fn check(
        &mut self,
        scene: &'static str,
        moment: Option<Instant>,
        first: &str,
        want: &Want,
    ) -> Done<()> {
        self.chat.keep_page(scene).await?;
        let want = &if self.chat.face.tells { want.clone() } else { want.untold() };
        let moment = moment.unwrap_or_else(Instant::now);
        let patience = self.patience + moment.saturating_duration_since(Instant::now());
        let mut last = Verdict::default();
        let mut known = [None; 2];
        let held = until_within(patience, "the store", async || {
            last = judge(&self.chat.browser.dump().await?, first, want);
            let passed = moment.elapsed();
            for (known, event) in known.iter_mut().zip(last.events) {
                *known = known.or_else(|| event.filter(|right| *right).map(|_| passed));
            }
            Ok(last.is_right().then_some(()))
        })
        .await;
        let stored = held.is_ok().then(|| moment.elapsed());
        if held.is_err() {
            self.chat.keep_page(&format!("{scene}, wrong")).await?;
        }
        for wrong in &mut last.wrong {
            *wrong = format!("{scene}: {wrong}");
        }
        let told = known.into_iter().zip(last.events).filter(|(_, event)| event.is_some());
        let events = told.map(|(known, _)| known).collect();
        self.outcomes.push(Outcome { scene, verdict: last, stored, events });
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
        let turns = want(vec![user.clone(), half]);
        self.check("streaming", sent.said_at, message, &turns).await?;
        self.chat.app.model.go_on();
        let sent = self.chat.answer().await?;
        self.chat.shows(&sent.text).await?;
        self.chat.idle().await?;
        let whole = WantTurn::answer(&sent.text, Wanted::Done);
        self.check("finished", sent.ended_at, message, &want(vec![user, whole])).await
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
        self.check(scene, sent.ended_at, message, &want(turns)).await
    }

    async fn reload(&mut self) -> Done<()> {
        let message = "please pause after 30 words";
        self.chat.fresh().await?;
        self.chat.say(message).await?;
        let sent = self.sent_words(30).await?;
        self.chat.shows(&sent.text).await?;
        let user = WantTurn::user(message);
        let half = WantTurn::answer(&sent.text, Wanted::Streaming);
        let turns = want(vec![user.clone(), half]);
        self.check("before the reload", sent.said_at, message, &turns).await?;
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
        let mut text = if whole { sent.text } else { words(&sent.text, 30) };
        if !whole && !self.chat.face.left.is_empty() {
            // How much of the answer the application kept, if any, is its own affair; that its
            // stream broke it may still have noted while its page was being left.
            self.chat.shows(message).await?;
            let noted = self.chat.face.left.trim().trim_matches('`').trim_start_matches("text");
            text.push_str(if self.chat.is_shown(noted).await? { self.chat.face.left } else { "" });
        }
        let state = whole.then_some(Wanted::Done);
        let answer = WantTurn { state, ..WantTurn::answer(&text, Wanted::Done) };
        // The page is read anew: its moment is now.
        self.check("after the reload", None, message, &want(vec![user, answer])).await
    }

    async fn long(&mut self) -> Done<()> {
        self.chat.fresh().await?;
        let mut turns = Vec::new();
        let mut ended = None;
        for number in 1..=EXCHANGES {
            ended = self.exchange(number, &mut turns).await?;
        }
        self.check("100 turns", ended, &exchange(1), &want(turns.clone())).await?;
        if !self.chat.face.keeps {
            return Ok(());
        }
        self.chat.browser.driver.refresh().await?;
        self.chat.ready().await?;
        let last = turns.last().map(|turn| turn.text.clone()).unwrap_or_default();
        self.chat.shows(&last).await?;
        self.mounted = Some(self.chat.mounted().await?);
        // The new document knows nothing of the turns above its window.
        let ended = self.exchange(EXCHANGES + 1, &mut turns).await?;
        self.check("102 turns, loaded again", ended, &exchange(1), &want(turns)).await
    }

    /// A message and its whole answer; returns when that ended.
    async fn exchange(&self, number: usize, turns: &mut Vec<WantTurn>) -> Done<Option<Instant>> {
        let message = exchange(number);
        self.chat.say(&message).await?;
        let sent = self.chat.answer().await?;
        self.chat.shows(&sent.text).await?;
        self.chat.idle().await?;
        turns.push(WantTurn::user(&message));
        turns.push(WantTurn::answer(&sent.text, Wanted::Done));
        Ok(sent.ended_at)
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
