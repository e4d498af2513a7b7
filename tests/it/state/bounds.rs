//! Bounds: noise, floods, time and size.

use super::chats::{coding, failed, model, noisy, numbered, running, user};
use super::read;
use shim::base::{TurnKey, limits};
use shim::wire::chat::{Artifact, Attachment};
use shim::wire::state::{CallNote, Conversation, Files, Preferences, State, Task, Tools};

/// Characters of one step, decision or wish.
const ITEM_CHARS: usize = 300;

/// Every limit of the table holds. A new field does not compile here until it has one.
pub fn within_limits(state: &State) {
    let chars = |text: &str| text.chars().count();
    let State { conversation, task, files, tools, measured: _, preferences } = state;
    let Conversation { summary, decisions, current_context, recent, turn_count: _ } = conversation;
    assert!(chars(summary) <= limits::SUMMARY_CHARS);
    assert!(chars(current_context) <= limits::CONTEXT_CHARS);
    assert!(decisions.len() <= limits::DECISIONS);
    assert!(recent.len() <= limits::RECENT_MESSAGES);
    assert!(recent.iter().all(|m| chars(&m.text) <= limits::RECENT_MESSAGE_CHARS));
    let Task { operation, phase: _, progress, completed_steps, next_steps, blockers } = task;
    assert!(completed_steps.len() <= limits::COMPLETED_STEPS);
    assert!(next_steps.len() <= limits::NEXT_STEPS);
    assert!(blockers.len() <= limits::BLOCKERS);
    assert!(progress.is_none_or(|p| (0.0..=1.0).contains(&p)));
    let noted = [decisions, blockers, &preferences.recent].into_iter().flatten().map(|n| &n.text);
    let items = completed_steps.iter().chain(next_steps).chain([operation]).chain(noted);
    items.for_each(|text| assert!(chars(text) <= ITEM_CHARS, "{text}"));
    let Files { active, modified, created, attached, artifacts, diff } = files;
    for list in [active, modified, created, attached] {
        assert!(list.len() <= limits::FILES);
        assert!(list.iter().all(|name| chars(name) <= limits::NAME_CHARS));
    }
    assert!(artifacts.len() <= limits::ARTIFACTS);
    for Artifact { title, kind, versions } in artifacts {
        assert!(versions.len() <= limits::ARTIFACT_VERSIONS);
        let names = versions.iter().chain([title, kind]);
        names.for_each(|name| assert!(chars(name) <= limits::NAME_CHARS, "{name}"));
    }
    assert!(diff.len() <= limits::DIFF_BYTES);
    let Tools { sessions, pending, recent: calls } = tools;
    assert!(sessions.iter().all(|one| chars(&one.last) <= limits::CALL_CHARS));
    assert!(pending.len() <= limits::PENDING && calls.len() <= limits::RECENT_CALLS);
    assert!(pending.iter().all(|one| chars(&one.how_to_resume) <= ITEM_CHARS));
    for CallNote { name, args, outcome, failed: _ } in
        calls.iter().chain(pending.iter().map(|p| &p.call))
    {
        assert!(chars(name) <= limits::NAME_CHARS);
        assert!(chars(args) <= limits::CALL_CHARS);
        assert!(chars(outcome) <= limits::CALL_CHARS);
    }
    let Preferences { custom_instructions, recent } = preferences;
    assert!(chars(custom_instructions) <= limits::INSTRUCTIONS_CHARS);
    assert!(recent.len() <= limits::PREFERENCES);
}

#[test]
fn noise_neither_fails_nor_breaks_a_limit() {
    for seed in 0..250 {
        within_limits(&read(&noisy(seed), "noise"));
    }
}

#[test]
fn a_flood_is_cut_to_the_limits() {
    let list = |mark: &str, n: usize| -> String {
        (0..n).map(|i| format!("{mark}item number {i} of the list\n")).collect()
    };
    let wishes: String = (0..90).map(|i| format!("Always check rule {i}. ")).collect();
    let blocked: String = (0..40).map(|i| format!("Part {i} is blocked by thing {i}. ")).collect();
    let decided: String = (0..90).map(|i| format!("We decided to use tool {i}. ")).collect();
    let calls = (0..400)
        .map(|i| running("bash", &format!("cat src/file{i}.rs {}", "x".repeat(900))))
        .collect();
    let files: String = (0..5_000).map(|i| format!("made/dir{i}/name.rs ")).collect();
    let attachments = (0..300)
        .map(|i| Attachment { name: format!("{i} {}", "n".repeat(900)), ..Attachment::default() })
        .collect();
    let mut turns = numbered(vec![
        user(&format!("Rules:\n{}\n\n{wishes}{decided}", list("- Never do ", 400))),
        model(&format!("{blocked}\n{}\n{}", list("- [x] ", 300), list("- [ ] other ", 300)), calls),
        model(&format!("I created {files}"), vec![]),
    ]);
    turns[0].attachments = attachments;
    turns[1].calls[399].name = "tool".repeat(900);
    let state = read(&turns, "flood");
    within_limits(&state);
    assert_eq!(state.conversation.decisions.len(), limits::DECISIONS);
    assert!(state.conversation.decisions.last().unwrap().text.contains("tool 89"));
    assert_eq!(state.task.blockers.len(), limits::BLOCKERS);
    assert_eq!(state.task.completed_steps.len(), limits::COMPLETED_STEPS);
    assert_eq!(state.files.created.len(), limits::FILES);
    assert_eq!(state.files.created[0], "made/dir4999/name.rs");
    assert!(state.files.attached.last().unwrap().starts_with("299 "), "the newest stay");
    assert_eq!(state.files.attached.len(), limits::FILES);
    assert_eq!(state.tools.pending.len(), limits::PENDING);
    assert_eq!(state.preferences.recent.len(), limits::PREFERENCES);
}

#[test]
fn time_grows_with_the_length_and_not_its_square() {
    let chat = |n: usize| {
        let text = "- [ ] step a/b.rs we decided to use x. blocked by y. Done: z\n".repeat(n);
        let calls = (0..n / 20)
            .map(|i| {
                failed("bash", &format!(r#"{{"command":"run {i} src/f{i}.rs"}}"#), "error: no")
            })
            .collect();
        vec![user(&text), model(&text, calls)]
    };
    let took = |n: usize| {
        let turns = chat(n);
        let run = |_| {
            let start = std::time::Instant::now();
            let state = read(&turns, "");
            assert!(!state.files.active.is_empty());
            start.elapsed().as_secs_f64()
        };
        // The quicker of two: another program may hold the processor during one.
        (0..2).map(run).fold(f64::MAX, f64::min)
    };
    let (small, large) = (took(400).max(0.002), took(3_200));
    // Eight times the text: a square would be 64 times the time.
    assert!(large / small < 30.0, "{small} s, then {large} s");
}

#[test]
fn a_large_checkpoint_stays_under_100_kb_and_comes_back_whole() {
    let mut state = read(&coding(), "x");
    state.conversation.summary = "s".repeat(1_000);
    let noted = |i: usize| shim::wire::state::Noted {
        text: format!("Decision number {i}: keep the format as it is"),
        turn: TurnKey(format!("turn-{i}")),
    };
    state.conversation.decisions = (0..50).map(noted).collect();
    state.task.completed_steps = (0..100).map(|i| format!("Step {i} was carried out")).collect();
    let json = serde_json::to_string(&state).unwrap();
    assert!(json.len() < 100_000, "{}", json.len());
    assert_eq!(serde_json::from_str::<State>(&json).unwrap(), state);
}
