//! Chats as test data: one of coding, one of travel, and noise.

use shim::base::chance::Chance;
use shim::base::{Moment, TurnKey};
use shim::wire::chat::{Attachment, CallState, Role, ToolCall, Turn, TurnState};

/// A turn of the person.
pub fn user(text: &str) -> Turn {
    Turn { role: Role::User, markdown: text.to_owned(), ..Turn::default() }
}

/// A turn of the model.
pub fn model(text: &str, calls: Vec<ToolCall>) -> Turn {
    Turn { role: Role::Assistant, markdown: text.to_owned(), calls, ..Turn::default() }
}

/// A call that ended well.
pub fn call(name: &str, args: &str, result: &str) -> ToolCall {
    ToolCall {
        name: name.to_owned(),
        args: args.to_owned(),
        result: result.to_owned(),
        ..ToolCall::default()
    }
}

/// A call that failed.
pub fn failed(name: &str, args: &str, error: &str) -> ToolCall {
    ToolCall { error: error.to_owned(), state: CallState::Failed, ..call(name, args, "") }
}

/// A call that has not ended.
pub fn running(name: &str, args: &str) -> ToolCall {
    ToolCall { state: CallState::Running, ..call(name, args, "") }
}

/// Numbers the turns as a page would.
pub fn numbered(mut turns: Vec<Turn>) -> Vec<Turn> {
    for (i, turn) in turns.iter_mut().enumerate() {
        turn.key = TurnKey(format!("t{i}"));
        turn.position = u32::try_from(i).unwrap();
        turn.at = Moment(1_700_000_000_000 + 20_000 * i as u64);
    }
    turns
}

