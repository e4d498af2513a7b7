//! Category 2: the task. Plans first (checklists, step tools, numbered lists), sentences second.

use super::blockers;
use super::cues::{Cues, lower};
use super::lines::{Chat, Latest, Said, key, plain, sentences};
use super::plan::Steps;
use super::talk;
use super::tools::{Act, act_of};
use crate::base::limits::COMPLETED_STEPS;
use crate::base::text::{clip, one_line};
use crate::wire::chat::Role;
use crate::wire::state::{Phase, Task};

/// Characters of the operation.
const OPERATION_CHARS: usize = 200;
/// Answers whose announcements of a next step still count.
const FRESH_ANSWERS: usize = 2;

/// The second category.
pub fn task(chat: &Chat<'_>, title: &str) -> Task {
    let mut steps = Steps::default();
    let mut did = Latest::new();
    let mut next = Latest::new();
    let answers = chat.of_model().count();
    let mut answer = 0;
    for said in &chat.said {
        steps.read_turn(said);
        if !said.by_user() {
            answer += 1;
            for sentence in &said.sentences {
                let (text, words) = (&sentence.text, &sentence.words);
                if reports(words) {
                    did.push(key(text), (steps.tick(), text.clone()));
                } else if answer + FRESH_ANSWERS > answers && announces(words) {
                    next.push(key(text), text.clone());
                }
            }
        }
    }
    let progress = steps.progress();
    let doing = steps.doing();
    let operation = operation(chat, title, doing);
    Task {
        phase: phase(chat, progress),
        progress,
        completed_steps: steps.completed(did.last(COMPLETED_STEPS)),
        next_steps: steps.open(next.last(6)),
        blockers: blockers::blockers(chat),
        operation,
    }
}

fn operation(chat: &Chat<'_>, title: &str, doing: Option<&str>) -> String {
    let requests = talk::requests(chat);
    let text = |said: &&Said<'_>| talk::request(said, OPERATION_CHARS * 2);
    let words = |text: &String| text.split(' ').count();
    let first = |text: String| {
        sentences(&text).into_iter().find(|s| s.len() > 8).unwrap_or(&text).to_owned()
    };
    // A remark of a few words seldom names the task: the last longer message stands before it.
    let last = requests.last().map(text);
    let brief = last.as_ref().is_some_and(|t| words(t) < 5);
    let before = requests.iter().rev().skip(1).filter(|_| brief).map(text);
    let longer = before.take(6).find(|t| words(t) >= 5).map(first);
    let asked = match (longer, last.map(first)) {
        (Some(long), Some(short)) => Some(format!("{} (then: {short})", clip(&long, 130))),
        (_, last) => last,
    };
    let text = match (asked.filter(|a| !a.is_empty()), doing) {
        (Some(asked), Some(doing)) => format!("{} (now: {})", clip(&asked, 120), clip(doing, 70)),
        (Some(asked), None) => asked,
        (None, Some(doing)) => doing.to_owned(),
        (None, None) => one_line(title),
    };
    clip(&plain(&text), OPERATION_CHARS)
}

/// Whether a sentence says that something was done.
fn reports(words: &str) -> bool {
    static WHO: Cues = Cues::new("i've |i have |we've |we have |i also |i ");
    static WHEN: Cues = Cues::new("also |now |just ");
    static PASSED: Cues = Cues::new("tests pass|test passes|all green|tests are green");
    static HEDGED: Cues = Cues::new("not|until|once|if|should|when|let me");
    static DID: Cues = Cues::new(
        "\
        added|fixed|created|implemented|updated|removed|renamed|refactored|wrote|moved|replaced|\
        extracted|changed|deleted|converted|migrated|installed|configured|verified|extended|split|\
        rewrote|finished|completed|merged|set",
    );
    // The plan takes what such a label names.
    static NAMED: Cues = Cues::new("completed:|finished:");
    if NAMED.begin(words) {
        return false;
    }
    let rest = WHO.after(words).unwrap_or(words);
    let rest = WHEN.after(rest).unwrap_or(rest);
    let first = rest.split(|c: char| !c.is_alphanumeric()).next();
    let verb = first.is_some_and(|w| DID.is(w)) && words.split(' ').count() > 2;
    let passed = PASSED.inside(words);
    verb || (passed && !HEDGED.inside(words))
}

/// Whether a sentence says what comes next.
fn announces(words: &str) -> bool {
    static INSIDE: Cues = Cues::new(
        "next i will|next i'll|next we|still need to|remains to|my next step|our next step",
    );
    static WILL: Cues = Cues::new("i'll|i will|i'm going to|we'll|we will");
    static OTHERS: Cues = Cues::new("what|whatever|you");
    static STARTS: Cues = Cues::new(
        "\
        next:|next,|next up|next i|next step|the next step|then i'll|then i will|i still need to|\
        still to do|remaining:|todo:|to do:|i'll now|i will now|now i'll|now i will|let me now|\
        what remains|after that|up next|next is",
    );
    let ends = words.trim_end_matches(|c: char| !c.is_alphanumeric()).ends_with(" next");
    STARTS.begin(words)
        || INSIDE.inside(words)
        || (ends && WILL.inside(words) && !OTHERS.inside(words))
}

/// Where in the work the chat is: the last calls tell, then the words of the last answer.
fn phase(chat: &Chat<'_>, progress: Option<f64>) -> Phase {
    static VERIFYING: Cues = Cues::new("tests pass|verify|run the tests|test run");
    static PLANNING: Cues = Cues::new("plan");
    static EXPLORING: Cues = Cues::new("look|explore|read|search|find out");
    let asked_last = chat.said.last().is_some_and(|s| s.turn.role == Role::User);
    if progress.is_some_and(|p| p >= 1.0) && !asked_last {
        return Phase::Finished;
    }
    let answers = chat.of_model().count();
    let since = chat.said.len().saturating_sub(6);
    let calls = chat.calls().rev().filter(|(turn, _)| *turn >= since).take(6);
    let last = calls.map(|(_, call)| act_of(call)).find_map(|act| match act {
        Act::Edit | Act::Write => Some(Phase::Implementing),
        Act::Check => Some(Phase::Verifying),
        Act::Read | Act::Search => Some(Phase::Exploring),
        Act::Plan => Some(Phase::Planning),
        Act::Run | Act::Other => None,
    });
    if let Some(phase) = last {
        return phase;
    }
    if answers == 0 {
        return Phase::Unknown;
    }
    let Some(answer) = chat.of_model().next_back() else { return Phase::Unknown };
    let words = lower(&talk::prose(answer, 1_500));
    let fenced = answer.fences.iter().any(|f| !f.lines.is_empty());
    match () {
        () if VERIFYING.inside(&words) => Phase::Verifying,
        () if fenced => Phase::Implementing,
        () if PLANNING.inside(&words) || progress.is_some_and(|p| p <= 0.0) => Phase::Planning,
        () if EXPLORING.inside(&words) => Phase::Exploring,
        () => Phase::Unknown,
    }
}
