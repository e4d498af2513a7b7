//! What of a turn was said, and what only stands around it: names, times, controls.

use super::flat::Flat;
use super::roles::words;
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
/// Words for what holds Markdown that was made into a page.
const MARKDOWN_WORDS: [&str; 2] = ["prose", "markdown"];
/// Words for what holds a message's text.
const TEXT_WORDS: [&str; 10] = [
    "prose", "markdown", "content", "body", "text", "bubble", "message", "msg", "article", "answer",
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
/// Longest time as digits: `11/22/2026, 09:00:00 AM`.
const STAMP_CHARS: usize = 24;
/// Kinds of parts that turns are made of.
const KINDS: usize = 64;
/// Levels between a turn and its text.
const DEPTH: usize = 12;

/// How an element looks, for telling parts of a turn apart: the same in every turn.
pub(super) type Look = (String, Vec<usize>);

/// Parts that look alike.
pub(super) type Kind = (Look, Vec<usize>);

/// What the turns of one speaker hold.
#[derive(Debug, Default)]
pub(super) struct Said {
    /// The elements that hold what was said, turn by turn.
    pub(super) held: Vec<Vec<usize>>,
    /// What stands beside it, by its looks.
    pub(super) beside: Vec<Kind>,
}

/// Whether an element is a part of a text by its tag.
pub(super) fn is_prose(element: &Element) -> bool {
    PROSE.contains(&element.tag.as_str()) || is_heading(element)
}

fn is_heading(element: &Element) -> bool {
    element.tag.len() == 2 && element.tag.starts_with('h') && element.tag != "hr"
}

/// What was said in these turns. `known`: looks that stand beside the other speaker's.
/// `is_step`: what of them is a step and was not said.
pub(super) fn of(
    flat: &Flat,
    turns: &[usize],
    known: &[Kind],
    is_step: &dyn Fn(usize) -> bool,
) -> Said {
    let held = turns.iter().map(|at| vec![*at]).collect();
    let mut said = Said { held, beside: Vec::new() };
    for _ in 0..DEPTH {
        if let Some(marked) = marked(flat, &said.held, is_step) {
            said.held = marked;
            break;
        }
        let Some(inner) = said.inner(flat, known, is_step) else { break };
        said.held = inner;
    }
    said
}

/// The elements that are named as Markdown, where all turns have them and they hold most of the
/// text. None: go by the looks.
fn marked(
    flat: &Flat,
    held: &[Vec<usize>],
    is_step: &dyn Fn(usize) -> bool,
) -> Option<Vec<Vec<usize>>> {
    let mut all = Vec::new();
    for turn in held {
        let mut found = Vec::new();
        for from in turn {
            let mut at = *from;
            while at < flat.within(*from).end {
                let step = is_step(at);
                let prose = flat.element(at).is_some_and(is_prose);
                let named = !prose && named(flat, at, &MARKDOWN_WORDS);
                if named && !step && flat.text(at) > 0 {
                    found.push(at);
                }
                at = if named || step || prose { flat.within(at).end } else { at + 1 };
            }
        }
        if found.is_empty() {
            return None;
        }
        all.push(found);
    }
    Some(all)
}

/// Whether an element of an answer stands in what is named as Markdown.
pub(super) fn in_markdown(flat: &Flat, answer: usize, at: usize) -> bool {
    let mut above = flat.above(at).take_while(|above| *above != answer);
    above.any(|above| named(flat, above, &MARKDOWN_WORDS))
}

impl Said {
    /// One level further in. None: the text begins here.
    fn inner(
        &mut self,
        flat: &Flat,
        known: &[Kind],
        is_step: &dyn Fn(usize) -> bool,
    ) -> Option<Vec<Vec<usize>>> {
        let held = &self.held;
        let own = held.iter().flatten().any(|at| flat.get(*at).is_some_and(|spot| spot.own > 0));
        let below = |held: &Vec<usize>| {
            let below = held.iter().flat_map(|at| flat.spoken(*at));
            below.filter(|at| !is_step(*at)).collect::<Vec<usize>>()
        };
        let parts: Vec<Vec<usize>> = held.iter().map(below).collect();
        let prose = |at: &usize| {
            let element = flat.element(*at);
            element.is_some_and(|e| is_prose(e) && (e.attrs.is_empty() || !is_heading(e)))
        };
        if own || parts.iter().all(Vec::is_empty) {
            return None;
        }
        let with_steps = parts.iter().flatten().count();
        let with_steps = held.iter().flatten().flat_map(|at| flat.spoken(*at)).count() > with_steps;
        let mut kinds = kinds(flat, &parts)?;
        let stamps = stamps(flat, &mut kinds);
        let kept = |at: &usize| !stamps.iter().any(|(_, these)| these.contains(at));
        if parts.iter().flatten().filter(|at| kept(at)).any(prose) {
            self.beside.extend(stamps);
            return None;
        }
        let parts: Vec<Vec<usize>> =
            parts.iter().map(|part| part.iter().copied().filter(kept).collect()).collect();
        let alone = parts.iter().all(|parts| parts.len() == 1);
        let label = |at: &usize| flat.text(*at) <= LABEL_CHARS && named(flat, *at, &BESIDE_WORDS);
        if alone && !parts.iter().flatten().any(label) {
            return Some(parts);
        }
        let mut beside = divided(flat, &mut kinds, held.len(), known);
        beside.extend(stamps);
        let kept = |at: &usize| kinds.iter().any(|(_, these)| these.contains(at));
        let next = parts.iter().map(|parts| parts.iter().copied().filter(kept).collect());
        let next: Vec<Vec<usize>> = next.collect();
        // Several kinds were said: they are one text where nothing was left out beside them.
        let one = kinds.len() == 1 || kinds.len() > 1 && (!beside.is_empty() || with_steps);
        self.beside.extend(beside);
        let empty = |(inner, held): (&Vec<usize>, &Vec<usize>)| {
            inner.is_empty() && held.iter().any(|at| flat.text(*at) > 0)
        };
        (one && !next.iter().zip(&self.held).any(empty)).then_some(next)
    }
}

/// Parts that look alike, over all turns. None: there are so many that their looks say nothing.
fn kinds(flat: &Flat, parts: &[Vec<usize>]) -> Option<Vec<Kind>> {
    let mut kinds: Vec<Kind> = Vec::new();
    for at in parts.iter().flatten() {
        let tag = flat.element(*at).map(|element| element.tag.clone()).unwrap_or_default();
        let mut own = flat.tests.of(*at).to_vec();
        own.retain(|number| flat.tests.rank(*number) >= 3);
        crate::base::order::sort_by(&mut own, usize::cmp);
        let look = (tag, own);
        let room = kinds.len() < KINDS;
        match kinds.iter_mut().find(|(known, _)| *known == look) {
            Some((_, these)) => these.push(*at),
            None if room => kinds.push((look, vec![*at])),
            None => return None,
        }
    }
    Some(kinds)
}

/// Takes from these parts what is only a time: of a message that has more.
fn stamps(flat: &Flat, kinds: &mut Vec<Kind>) -> Vec<Kind> {
    let is_stamp = |at: &usize| {
        let text = flat.words(*at).to_ascii_lowercase();
        let marks = text.bytes().filter(|b| b":/.-".contains(b)).count();
        let plain = |b: u8| b.is_ascii_digit() || b":/.-, apm".contains(&b);
        let digits = text.bytes().any(|b| b.is_ascii_digit());
        marks > 0 && digits && text.len() <= STAMP_CHARS && text.bytes().all(plain)
    };
    if kinds.len() < 2 {
        return Vec::new();
    }
    let (out, stay): (Vec<_>, Vec<_>) =
        kinds.drain(..).partition(|(_, these)| these.iter().all(is_stamp));
    *kinds = stay;
    out
}

/// Takes from these parts what stands beside the text.
fn divided(flat: &Flat, kinds: &mut Vec<Kind>, turns: usize, known: &[Kind]) -> Vec<Kind> {
    let short = |at: &usize| {
        flat.text(*at) <= LABEL_CHARS && !flat.element(*at).is_some_and(super::roles::is_rich)
    };
    let mut beside = Vec::new();
    let mut take = |kinds: &mut Vec<Kind>, rule: &dyn Fn(&Kind) -> bool| {
        let (out, stay): (Vec<_>, Vec<_>) = kinds.drain(..).partition(|kind| rule(kind));
        // What alone has text may be a name, where the answer has not begun.
        beside.extend(out);
        *kinds = stay;
    };
    take(kinds, &|(_, these)| these.iter().all(|at| short(at) && named(flat, *at, &BESIDE_WORDS)));
    let says = |(_, these): &Kind| these.iter().any(|at| named(flat, *at, &TEXT_WORDS));
    if kinds.iter().any(says) {
        take(kinds, &|kind| !says(kind) && kind.1.iter().all(short));
    }
    // The same words in every turn name something; so does what names the other speaker.
    let is_known = |look: &Look| known.iter().any(|(known, _)| known == look);
    if kinds.len() > 1 {
        take(kinds, &|(look, these)| {
            these.iter().all(short) && (is_known(look) || turns > 1 && is_constant(flat, these))
        });
    }
    // Of the rest the longest was said.
    if kinds.len() > 1 {
        let text = |these: &[usize]| these.iter().map(|at| flat.text(*at)).sum::<usize>();
        let longest = kinds.iter().map(|(_, these)| text(these)).max().unwrap_or_default();
        take(kinds, &|(_, these)| {
            text(these) < longest && these.iter().all(short) && these.len() >= turns
        });
    }
    beside
}

/// Whether these say the same in every turn, but for numbers.
fn is_constant(flat: &Flat, these: &[usize]) -> bool {
    let said = |at: &usize| {
        let mut words = flat.words(*at);
        words.retain(|letter| !letter.is_ascii_digit());
        words
    };
    let Some((first, others)) = these.split_first() else { return false };
    let first = said(first);
    !others.is_empty() && others.iter().all(|at| said(at) == first)
}

/// Whether an element's class, test id or tag has one of these words.
pub(super) fn named(flat: &Flat, at: usize, list: &[&str]) -> bool {
    let Some(element) = flat.element(at) else { return false };
    let values = element.attrs.iter().filter(|(name, _)| {
        matches!(name.as_str(), "class" | "id" | "data-testid" | "data-slot" | "part")
    });
    let mut values = values.flat_map(|(_, value)| value.split_ascii_whitespace());
    let style = |value: &str| value.contains(['[', ':', '/']) || value.starts_with("text-");
    let has = |value: &str| words(value).iter().any(|word| list.contains(&word.as_str()));
    values.any(|value| !style(value) && value != "not-prose" && has(value))
        || element.tag.contains('-') && has(&element.tag)
}
