//! Exports as the sites make them, small: conversations, and zip files around them.

use miniz_oxide::deflate::compress_to_vec;
use serde_json::{Value, json};
use shim::base::text::crc32;

pub const CHAT: &str = "6ab65814-1111-4111-8111-000000000001";
pub const CLAUDE_CHAT: &str = "c0ffee00-1234-4abc-8def-0123456789ab";

/// A node of a ChatGPT conversation.
pub fn node(id: &str, parent: &str, role: &str, content: Value) -> (String, Value) {
    let message = json!({
        "id": id, "author": { "role": role, "name": null, "metadata": {} },
        "create_time": 1_712_345_678.5, "content": content, "recipient": "all",
        "status": "finished_successfully", "metadata": {},
    });
    let node = json!({ "id": id, "message": message, "parent": parent, "children": [] });
    (id.to_owned(), node)
}

pub fn words(text: &str) -> Value {
    json!({ "content_type": "text", "parts": [text] })
}

/// A ChatGPT conversation of these nodes, the last of which was shown last.
pub fn chatgpt(chat: &str, nodes: Vec<(String, Value)>) -> Value {
    let newest = nodes.last().map(|(id, _)| id.clone()).unwrap_or_default();
    let mut mapping = json!({
        "client-created-root":
            { "id": "client-created-root", "message": null, "parent": null, "children": [] },
    });
    nodes.into_iter().for_each(|(id, node)| mapping[id] = node);
    json!({
        "title": "The bridge", "create_time": 1_712_345_678.5, "update_time": 1_712_400_000.25,
        "mapping": mapping, "current_node": newest, "conversation_id": chat, "id": chat,
        "default_model_slug": "gpt-5", "is_archived": false,
    })
}

/// One with an edited prompt, thinking, a tool, code, a picture, and what nobody saw.
pub fn chatgpt_long() -> Value {
    let mut nodes = vec![
        node("s", "client-created-root", "system", words("")),
        node(
            "ctx",
            "s",
            "user",
            json!({ "content_type": "user_editable_context",
            "user_profile": "I am an engineer" }),
        ),
        node("u0", "ctx", "user", words("How does one build a bridge of straw?")),
        node("a0", "u0", "assistant", words("One does not.")),
        node(
            "u1",
            "ctx",
            "user",
            json!({ "content_type": "multimodal_text", "parts": [
            { "content_type": "image_asset_pointer", "asset_pointer": "file-service://x" },
            "How does one build a bridge of oak?" ] }),
        ),
        node(
            "th",
            "u1",
            "assistant",
            json!({ "content_type": "thoughts", "thoughts": [
            { "summary": "Span", "content": "Which span?" } ] }),
        ),
        node(
            "c1",
            "th",
            "assistant",
            json!({ "content_type": "code", "language": "python",
            "text": "print(6 * 7)" }),
        ),
        node("r1", "c1", "tool", json!({ "content_type": "execution_output", "text": "42" })),
        node(
            "rc",
            "r1",
            "assistant",
            json!({ "content_type": "reasoning_recap",
            "content": "Thought for 4s" }),
        ),
        node(
            "a1",
            "rc",
            "assistant",
            words("With 42 beams\u{e200}cite\u{e202}turn0search1\u{e201}."),
        ),
        node("h", "a1", "assistant", words("secret note")),
        node("u2", "h", "user", words("Thanks")),
        node("a2", "u2", "assistant", words("Gladly.")),
    ];
    nodes[6].1["message"]["recipient"] = json!("python");
    nodes[7].1["message"]["author"]["name"] = json!("python");
    nodes[9].1["message"]["metadata"]["model_slug"] = json!("gpt-5-thinking");
    nodes[10].1["message"]["metadata"] = json!({ "is_visually_hidden_from_conversation": true });
    nodes[1].1["message"]["metadata"] = json!({ "is_user_system_message": true });
    chatgpt(CHAT, nodes)
}

/// A message of Claude's.
pub fn message(id: &str, parent: &str, sender: &str, content: Value) -> Value {
    let blocks = content.as_array().into_iter().flatten();
    let text: Vec<&str> = blocks.filter_map(|block| block["text"].as_str()).collect();
    json!({
        "uuid": id, "text": text.join("\n"), "content": content, "sender": sender,
        "created_at": "2026-03-29T07:06:35.552627Z", "updated_at": "2026-03-29T07:06:35.552627Z",
        "attachments": [], "files": [], "parent_message_uuid": parent,
    })
}

pub const ROOT: &str = "00000000-0000-4000-8000-000000000000";

