//! What of a turn was said, and what only stands around it: names, times, controls.

use super::flat::Flat;
use super::roles::words;
use super::steps;
use crate::wire::page::Element;

/// What text is made of: where one of these begins, everything beside it belongs to the text.
const PROSE: [&str; 13] = [
    "p",
    "pre",
    "ul",
    "ol",
    "table",
    "blockquote",
    "code",
    "strong",
    "em",
    "hr",
    "a",
    "math",
    "br",
];
/// Words for what holds a message's text.
const TEXT_WORDS: [&str; 11] = [
    "prose", "markdown", "md", "content", "body", "text", "bubble", "message", "msg", "article",
    "answer",
];
/// Words for what stands beside it.
const BESIDE_WORDS: [&str; 22] = [
    "action",
    "actions",
    "attachment",
    "attachments",
    "avatar",
    "badge",
    "controls",
    "date",
    "files",
    "footer",
    "header",
    "icon",
    "info",
    "label",
    "meta",
    "name",
    "sender",
    "status",
    "time",
    "timestamp",
    "toolbar",
    "tooltip",
];
/// Longest name, time or label beside a message.
const LABEL_CHARS: usize = 60;
/// Levels between a turn and its text.
const DEPTH: usize = 12;

pub(super) fn is_prose(element: &Element) -> bool {
    let heading = element.tag.len() == 2 && element.tag.starts_with('h') && element.tag != "hr";
    PROSE.contains(&element.tag.as_str()) || heading
}

/// The elements that hold what was said in these turns, turn by turn.
pub(super) fn of(flat: &Flat, turns: &[usize]) -> Vec<Vec<usize>> {
    let mut held: Vec<Vec<usize>> = turns.iter().map(|at| vec![*at]).collect();
    for _ in 0..DEPTH {
        let parts: Vec<Vec<usize>> = held.iter().map(|held| below(flat, held)).collect();
        let Some(inner) = inner(flat, &held, &parts) else { break };
        if inner.iter().zip(&held).any(|(inner, held)| inner.is_empty() && text(flat, held) > 0) {
            break;
        }
        held = inner;
    }
    held
}

fn text(flat: &Flat, all: &[usize]) -> usize {
    all.iter().map(|at| flat.text(*at)).sum()
}

/// The children with text but for steps, which are read by themselves.
fn below(flat: &Flat, held: &[usize]) -> Vec<usize> {
    let below = held.iter().flat_map(|at| flat.spoken(*at));
    below.filter(|at| !steps::is_step(flat, *at)).collect()
}

/// How an element looks, for telling parts of a turn apart: the same in every turn.
fn look(flat: &Flat, at: usize) -> (String, Vec<usize>) {
    let tag = flat.element(at).map(|element| element.tag.clone()).unwrap_or_default();
    let mut own = flat.tests.of(at).to_vec();
    own.retain(|number| flat.tests.rank(*number) >= 1);
    crate::base::order::sort_by(&mut own, usize::cmp);
    (tag, own)
}

/// One level further in. None: the text begins here.
fn inner(flat: &Flat, held: &[Vec<usize>], parts: &[Vec<usize>]) -> Option<Vec<Vec<usize>>> {
    let own = held.iter().flatten().any(|at| flat.get(*at).is_some_and(|spot| spot.own > 0));
    let all = || parts.iter().flatten();
    let prose = |at: &usize| {
        flat.element(*at).is_some_and(|element| is_prose(element) && !is_title(element))
    };
    if own || all().next().is_none() || all().any(prose) {
        return None;
    }
    // Parts that look alike, over all turns.
    let mut kinds: Vec<((String, Vec<usize>), Vec<usize>)> = Vec::new();
    for at in all() {
        let look = look(flat, *at);
        match kinds.iter_mut().find(|(known, _)| *known == look) {
            Some((_, these)) => these.push(*at),
            None => kinds.push((look, vec![*at])),
        }
    }
    let beside = |at: &usize| flat.text(*at) <= LABEL_CHARS && named(flat, *at, &BESIDE_WORDS);
    let short = |at: &usize| {
        flat.text(*at) <= LABEL_CHARS && !flat.element(*at).is_some_and(super::roles::is_rich)
    };
    let says = |these: &[usize]| these.iter().any(|at| named(flat, *at, &TEXT_WORDS));
    kinds.retain(|(_, these)| !these.iter().all(beside));
    if kinds.iter().any(|(_, these)| says(these) && !says_beside(flat, these)) {
        let quiet = |these: &[usize]| !says(these) && these.iter().all(short);
        kinds.retain(|(_, these)| !quiet(these));
    }
    // The same words in every turn name something; of the rest the longest was said.
    if kinds.len() > 1 && held.len() > 1 {
        kinds.retain(|(_, these)| !is_constant(flat, these));
    }
    if kinds.len() > 1 {
        let longest = kinds.iter().map(|(_, these)| text(flat, these)).max()?;
        let said = |these: &[usize]| text(flat, these) == longest || !these.iter().all(short);
        let in_all = |these: &[usize]| these.len() >= held.len();
        let heads = |(_, these): &(_, Vec<usize>)| !said(these) && in_all(these);
        kinds.retain(|kind| !heads(kind));
    }
    let kept = |at: &usize| kinds.iter().any(|(_, these)| these.contains(at));
    let next = parts.iter().map(|parts| parts.iter().copied().filter(kept).collect::<Vec<_>>());
    let next: Vec<Vec<usize>> = next.collect();
    if kinds.len() == 1 {
        return Some(next);
    }
    // Several kinds were said: they are one text where nothing was left out beside them.
    let left_out = all().any(|at| !kept(at));
    left_out.then_some(next)
}

/// Whether these say the same in every turn.
fn is_constant(flat: &Flat, these: &[usize]) -> bool {
    let Some((first, others)) = these.split_first() else { return false };
    let said = flat.words(*first);
    said.len() <= LABEL_CHARS && others.len() > 0 && others.iter().all(|at| flat.words(*at) == said)
}

/// Whether a heading may be a speaker's name: not one that was said.
fn is_title(element: &Element) -> bool {
    element.tag.starts_with('h') && element.tag.len() == 2 && element.attr("class").is_some()
}

fn says_beside(flat: &Flat, these: &[usize]) -> bool {
    these.iter().all(|at| named(flat, *at, &BESIDE_WORDS))
}

/// Whether an element's class, test id or tag has one of these words.
pub(super) fn named(flat: &Flat, at: usize, list: &[&str]) -> bool {
    let Some(element) = flat.element(at) else { return false };
    let values = element.attrs.iter().filter(|(name, _)| {
        matches!(name.as_str(), "class" | "id" | "data-testid" | "data-slot" | "part")
    });
    let mut values = values.flat_map(|(_, value)| value.split_ascii_whitespace());
    let has = |value: &str| words(value).iter().any(|word| list.contains(&word.as_str()));
    element.tag == "time" && list.contains(&"time")
        || values.any(|value| {
            !value.contains(['[', ':', '/']) && !value.starts_with("text-") && has(value)
        })
}
