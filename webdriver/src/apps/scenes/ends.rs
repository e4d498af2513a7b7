//! Scenes with answers that do not come to their end.

use std::time::{Duration, Instant};

use super::{Stage, want};
use crate::apps::Kind;
use crate::apps::judge::{Want, WantTurn, Wanted};
use crate::apps::model::Ended;
use crate::browser::Done;
use shim::wire::chat::BannerClass;

/// Words of an answer that ends too early.
const CUT_WORDS: usize = 20;
/// After so much silence an answer counts as standing still.
const SILENCE: Duration = Duration::from_secs(5);

impl Stage {
    /// A message that is refused before an answer begins.
    pub(super) async fn refused(&mut self, what: &'static str, class: BannerClass) -> Done<()> {
        let message = format!("please refuse, {what}");
        self.chat.fresh().await?;
        self.chat.say(&message).await?;
        let sent = self.chat.answer().await?;
        if !self.chat.face.trouble.is_empty() {
            self.chat.element(self.chat.face.trouble).await?;
        }
        // The frame of an answer may have stood there for a moment.
        let nothing = WantTurn { optional: true, ..WantTurn::answer("", self.broken_off()) };
        let turns = vec![WantTurn::user(&message), nothing];
        self.check(what, sent.ended_at, &message, &Want { turns, banner: Some(class) }).await?;
        self.close_trouble().await
    }

    /// An answer that ends too early.
    pub(super) async fn cut(
        &mut self,
        before: &'static str,
        scene: &'static str,
        message: &str,
    ) -> Done<()> {
        self.chat.fresh().await?;
        self.chat.say(message).await?;
        let sent = self.sent_words(CUT_WORDS).await?;
        self.chat.shows(&sent.text).await?;
        let half = WantTurn::answer(&sent.text, Wanted::Streaming);
        let turns = want(vec![WantTurn::user(message), half]);
        self.check(before, sent.said_at, message, &turns).await?;
        self.chat.app.model.go_on();
        let sent = self.chat.answer().await?;
        // An error inside a stream is nothing that llama.cpp's page shows.
        let silent = self.chat.app.kind == Kind::LlamaCpp && sent.ended == Some(Ended::Failed);
        if !self.chat.face.trouble.is_empty() && !silent {
            self.chat.element(self.chat.face.trouble).await?;
        }
        self.chat.idle().await?;
        let state = if silent { Wanted::Done } else { self.broken_off() };
        let turns = vec![WantTurn::user(message), WantTurn::answer(&sent.text, state)];
        let banner = (!silent).then_some(BannerClass::Retryable);
        self.check(scene, sent.ended_at, message, &Want { turns, banner }).await?;
        if silent { Ok(()) } else { self.close_trouble().await }
    }

    /// An answer that stands still, and that a person stops.
    pub(super) async fn hangs(&mut self) -> Done<()> {
        let message = "please hang after 24 words";
        self.chat.fresh().await?;
        self.chat.say(message).await?;
        let sent = self.sent_words(24).await?;
        self.chat.shows(&sent.text).await?;
        let user = WantTurn::user(message);
        let half = WantTurn::answer(&sent.text, Wanted::Stalled);
        let still = sent.said_at.map(|said| said + SILENCE);
        self.check("hangs", still, message, &want(vec![user.clone(), half])).await?;
        if self.chat.face.stop.is_empty() {
            return Ok(());
        }
        self.chat.click(self.chat.face.stop).await?;
        let clicked = Instant::now();
        self.chat.idle().await?;
        let text = format!("{}{}", sent.text, self.chat.face.stopped);
        let stopped = WantTurn::answer(&text, Wanted::Stopped);
        self.check("stopped", Some(clicked), message, &want(vec![user, stopped])).await
    }

    /// A message of which nothing ever comes.
    pub(super) async fn silent(&mut self) -> Done<()> {
        if self.chat.face.stop.is_empty() {
            return Ok(());
        }
        let message = "please hang after 0 words";
        let mut turns = Vec::new();
        self.chat.fresh().await?;
        if !self.chat.face.keeps {
            // A chat without an address is named late where it has no answer.
            self.exchange(0, &mut turns).await?;
        }
        self.chat.say(message).await?;
        let still = Instant::now() + SILENCE;
        let nothing = WantTurn::answer("", Wanted::Hung);
        let nothing = WantTurn { optional: !self.chat.face.begins, ..nothing };
        turns.extend([WantTurn::user(message), nothing]);
        let first = turns.first().map(|turn| turn.text.clone()).unwrap_or_default();
        self.check("nothing comes", Some(still), &first, &want(turns)).await?;
        // What the application waits for must not hold up what follows.
        self.chat.click(self.chat.face.stop).await?;
        self.chat.idle().await
    }

    /// How an answer is that broke off.
    fn broken_off(&self) -> Wanted {
        if self.chat.face.takes_back { Wanted::Vanished } else { Wanted::Dropped }
    }

    async fn close_trouble(&self) -> Done<()> {
        if self.chat.face.close.is_empty() {
            return Ok(());
        }
        self.chat.click(self.chat.face.close).await
    }
}