pub fn blocks(text: &str) -> Value {
    json!([{ "type": "text", "text": text, "citations": [] }])
}

pub fn claude(chat: &str, messages: Vec<Value>) -> Value {
    json!({
        "uuid": chat, "name": "The bridge", "summary": "",
        "created_at": "2026-03-29T07:06:34.084721Z", "updated_at": "2026-03-29T12:59:41.658730Z",
        "account": { "uuid": "c1a9a5f8-a09c-42e7-8de7-ad0174488170" },
        "chat_messages": messages,
    })
}

/// One with an edited prompt, thinking, tools and a pasted text.
pub fn claude_long() -> Value {
    let mut pasted = message("u2", "a1", "human", json!([{ "type": "text", "text": "" }]));
    pasted["attachments"] = json!([{ "file_name": "", "file_size": 9, "file_type": "txt",
        "extracted_content": "Oak, and more oak." }]);
    let worked = json!([
        { "type": "thinking", "thinking": "Which file?" },
        { "type": "tool_use", "id": "t1", "name": "read", "input": { "path": "a.rs" } },
        { "type": "tool_result", "tool_use_id": "t1", "name": "read", "is_error": false,
            "content": [{ "type": "text", "text": "fn main" }] },
        { "type": "text", "text": "It has a `main`." },
    ]);
    claude(
        CLAUDE_CHAT,
        vec![
            message("u0", ROOT, "human", blocks("Read b.rs.")),
            message("a0", "u0", "assistant", blocks("There is none.")),
            message("u1", ROOT, "human", blocks("Read a.rs.")),
            message("a1", "u1", "assistant", worked),
            pasted,
            message("a2", "u2", "assistant", blocks("So it is.")),
        ],
    )
}

/// How a part of a zip file lies there.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum How {
    Stored,
    Deflated,
    /// Sizes and checksum follow the bytes, as of files that are zipped while they are written.
    Streamed,
    /// Its sizes and place stand in the fields for large files.
    Large,
}

/// A zip file of these parts.
pub fn zip(parts: &[(&str, &[u8], How)]) -> Vec<u8> {
    let (mut file, mut directory) = (Vec::new(), Vec::new());
    let half = |number: usize| u16::try_from(number).unwrap().to_le_bytes();
    let word = |number: usize| u32::try_from(number).unwrap().to_le_bytes();
    for (name, bytes, how) in parts {
        let data = match how {
            How::Stored => bytes.to_vec(),
            _ => compress_to_vec(bytes, 6),
        };
        let (at, crc) = (file.len(), crc32(&[bytes]).to_le_bytes());
        let streamed = *how == How::Streamed;
        let flags = half(if streamed { 8 } else { 0 });
        let method = half(if *how == How::Stored { 0 } else { 8 });
        file.extend([&b"PK\x03\x04\x14\0"[..], &flags, &method, &[0; 4]].concat());
        let sizes = [crc, word(data.len()), word(bytes.len())].concat();
        file.extend(if streamed { vec![0; 12] } else { sizes.clone() });
        file.extend([&half(name.len())[..], &half(5), name.as_bytes(), b"UT\x01\0x"].concat());
        file.extend(&data);
        if streamed {
            file.extend([&b"PK\x07\x08"[..], &sizes].concat());
        }
        let mut large = Vec::new();
        let (mut told, mut place) = (sizes, word(at));
        if *how == How::Large {
            let values = [bytes.len(), data.len(), at].map(|n| (n as u64).to_le_bytes()).concat();
            large = [&half(1)[..], &half(values.len()), &values].concat();
            told[4..].fill(0xff);
            place = [0xff; 4];
        }
        directory.extend([&b"PK\x01\x02\x14\0\x14\0"[..], &flags, &method, &[0; 4]].concat());
        directory.extend([&told[..], &half(name.len()), &half(large.len())].concat());
        directory.extend([&[0; 10][..], &place, name.as_bytes(), &large].concat());
    }
    let (count, from, length) = (half(parts.len()), word(file.len()), word(directory.len()));
    file.extend(&directory);
    file.extend([&b"PK\x05\x06\0\0\0\0"[..], &count, &count, &length, &from, &half(0)].concat());
    file
}

/// The zip file of an export with these conversations, among other files.
pub fn zipped(conversations: &Value) -> Vec<u8> {
    let text = conversations.to_string();
    zip(&[
        ("chat.html", b"<html>", How::Stored),
        ("conversations.json", text.as_bytes(), How::Deflated),
        ("user.json", b"{}", How::Deflated),
    ])
}
