//! Every field of the six categories has a producer that reads it from a chat as people hold them.
//!
//! [`fields`] takes the structures apart without `..`: a new field does not compile here until it
//! is named, and once it is named the test fails until a row tells a chat that produces it.

use super::chats::{call, failed, model, numbered, running, user};
use super::read;
use shim::base::{Moment, TurnKey, limits};
use shim::session::prompt::{Input, build};
use shim::wire::chat::{Artifact, Attachment, Role, Turn, TurnState};
use shim::wire::session::EndReason;
use shim::wire::state::{
    CallNote, Conversation, Files, Measured, Noted, Pending, Phase, Preferences, RecentMessage,
    State, Task, ToolKind, ToolSession, Tools,
};
use std::collections::{BTreeMap, BTreeSet};

type Told = BTreeMap<&'static str, String>;

fn noted(notes: Vec<Noted>) -> String {
    let line = |Noted { text, turn: TurnKey(turn) }: Noted| format!("{turn}: {text}");
    notes.into_iter().map(line).collect::<Vec<_>>().join("\n")
}

fn called(CallNote { name, args, outcome, failed }: CallNote) -> String {
    format!("{name}({args}) {} {outcome}", if failed { "failed" } else { "gave" })
}

fn artifact(Artifact { title, kind, versions }: Artifact) -> String {
    format!("{title} [{kind}] {}", versions.join("/"))
}

fn lines<T>(all: Vec<T>, line: impl Fn(T) -> String) -> String {
    all.into_iter().map(line).collect::<Vec<_>>().join("\n")
}

/// Every field by name, as text. The signals have a test of their own.
fn fields(state: State) -> Told {
    let State { conversation, task, files, tools, measured, preferences } = state;
    let Conversation { summary, decisions, current_context, recent, turn_count } = conversation;
    let Task { operation, phase, progress, completed_steps, next_steps, blockers } = task;
    let Files { active, modified, created, attached, artifacts, diff } = files;
    let Tools { sessions, pending, recent: calls } = tools;
    let Measured { signals, risk } = measured;
    let Preferences { custom_instructions, recent: wishes } = preferences;
    let message = |RecentMessage { role, text }| match role {
        Role::User => format!("person: {text}"),
        Role::Assistant => format!("model: {text}"),
    };
    let session =
        |ToolSession { kind, calls, last }| format!("{} x{calls}: {last}", kind_name(kind));
    let unended = |Pending { call, how_to_resume }| format!("{} -> {how_to_resume}", called(call));
    Told::from([
        ("summary", summary),
        ("decisions", noted(decisions)),
        ("current_context", current_context),
        ("recent_messages", lines(recent, message)),
        ("turn_count", turn_count.to_string()),
        ("operation", operation),
        ("phase", phase_name(phase).to_owned()),
        ("progress", progress.map_or(String::new(), |share| format!("{:.0} %", share * 100.0))),
        ("completed_steps", completed_steps.join("\n")),
        ("next_steps", next_steps.join("\n")),
        ("blockers", noted(blockers)),
        ("active", active.join("\n")),
        ("modified", modified.join("\n")),
        ("created", created.join("\n")),
        ("attached", attached.join("\n")),
        ("artifacts", lines(artifacts, artifact)),
        ("diff", diff),
        ("sessions", lines(sessions, session)),
        ("pending", lines(pending, unended)),
        ("calls", lines(calls, called)),
        ("signals", format!("{} messages", signals.message_count)),
        ("risk", format!("{:?}", risk.level)),
        ("custom_instructions", custom_instructions),
        ("wishes", noted(wishes)),
    ])
}

fn phase_name(phase: Phase) -> &'static str {
    match phase {
        Phase::Unknown => "unknown",
        Phase::Exploring => "exploring",
        Phase::Planning => "planning",
        Phase::Implementing => "implementing",
        Phase::Verifying => "verifying",
        Phase::Finished => "finished",
    }
}

fn kind_name(kind: ToolKind) -> &'static str {
    match kind {
        ToolKind::Terminal => "terminal",
        ToolKind::Browser => "browser",
        ToolKind::Search => "search",
        ToolKind::Files => "files",
        ToolKind::Other => "other",
    }
}

/// The person asks for something, and the model answers this.
fn answered(text: &str) -> Vec<Turn> {
    vec![user("Help me with the roof of the gatehouse, please."), model(text, vec![])]
}

