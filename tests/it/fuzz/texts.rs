//! Archives, answers of sites' calls, and texts that a person or a model wrote.

use super::mutate::Fields;
use super::{Decoder, MANY, SOME};
use crate::codec::{a_turn, records};
use crate::export::samples;
use miniz_oxide::deflate::compress_to_vec;
use serde_json::json;
use shim::background::archive::{Chat, Reader, Writer, chat_of, merge};
use shim::base::{AccountId, ChatId, Moment, SessionId, origin, text};
use shim::session::prompt::{Input, build};
use shim::session::triggers::cues_of;
use shim::session::{extract, secrets};
use shim::sites::call::{Form, Seen, missing, read};
use shim::sites::{self};
use shim::wire::chat::{Role, Turn};
use shim::wire::records::SessionHead;
use shim::wire::secrets::SecretsKept;
use shim::wire::session::EndReason;
use shim::wire::state::Measured;
use shim::wire::ui::Answer;
use std::collections::BTreeSet;

const CHECK: &str = "src/background/archive/check.rs";
const READ: &str = "src/background/archive/read.rs";
const CALL: &str = "src/sites/call/mod.rs";
const FORMS: &str = "src/sites/call/forms.rs";

pub const ALL: &[Decoder] = &[
    Decoder {
        name: "archive file",
        of: &["src/background/archive/gzip.rs", READ],
        valid: || vec![vec![file()]],
        read: |fields| archive(&fields.concat()),
        rounds: MANY,
    },
    Decoder {
        name: "archive lines",
        of: &[CHECK, READ],
        valid: lines,
        read: of_lines,
        rounds: MANY,
    },
    Decoder {
        name: "chat of an archive",
        of: &[CHECK, "src/background/archive/merge.rs"],
        valid: || vec![split(chat_lines().as_bytes())],
        read: chat,
        rounds: MANY,
    },
    Decoder {
        name: "export of a site",
        of: &[
            "src/background/archive/export.rs",
            "src/background/archive/elements.rs",
            "src/background/archive/inflate.rs",
            "src/background/archive/mod.rs",
            "src/background/archive/source.rs",
            "src/background/archive/zip.rs",
        ],
        valid: exports,
        read: |fields| crate::export::read(&fields.concat()).is_ok(),
        rounds: MANY,
    },
    Decoder {
        name: "answer of claude.ai",
        of: &[CALL, FORMS, "src/sites/call/fit.rs"],
        valid: || vec![vec![crate::calls::claude().to_string().into_bytes()]],
        read: |fields| call(Form::Claude, fields),
        rounds: MANY,
    },
    Decoder {
        name: "answer of chatgpt.com",
        of: &[CALL, FORMS],
        valid: || vec![vec![crate::calls::chatgpt().to_string().into_bytes()]],
        read: |fields| call(Form::ChatGpt, fields),
        rounds: MANY,
    },
    Decoder {
        name: "answer of Open WebUI",
        of: &[CALL, FORMS],
        valid: || vec![vec![crate::calls::openwebui().to_string().into_bytes()]],
        read: |fields| call(Form::OpenWebUi, fields),
        rounds: MANY,
    },
    Decoder {
        name: "answer to a page of ours",
        of: &[],
        valid: answers,
        read: |fields| serde_json::from_slice::<Answer>(&fields.concat()).is_ok(),
        rounds: MANY,
    },
    Decoder {
        name: "address",
        of: &["src/base/origin.rs"],
        valid: addresses,
        read: address,
        rounds: MANY,
    },
    Decoder {
        name: "what a tool was given",
        of: &[
            "src/session/extract/json.rs",
            "src/session/triggers/cues.rs",
            "src/session/secrets.rs",
            "src/session/secrets/stored.rs",
        ],
        valid: work,
        read: worked,
        rounds: SOME,
    },
];

fn text_of(fields: &[Vec<u8>]) -> String {
    String::from_utf8_lossy(&fields.concat()).into_owned()
}

