//! A crash is told from every clean end.

use shim::base::Moment;
use shim::session::ending::{Verdict, Watch};
use shim::wire::background::TabState;
use shim::wire::session::EndReason;

const ADDRESS: &str = "https://claude.ai/chat/1";

fn tab(status: &str, url: &str) -> TabState {
    let answers = Some(false);
    TabState { status: status.into(), url: url.into(), answers, ..TabState::default() }
}

/// Shows the same state at every look until there is a verdict.
fn judge(state: Option<TabState>) -> Verdict {
    judge_by(Watch::new(Moment(1_000)), state)
}

fn judge_by(mut watch: Watch, state: Option<TabState>) -> Verdict {
    for _ in 0..100 {
        let at = watch.next_look();
        watch.looking(at);
        match watch.seen(at, state.as_ref(), ADDRESS) {
            Verdict::LookAt(next) => assert!(next > at, "each look is later than the one before"),
            verdict => return verdict,
        }
    }
    panic!("no verdict after 100 looks");
}

#[test]
fn a_dead_renderer_is_a_crash_in_chromium() {
    let dead = tab("unloaded", "https://claude.ai/chat/1");
    assert_eq!(judge(Some(dead)), Verdict::Crashed(EndReason::TabCrashed));
}

#[test]
fn a_dead_content_process_is_a_crash_in_firefox() {
    let dead = tab("complete", "https://claude.ai/chat/1");
    assert_eq!(judge(Some(dead)), Verdict::Crashed(EndReason::TabCrashed));
}

#[test]
fn a_tab_that_firefox_emptied_out_of_view_is_a_crash_unless_it_was_about_to_be_left() {
    let emptied = TabState { crash_empties: true, ..tab("complete", "") };
    assert_eq!(judge(Some(emptied.clone())), Verdict::Crashed(EndReason::TabCrashed));
    let in_view = TabState { active: true, ..emptied.clone() };
    assert_eq!(judge(Some(in_view)), Verdict::Clean);
    let elsewhere = TabState { url: "https://example.org/".into(), ..emptied.clone() };
    assert_eq!(judge(Some(elsewhere)), Verdict::Clean);
    let mut left = Watch::new(Moment(0));
    left.leave();
    assert_eq!(judge_by(left, Some(emptied)), Verdict::Clean);
}

#[test]
fn closed_discarded_and_left_tabs_ended_cleanly() {
    assert_eq!(judge(None), Verdict::Clean);
    let asleep = TabState { discarded: true, ..tab("unloaded", "https://claude.ai/chat/1") };
    assert_eq!(judge(Some(asleep)), Verdict::Clean);
    assert_eq!(judge(Some(tab("complete", ""))), Verdict::Clean);
    assert_eq!(judge(Some(tab("complete", "https://claude.ai.example/x"))), Verdict::Clean);
}

#[test]
fn a_page_that_answers_is_alive_whatever_else_is_shown() {
    let alive = TabState { answers: Some(true), ..tab("complete", "https://claude.ai/chat/1") };
    assert_eq!(judge(Some(alive)), Verdict::Alive);
}

#[test]
fn a_page_that_loads_is_waited_for_and_then_left_alone() {
    assert_eq!(judge(Some(tab("loading", "https://claude.ai/chat/1"))), Verdict::Clean);
}

#[test]
fn an_empty_page_before_the_crash_page_is_waited_out() {
    let mut watch = Watch::new(Moment(0));
    let between = tab("complete", "about:blank");
    for _ in 0..3 {
        let at = watch.next_look();
        assert!(matches!(watch.seen(at, Some(&between), ADDRESS), Verdict::LookAt(_)));
    }
    let dead = tab("complete", "https://claude.ai/chat/1");
    let verdicts = (0..4).map(|_| watch.seen(watch.next_look(), Some(&dead), ADDRESS));
    assert_eq!(verdicts.last(), Some(Verdict::Crashed(EndReason::TabCrashed)));
}

#[test]
fn a_slow_start_of_the_content_script_is_no_crash() {
    let mut watch = Watch::new(Moment(0));
    let complete = tab("complete", "https://claude.ai/chat/1");
    for _ in 0..3 {
        let at = watch.next_look();
        assert!(matches!(watch.seen(at, Some(&complete), ADDRESS), Verdict::LookAt(_)));
    }
    let answered = TabState { answers: Some(true), ..complete };
    assert_eq!(watch.seen(watch.next_look(), Some(&answered), ADDRESS), Verdict::Alive);
}

#[test]
fn after_a_new_start_only_a_tab_that_still_shows_the_chat_is_its_tab() {
    let look = |state: Option<&TabState>| {
        let mut watch = Watch::anew(Moment(0));
        watch.seen(watch.next_look(), state, ADDRESS)
    };
    let browser_crashed = Verdict::Crashed(EndReason::BrowserCrashed);
    assert_eq!(look(None), browser_crashed);
    assert_eq!(look(Some(&tab("complete", ""))), browser_crashed);
    assert_eq!(look(Some(&tab("complete", "https://claude.ai/new"))), browser_crashed);
    let still = tab("complete", "https://claude.ai/chat/1?x=1#y");
    assert!(matches!(look(Some(&still)), Verdict::LookAt(_)));
    assert_eq!(look(Some(&TabState { answers: Some(true), ..still })), Verdict::Alive);
}
