//! The reader by shape: finds a conversation in a page that no table knows, and writes down what
//! it found as rows of the same form as the built-in tables.
//!
//! What it goes by: a field that takes text; the list whose children are said by two speakers in
//! turn; who speaks by the names that programmers gave, else by the side of the page; controls
//! that stop an answer; places where pages put what went wrong. No label in one language decides.
//!
//! Absent from here: reading. The rows go to the same reader as every table.

mod flat;
mod roles;
mod rows;
mod select;

use crate::base::limits;
use crate::wire::page::{Element, Node, PageFlush, Plan, SlotPlan};
use crate::wire::rows::SiteRows;
use flat::Flat;
use roles::Who;

/// Attributes that a look for the shape needs: all of them.
pub const ALL_ATTRS: &str = "*";

/// What was found, as selectors. Rows of a table are made of it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Shape {
    /// The field that takes the message; empty: none was found.
    pub composer: String,
    /// What sends it; empty: none was found.
    pub send: String,
    /// A turn, in the whole page.
    pub turn: String,
    /// The person's side, inside a turn.
    pub user: String,
    /// The answer's side, inside a turn; empty: there is none yet.
    pub assistant: String,
    /// A tool call that stands as a turn of its own; empty: none was seen.
    pub tool: String,
    /// The attribute of a turn that tells it from all others; empty: it has none.
    pub key: String,
}

/// The slot of [`plan`].
const PAGE: &str = "page";

/// What the eyes look at to find a shape: the whole page, with every attribute.
#[must_use]
pub fn plan() -> Plan {
    let page = SlotPlan { css: vec!["body".to_owned()], ..SlotPlan::default() };
    Plan {
        slots: [(PAGE.to_owned(), page)].into(),
        attrs: vec![ALL_ATTRS.to_owned()],
        flush_ms: 1000,
        max_depth: limits::TREE_DEPTH,
        max_nodes: limits::TREE_NODES,
        max_chars: limits::TREE_CHARS,
        ..Plan::default()
    }
}

/// The rows of the page that the eyes saw by [`plan`]. None: it shows no conversation yet.
#[must_use]
pub fn rows(flush: &PageFlush) -> Option<SiteRows> {
    let page = flush.slots.get(PAGE)?.nodes.first()?;
    let Node::Element(page) = page else { return None };
    find(page).map(|shape| rows::of(&shape))
}

/// The conversation that a page shows, by its shape. None: it shows none, or none yet.
#[must_use]
pub fn find(page: &Element) -> Option<Shape> {
    let flat = Flat::of(page);
    let composer = composer(&flat);
    let found = [false, true].into_iter().find_map(|loose| by_words(&flat, composer, loose));
    let turns = found.or_else(|| by_sides(&flat, composer))?;
    turns.shape(&flat, composer)
}

/// A list and who speaks in it: `(element, who)`.
struct Turns {
    list: usize,
    spoken: Vec<(usize, Who)>,
}

/// Depth below a turn at which what tells it apart is looked for.
const WRAPPERS: usize = 6;
/// How far above a list of turns its like is looked for.
const SCOPE: usize = 3;

impl Turns {
    fn shape(&self, flat: &Flat, composer: Option<usize>) -> Option<Shape> {
        let mut cores = self.spoken.clone();
        for _ in 0..WRAPPERS {
            if let Some(shape) = self.told_apart(flat, composer, &cores) {
                let (field, send) = composer.map(|at| field(flat, at)).unwrap_or_default();
                return Some(Shape { composer: field, send, key: key(flat, &cores), ..shape });
            }
            for core in &mut cores {
                let mut inner =
                    flat.children(core.0).filter(|&c| flat.get(c).is_some_and(|s| s.text > 0));
                if let (Some(only), None) = (inner.next(), inner.next()) {
                    core.0 = only;
                }
            }
        }
        None
    }