/// The same, and the person says this to it.
fn replied(answer: &str, reply: &str) -> Vec<Turn> {
    let mut turns = answered(answer);
    turns.extend([user(reply), model("Understood.", vec![])]);
    turns
}

/// The same with one call of a tool.
fn worked(name: &str, args: &str, result: &str) -> Vec<Turn> {
    vec![user("Fix the gate's latch."), model("", vec![call(name, args, result)])]
}

fn unended(name: &str, args: &str) -> Vec<Turn> {
    let cut = model("On it.", vec![running(name, args)]);
    vec![user("Fix the gate."), Turn { state: TurnState::Interrupted, ..cut }]
}

fn with_file(name: &str) -> Vec<Turn> {
    let file = Attachment { name: name.into(), kind: "pdf".into(), size: "12 KB".into() };
    vec![Turn { attachments: vec![file], ..user("What does it say?") }]
}

fn with_artifact(versions: [&str; 2]) -> Vec<Turn> {
    let made = versions.map(|version| Artifact {
        title: "Roof plan".to_owned(),
        kind: "Document".to_owned(),
        versions: vec![version.to_owned()],
    });
    let turn = |made| Turn { artifacts: vec![made], ..model("Here it is.", vec![]) };
    let [first, second] = made.map(turn);
    vec![user("Draw a plan of the roof."), first, user("Larger."), second]
}

/// A field, a chat, and what that chat makes the field say.
type Row = (&'static str, Vec<Turn>, &'static str);

/// What was talked about, in plain talk.
fn talk() -> Vec<Row> {
    vec![
        ("summary", answered("It leaks."), "Goal: Help me with the roof of the gatehouse"),
        ("summary", answered("The flashing has rusted through."), "So far: The flashing has"),
        ("decisions", replied("Slate or tin?", "Let's go with slate."), "t2: Let's go with slate."),
        ("decisions", replied("Slate or tin?", "I've decided on tin."), "t2: I've decided on tin."),
        (
            "decisions",
            replied("Slate or tin?", "We'll take the slate."),
            "t2: We'll take the slate.",
        ),
        ("decisions", answered("Decision: slate, since tin rattles."), "t1: Decision: slate"),
        ("decisions", answered("## Decisions\n- Slate\n- Two coats"), "t1: Two coats"),
        ("current_context", answered("The ridge is sound."), "Answered: The ridge is sound."),
        ("current_context", vec![user("Is the ridge sound?")], "(no answer yet)"),
        ("current_context", unended("bash", r#"{"command":"make"}"#), "Running: bash"),
        ("recent_messages", answered("It leaks."), "model: It leaks."),
        ("recent_messages", answered("It leaks."), "person: Help me with the roof"),
        ("turn_count", answered("It leaks."), "2"),
        ("blockers", answered("I cannot order it until you measure the ridge."), "t1: I cannot"),
        ("blockers", answered("We're waiting for the roofer's offer."), "t1: We're waiting"),
        ("blockers", replied("And?", "I'm stuck on the permit."), "t2: I'm stuck on the permit."),
        (
            "custom_instructions",
            vec![user("You are my builder.\n\nFix it.")],
            "You are my builder.",
        ),
        ("custom_instructions", vec![user("Rules:\n- Be brief\n\nFix it.")], "- Be brief"),
        ("custom_instructions", vec![user("Fix it. Always use metric units.")], "metric units"),
        ("wishes", replied("Fine.", "I prefer slate to tin."), "t2: I prefer slate to tin."),
        ("wishes", replied("Fine.", "Please answer in German."), "t2: Please answer in German."),
        ("wishes", replied("Fine.", "From now on, no tables."), "t2: From now on, no tables."),
        ("wishes", replied("Fine.", "I don't like long lists."), "t2: I don't like long lists."),
    ]
}

/// What is to be done: plans, lists, tools that keep them, and plain words.
fn work() -> Vec<Row> {
    let boxes = "The plan:\n- [x] Measure\n- [ ] Order slate\n- [ ] Lay it";
    let todo = r#"{"todos":[{"content":"Measure","status":"completed"},
                   {"content":"Order slate","status":"in_progress"}]}"#;
    let plan = r#"{"plan":[{"step":"Measure","status":"completed"},
                   {"step":"Lay it","status":"pending"}]}"#;
    let shown = r##"{"plan":"# Roof\n\n## Steps\n1. Measure the ridge\n2. Order slate"}"##;
    vec![
        ("operation", answered("It leaks."), "Help me with the roof of the gatehouse, please."),
        ("operation", worked("TodoWrite", todo, "ok"), "now: Order slate"),
        ("progress", answered(boxes), "33 %"),
        ("progress", worked("TodoWrite", todo, "ok"), "50 %"),
        ("progress", worked("update_plan", plan, "ok"), "50 %"),
        ("completed_steps", answered(boxes), "Measure"),
        (
            "completed_steps",
            answered("I measured nothing. I fixed the gutter."),
            "fixed the gutter",
        ),
        ("completed_steps", worked("update_plan", plan, "ok"), "Measure"),
        ("completed_steps", answered("**Done:**\n- Measured the ridge"), "Measured the ridge"),
        ("next_steps", answered(boxes), "Order slate\nLay it"),
        ("next_steps", worked("TodoWrite", todo, "ok"), "Order slate"),
        ("next_steps", worked("update_plan", plan, "ok"), "Lay it"),
        ("next_steps", worked("ExitPlanMode", shown, "ok"), "Measure the ridge\nOrder slate"),
        (
            "next_steps",
            answered("Next I will measure the ridge."),
            "Next I will measure the ridge.",
        ),
        ("next_steps", answered("Next, I'll order slate."), "Next, I'll order slate."),
        ("next_steps", answered("It leaks. I'll order slate next."), "I'll order slate next."),
        ("next_steps", answered("My next step is the ridge."), "My next step is the ridge."),
        ("next_steps", answered("After that, I lay it."), "After that, I lay it."),
        ("next_steps", answered("**Next steps:**\n1. Measure\n2. Lay it"), "Lay it"),
        ("next_steps", answered("### To do\n- Order slate"), "Order slate"),
        ("next_steps", vec![user("1. Measure\n2. Order slate")], "Measure\nOrder slate"),
    ]
}

