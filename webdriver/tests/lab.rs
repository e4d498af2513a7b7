//! The lab itself, without a browser: its addresses, policies, model, log and ending.
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a test that meets what it did not expect should stop there"
)]

mod client;

use std::sync::Arc;
use std::time::{Duration, Instant};

use client::{Reply, ask, connect};
use serde_json::{Value, json};
use shim_webdriver::lab::{Composer, Csp, Lab, LabOptions, Renderer, Site};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

async fn lab(options: LabOptions) -> Lab {
    Lab::start(LabOptions { token_ms: 0, composer: Composer::Plain, ..options }).await.unwrap()
}

/// Sends a message; the answer names the conversation and the turn.
async fn send(lab: &Lab, host: &str, conversation: Option<&str>, text: &str) -> Value {
    let body = json!({ "conversation": conversation, "text": text }).to_string();
    let reply = ask(lab, host, "POST", "/lab/send", &body).await;
    assert_eq!(reply.status, 200, "{}", reply.body);
    reply.json()
}

async fn stream(lab: &Lab, host: &str, sent: &Value) -> Reply {
    let path = format!(
        "/lab/stream?conversation={}&turn={}&attempt={}",
        sent["conversation"].as_str().unwrap(),
        sent["key"].as_str().unwrap(),
        sent["attempt"]
    );
    ask(lab, host, "GET", &path, "").await
}

/// The last turn of a conversation.
fn last_turn(lab: &Lab, sent: &Value) -> Value {
    let whole = lab.conversation(sent["conversation"].as_str().unwrap()).unwrap();
    whole["turns"].as_array().unwrap().last().unwrap().clone()
}

/// Says something in a fresh chat and returns the text of the answer.
async fn answer(lab: &Lab, sent: &Value) -> String {
    let host = "claude.ai";
    assert!(stream(lab, host, sent).await.whole);
    last_turn(lab, sent)["text"].as_str().unwrap().to_owned()
}

