//! What many looks at one page become: turns by key, positions, calls, one chat at a time.

use super::super::pages;
use super::{AT, CHATGPT, CLAUDE, look, reader_of, site_of};
use shim::base::{Moment, Span, chance::Chance};
use shim::sites::reader::Reader;
use shim::wire::chat::{CallState, Reading, Turn, TurnState};
use shim::wire::page::{Node, PageFlush};
use std::collections::BTreeMap;

/// A conversation as its readings told it: the last word on each turn.
#[derive(Default)]
struct Told(BTreeMap<String, Turn>);

impl Told {
    fn take(&mut self, reading: &Reading) {
        for turn in &reading.changed {
            self.0.insert(turn.key.0.clone(), turn.clone());
        }
    }

    fn in_order(&self) -> Vec<(u32, &str)> {
        let mut all: Vec<_> = self.0.values().map(|t| (t.position, t.key.as_str())).collect();
        all.sort_unstable();
        all
    }
}

/// A claude page with the rows `from..to` of `total`.
fn rows(from: u32, to: u32, total: u32) -> String {
    let mut html = String::new();
    for i in from..to {
        let place = format!("data-testid=transcript-row data-index={i}");
        let inner = if i % 2 == 0 {
            format!(
                "<div data-cds=UserMessage data-turn-key=k{i}>\
                 <p data-testid=user-message>q{i}</p></div>"
            )
        } else {
            format!(
                "<div data-testid=assistant-message data-is-streaming=false data-turn-key=k{i}>\
                 <p data-perf-reply-text>a{i}</p></div>"
            )
        };
        html += &format!("<div {place}><div aria-setsize={total}>{inner}</div></div>");
    }
    html
}

/// A chatgpt page with these exchanges.
fn exchanges(keys: &[&str]) -> String {
    let one = |key: &&str| {
        format!(
            "<div data-turn-key={key}><div data-talvt-turn-state=complete>\
             <div data-user-message-bubble>q{key}</div>\
             <div data-markdown-text-style=assistant-message>a{key}</div></div></div>"
        )
    };
    keys.iter().map(one).collect()
}

/// Numbers turn elements as one document does: an element seen before keeps its number.
#[derive(Default)]
struct Numbers(Vec<Node>);

impl Numbers {
    fn apply(&mut self, flush: &mut PageFlush) {
        let mut order = Vec::new();
        for (number, tree) in &mut flush.turns {
            let at = self.0.iter().position(|known| known == tree).unwrap_or_else(|| {
                self.0.push(tree.clone());
                self.0.len() - 1
            });
            *number = at as u64;
            order.push(*number);
        }
        flush.order = Some(order);
    }
}

#[test]
fn what_scrolled_out_stays_known_and_is_not_told_again() {
    let (mut reader, plan) = reader_of(CLAUDE);
    let (mut told, mut numbers) = (Told::default(), Numbers::default());
    let mut see = |from, to, changed: usize| {
        let mut flush = look(&plan, &rows(from, to, 90), CLAUDE);
        numbers.apply(&mut flush);
        let reading = reader.read(AT, &flush);
        told.take(&reading);
        assert_eq!(reading.changed.len(), changed, "{from}..{to}");
        let mounted: Vec<_> = (from..to).map(|i| format!("k{i}")).collect();
        assert_eq!(reading.mounted.iter().map(|k| k.0.clone()).collect::<Vec<_>>(), mounted);
        assert_eq!(
            (reading.total, reading.gaps.len()),
            (Some(90), 1),
            "only the composer is missing"
        );
        told.in_order().len()
    };
    assert_eq!(see(80, 90, 10), 10);
    assert_eq!(see(76, 86, 4), 14);
    assert_eq!(see(80, 90, 0), 14);
    assert_eq!(see(10, 16, 6), 20);
    assert!(told.0.iter().all(|(key, turn)| *key == format!("k{}", turn.position)));
}

/// What a document of chatgpt tells of windows of exchanges, opened at `url`: keys in order, and
/// whether an earlier position ever changed.
fn windows(url: &str, windows: &[&str]) -> (String, bool) {
    let (mut reader, plan) = reader_of(url);
    let (mut told, mut numbers) = (Told::default(), Numbers::default());
    let mut moved = false;
    for keys in windows {
        let keys: Vec<_> = keys.split("").filter(|key| !key.is_empty()).collect();
        let mut flush = look(&plan, &exchanges(&keys), url);
        numbers.apply(&mut flush);
        let before = told.0.clone();
        told.take(&reader.read(AT, &flush));
        moved |= before.iter().any(|(key, turn)| told.0[key].position != turn.position);
    }
    let order: String = told.in_order().into_iter().map(|(_, key)| key).collect();
    (order.replace(":user", "?").replace(":assistant", "."), moved)
}

