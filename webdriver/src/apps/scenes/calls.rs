//! Scenes with calls of tools.

use std::time::Instant;
use thirtyfour::By;

use super::{Stage, want};
use crate::apps::judge::{WantTurn, Wanted};
use crate::apps::model::Ended;
use crate::browser::{Done, until};
use shim::wire::chat::CallState;

impl Stage {
    pub(super) async fn tool(&mut self) -> Done<()> {
        let message = "please use get_weather for Oslo";
        self.chat.app.model.let_tools_return(false);
        self.chat.fresh().await?;
        self.chat.say(message).await?;
        let sent = self.ended(Ended::Calls).await?;
        let at = |state| {
            let mut answer = WantTurn::answer(&sent.text, Wanted::Streaming);
            answer.calls.push(("get_weather".to_owned(), state));
            want(vec![WantTurn::user(message), answer])
        };
        if !self.chat.face.allow.is_empty() {
            self.chat.element(self.chat.face.allow).await?;
            self.check("tool asked for", sent.ended_at, message, &at(CallState::Asked)).await?;
            self.chat.click(self.chat.face.allow).await?;
        }
        let began = Instant::now();
        self.chat.shows("get_weather").await?;
        self.check("tool running", Some(began), message, &at(CallState::Running)).await?;
        self.chat.app.model.let_tools_return(true);
        self.after_calls("tool done", message, CallState::Done).await
    }

    pub(super) async fn tools(&mut self) -> Done<()> {
        let message = "please use get_weather and search_docs 2 times for Rome";
        self.chat.fresh().await?;
        self.chat.say(message).await?;
        self.after_calls("tools at once", message, CallState::Done).await
    }

    pub(super) async fn denied(&mut self) -> Done<()> {
        if self.chat.face.deny.is_empty() {
            return Ok(());
        }
        let message = "please use search_docs for Lima";
        self.chat.fresh().await?;
        self.chat.say(message).await?;
        self.ended(Ended::Calls).await?;
        self.chat.click(self.chat.face.deny).await?;
        self.after_calls("tool forbidden", message, CallState::Refused).await
    }

    pub(super) async fn broken(&mut self) -> Done<()> {
        let message = "please use broken_tool for nothing";
        self.chat.fresh().await?;
        self.chat.say(message).await?;
        self.after_calls("tool failed", message, CallState::Failed).await
    }

    /// Allows what is asked for, waits for the answer that follows all calls, and compares.
    async fn after_calls(
        &mut self,
        scene: &'static str,
        message: &str,
        state: CallState,
    ) -> Done<()> {
        let sent = until("the answer after the calls", async || {
            if !self.chat.face.allow.is_empty()
                && let Ok(allow) =
                    self.chat.browser.driver.find(By::Css(self.chat.face.allow)).await
            {
                // It may go between the look and the click.
                let _gone = allow.click().await;
            }
            let last = self.chat.app.model.sent().pop();
            Ok(last.filter(|sent| sent.ended == Some(Ended::Done)))
        })
        .await?;
        let (text, calls) = self.joined(message);
        self.chat.shows("That is all I know.").await?;
        self.chat.idle().await?;
        if state == CallState::Failed && !self.chat.face.unfold.is_empty() {
            self.chat.click(self.chat.face.unfold).await?;
        }
        let mut answer = WantTurn::answer(&text, Wanted::Done);
        answer.calls = calls.into_iter().map(|name| (name, state)).collect();
        let turns = want(vec![WantTurn::user(message), answer]);
        self.check(scene, sent.ended_at, message, &turns).await
    }

    /// All answers to a message, as one: their texts, and the names of their calls.
    fn joined(&self, message: &str) -> (String, Vec<String>) {
        let all = self.chat.app.model.sent().into_iter().filter(|sent| sent.asked == message);
        let mut texts = Vec::new();
        let mut calls = Vec::new();
        for sent in all {
            texts.push(sent.text);
            calls.extend(sent.calls.into_iter().map(|call| call.name));
        }
        (texts.join("\n\n"), calls)
    }
}
