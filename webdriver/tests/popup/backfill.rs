//! A site's own export, imported in the dashboard as it was downloaded; and its chat, opened later.

use super::*;
use shim::base::text::crc32;
use shim::wire::chat::{Role, Turn};

const OTHER: &str = "6ab65814-1111-4111-8111-000000000001";

/// The zip file of an export with these conversations, stored as they are.
fn zip(conversations: &Value) -> Vec<u8> {
    let (name, text) = ("conversations.json", conversations.to_string());
    let size = u32::try_from(text.len()).unwrap().to_le_bytes();
    let about = [&crc32(&[text.as_bytes()]).to_le_bytes()[..], &size, &size, &[18, 0, 0, 0]];
    let about = about.concat();
    let part = [&b"PK\x03\x04\x14\0\0\0\0\0\0\0\0\0"[..], &about, name.as_bytes()].concat();
    let entry = [&b"PK\x01\x02\x14\0\x14\0\0\0\0\0\0\0\0\0"[..], &about, &[0; 14]].concat();
    let directory = [&entry, name.as_bytes()].concat();
    let at = u32::try_from(part.len() + text.len()).unwrap().to_le_bytes();
    let length = u32::try_from(directory.len()).unwrap().to_le_bytes();
    let end = [&b"PK\x05\x06\0\0\0\0\x01\0\x01\0"[..], &length, &at, &[0, 0]].concat();
    [part, text.into_bytes(), directory, end].concat()
}

/// What Claude would export of a chat with these turns.
fn of_claude(chat: &str, turns: &[Turn]) -> Value {
    let message = |(at, turn): (usize, &Turn)| {
        let is_user = turn.role == Role::User;
        let id = if is_user { turn.key.0.clone() } else { format!("answer-{at}") };
        json!({
            "uuid": id, "sender": if is_user { "human" } else { "assistant" },
            "content": [{ "type": "text", "text": turn.markdown }], "text": turn.markdown,
            "created_at": "2026-03-29T07:06:35.552627Z", "attachments": [], "files": [],
        })
    };
    let messages: Vec<Value> = turns.iter().enumerate().map(message).collect();
    json!({
        "uuid": chat, "name": "The gatehouse", "created_at": "2026-03-29T07:06:34.084721Z",
        "updated_at": "2026-03-29T12:59:41.658730Z", "chat_messages": messages,
        "account": { "uuid": "c1a9a5f8-a09c-42e7-8de7-ad0174488170" },
    })
}

fn of_chatgpt() -> Value {
    let node = |id: &str, parent: &str, role: &str, text: &str| {
        json!({ "id": id, "parent": parent, "children": [], "message": {
            "id": id, "author": { "role": role }, "create_time": 1_712_345_678.5,
            "content": { "content_type": "text", "parts": [text] }, "recipient": "all",
        } })
    };
    json!({
        "title": "A bridge of oak", "create_time": 1_712_345_678.5, "conversation_id": OTHER,
        "current_node": "a1", "mapping": {
            "root": { "id": "root", "message": null, "parent": null, "children": [] },
            "u1": node("u1", "root", "user", "How does one build a bridge?"),
            "a1": node("a1", "u1", "assistant", "Of oak."),
        },
    })
}

/// Deletes a chat, and waits until nothing of it is there.
async fn delete(browser: &Browser, session: &SessionId) -> Done<()> {
    open_chat(browser, session).await?;
    click(browser, "[data-testid=delete]").await?;
    until("its records to go", async || Ok((stored(browser, session).await? == 0).then_some(())))
        .await
}

#[tokio::test(flavor = "multi_thread")]
async fn chats_of_an_export_are_there_and_go_on_when_they_are_opened() -> Done<()> {
    let (play, session) = chat().await?;
    let browser = &play.browser;
    let address = browser.driver.current_url().await?.to_string();
    let turns = browser.dump().await?.whole(&session).turns;
    let chat = session.as_str().rsplit('/').next().unwrap().to_owned();
    leave(&play, &session).await?;
    delete(browser, &session).await?;

    open_page(browser, "dashboard.html").await?;
    let file = zip(&json!([of_claude(&chat, &turns), { "users": [] }]));
    let cut = &file[..file.len() - 30];
    import(browser, "data-cut.zip", cut, "Nothing was changed.").await?;
    assert!(browser.dump().await?.sessions().is_empty());
    let told = format!("Imported: 1 chat, {} turns, 0 checkpoints (new).", 2 * SHORT);
    import(browser, "data.zip", &file, &told).await?;
    let left_out = "1 conversation left out: built in a way that SHIM does not know.";
    see(browser, left_out, NOTICE, |said| said.concat().contains(left_out)).await?;
    let bare = json!([of_chatgpt()]).to_string();
    let told = "Imported: 1 chat, 2 turns";
    import(browser, "conversations.json", bare.as_bytes(), told).await?;
    import(browser, "again.zip", &file, "All of it was there already.").await?;
    let waiting = SessionId(format!("claude//{chat}"));
    see(browser, "the chat in the list", &row(&waiting), |rows| rows.len() == 1).await?;
    let other = SessionId(format!("chatgpt//{OTHER}"));
    see(browser, "the other one", &row(&other), |rows| rows.concat().contains("oak")).await?;
    assert!(prompt(browser, &waiting, None).await?.contains("gatehouse"));

    // Its page opens it: the same chat, under its account, and no turn is there twice.
    browser.open(&address).await?;
    play.say("And the moat?").await?;
    play.answered(SHORT + 1).await?;
    assert_eq!(play.saved(2 * SHORT + 2).await?, session);
    let dump = browser.dump().await?;
    let mut sessions: Vec<SessionId> = dump.sessions().into_iter().map(|head| head.id).collect();
    sessions.sort();
    assert_eq!(sessions, [other, session.clone()]);
    let all = dump.whole(&session).turns;
    let texts = |turns: &[Turn]| turns.iter().map(|t| t.markdown.clone()).collect::<Vec<_>>();
    assert_eq!(texts(&all)[..2 * SHORT], texts(&turns)[..]);
    assert_eq!((all.len(), all[2 * SHORT].markdown.as_str()), (2 * SHORT + 2, "And the moat?"));
    Ok(())
}