#[test]
fn where_no_position_is_told_it_is_counted() {
    let fresh = "https://chatgpt.com/";
    for (url, mounted, order, moves) in [
        (fresh, &["a", "ab", "abc", "bcd"][..], "a?a.b?b.c?c.d?d.", false),
        (CHATGPT, &["ef", "efg", "fgh", "cde", "bcd"], "b?b.c?c.d?d.e?e.f?f.g?g.h?h.", false),
        // A jump to the top mounts a window of unknown ones; what lies between comes later.
        (CHATGPT, &["gh", "ab", "bcd", "def", "efg"], "a?a.b?b.c?c.d?d.e?e.f?f.g?g.h?h.", false),
        // A page that says of a chat that it is fresh and then shows older turns.
        (fresh, &["cd", "bc", "ab"], "a?a.b?b.c?c.d?d.", true),
        // An edited prompt stands where the first one stood, and so does what follows it.
        (CHATGPT, &["abc", "ax", "axy"], "a?a.b?x?b.x.c?y?c.y.", false),
    ] {
        assert_eq!(windows(url, mounted), (order.to_owned(), moves), "{mounted:?}");
    }
}

#[test]
fn a_later_document_counts_above_an_earlier_one() {
    let last = |at, keys: &[&str]| {
        let (mut reader, plan) = reader_of(CHATGPT);
        reader.read(at, &look(&plan, &exchanges(keys), CHATGPT)).changed
    };
    let first = last(AT, &["a", "b", "c"]);
    let later = last(AT.after(Span::seconds(30)), &["b", "c", "d"]);
    assert!(later[0].position > first[5].position);
    let far = last(Moment(u64::MAX), &["a", "b"]);
    assert!(far[0].position < far[3].position);
}

/// However the looks were cut, the conversation is the same in the end.
#[test]
fn the_way_a_page_was_split_into_looks_does_not_matter() {
    for (path, html) in pages::saved() {
        let expected = pages::expected(&path);
        let url = expected["url"].as_str().unwrap();
        let site = site_of(&html, url);
        let mut reader = Reader::new(site);
        let whole = look(&site.plan(), &html, url);
        let mut at_once = Told::default();
        let last = reader.read(AT, &whole);
        at_once.take(&last);
        for seed in 0..16 {
            let mut chance = Chance::new(seed);
            let (mut reader, mut told) = (Reader::new(site), Told::default());
            let mut end = Reading::default();
            for flush in split(&whole, &mut chance) {
                end = reader.read(AT, &flush);
                told.take(&end);
            }
            assert_eq!(told.0, at_once.0, "{} seed {seed}", path.display());
            assert_eq!(Reading { changed: last.changed.clone(), ..end }, last);
        }
    }
}

/// One look in several: slots first, then turns and their order, mixed.
fn split(whole: &PageFlush, chance: &mut Chance) -> Vec<PageFlush> {
    let rest = || PageFlush {
        url: whole.url.clone(),
        title: whole.title.clone(),
        zone_min: whole.zone_min,
        ..PageFlush::default()
    };
    let mut flushes = vec![PageFlush { slots: whole.slots.clone(), ..rest() }];
    let mut turns = whole.turns.clone();
    let mut order = whole.order.clone();
    while !turns.is_empty() || order.is_some() {
        let mut flush = rest();
        if chance.percent(30) || turns.is_empty() {
            flush.order = order.take();
        }
        for _ in 0..chance.below(3) {
            if !turns.is_empty() {
                let at = usize::try_from(chance.below(turns.len() as u64)).unwrap();
                flush.turns.push(turns.swap_remove(at));
            }
        }
        flushes.push(flush);
    }
    flushes
}