    /// The list, or what holds it and its like: a page may wrap each exchange on its own.
    fn scope(&self, flat: &Flat, composer: Option<usize>) -> usize {
        let mut scope = self.list;
        for _ in 0..SCOPE {
            let Some(above) = flat.get(scope).map(|spot| spot.parent) else { break };
            if above == scope || composer.is_some_and(|at| flat.holds(above, at)) {
                break;
            }
            scope = above;
        }
        scope
    }

    /// Selectors of each speaker, where their own attributes tell them apart.
    fn told_apart(
        &self,
        flat: &Flat,
        composer: Option<usize>,
        cores: &[(usize, Who)],
    ) -> Option<Shape> {
        let of = |who: Who| -> Vec<usize> {
            cores.iter().filter(|(_, w)| *w == who).map(|(at, _)| *at).collect()
        };
        let own = |who: Who| {
            let these = of(who);
            let end = flat.get(self.list).map_or(0, |spot| spot.end);
            let outside = |at: &usize| !these.iter().any(|&this| flat.holds(this, *at));
            let others: Vec<usize> = (self.list + 1..end).filter(outside).collect();
            select::compound(flat, &these, &others)
        };
        let user = own(Who::User)?;
        let assistant =
            if of(Who::Assistant).is_empty() { String::new() } else { own(Who::Assistant)? };
        let tool = if of(Who::Tool).is_empty() {
            String::new()
        } else {
            own(Who::Tool).unwrap_or_default()
        };
        let scope = self.scope(flat, composer);
        let mut turn = Vec::new();
        for css in [&user, &assistant, &tool].into_iter().filter(|css| !css.is_empty()) {
            let within = if found_outside(flat, css, scope) { list_css(flat, scope) } else { None };
            turn.push(within.map_or_else(|| css.clone(), |list| format!("{list} {css}")));
        }
        Some(Shape { turn: turn.join(", "), user, assistant, tool, ..Shape::default() })
    }
}

/// Whether a compound finds anything that is not below `scope`.
fn found_outside(flat: &Flat, css: &str, scope: usize) -> bool {
    let Ok(selector) = super::css::Selector::parse(css) else { return true };
    let outside = flat.0.iter().enumerate().filter(|(at, _)| !flat.holds(scope, *at));
    outside.map(|(_, spot)| spot).any(|spot| selector.matches(spot.element))
}

/// A selector of the list alone, or of the nearest thing around it that has one.
fn list_css(flat: &Flat, list: usize) -> Option<String> {
    let mut at = list;
    for _ in 0..WRAPPERS {
        let others: Vec<usize> = (0..flat.0.len()).filter(|other| *other != at).collect();
        if let Some(css) = select::compound(flat, &[at], &others) {
            return Some(css);
        }
        at = flat.get(at)?.parent;
    }
    None
}

/// The attribute that every turn has, with a value of its own.
fn key(flat: &Flat, cores: &[(usize, Who)]) -> String {
    let elements: Vec<&Element> =
        cores.iter().filter_map(|(at, _)| flat.get(*at)).map(|spot| spot.element).collect();
    let Some(first) = elements.first().filter(|_| elements.len() > 1) else { return String::new() };
    let own = |name: &&(String, String)| {
        let values: Vec<&str> = elements.iter().filter_map(|e| e.attr(&name.0)).collect();
        let before = |at: usize| values.get(..at).unwrap_or_default();
        let apart = values.iter().enumerate().all(|(at, value)| !before(at).contains(value));
        values.len() == elements.len()
            && apart
            && values.iter().all(|value| value.len() >= 6 && !select::is_name(value))
            && (name.0 == "id" || name.0.starts_with("data-"))
    };
    first.attrs.iter().find(own).map(|(name, _)| name.clone()).unwrap_or_default()
}

/// The list by what its parts say of their speaker.
fn by_words(flat: &Flat, composer: Option<usize>, loose: bool) -> Option<Turns> {
    best(flat, composer, true, |child| roles::speaker(flat, child, loose))
}