/// Fourteen turns of work on a rate limiter, the last answer cut off in the middle of a call.
pub fn coding() -> Vec<Turn> {
    let mut first = user(
        "You are pairing with me on the `gatekeeper` service (Rust, axum).\n\
         Rules:\n- Keep functions under 40 lines\n- Never touch `migrations/`\n\n\
         I want to add a rate limiter to the public API: 100 requests a minute per API key, \
         with a 429 and a Retry-After header. Start with a plan.",
    );
    first.attachments =
        vec![Attachment { name: "api-limits.pdf".to_owned(), ..Attachment::default() }];
    let plan = "Here's the plan:\n\n- [ ] Read the middleware stack in src/http/mod.rs\n\
                - [ ] Write a token bucket in src/limit/bucket.rs\n\
                - [ ] Wire it as a tower layer\n- [ ] Cover it with tests\n\n\
                The bucket lives in memory first.";
    let mut turns = vec![
        first,
        model(plan, vec![call("read_file", r#"{"path":"src/http/mod.rs"}"#, "pub mod auth;")]),
        user("Looks good. Redis or in memory? I prefer no new infrastructure for now."),
        model(
            "Let's use an in-memory map keyed by API key instead of Redis. Decision: sliding \
             windows are rejected, since a token bucket needs two numbers per key.",
            vec![call("search_code", r#"{"query":"HashMap<ApiKey"}"#, "src/auth/keys.rs:12: …")],
        ),
        user("yes, go ahead"),
        model(
            "I've created the bucket.",
            vec![
                call(
                    "write_file",
                    r#"{"path":"src/limit/bucket.rs","content":"pub struct Bucket;"}"#,
                    "File created successfully at: src/limit/bucket.rs",
                ),
                failed(
                    "bash",
                    r#"{"command":"cargo check"}"#,
                    "error[E0433]: failed to resolve: use of undeclared crate `dashmap`",
                ),
            ],
        ),
        user("dashmap is fine, but please keep the dependency list sorted. Don't add others."),
        model(
            "I added `dashmap` and it compiles.\n\n```diff\n--- a/Cargo.toml\n+++ b/Cargo.toml\n\
             @@ -8,2 +8,3 @@\n axum = \"0.8\"\n+dashmap = \"6\"\n tokio = \"1\"\n```",
            vec![
                call(
                    "edit_file",
                    r#"{"path":"Cargo.toml","old_str":"axum","new_str":"axum\ndashmap"}"#,
                    "ok",
                ),
                call("bash", r#"{"command":"cargo check"}"#, "Finished dev profile"),
            ],
        ),
    ];
    turns.extend(coding_end());
    numbered(turns)
}

/// How it goes on, up to the answer that was cut off.
fn coding_end() -> Vec<Turn> {
    let ticked = "The layer is in place. I added the Retry-After header as whole seconds.\n\n\
                  - [x] Read the middleware stack in src/http/mod.rs\n\
                  - [x] Write a token bucket in src/limit/bucket.rs\n\
                  - [x] Wire it as a tower layer\n- [ ] Cover it with tests\n\n\
                  Next, I'll write the tests for the clock edge cases.";
    let mut last = model(
        "I'm writing the tests now, beginning with the refill at the minute boundary. The fake \
         clock has to",
        vec![
            call(
                "write_file",
                r#"{"path":"tests/limit.rs","content":"use gatekeeper::limit::Bucket;\n"}"#,
                "File created successfully at: tests/limit.rs",
            ),
            running("bash", r#"{"command":"cargo test --test limit"}"#),
        ],
    );
    last.state = TurnState::Interrupted;
    vec![
        user("Wire it into the router now, for /v1 only."),
        model(
            ticked,
            vec![call(
                "edit_file",
                r#"{"path":"src/http/mod.rs","old_str":"auth","new_str":"auth, limit"}"#,
                "ok",
            )],
        ),
        user(
            "The staging deploy needs a key that only Maria has, so we cannot deploy until she is \
             back.",
        ),
        model(
            "Understood: the deploy is blocked by the missing staging key.",
            vec![failed(
                "fetch_url",
                r#"{"url":"https://staging.example.org/health"}"#,
                "connect timeout after 10 s",
            )],
        ),
        user(
            "Then write the tests. Always use the fake clock from tests/common/clock.rs, never \
             sleep.",
        ),
        last,
    ]
}

/// A chat about something else, without a single tool call.
pub fn travel() -> Vec<Turn> {
    numbered(vec![
        user("Help me plan four days in Lisbon in March with two children who hate museums."),
        model(
            "Here is a plan:\n\n1. Alfama by tram\n2. The Oceanário\n3. Sintra by train\n\
             4. A beach day in Cascais\n\nWhich of these would you drop?",
            vec![],
        ),
        user("I decided against Sintra, too many hills. I'd rather have a slow morning instead."),
        model(
            "We'll go with the aquarium on day two then. Step 1 is done: tram tickets exist.",
            vec![],
        ),
        user("Good. What do we do when it rains?"),
        model("When it rains, the Pavilion of Knowledge is close to the Oceanário.", vec![]),
    ])
}

/// Text made of the very pieces that the readers look for.
fn noise(chance: &mut Chance, pieces: u64) -> String {
    const PIECES: [&str; 48] = [
        "- [x] ",
        "- [ ] ",
        "```",
        "```diff\n",
        "~~~",
        "\n",
        "\n\n",
        "1. ",
        "## ",
        "> ",
        "**",
        "`",
        "Decision: ",
        "we decided to use ",
        "step 1-9 is done. ",
        "steps 1 to 99999999999 done ",
        "Next: ",
        "blocked by ",
        "no longer blocked ",
        "Always ",
        "I prefer ",
        "You are ",
        "Rules:\n",
        "src/a.rs",
        "C:\\x\\y.py",
        "../.. ",
        "{\"path\":\"",
        "\"",
        "\\",
        "\\u12",
        "}",
        "[",
        "]",
        "--- a/x\n+++ b/x\n@@\n",
        "*** Add File: z.rs\n",
        "é",
        "日本語。",
        "\u{200b}",
        "\u{a0}",
        "\t",
        "\r\n",
        "👩‍👩‍👧",
        "\u{0}",
        "<<<record",
        ">>>",
        "git commit",
        " > out.txt ",
        "a ",
    ];
    (0..chance.below(pieces)).map(|_| PIECES[chance.below(48) as usize]).collect()
}

/// A chat of noise.
pub fn noisy(seed: u64) -> Vec<Turn> {
    let mut chance = Chance::new(seed);
    let names = ["bash", "TodoWrite", "TaskUpdate", "write_file", "Edit", "grep", "", "日本"];
    let turn = |chance: &mut Chance| Turn {
        role: if chance.percent(50) { Role::User } else { Role::Assistant },
        markdown: noise(chance, 120),
        calls: (0..chance.below(4))
            .map(|_| ToolCall {
                name: names[chance.below(8) as usize].to_owned(),
                args: noise(chance, 30),
                result: noise(chance, 30),
                error: noise(chance, 5),
                state: match chance.below(3) {
                    0 => CallState::Running,
                    1 => CallState::Done,
                    _ => CallState::Failed,
                },
                ..ToolCall::default()
            })
            .collect(),
        attachments: vec![Attachment { name: noise(chance, 4), ..Attachment::default() }],
        state: if chance.percent(20) { TurnState::Streaming } else { TurnState::Done },
        ..Turn::default()
    };
    let count = chance.below(12);
    numbered((0..count).map(|_| turn(&mut chance)).collect())
}