#[tokio::test(flavor = "multi_thread")]
async fn pages_carry_the_policy_that_was_asked_for() {
    for (csp, wasm) in [(Csp::Permissive, true), (Csp::Strict, false)] {
        let lab = lab(LabOptions { csp, ..LabOptions::default() }).await;
        for (host, path) in [("claude.ai", "/new"), ("chatgpt.com", "/"), ("claude.ai", "/chat/x")]
        {
            let page = ask(&lab, host, "GET", path, "").await;
            let policy = page.header("content-security-policy").unwrap();
            let scripts = policy.split("; ").find(|part| part.starts_with("script-src")).unwrap();
            assert_eq!(scripts.contains("'wasm-unsafe-eval'"), wasm, "{policy}");
            assert!(policy.contains("default-src 'self'"), "{policy}");
            assert!(policy.contains("connect-src 'self'"), "{policy}");
            assert!(policy.contains("style-src 'self' 'unsafe-inline'"), "{policy}");
            let nonce = scripts.split("'nonce-").nth(1).unwrap().split('\'').next().unwrap();
            assert_eq!(nonce.len(), 32);
            assert!(page.body.contains(&format!("nonce=\"{nonce}\" src=")), "{}", page.body);
            let again = ask(&lab, host, "GET", path, "").await;
            assert!(!again.body.contains(nonce), "a nonce is for one page");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_host_chooses_the_site() {
    let lab = lab(LabOptions { site: Site::ChatGpt, ..LabOptions::default() }).await;
    let expected = [
        ("claude.ai", "/new", 200, "/assets/claude.js"),
        ("claude.ai", "/", 303, ""),
        ("claude.ai", "/c/5", 404, "no such page"),
        ("claude.ai", "/chat/unknown", 404, "\"missing\":true"),
        ("chatgpt.com", "/", 200, "/assets/chatgpt.js"),
        ("chatgpt.com", "/new", 404, "no such page"),
        ("127.0.0.1", "/", 200, "/assets/chatgpt.js"),
        ("claude.ai", "/assets/composer.js", 200, "contenteditable"),
        ("claude.ai", "/assets/..%2Fpackage.json", 404, ""),
        ("claude.ai", "/npm/prosemirror-view/package.json", 404, ""),
        ("claude.ai", "/npm/..%2F..%2FCargo.toml", 404, ""),
    ];
    for (host, path, status, part) in expected {
        let reply = ask(&lab, host, "GET", path, "").await;
        assert_eq!(reply.status, status, "{host}{path}");
        assert!(reply.body.contains(part), "{host}{path}: {}", reply.body);
    }
    let moved = ask(&lab, "claude.ai", "GET", "/", "").await;
    assert_eq!(moved.header("location").as_deref(), Some("/new"));
}

#[tokio::test(flavor = "multi_thread")]
async fn accounts_are_told_apart_by_a_cookie() {
    let lab = lab(LabOptions::default()).await;
    let cookie = async |host: &'static str, path: &'static str| {
        ask(&lab, host, "GET", path, "").await.header("set-cookie")
    };
    assert!(cookie("claude.ai", "/new").await.unwrap().starts_with("lastActiveOrg=5f0c1d6e-"));
    let second = cookie("claude.ai", "/new?account=second-one").await.unwrap();
    assert!(second.starts_with("lastActiveOrg=second-one; Path=/; Secure"));
    // What is not an account's name never reaches a header.
    let hostile = cookie("claude.ai", "/new?account=a%0d%0ab").await.unwrap();
    assert!(hostile.starts_with("lastActiveOrg=5f0c1d6e-"), "{hostile}");
    assert_eq!(cookie("chatgpt.com", "/").await, None);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_address_chooses_the_renderer_and_a_cookie_keeps_it() {
    let lab = lab(LabOptions { renderer: Renderer::July, ..LabOptions::default() }).await;
    for (host, fresh, old, new) in [
        ("claude.ai", "/new", "claude-2026-07", "claude-hub"),
        ("chatgpt.com", "/", "chatgpt-2026-07", "chatgpt-turnkey"),
    ] {
        let get = async |query: &str| ask(&lab, host, "GET", &format!("{fresh}{query}"), "").await;
        let page = get("").await;
        assert!(page.body.contains(&format!("\"look\":\"{old}\"")), "{}", page.body);
        let page = get("?renderer=newest").await;
        assert!(page.body.contains(&format!("\"look\":\"{new}\"")), "{}", page.body);
        let cookie = page.header("set-cookie").unwrap();
        assert!(cookie.starts_with("lab-renderer=newest; "), "{cookie}");
        let unknown = get("?renderer=2020").await;
        assert!(unknown.body.contains(&format!("\"look\":\"{old}\"")), "{}", unknown.body);
        for look in [old, new] {
            let script = ask(&lab, host, "GET", &format!("/assets/{look}.js"), "").await;
            assert_eq!(script.status, 200);
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_message_arrives_unchanged_and_is_answered_in_order() {
    let lab = lab(LabOptions::default()).await;
    let text = "!think 1\n!say One **two**.\n\n  - kept  \n!tool read_file {\"path\":\"a\"} => A\n\
                !toolfail run {\"n\":1} => bad \u{1f642}\n!say End.";
    let sent = send(&lab, "claude.ai", None, text).await;
    let reply = stream(&lab, "claude.ai", &sent).await;
    assert!(reply.whole);
    let kinds: Vec<Value> = reply.events().iter().map(|event| event["e"].clone()).collect();
    let order: Vec<&str> = kinds.iter().map(|kind| kind.as_str().unwrap()).collect();
    let mut order: Vec<&str> = order;
    order.dedup();
    assert_eq!(
        order,
        ["think", "thought", "text", "tool", "tool_done", "tool", "tool_done", "text", "end"]
    );
    let turn = last_turn(&lab, &sent);
    assert_eq!(turn["user"], text);
    assert_eq!(turn["text"], "One **two**.\n\n  - kept\n\nEnd.");
    assert_eq!(turn["ending"], "done");
    assert_eq!(
        turn["events"][3],
        json!({ "e": "tool", "name": "read_file", "args": {"path": "a"} })
    );
    assert_eq!(turn["events"][6]["ok"], false);
    assert_eq!(turn["events"][6]["text"], "bad \u{1f642}");

    let logged = ask(&lab, "127.0.0.1", "GET", "/lab/log", "").await.json();
    assert_eq!(logged, serde_json::to_value(lab.log()).unwrap());
    assert_eq!(logged[0]["text"], text);
    assert_eq!(logged[0]["site"], "claude");
    assert_eq!(logged[0]["conversation"], sent["conversation"]);
    assert!(logged[0]["at_ms"].as_u64().unwrap() > 1_700_000_000_000);

    assert_eq!(ask(&lab, "127.0.0.1", "POST", "/lab/reset", "{}").await.status, 200);
    assert!(lab.log().is_empty());
    assert!(lab.conversation(sent["conversation"].as_str().unwrap()).is_none());
}

#[tokio::test(flavor = "multi_thread")]
async fn the_model_tells_what_arrived_in_its_chat() {
    let lab = lab(LabOptions::default()).await;
    let sent = send(&lab, "claude.ai", None, "first line\nport 8431 here\nabc").await;
    answer(&lab, &sent).await;
    let chat = sent["conversation"].as_str();
    let ask_model = async |text: &'static str| {
        let sent = send(&lab, "claude.ai", chat, text).await;
        answer(&lab, &sent).await
    };
    assert_eq!(
        ask_model("!recall 8431").await,
        "Lines with “8431”: 1\n\n```text\nport 8431 here\n```"
    );
    assert_eq!(ask_model("!recall nowhere").await, "Lines with “nowhere”: 0");
    assert_eq!(ask_model("!count").await, "Messages received: 3\n\nCharacters received: 56");
    let sent = send(&lab, "claude.ai", chat, "abc").await;
    answer(&lab, &sent).await;
    // SHA-256 of "abc", from FIPS 180-2.
    let sha256 = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
    assert_eq!(ask_model("!last").await, format!("sha256: `{sha256}`\n\nlength: 3 characters"));
    assert_eq!(lab.log()[4].sha256, sha256);
    let other = send(&lab, "claude.ai", None, "!count").await;
    assert!(answer(&lab, &other).await.starts_with("Messages received: 0"));
}

#[tokio::test(flavor = "multi_thread")]
async fn quoted_commands_are_not_obeyed() {
    let lab = lab(LabOptions::default()).await;
    let prompt = format!(
        "Earlier the user wrote:\n!error banner\n!drop\n{}\n\n## Next steps\n- deploy to staging\n\
         - watch it",
        "filler ".repeat(60)
    );
    let sent = send(&lab, "claude.ai", None, &prompt).await;
    let text = answer(&lab, &sent).await;
    assert!(text.starts_with("Understood. Continuing from:"), "{text}");
    assert!(text.contains("> ## Next steps\n> - deploy to staging\n> - watch it"), "{text}");
    assert_eq!(last_turn(&lab, &sent)["ending"], "done");
    let short = send(&lab, "claude.ai", None, "How do I sort a list?").await;
    assert!(answer(&lab, &short).await.contains("“How do I sort a list?”"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_dropped_stream_breaks_and_a_retry_succeeds() {
    let lab = lab(LabOptions::default()).await;
    let sent = send(&lab, "claude.ai", None, "!say half an answer\n!drop\n!say never").await;
    let reply = stream(&lab, "claude.ai", &sent).await;
    assert!(!reply.whole, "the stream must break, not end");
    let seen: String = reply.events().iter().filter_map(|event| event["s"].as_str()).collect();
    assert_eq!(seen, "half an answer");
    let turn = last_turn(&lab, &sent);
    assert_eq!((&turn["ending"], &turn["text"]), (&json!("dropped"), &json!("half an answer")));

    let body = json!({ "conversation": sent["conversation"] }).to_string();
    let again = ask(&lab, "claude.ai", "POST", "/lab/retry", &body).await.json();
    assert_eq!((&again["key"], &again["attempt"]), (&sent["key"], &json!(2)));
    assert!(stream(&lab, "claude.ai", &again).await.whole);
    assert_eq!(last_turn(&lab, &sent)["text"], "half an answer\n\nnever");
    assert_eq!(lab.log().len(), 1, "a retry is no new message");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_hangs_ends_at_stop_and_only_then() {
    let lab = lab(LabOptions::default()).await;
    for command in ["!say x\n!hang", "!say x\n!toolhang deploy"] {
        let sent = send(&lab, "claude.ai", None, command).await;
        let listening = stream(&lab, "claude.ai", &sent);
        let stopping = async {
            let started = Instant::now();
            while last_turn(&lab, &sent)["text"] != "x" {
                assert!(started.elapsed() < Duration::from_secs(10));
                tokio::task::yield_now().await;
            }
            assert_eq!(last_turn(&lab, &sent)["ending"], Value::Null);
            let body = json!({ "conversation": sent["conversation"] }).to_string();
            ask(&lab, "claude.ai", "POST", "/lab/stop", &body).await
        };
        let (heard, stopped) = tokio::join!(listening, stopping);
        assert_eq!(stopped.status, 200);
        assert!(heard.whole);
        assert_eq!(heard.events().last().unwrap()["state"], "stopped");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn bad_ends_and_vanishing_text() {
    let lab = lab(LabOptions::default()).await;
    for (command, ending, note) in [
        ("!error banner", "error", ""),
        ("!limit", "limit", "9:30 AM"),
        ("!limit 5:04 PM", "limit", "5:04 PM"),
        ("!maxlength", "max_length", ""),
    ] {
        let sent = send(&lab, "claude.ai", None, command).await;
        let last = stream(&lab, "claude.ai", &sent).await.events().pop().unwrap();
        assert_eq!(last, json!({ "e": "end", "state": ending, "note": note }));
    }
    let sent = send(&lab, "claude.ai", None, "!say gone\n!vanish\n!say stays").await;
    assert_eq!(answer(&lab, &sent).await, "stays");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_answer_is_finished_without_a_listener() {
    let lab = lab(LabOptions::default()).await;
    let sent = send(&lab, "claude.ai", None, "!lorem 200").await;
    let started = Instant::now();
    while last_turn(&lab, &sent)["ending"] != "done" {
        assert!(started.elapsed() < Duration::from_secs(10));
        tokio::task::yield_now().await;
    }
    let text = last_turn(&lab, &sent)["text"].as_str().unwrap().to_owned();
    assert_eq!(text.split_whitespace().count(), 200);
    assert!(text.starts_with("Lorem ipsum dolor"));
}

#[tokio::test(flavor = "multi_thread")]
async fn only_chatgpt_quotes_what_tools_return() {
    let lab = lab(LabOptions::default()).await;
    let command = "!tool read_file {} => secret contents";
    for (host, quoted) in [("claude.ai", false), ("chatgpt.com", true)] {
        let sent = send(&lab, host, None, command).await;
        stream(&lab, host, &sent).await;
        let turn = last_turn(&lab, &sent);
        assert_eq!(
            turn["text"].as_str().unwrap().contains("```text\nsecret contents\n```"),
            quoted
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn bad_requests_are_refused_with_a_reason() {
    let lab = lab(LabOptions::default()).await;
    let expected = [
        ("POST", "/lab/send", r#"{"text":" \n"}"#, 400, "empty_message"),
        ("POST", "/lab/send", r#"{"conversation":"x","text":"a"}"#, 404, "conversation_not_found"),
        ("POST", "/lab/stop", r#"{"conversation":"x"}"#, 404, "conversation_not_found"),
        ("POST", "/lab/retry", r#"{"conversation":"x"}"#, 404, "conversation_not_found"),
        ("GET", "/lab/conversation/x", "", 404, "conversation_not_found"),
        ("GET", "/lab/stream?conversation=x&turn=y&attempt=1", "", 404, "conversation_not_found"),
        ("POST", "/lab/send", "{", 400, ""),
    ];
    for (method, path, body, status, part) in expected {
        let reply = ask(&lab, "claude.ai", method, path, body).await;
        assert_eq!(reply.status, status, "{method} {path} {body}");
        assert!(reply.body.contains(part), "{}", reply.body);
    }
    let taken = Lab::start(LabOptions { port: lab.port, ..LabOptions::default() }).await;
    let reason = taken.err().unwrap().to_string();
    assert!(reason.starts_with(&format!("port {} cannot be had", lab.port)), "{reason}");
}

#[tokio::test(flavor = "multi_thread")]
async fn dropping_the_lab_cuts_streams_and_frees_the_port() {
    let lab = lab(LabOptions::default()).await;
    let port = lab.port;
    let sent = send(&lab, "claude.ai", None, "!hang").await;
    let lab = Arc::new(lab);
    let listener = Arc::clone(&lab);
    let (connected, ready) = tokio::sync::oneshot::channel();
    let listening = tokio::spawn(async move {
        let certificate = listener.certificate().to_vec();
        drop(listener);
        raw_stream(port, certificate, &sent, connected).await
    });
    ready.await.unwrap();
    drop(Arc::into_inner(lab).unwrap());
    let ended = tokio::time::timeout(Duration::from_secs(10), listening).await;
    assert!(ended.is_ok(), "the stream must be cut");
    let started = Instant::now();
    while TcpStream::connect(("127.0.0.1", port)).await.is_ok() {
        assert!(started.elapsed() < Duration::from_secs(10), "the port must be free");
        tokio::task::yield_now().await;
    }
}

/// Listens to an answer until the connection ends, telling when the first byte is there.
async fn raw_stream(
    port: u16,
    certificate: Vec<u8>,
    sent: &Value,
    connected: tokio::sync::oneshot::Sender<()>,
) {
    let mut tls = connect(port, certificate, "claude.ai").await;
    let request = format!(
        "GET /lab/stream?conversation={}&turn={}&attempt=1 HTTP/1.1\r\nHost: claude.ai\r\n\r\n",
        sent["conversation"].as_str().unwrap(),
        sent["key"].as_str().unwrap()
    );
    tls.write_all(request.as_bytes()).await.unwrap();
    let mut first = [0_u8; 1];
    tls.read_exact(&mut first).await.unwrap();
    connected.send(()).unwrap();
    let mut rest = Vec::new();
    let _cut = tls.read_to_end(&mut rest).await;
}