fn head() -> SessionHead {
    let (account, chat) = (AccountId("a".into()), ChatId("one".into()));
    let id = SessionId::of("claude", &account, &chat);
    SessionHead {
        id,
        site: "claude".into(),
        account,
        chat,
        title: "T".into(),
        ..SessionHead::default()
    }
}

/// As they are, split where a conversation ends, and as they are downloaded.
fn exports() -> Vec<Fields> {
    let long = [samples::chatgpt_long(), samples::claude_long()].map(|chat| json!([chat]));
    let plain = long.iter().map(|chats| vec![chats.to_string().into_bytes()]);
    plain.chain(long.iter().map(|chats| vec![samples::zipped(chats)])).collect()
}

fn file() -> Vec<u8> {
    let mut writer = Writer::new(Moment(5));
    let mut file = writer.chat(&head(), &records());
    file.extend(writer.end().0);
    file
}

fn plain() -> Vec<u8> {
    miniz_oxide::inflate::decompress_to_vec(&file()[10..file().len() - 8]).unwrap()
}

/// Every line but the last, which sums them up.
pub fn lines() -> Vec<Fields> {
    let mut lines = split(&plain());
    lines.pop();
    vec![lines]
}

/// Each line with its end.
fn split(text: &[u8]) -> Fields {
    text.split_inclusive(|byte| *byte == b'\n').map(<[u8]>::to_vec).collect()
}

fn chat_lines() -> String {
    let mut reader = Reader::giving();
    reader.push(&file()).unwrap();
    reader.end().unwrap();
    reader.take().remove(0)
}

/// Both passes over a file, in pieces.
fn archive(file: &[u8]) -> bool {
    let (mut checking, mut giving) = (Reader::checking(), Reader::giving());
    let read = |reader: &mut Reader| {
        file.chunks(1_000).try_for_each(|piece| reader.push(piece)).and_then(|()| reader.end())
    };
    let sums = read(&mut checking);
    assert_eq!(read(&mut giving), sums);
    let chats = giving.take();
    assert!(sums.is_err() || chats.iter().all(|lines| chat_of(lines).is_ok()));
    sums.is_ok()
}

fn of_lines(fields: &[Vec<u8>]) -> bool {
    archive(&in_frame(fields))
}

/// The lines with an end that is right, in a frame that is right.
pub fn in_frame(lines: &[Vec<u8>]) -> Vec<u8> {
    let mut all = lines.concat();
    let count = |what: &str| {
        let lines = all.split(|byte| *byte == b'\n');
        lines.filter(|line| line.starts_with(what.as_bytes())).count()
    };
    let (chats, turns) = (count("{\"chat\""), count("{\"turn\""));
    let (points, check) = (count("{\"checkpoint\""), text::crc32(&[&all]));
    let end = serde_json::json!({ "end":
        { "chats": chats, "turns": turns, "checkpoints": points, "check": check } });
    all.extend(format!("{end}\n").into_bytes());
    let mut file = vec![0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 3];
    file.extend(compress_to_vec(&all, 1));
    file.extend(text::crc32(&[&all]).to_le_bytes());
    file.extend(u32::try_from(all.len()).unwrap().to_le_bytes());
    file
}

fn chat(fields: &[Vec<u8>]) -> bool {
    let Ok(chat) = chat_of(&text_of(fields)) else { return false };
    let stored = records();
    for of in [None, Some(&head())] {
        let puts = merge(&chat, of, &stored, Moment(9)).change.puts;
        assert!(puts.iter().all(|put| put.session == chat.named.session()));
    }
    chat != Chat::default()
}

fn call(form: Form, fields: &[Vec<u8>]) -> bool {
    let Ok(told) = read(form, &text_of(fields)) else { return false };
    let mounted = told.iter().take(3).enumerate().map(|(at, one)| Turn {
        key: one.id.as_str().into(),
        position: u32::try_from(at).unwrap(),
        role: one.role,
        markdown: one.markdown.clone(),
        ..Turn::default()
    });
    let seen = Seen { mounted: mounted.collect(), total: None, ..Seen::default() };
    let found = missing(Moment(7), &told, &seen).unwrap_or_default();
    assert!(found.len() <= told.len());
    true
}