#[test]
fn another_chat_in_the_same_document_does_not_mix_with_the_first() {
    let other = "https://claude.ai/chat/11111111-2222-4333-8444-555555555555";
    let (mut reader, plan) = reader_of(CLAUDE);
    let first = look(&plan, &rows(0, 4, 4), CLAUDE);
    assert_eq!(reader.read(AT, &first).changed.len(), 4);
    // The address changes first; the old chat still stands there.
    let moved = PageFlush { url: other.to_owned(), ..PageFlush::default() };
    let between = reader.read(AT, &moved);
    assert_eq!((between.changed.len(), between.mounted.len(), between.fresh), (0, 0, false));
    assert_eq!(between.chat.unwrap().as_str(), "11111111-2222-4333-8444-555555555555");
    // Then the new chat is drawn, in elements of its own.
    let mut drawn = look(&plan, &rows(10, 12, 12), other);
    drawn.turns = drawn.turns.into_iter().map(|(number, tree)| (number + 10, tree)).collect();
    drawn.order = Some(vec![11, 12]);
    let after = reader.read(AT, &drawn);
    assert_eq!(after.changed.iter().map(|t| t.key.as_str()).collect::<Vec<_>>(), ["k10", "k11"]);
}

#[test]
fn a_fresh_chat_that_gets_its_id_is_the_same_chat() {
    let (mut reader, plan) = reader_of(CLAUDE);
    let page = rows(0, 1, 1) + "<div data-testid=chat-input contenteditable></div>";
    let sent = reader.read(AT, &look(&plan, &page, "https://claude.ai/new"));
    assert_eq!((sent.chat, sent.changed.len(), sent.fresh), (None, 1, false));
    let named = reader.read(AT, &PageFlush { url: CLAUDE.to_owned(), ..PageFlush::default() });
    assert!(named.chat.is_some() && named.changed.is_empty() && named.mounted.len() == 1);
}

/// An answer with one pill of calls.
fn pill(state: &str, title: &str, rows: &str) -> String {
    format!(
        "<div data-testid=transcript-row data-index=0><div data-testid=assistant-message \
         data-turn-key=k><div data-cds=TurnStatus data-state={state}>\
         <div data-cds-row title='{title}'>\
         </div>{rows}</div><p data-perf-reply-text>x</p></div></div>\
         <button data-testid=chat-input-stop></button>"
    )
}

#[test]
fn calls_keep_what_was_seen_of_them_when_their_panel_is_closed() {
    let open = |more: &str| {
        format!(
            "<div data-cds=Collapsible><div><button><i data-cds=ShimmerText>read</i></button>\
             <p>Anfrage</p><pre>{{1}}</pre>{more}</div></div>"
        )
    };
    let (mut reader, plan) = reader_of(CLAUDE);
    let mut at = AT;
    let mut calls = |html: String| {
        at = at.after(Span::seconds(1));
        let mut flush = look(&plan, &html, CLAUDE);
        flush.order = Some(vec![1]);
        let reading = reader.read(at, &flush);
        reading.changed.first().map(|turn| turn.calls.clone()).unwrap_or_default()
    };
    let running = calls(pill("busy", "Running read", ""));
    assert_eq!((running[0].name.as_str(), running[0].state), ("read", CallState::Running));
    assert_eq!(running[0].ended_at, None);
    let opened = calls(pill("busy", "Running read", &open("")));
    assert_eq!((opened[0].args.as_str(), opened.len()), ("{1}", 1));
    let done = calls(pill("done", "Used 1 tool", &open("<p>Antwort</p><pre>ok</pre>")));
    assert_eq!((done[0].result.as_str(), done[0].state), ("ok", CallState::Done));
    assert_eq!(done[0].ended_at.unwrap().since(done[0].started_at.unwrap()), Span::seconds(2));
    assert!(calls(pill("done", "Used 1 tool", "")).is_empty(), "nothing changed");
    let next = calls(pill("busy", "Running write", ""));
    assert_eq!(next.len(), 2);
    assert_eq!((next[0].result.as_str(), next[1].name.as_str()), ("ok", "write"));
    let failed = calls(pill("done", "write failed", ""));
    assert_eq!((failed.len(), failed[1].state), (2, CallState::Failed));
}

#[test]
fn a_call_that_its_answer_outlived_has_failed() {
    let (mut reader, plan) = reader_of(CLAUDE);
    let busy = pill("busy", "Running read", "");
    assert_eq!(reader.read(AT, &look(&plan, &busy, CLAUDE)).changed[0].state, TurnState::Streaming);
    let stopped =
        busy.replace("data-testid=chat-input-stop", "").replace("state=busy", "state=pending");
    let turn = reader.read(AT, &look(&plan, &stopped, CLAUDE)).changed.remove(0);
    assert_eq!((turn.calls[0].state, turn.state), (CallState::Failed, TurnState::Done));
}
