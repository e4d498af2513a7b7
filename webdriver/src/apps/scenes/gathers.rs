//! Scenes with a chat that was held elsewhere, of which the page mounts a part: the rest is
//! gathered because a person wants it.

use std::time::Instant;

use super::{Stage, want};
use crate::apps::Kind;
use crate::apps::judge::{WantTurn, Wanted};
use crate::apps::model::MODEL;
use crate::browser::{Done, until};
use serde_json::{Value, json};
use shim::base::SessionId;
use shim::wire::gather::{GatherStage, Gathered};
use shim::wire::records::Settings;
use shim::wire::ui::{Answer, Ask, Status};

/// Exchanges of the chat: several times what the page mounts.
const EXCHANGES: usize = 40;

/// Has a chat's history kept by Open WebUI itself, as its page does when an answer has ended.
const HOLD: &str = "const [chat, done] = arguments; fetch('/api/v1/chats/new', { method: 'POST', \
    headers: { 'Content-Type': 'application/json', \
    Authorization: `Bearer ${localStorage.token}` }, body: JSON.stringify({ chat }) }) \
    .then((answer) => answer.json()).then((chat) => done(chat.id), (why) => done(String(why)));";

impl Stage {
    /// The rest by the site's own call, or by scrolling. Only Open WebUI mounts a part.
    pub(super) async fn gathered(&mut self, by_call: bool) -> Done<()> {
        let settings = self.status().await?.settings;
        let no_call = by_call && !settings.by_shape.is_empty();
        if self.chat.app.kind != Kind::OpenWebUi || no_call {
            return Ok(());
        }
        let scene = if by_call { "gathered by the site's call" } else { "gathered by scrolling" };
        let deep = if by_call { vec!["http://127.0.0.1/*".to_owned()] } else { Vec::new() };
        self.chat.browser.ask(&Ask::Change(Settings { deep, ..settings })).await?;
        let said = |n| (format!("{scene}, question {n}"), format!("Answer **{n}** of {scene}."));
        let said: Vec<(String, String)> = (1..=EXCHANGES).map(said).collect();
        let before = self.status().await?.live;
        let id = self.hold(&said).await?;
        // In a window of its own it stays in view, whatever else is asked.
        let (driver, tab) = (&self.chat.browser.driver, self.chat.browser.driver.window().await?);
        let window = driver.new_window().await?;
        self.chat.browser.show(&window).await?;
        self.chat.browser.driver.goto(format!("{}/c/{id}", self.chat.app.origin)).await?;
        self.chat.shows(&format!("Answer {EXCHANGES} of {scene}.")).await?;
        let session = until("the chat to be watched", async || {
            let live = self.status().await?.live;
            Ok(live.into_iter().find(|one| !before.contains(one) && one.0.contains(&id)))
        })
        .await?;
        self.chat.browser.ask(&Ask::Gather { session: session.clone(), on: true }).await?;
        let told = self.gathered_whole(&session).await?;
        // What is called whole must be stored.
        let moment = Instant::now();
        let turns = said.iter().flat_map(|(question, answer)| {
            [WantTurn::user(question), WantTurn::answer(answer, Wanted::Done)]
        });
        self.check(scene, Some(moment), &format!("{scene}, question 1"), &want(turns.collect()))
            .await?;
        self.chat.browser.driver.close_window().await?;
        self.chat.browser.show(&tab).await?;
        if let Some(outcome) = self.outcomes.last_mut().filter(|_| by_call) {
            let used = told.unused.is_empty();
            outcome.verdict.state(used, || format!("{scene}: not used, since {}", told.unused));
        }
        Ok(())
    }

    async fn gathered_whole(&self, session: &SessionId) -> Done<Gathered> {
        until("the transcript to be whole", async || {
            let told = self.status().await?.gathering;
            let told = told.into_iter().find(|(of, _)| of == session).map(|(_, told)| told);
            match told {
                Some(told) if told.stage == GatherStage::Whole => Ok(Some(told)),
                other => Err(format!("{other:?}").into()),
            }
        })
        .await
    }

    async fn status(&self) -> Done<Status> {
        match self.chat.browser.ask(&Ask::Status).await? {
            Answer::Status(status) => Ok(*status),
            other => Err(format!("no status: {other:?}").into()),
        }
    }

    /// Keeps a chat that no page of this browser held, and says its name.
    async fn hold(&self, said: &[(String, String)]) -> Done<String> {
        let chat = history(said);
        let id = self.chat.browser.driver.execute_async(HOLD, vec![chat]).await?;
        let id = id.json().as_str().filter(|id| id.len() == 36).map(str::to_owned);
        id.ok_or_else(|| "Open WebUI kept no chat".into())
    }
}

/// A chat as Open WebUI keeps it: messages by name, each with the one before it.
fn history(said: &[(String, String)]) -> Value {
    let texts: Vec<&String> = said.iter().flat_map(|(asked, told)| [asked, told]).collect();
    let name = |number: usize| format!("00000000-0000-4000-8000-{number:012}");
    let message = |(number, text): (usize, &&String)| {
        let answer = number % 2 == 1;
        let before = number.checked_sub(1).map(name);
        let after: Vec<String> =
            (number + 1 < texts.len()).then(|| name(number + 1)).into_iter().collect();
        let mut message = json!({
            "id": name(number), "parentId": before, "childrenIds": after, "content": text,
            "role": if answer { "assistant" } else { "user" }, "timestamp": 1_790_000_000 + number,
        });
        let more = match answer {
            true => json!({ "model": MODEL, "modelName": MODEL, "modelIdx": 0, "done": true }),
            false => json!({ "models": [MODEL] }),
        };
        if let (Some(message), Value::Object(more)) = (message.as_object_mut(), more) {
            message.extend(more);
        }
        message
    };
    let messages: Vec<Value> = texts.iter().enumerate().map(message).collect();
    let by_name: serde_json::Map<String, Value> =
        messages.iter().enumerate().map(|(at, one)| (name(at), one.clone())).collect();
    json!({
        "id": "", "title": "held elsewhere", "models": [MODEL], "params": {},
        "history": { "messages": by_name, "currentId": name(texts.len() - 1) },
        "messages": messages, "tags": [], "timestamp": 1_790_000_000_000_u64,
    })
}