fn answers() -> Vec<Fields> {
    let all = [
        Answer::Done,
        Answer::Text("a".into()),
        Answer::Status(Box::default()),
        Answer::History(Box::default()),
        Answer::Metrics(Box::default()),
        Answer::Problem("b".into()),
    ];
    all.iter().map(|answer| vec![serde_json::to_vec(answer).unwrap()]).collect()
}

fn addresses() -> Vec<Fields> {
    let all =
        ["https://claude.ai/chat/1?a=b#c", "http://[::1]:8080/c/2", "file:///a", "*://*.a.b/*"];
    all.iter().map(|one| vec![one.as_bytes().to_vec()]).collect()
}

fn address(fields: &[Vec<u8>]) -> bool {
    let url = text_of(fields);
    let parts = [origin::authority(&url), origin::host(&url), origin::of(&url).unwrap_or_default()];
    assert!(parts.iter().all(|part| url.contains(part)));
    let _ = (origin::covers(&url, &url), origin::pattern(&url));
    for site in sites::ALL {
        let _ = (site.chat_of(&url), site.address_of(&url), site.project_of(&url));
        let _ = (site.is_private(&url), site.label(&url), site.fresh_beside(&url));
    }
    sites::fits(&url, "https://claude.ai") || sites::for_url(&url).is_none() || !url.is_empty()
}

/// Arguments, a result and an answer.
fn work() -> Vec<Fields> {
    let fields = |args: &str, result: &str, said: &str| {
        [args, result, said].map(|text| text.as_bytes().to_vec()).to_vec()
    };
    vec![
        fields(
            r#"{"command":"rm -rf build && git push --force","path":"src/a.rs","n":1.5}"#,
            "error: 3 tests failed\npassword=hunter2hunter2 sk-ant-REDACTED",
            "## Plan\n1. [x] Build\n2. [ ] Test\n\n\
             ```diff\n--- a/x\n+++ b/x\n@@ -1 +1 @@\n-a\n+b\n```",
        ),
        fields(
            r#"{"todos":[{"content":"Write","status":"completed"},{"content":"b","status":"x"}]}"#,
            "12 passed",
            "I decided to use **deflate**. Next I will run `cargo test`.\n\n> quoted\n\n| a | b |",
        ),
    ]
}

fn worked(fields: &[Vec<u8>]) -> bool {
    let field = |at: usize| text_of(fields.get(at..=at).unwrap_or_default());
    let mut turn = a_turn();
    turn.calls[0].args = field(0);
    turn.calls[0].result = field(1);
    turn.markdown = field(2);
    let asked = Turn { key: "k0".into(), position: 1, role: Role::User, ..turn.clone() };
    let turns = [asked, turn];
    let _ = cues_of(&turns);
    let allowed = BTreeSet::new();
    let masked = secrets::masked_but(&turns[0].markdown, &allowed).into_owned();
    let again = secrets::masked_but(&masked, &allowed);
    assert_eq!(again, masked, "what is masked stays so");
    for how in [SecretsKept::Kept, SecretsKept::Masked, SecretsKept::Dropped] {
        let _ = (secrets::stored(&field(2), how), secrets::stored_json(&field(0), how));
    }
    let _ = secrets::notes(turns.to_vec(), &allowed);
    let state = extract::state(&turns, Measured::default(), &field(1));
    let input = Input {
        state: &state,
        title: &field(0),
        site: "claude.ai",
        reason: EndReason::TabCrashed,
        ended_at: Moment(u64::MAX),
        saved_at: Moment(1),
        turns: &turns,
        nonce: "k7f3q9zt",
        allowed: &allowed,
    };
    build(&input, 2_000).text.contains("k7f3q9zt")
}
