//! Tool calls that nothing but their form tells: a line with the name of something in a program,
//! beside what was said and not in it, with a sign of its state or with its data under it.

use super::content;
use super::flat::Flat;
use super::select::compound;
use super::steps::{is_opener, line, says};
use crate::wire::page::Element;

/// Longest line that names a call.
const LINE_CHARS: usize = 80;
/// Words of such a line.
const WORDS: usize = 7;
/// Words of a line from which on it is a sentence, where the name stands in a part of its own.
const SENTENCE: usize = 4;
/// Longest name of a tool.
const NAME_CHARS: usize = 64;
/// Longest ending that is a file's.
const ENDING_CHARS: usize = 5;
/// Levels between a name and the frame of its call.
const LEVELS: usize = 8;
/// Elements of a frame that are looked at.
const PARTS: usize = 200;
/// Words for what calls stand in, as programmers name it.
const PLACE_WORDS: [&str; 16] = [
    "tool",
    "tools",
    "toolcall",
    "toolcalls",
    "mcp",
    "function",
    "invocation",
    "invoke",
    "action",
    "actions",
    "activity",
    "call",
    "calls",
    "step",
    "steps",
    "plugin",
];
/// The same for what names something else.
const OTHER_WORDS: [&str; 20] = [
    "model",
    "author",
    "sender",
    "who",
    "avatar",
    "user",
    "file",
    "files",
    "filename",
    "attachment",
    "artifact",
    "source",
    "sources",
    "citation",
    "link",
    "lang",
    "language",
    "code",
    "tag",
    "suggestion",
];
/// Tags in which a name is written as a program writes it.
const NAME_TAGS: [&str; 5] = ["code", "b", "strong", "kbd", "samp"];

/// A call that is told by the line that names it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Named {
    /// What holds the name and nothing else of the page.
    pub(super) name: usize,
    /// All of the call.
    pub(super) frame: usize,
}

/// The one word of a short line that a program would use as a name.
pub(super) fn name_in(text: &str) -> Option<&str> {
    let words = || text.split_ascii_whitespace();
    if text.len() > LINE_CHARS || words().count() > WORDS {
        return None;
    }
    let bare = |word| str::trim_matches(word, |c: char| !c.is_ascii_alphanumeric());
    let mut named = words().map(bare).filter(|word| is_name(word));
    let first = named.next()?;
    named.all(|word| word == first).then_some(first)
}

/// Whether a word is a name that only programs have: `read_file`, `readFile`, `files.search`.
fn is_name(word: &str) -> bool {
    let plain = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'-' | b'.' | b'/' | b':');
    let humps = word.as_bytes().windows(2).any(
        |two| matches!(two, [one, other] if one.is_ascii_lowercase() && other.is_ascii_uppercase()),
    );
    let ending = word.rsplit_once('.').map(|(_, ending)| ending);
    let file = ending.is_some_and(|ending| ending.len() <= ENDING_CHARS);
    let dotted = ending.is_some() && word.bytes().all(|b| b.is_ascii_lowercase() || b == b'.');
    // An address, or a name of a model.
    let other = word.contains("//") || word.starts_with("www.") || word.contains("..");
    (3..=NAME_CHARS).contains(&word.len())
        && word.bytes().all(plain)
        && word.starts_with(|c: char| c.is_ascii_alphabetic())
        && (word.contains('_')
            || humps && word.starts_with(|c: char| c.is_ascii_lowercase())
            || dotted)
        && !file
        && !other
}

/// Whether an element stands in what was said: in a text's own parts, or after one beside it.
pub(super) fn in_text(flat: &Flat, answer: usize, at: usize) -> bool {
    let mut inner = at;
    for above in flat.above(at).take_while(|above| flat.holds(answer, *above)) {
        let Some(element) = flat.element(inner) else { return true };
        let listed = match element.tag.as_str() {
            "li" => is_worded(flat, inner, at),
            "ul" | "ol" => false,
            "code" | "strong" | "b" | "em" => flat.get(above).is_some_and(|spot| spot.own > 0),
            _ => content::is_prose(element) && inner != at,
        };
        let after = |sibling: usize| {
            sibling < inner && flat.element(sibling).is_some_and(is_said) && flat.text(sibling) > 0
        };
        // A word of a sentence.
        let sentence = flat
            .get(above)
            .is_some_and(|spot| spot.own > 0 && line(spot.element).split(' ').count() > SENTENCE);
        if listed || sentence || flat.children(above).any(after) {
            return true;
        }
        inner = above;
    }
    false
}

/// Whether an item of a list says more than a name and what stands beside one.
fn is_worded(flat: &Flat, item: usize, name: usize) -> bool {
    let own = flat.get(item).is_some_and(|spot| spot.own > 0);
    let bare = flat.element(item).is_some_and(|element| element.attrs.is_empty());
    let pair = flat.children(item).count() > 1;
    own && item != name || bare && !pair
}

/// What only a text is made of.
fn is_said(element: &Element) -> bool {
    matches!(element.tag.as_str(), "p" | "pre" | "blockquote" | "table" | "h1" | "h2" | "h3")
}