/// The list by the side of the page: a person's turns stand right, and answers are richer.
fn by_sides(flat: &Flat, composer: Option<usize>) -> Option<Turns> {
    best(flat, composer, false, |child| {
        let spot = flat.get(child)?;
        let right = roles::on_the_right(flat, child);
        let who = if right && !roles::is_rich(spot.element) { Who::User } else { Who::Assistant };
        Some((child, who))
    })
}

/// The list in which two speakers take the most turns. `alone`: one message is enough.
fn best(
    flat: &Flat,
    composer: Option<usize>,
    alone: bool,
    speaker: impl Fn(usize) -> Option<(usize, Who)>,
) -> Option<Turns> {
    let mut best: Option<(usize, Turns)> = None;
    for (list, spot) in flat.0.iter().enumerate() {
        if spot.around || spot.text == 0 {
            continue;
        }
        let turns = |child: &usize| {
            flat.get(*child).is_some_and(|spot| !spot.around)
                && composer.is_none_or(|composer| !flat.holds(*child, composer))
        };
        let has_text = |at: usize| flat.get(at).is_some_and(|spot| spot.text > 0);
        let children = || flat.children(list).filter(turns);
        let mut spoken: Vec<(usize, Who)> = children()
            .filter_map(&speaker)
            .filter(|(at, who)| *who == Who::Tool || has_text(*at))
            .collect();
        let guessed = !spoken.iter().any(|(_, who)| *who == Who::Assistant);
        if guessed {
            // Only a person's turns may be named: what stands between them answers.
            let last = spoken.last().map_or(0, |(at, _)| *at);
            let silent = |at: &usize| has_text(*at) && speaker(*at).is_none();
            let silent: Vec<usize> = children().filter(silent).collect();
            if !silent.is_empty()
                && silent.len() <= 2 * spoken.len() + 1
                && silent.iter().any(|at| *at > last)
            {
                spoken.extend(silent.into_iter().map(|at| (at, Who::Assistant)));
                crate::base::order::sort_by(&mut spoken, |a, b| a.0.cmp(&b.0));
            }
        }
        let count = |who: Who| spoken.iter().filter(|(_, w)| *w == who).count();
        let (user, assistant) = (count(Who::User), count(Who::Assistant));
        let next = spoken.iter().skip(1);
        let alternate = spoken.iter().zip(next).filter(|(one, other)| one.1 != other.1).count();
        // A chat begins with a message that has no answer yet.
        if user == 0 || assistant == 0 && (!alone || composer.is_none()) {
            continue;
        }
        let score = if guessed { user } else { 1000 + alternate * 2 + user.min(assistant) };
        if best.as_ref().is_none_or(|(most, _)| score > *most) {
            best = Some((score, Turns { list, spoken }));
        }
    }
    best.map(|(_, turns)| turns)
}

/// The field that takes the message.
fn composer(flat: &Flat) -> Option<usize> {
    let fits = |(at, spot): (usize, &flat::Spot)| {
        let element = spot.element;
        let kind = element.attr(":kind")?;
        let text = kind != "value" || element.tag == "textarea";
        let usable = element.attr("aria-hidden") != Some("true")
            && element.attr("readonly").is_none()
            && element.attr("tabindex") != Some("-1");
        let named = ["placeholder", "data-placeholder", "aria-label", "aria-placeholder"];
        let score = named.iter().filter(|name| element.attr(name).is_some()).count();
        (text && usable).then_some((score, at))
    };
    flat.0.iter().enumerate().filter_map(fits).max().map(|(_, at)| at)
}

/// Selectors of the composer and of what sends it.
fn field(flat: &Flat, composer: usize) -> (String, String) {
    let Some(spot) = flat.get(composer) else { return Default::default() };
    let others: Vec<usize> = (0..flat.0.len()).filter(|at| *at != composer).collect();
    let id = spot.element.attr("id").filter(|id| select::is_name(id));
    let css = id
        .map(|id| format!("#{id}"))
        .or_else(|| select::compound(flat, &[composer], &others))
        .unwrap_or_else(|| spot.element.tag.clone());
    (css, String::new())
}
