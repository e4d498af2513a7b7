//! The scripted model: what a client receives is what the model writes down as sent.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test that panics is a test that fails, which is what it is for"
)]

use serde_json::{Value, json};
use shim_webdriver::apps::model::{Ended, Model, Sent};
use shim_webdriver::browser::{Done, until};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

/// Sends a request and leaves the connection open.
async fn send(model: &Model, method: &str, path: &str, body: &str) -> Done<TcpStream> {
    let mut stream = TcpStream::connect(("127.0.0.1", model.port)).await?;
    let head = format!(
        "{method} {path} HTTP/1.1\r\nHost: model\r\nConnection: close\r\nContent-Type: \
         application/json\r\nContent-Length: {}\r\n\r\n",
        body.len()
    );
    stream.write_all(format!("{head}{body}").as_bytes()).await?;
    Ok(stream)
}

/// Everything that came until the connection ended, however it ended.
async fn rest(mut stream: TcpStream) -> String {
    let mut bytes = Vec::new();
    // A connection that breaks is one of the ways to end.
    let _ = stream.read_to_end(&mut bytes).await;
    String::from_utf8(bytes).unwrap()
}

async fn ask(model: &Model, messages: Value) -> Done<TcpStream> {
    let body = json!({ "model": "m", "stream": true, "messages": messages }).to_string();
    send(model, "POST", "/v1/chat/completions", &body).await
}

async fn said(model: &Model, message: &str) -> Done<String> {
    Ok(rest(ask(model, json!([{ "role": "user", "content": message }])).await?).await)
}

/// The deltas of a stream's events.
fn deltas(reply: &str) -> Vec<Value> {
    let events = reply.lines().filter_map(|line| line.strip_prefix("data: {"));
    let events = events.map(|rest| serde_json::from_str::<Value>(&format!("{{{rest}")).unwrap());
    events.filter_map(|event| event.pointer("/choices/0/delta").cloned()).collect()
}

fn text(reply: &str, name: &str) -> String {
    deltas(reply).iter().filter_map(|delta| delta.get(name)?.as_str().map(str::to_owned)).collect()
}

async fn ended(model: &Model) -> Done<Sent> {
    until("the answer to end", async || Ok(model.sent().pop().filter(|sent| sent.ended.is_some())))
        .await
}

#[tokio::test]
async fn what_is_received_is_what_is_written_down() -> Done<()> {
    let model = Model::start(0, None).await?;
    for message in ["please write 120 words", "please show markdown", "please think first", "Hi"] {
        let reply = said(&model, message).await?;
        let sent = ended(&model).await?;
        assert_eq!((&*sent.asked, sent.ended), (message, Some(Ended::Done)));
        assert_eq!(text(&reply, "content"), sent.text);
        assert_eq!(text(&reply, "reasoning_content"), sent.thinking);
        assert!(!sent.text.is_empty() && reply.contains("data: [DONE]"));
    }
    assert_eq!(model.sent().len(), 4);
    Ok(())
}

#[tokio::test]
async fn an_answer_ends_in_the_way_that_was_asked_for() -> Done<()> {
    let model = Model::start(0, None).await?;
    for (message, end) in [
        ("please drop after 5 words", Ended::Dropped),
        ("please fail after 5 words", Ended::Failed),
        ("please pause after 5 words", Ended::Done),
    ] {
        let stream = ask(&model, json!([{ "role": "user", "content": message }])).await?;
        until("the first words", async || {
            let last = model.sent().pop();
            let last = last.filter(|sent| sent.asked == message);
            Ok(last.filter(|s| s.text.split_whitespace().count() == 5).map(drop))
        })
        .await?;
        assert_eq!(model.sent().last().unwrap().ended, None);
        model.go_on();
        let reply = rest(stream).await;
        let sent = ended(&model).await?;
        assert_eq!(sent.ended, Some(end), "{message}");
        assert_eq!(text(&reply, "content"), sent.text);
        let whole = reply.ends_with("0\r\n\r\n");
        assert_eq!(whole, end != Ended::Dropped, "{message}: {reply}");
    }
    let stream =
        ask(&model, json!([{ "role": "user", "content": "please hang after 3 words" }])).await?;
    until("three words", async || {
        Ok(model.sent().pop().filter(|s| s.text.ends_with('3')).map(drop))
    })
    .await?;
    drop(stream);
    assert_eq!(ended(&model).await?.ended, Some(Ended::Left));
    Ok(())
}

#[tokio::test]
async fn refusals_have_their_status_and_say_when_to_come_again() -> Done<()> {
    let model = Model::start(0, None).await?;
    for (why, status, words) in [
        ("limit", 429, "retry-after: 20"),
        ("context", 400, "context_length_exceeded"),
        ("server", 500, "server_error"),
        ("key", 401, "invalid_api_key"),
    ] {
        let reply = said(&model, &format!("please refuse, {why}")).await?;
        assert!(reply.starts_with(&format!("HTTP/1.1 {status} ")), "{reply}");
        assert!(reply.contains(words), "{reply}");
        assert_eq!(ended(&model).await?.ended, Some(Ended::Refused(status)));
    }
    Ok(())
}

#[tokio::test]
async fn tools_are_called_carried_out_and_answered_from() -> Done<()> {
    let model = Model::start(0, None).await?;
    let user = json!({ "role": "user", "content": "please use get_weather for Oslo" });
    let reply = rest(ask(&model, json!([user])).await?).await;
    let sent = ended(&model).await?;
    assert_eq!((sent.ended, sent.calls.len()), (Some(Ended::Calls), 1));
    let args: String = deltas(&reply)
        .iter()
        .filter_map(|delta| {
            Some(delta.pointer("/tool_calls/0/function/arguments")?.as_str()?.to_owned())
        })
        .collect();
    assert_eq!(serde_json::from_str::<Value>(&args)?, sent.calls[0].args);

    model.let_tools_return(false);
    let waiting = send(&model, "POST", "/tool/get_weather", &args).await?;
    model.let_tools_return(true);
    let result = rest(waiting).await;
    assert!(result.contains("Oslo: clear sky"), "{result}");
    assert!(rest(send(&model, "POST", "/tool/broken_tool", "{}").await?).await.contains(" 500 "));

    let tool = json!({ "role": "tool", "content": "Oslo: clear sky" });
    let reply = rest(ask(&model, json!([user, { "role": "assistant" }, tool])).await?).await;
    assert!(text(&reply, "content").contains("Oslo: clear sky"));
    assert_eq!(model.sent()[1].results, ["Oslo: clear sky"]);
    Ok(())
}

#[tokio::test]
async fn what_an_application_asks_for_itself_is_no_answer_to_a_person() -> Done<()> {
    let model = Model::start(0, None).await?;
    let reply = said(&model, "### Task:\nSay a title as JSON: {\"title\": \"\"}").await?;
    assert!(text(&reply, "content").contains("Greenhouse"), "{reply}");
    assert!(model.sent().is_empty());
    let told = said(&model, "please count messages").await?;
    assert!(text(&told, "content").starts_with("Messages received: 1,"), "{told}");
    Ok(())
}