/// Whether an element holds a text that was said: a paragraph, not among a call's data.
fn holds_text(flat: &Flat, at: usize) -> bool {
    flat.within(at).any(|at| {
        // A letter may be a picture.
        flat.text(at) > 3 && flat.element(at).is_some_and(|element| element.tag == "p")
    })
}

/// The calls in these answers that stand in none of `frames`, by the lines that name them.
/// `prompts`: turns of the other side, which have none.
pub(super) fn named(
    flat: &Flat,
    answers: &[usize],
    prompts: &[usize],
    frames: &[usize],
) -> Vec<Named> {
    let mut found = Vec::new();
    for answer in answers {
        let lines = lines(flat, *answer);
        let lines: Vec<usize> = lines.into_iter().filter(|at| !flat.is_in(frames, *at)).collect();
        for name in &lines {
            let alone = |at: usize| {
                flat.holds(*answer, at)
                    && at != *answer
                    && !lines.iter().any(|other| other != name && flat.holds(at, *other))
                    && !flat.has_any(at, frames)
                    && !holds_text(flat, at)
                    && !looks_like_one_of(flat, at, prompts)
            };
            let frame = flat.above(*name).take_while(|above| alone(*above)).last();
            let frame = frame.unwrap_or(*name);
            if is_evident(flat, *answer, Named { name: *name, frame }) {
                found.push(Named { name: *name, frame });
            }
        }
    }
    if is_label(flat, answers, &found) { Vec::new() } else { found }
}

/// The frames of these calls: as much as can be told from all else in the answers.
pub(super) fn frames(flat: &Flat, answers: &[usize], named: &[Named]) -> Vec<usize> {
    let framed: Vec<usize> = named.iter().map(|call| call.frame).collect();
    for level in (0..LEVELS).rev() {
        let up = |call: &Named| {
            let above = flat.above(call.name).take(level);
            above.take_while(|at| flat.holds(call.frame, *at)).last().unwrap_or(call.name)
        };
        let these: Vec<usize> = named.iter().map(up).collect();
        let within = answers.iter().flat_map(|answer| flat.within(*answer));
        if compound(flat, &these, within.filter(|at| !flat.is_in(&these, *at))).is_some() {
            return these;
        }
    }
    framed
}

/// What in an answer is a line that names something in a program, outside of its text.
pub(super) fn lines(flat: &Flat, answer: usize) -> Vec<usize> {
    let mut lines: Vec<usize> = Vec::new();
    let mut at = answer + 1;
    while at < flat.within(answer).end {
        let Some(spot) = flat.get(at) else { break };
        let leaf = flat.children(at).all(|child| {
            flat.within(child).len() == 1 && {
                flat.element(child).is_some_and(|element| line(element).is_empty())
            }
        });
        let text = if leaf { line(spot.element) } else { String::new() };
        let other = says(spot.element, &OTHER_WORDS) && !says(spot.element, &PLACE_WORDS[..5]);
        let hidden = spot.hidden || content::named(flat, at, &["sr"]);
        if other || hidden || matches!(spot.element.tag.as_str(), "pre" | "p" | "table" | "a") {
            at = flat.within(at).end;
            continue;
        }
        if name_in(&text).is_some() && !in_text(flat, answer, at) {
            lines.push(at);
        }
        at += 1;
    }
    lines
}

/// Whether an element looks like something in these turns.
fn looks_like_one_of(flat: &Flat, at: usize, turns: &[usize]) -> bool {
    let own = flat.tests.of(at);
    !own.is_empty()
        && turns.iter().any(|turn| flat.within(*turn).any(|other| flat.tests.of(other) == own))
}

/// Whether more than its name says that this is a call.
fn is_evident(flat: &Flat, answer: usize, call: Named) -> bool {
    let sign = |element: &Element| {
        let state = ["status", "state", "data-status", "data-state", "aria-busy"];
        matches!(element.tag.as_str(), "svg" | "i" | "img" | "pre" | "progress")
            || is_opener(element)
            || state.iter().any(|name| element.attr(name).is_some())
    };
    let tag = flat.element(call.name).map(|element| element.tag.as_str()).unwrap_or_default();
    let mut parts = flat.within(call.frame).take(PARTS).filter_map(|at| flat.element(at));
    let places = || {
        let above = flat.above(call.name).take_while(|above| *above != answer);
        std::iter::once(call.name).chain(above).filter_map(|at| flat.element(at))
    };
    NAME_TAGS.contains(&tag)
        || parts.any(sign)
        || places().any(|element| says(element, &PLACE_WORDS))
}

/// Whether these are no calls but what every answer is labelled with: one in each, all the same.
fn is_label(flat: &Flat, answers: &[usize], found: &[Named]) -> bool {
    let text = |call: &Named| flat.element(call.name).map(line).unwrap_or_default();
    let Some(first) = found.first() else { return false };
    let of = |answer: &usize| found.iter().filter(|call| flat.holds(*answer, call.frame)).count();
    answers.len() > 1
        && answers.iter().all(|answer| of(answer) == 1)
        && found.iter().all(|call| text(call) == text(first))
        && found.iter().all(|call| flat.within(call.frame).len() <= 2)
}