/// Files and tools.
fn tools() -> Vec<Row> {
    let edit = r#"{"path":"src/latch.rs","old_str":"open","new_str":"shut"}"#;
    let diff = "```diff\n--- a/gate.c\n+++ b/gate.c\n@@ -1 +1 @@\n-open\n+shut\n```";
    let shown = "M gate.c\ndiff --git a/gate.c b/gate.c\n--- a/gate.c\n+++ b/gate.c\n+shut";
    let test = r#"{"command":"cargo test"}"#;
    let broken = || vec![user("Test."), model("", vec![failed("bash", test, "error: no latch")])];
    vec![
        ("active", replied("Where?", "Look at src/latch.rs."), "src/latch.rs"),
        ("active", worked("Read", r#"{"file_path":"src/hinge.rs"}"#, "fn"), "src/hinge.rs"),
        ("modified", worked("edit_file", edit, "ok"), "src/latch.rs"),
        ("modified", answered("I updated src/latch.rs for it."), "src/latch.rs"),
        ("modified", answered(diff), "gate.c"),
        ("created", worked("Write", r#"{"file_path":"a.md"}"#, "File created"), "a.md"),
        ("created", answered("**app.py**\n```python\nprint('hi')\n```"), "app.py"),
        ("created", worked("bash", r#"{"command":"echo hi > note.txt"}"#, ""), "note.txt"),
        ("attached", with_file("offer.pdf"), "offer.pdf"),
        ("artifacts", with_artifact(["v1", "v2"]), "Roof plan [Document] v1/v2"),
        ("diff", answered(diff), "-open\n+shut"),
        (
            "diff",
            worked("edit_file", edit, "ok"),
            "--- src/latch.rs\n+++ src/latch.rs\n-open\n+shut",
        ),
        ("diff", worked("bash", r#"{"command":"git status -s && git diff"}"#, shown), "+shut"),
        ("sessions", worked("bash", test, "ok"), "terminal x1: cargo test"),
        (
            "sessions",
            worked("web_fetch", r#"{"url":"https://a.org"}"#, "A"),
            "browser x1: https://a.org",
        ),
        ("sessions", worked("web_search", r#"{"query":"slate"}"#, "A"), "search x1: slate"),
        ("sessions", worked("Read", r#"{"file_path":"a.md"}"#, "A"), "files x1: a.md"),
        ("sessions", worked("send_message", r#"{"to":"Maria"}"#, "A"), "other x1: "),
        (
            "pending",
            unended("bash", test),
            "bash({\"command\":\"cargo test\"}) gave  -> Run it again",
        ),
        ("pending", unended("edit_file", edit), "Read the file first"),
        (
            "pending",
            unended("bash", r#"{"command":"make deploy"}"#),
            "look first, then run it again",
        ),
        ("pending", unended("Read", r#"{"file_path":"a.md"}"#), "It changes nothing: run it again"),
        ("pending", unended("TodoWrite", r#"{"todos":[]}"#), "Write the list of steps again"),
        ("pending", unended("send_message", r#"{"to":"Maria"}"#), "look before repeating it"),
        (
            "calls",
            worked("bash", test, "9 passed"),
            "bash({\"command\":\"cargo test\"}) gave 9 passed",
        ),
        ("calls", broken(), "failed error: no latch"),
        ("blockers", broken(), "t1: bash failed (cargo test): error: no latch"),
        ("signals", broken(), "2 messages"),
        ("risk", answered("It leaks."), "Safe"),
    ]
}

/// A chat for each phase.
fn phases() -> Vec<Row> {
    let done = "- [x] Measure\n- [x] Lay it";
    let edit = r#"{"path":"src/latch.rs"}"#;
    let test = r#"{"command":"cargo test"}"#;
    let read = r#"{"file_path":"src/latch.rs"}"#;
    vec![
        ("phase", vec![user("Fix the gate.")], "unknown"),
        ("phase", worked("Read", read, "fn"), "exploring"),
        ("phase", answered("Here is a plan:\n1. Measure\n2. Lay it"), "planning"),
        ("phase", worked("edit_file", edit, "ok"), "implementing"),
        ("phase", worked("bash", test, "ok"), "verifying"),
        ("phase", answered(done), "finished"),
    ]
}

#[test]
fn every_field_is_read_from_plausible_turns() {
    let rows = [talk(), work(), tools(), phases()].concat();
    let mut wrong = Vec::new();
    for (field, turns, wanted) in &rows {
        let told = fields(read(&numbered(turns.clone()), ""));
        let found = told.get(field).unwrap_or_else(|| panic!("no field {field}"));
        if !found.contains(wanted) {
            wrong.push(format!("{field}: {wanted:?} is not in {found:?}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    let all: BTreeSet<&str> = fields(State::default()).into_keys().collect();
    let produced: BTreeSet<&str> = rows.iter().map(|(field, ..)| *field).collect();
    assert_eq!(produced, all, "a field of which no row tells");
}

#[test]
fn what_only_looks_like_it_is_not_taken_for_it() {
    let none: [Row; 10] = [
        ("decisions", replied("It leaks.", "Let's take a step back."), ""),
        ("wishes", replied("It leaks.", "Please reply to the roofer."), ""),
        ("blockers", answered("The lift is still waiting for its key."), ""),
        ("next_steps", answered("Tell me what you want next."), ""),
        ("next_steps", answered("I'll wait for what comes next."), ""),
        ("decisions", answered("Should we take the slate?"), ""),
        ("wishes", replied("Fine.", "Do you prefer slate?"), ""),
        ("blockers", answered("Are you still waiting for the offer?"), ""),
        ("diff", worked("bash", r#"{"command":"git show"}"#, "commit 1\ndiff --git a/b b/b"), ""),
        ("attached", answered("See offer.pdf."), ""),
    ];
    for (field, turns, wanted) in none {
        let shown = format!("{turns:?}");
        assert_eq!(fields(read(&numbered(turns), ""))[field], wanted, "{field} of {shown}");
    }
}

#[test]
fn a_resumed_chat_keeps_its_newest_messages_beside_the_request_it_carries_on() {
    let state = read(&numbered(vec![user("Forge the hinge of the gate.")]), "");
    let input = Input {
        state: &state,
        title: "",
        site: "claude.ai",
        reason: EndReason::TabCrashed,
        ended_at: Moment(2_000),
        saved_at: Moment(1_000),
        turns: &[],
        nonce: "k7f3q9zt",
        allowed: &BTreeSet::new(),
    };
    let mut turns = vec![user(&build(&input, 2_000).text)];
    turns.extend((0..9).map(|i| model(&format!("Heat {i} is over."), vec![])));
    let recent = read(&numbered(turns), "").conversation.recent;
    assert_eq!(recent.len(), limits::RECENT_MESSAGES);
    assert!(recent[0].text.contains("Forge the hinge"), "{recent:?}");
    assert!(recent.last().unwrap().text.contains("Heat 8"), "{recent:?}");
}
