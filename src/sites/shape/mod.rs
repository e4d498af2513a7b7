//! The reader by shape: finds a conversation in a page that no table knows, and writes down what
//! it found as rows of the same form as the built-in tables.
//!
//! What it goes by: a field that takes text; the list whose children two speakers say in turn; who
//! speaks by the names that programmers gave, else by the side of the page, else by who began;
//! what of a turn is the same in all of them and so was not said; frames that open and close;
//! controls that stop an answer; places where pages put what went wrong. A label in one language
//! decides only where nothing else tells thinking from a tool.
//!
//! Absent from here: reading. The rows go to the same reader as every table.

mod around;
mod calls;
mod content;
mod examples;
mod flat;
mod keys;
mod point;
mod roles;
mod rows;
mod select;
mod steps;
mod turns;

use crate::base::limits;
use crate::base::order::{Set, sort_by};
use crate::wire::page::{Element, Node, PageFlush, Plan, SlotPlan};
use crate::wire::rows::SiteRows;
use flat::Flat;
use keys::Keys;
pub use point::{Understood, point};
use roles::Who;
use select::{compound, compound_or_tag};
pub use steps::Steps;
use turns::{Row, Turns};

/// Attributes that a look for the shape needs: all of them.
pub const ALL_ATTRS: &str = "*";

/// What was found, as selectors. Rows of a table are made of it. Empty: none was found.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Shape {
    /// The field that takes the message.
    pub composer: String,
    /// What sends it.
    pub send: String,
    /// A turn, in the whole page.
    pub turn: String,
    /// What tells a person's turn, inside it.
    pub user: String,
    /// What tells an answer, inside it; empty: there is none yet.
    pub assistant: String,
    /// A tool call that stands as a turn of its own.
    pub tool: String,
    /// What a person wrote, inside the turn.
    pub user_text: String,
    /// What was answered, inside the turn.
    pub prose: String,
    /// What stands in turns and was not said.
    pub beside: Vec<String>,
    /// Common places of other things that hold what was said in this page.
    pub unfit: Vec<&'static str>,
    /// Steps of an answer.
    pub steps: Steps,
    /// Whether steps stand in the text of answers, and not only beside it.
    pub steps_in_text: bool,
    /// Attributes that tell a turn from all others, and its place.
    pub keys: Keys,
    /// Bytes of text in the answers.
    pub answered_bytes: usize,
}

/// The slot of [`plan`]: the whole page.
pub const PAGE: &str = "page";

/// What the eyes look at to find a shape: the whole page, with every attribute.
#[must_use]
pub fn plan() -> Plan {
    let page = SlotPlan { css: vec!["body".to_owned()], ..SlotPlan::default() };
    let mut plan = Plan {
        attrs: vec![ALL_ATTRS.to_owned()],
        deep: true,
        flush_ms: 1000,
        max_depth: limits::TREE_DEPTH,
        max_nodes: limits::TREE_NODES,
        max_chars: limits::TREE_CHARS,
        ..Plan::default()
    };
    plan.slots.extend([(PAGE.to_owned(), page)]);
    plan
}

/// The rows of the page that the eyes saw by [`plan`]. None: it shows no conversation yet.
///
/// A page with one message and no answer has no row `assistant` yet, and one without steps knows
/// only where pages put them as a rule: ask again while a conversation is young.
#[must_use]
pub fn rows(flush: &PageFlush) -> Option<SiteRows> {
    let page = flush.slots.get(PAGE)?.nodes.first()?;
    let Node::Element(page) = page else { return None };
    find(page).map(|shape| rows::of(&shape))
}

/// The conversation that a page shows, by its shape. None: it shows none, or none yet.
#[must_use]
pub fn find(page: &Element) -> Option<Shape> {
    let mut flat = Flat::of(page);
    let composer = around::composer(&flat);
    flat.weigh(composer.as_slice());
    let found = turns::candidates(&flat, composer);
    let found = found.iter().find_map(|turns| whole(&flat, composer, turns))?;
    let (composer, send) = composer.map(|at| around::selectors(&flat, at)).unwrap_or_default();
    Some(Shape { composer, send, ..found })
}

/// Depth below a turn at which what tells it apart is looked for.
const WRAPPERS: usize = 6;
/// Elements of the other speaker's turns that a pair is compared with.
const PAIRS: usize = 20_000;
/// Turns of one speaker whose frames are compared.
const SAMPLE: usize = 50;
/// Selectors of what stands beside what one speaker said.
const BESIDE: usize = 3;
/// How far above a list of turns its like is looked for.
const SCOPE: usize = 3;

/// What was found of these turns. None: no selector tells who speaks in them.
fn whole(flat: &Flat, composer: Option<usize>, turns: &Turns) -> Option<Shape> {
    let scope = scope(flat, composer, turns.list);
    let told = by_rows(flat, scope, turns)
        .or_else(|| by_marks(flat, scope, turns, false))
        .or_else(|| by_cores(flat, scope, turns))
        .or_else(|| by_marks(flat, scope, turns, true))?;
    let of = |who: Who| turns.of(who).map(|row| row.at).collect::<Vec<_>>();
    let with_text = |who: Who| of(who).into_iter().filter(|at| flat.text(*at) > 0).collect();
    let (asked, answered): (Vec<usize>, Vec<usize>) =
        (with_text(Who::User), with_text(Who::Assistant));
    let all: Vec<usize> = asked.iter().chain(&answered).copied().collect();
    let mut answers = of(Who::Assistant);
    answers.extend(of(Who::Tool));
    let frames = steps::Frames::of(flat, &answers, &asked);
    let is_step = |at: usize| {
        let answer = flat.is_in(&answered, at);
        frames.has(at) || !answer && steps::is_step(flat, at)
    };
    let in_all = content::of(flat, &all, &[], &is_step);
    let in_answers = content::of(flat, &answered, &in_all.beside, &is_step);
    let in_prompts = content::of(flat, &asked, &in_all.beside, &is_step);
    let mut beside = beside(flat, &answered, &in_answers);
    beside.extend(self::beside(flat, &asked, &in_prompts));
    let mut held: Vec<usize> = [&in_answers, &in_prompts]
        .into_iter()
        .flat_map(|said| said.held.iter().flatten().copied())
        .collect();
    sort_by(&mut held, usize::cmp);
    let answered_bytes = in_answers.held.iter().flatten().map(|at| flat.text(*at)).sum();
    Some(Shape {
        answered_bytes,
        unfit: rows::unfit(flat, &all, &held),
        user_text: said(flat, &asked, in_prompts.held).unwrap_or_else(|| told.user.clone()),
        prose: said(flat, &answered, in_answers.held).unwrap_or_else(|| told.assistant.clone()),
        beside,
        steps_in_text: frames.are_in(flat, &held),
        steps: steps::find(flat, &answers, &frames),
        keys: keys::find(flat, turns),
        ..told
    })
}

/// Turns that tell who speaks by their own attributes.
fn by_rows(flat: &Flat, scope: usize, turns: &Turns) -> Option<Shape> {
    let told = apart(flat, scope, turns, |row| row.at)?;
    if let Some(named) = by_one_name(flat, scope, turns, &told) {
        return Some(named);
    }
    let all = [&told.user, &told.assistant, &told.tool];
    Some(Shape { turn: in_scope(flat, scope, &all), ..told })
}

/// Turns whose kind one attribute says, by another value for each: kinds that come later are of
/// the answer, and one that is named so is a tool's.
fn by_one_name(flat: &Flat, scope: usize, turns: &Turns, told: &Shape) -> Option<Shape> {
    let name = |css: &str| {
        let (name, value) = css.strip_prefix('[')?.split_once('=')?;
        (value.ends_with("\"]") && name.starts_with("data-")).then(|| name.to_owned())
    };
    let name = name(&told.user).filter(|one| name(&told.assistant).as_ref() == Some(one))?;
    let has = |at: usize| flat.element(at).is_some_and(|element| element.attr(&name).is_some());
    let of_turns = turns.rows.iter().filter(|row| has(row.at)).count();
    let all = flat.within(scope).filter(|at| has(*at)).count();
    (all == of_turns && all == turns.rows.len()).then(|| Shape {
        turn: in_scope(flat, scope, &[&format!("[{name}]")]),
        user: told.user.clone(),
        assistant: format!("[{name}]:not({})", told.user),
        tool: format!("[{name}*=tool i]"),
        ..Shape::default()
    })
}

/// Turns that are alike but for something inside them.
fn by_marks(flat: &Flat, scope: usize, turns: &Turns, last: bool) -> Option<Shape> {
    let rows: Vec<usize> = turns.rows.iter().map(|row| row.at).collect();
    let within = flat.within(turns.list).skip(1);
    let turn = match compound(flat, &rows, within.filter(|at| rows.binary_search(at).is_err())) {
        Some(css) => in_scope(flat, scope, &[&css]),
        None if last => children(flat, turns)?,
        None => return None,
    };
    let mark = |who: Who| -> Option<String> {
        let mine: Vec<Row> = turns.of(who).collect();
        if mine.is_empty() {
            return Some(String::new());
        }
        let theirs = || {
            let others = turns.rows.iter().filter(|row| row.who != who);
            others.flat_map(|row| flat.within(row.at))
        };
        let marks: Vec<usize> = mine.iter().map(|row| row.mark).collect();
        let own = if marks == rows { None } else { compound(flat, &marks, theirs()) };
        own.or_else(|| shared_mark(flat, &mine, &theirs().collect::<Vec<_>>()))
    };
    let told = Shape {
        turn,
        user: mark(Who::User)?,
        assistant: mark(Who::Assistant)?,
        tool: mark(Who::Tool).unwrap_or_default(),
        ..Shape::default()
    };
    Some(told)
}

/// A test that something in the frame of each of these turns passes, and nothing in the others.
fn shared_mark(flat: &Flat, mine: &[Row], theirs: &[usize]) -> Option<String> {
    let some = mine.iter().take(SAMPLE);
    let frames: Vec<Vec<usize>> = some.map(|row| turns::frame(flat, row.at)).collect();
    let passed = |frame: &Vec<usize>, test: usize| frame.iter().any(|at| flat.tests.has(*at, test));
    let first = frames.first()?;
    let mut tests: Vec<usize> = first.iter().flat_map(|at| flat.tests.of(*at)).copied().collect();
    tests.retain(|test| {
        frames.iter().all(|frame| passed(frame, *test))
            && !theirs.iter().any(|at| flat.tests.has(*at, *test))
    });
    let best = tests.into_iter().min_by_key(|test| flat.tests.rank(*test));
    if let Some(best) = best {
        return Some(flat.tests.css(best).to_owned());
    }
    // One thing stands in another: a picture in a frame.
    let pairs = |at: usize| {
        let tag = flat.tag(at).unwrap_or("*");
        let above = flat.get(at).map_or(at, |spot| spot.parent);
        let tests = flat.tests.of(above).iter();
        tests.map(move |test| format!("{} > {tag}", flat.tests.css(*test))).collect::<Vec<_>>()
    };
    let below = |frame: &Vec<usize>| frame.iter().skip(1).flat_map(|at| pairs(*at)).collect();
    let of_mine: Vec<Set<String>> = frames.iter().map(below).collect();
    let of_theirs: Set<String> = theirs.iter().take(PAIRS).flat_map(|at| pairs(*at)).collect();
    let mut of_first = first.iter().skip(1).flat_map(|at| pairs(*at));
    of_first.find(|css| of_mine.iter().all(|all| all.contains(css)) && !of_theirs.contains(css))
}

/// Turns that tell who speaks only further in.
fn by_cores(flat: &Flat, scope: usize, turns: &Turns) -> Option<Shape> {
    let mut cores = turns.clone();
    for _ in 0..WRAPPERS {
        for row in &mut cores.rows {
            let mut inner = flat.spoken(row.at);
            if let (Some(only), None) = (inner.next(), inner.next()) {
                row.at = only;
            }
        }
        if let Some(told) = apart(flat, scope, &cores, |row| row.at) {
            let all = [&told.user, &told.assistant, &told.tool];
            return Some(Shape { turn: in_scope(flat, scope, &all), ..told });
        }
    }
    let marks = apart(flat, scope, turns, |row| row.mark)?;
    let all = [&marks.user, &marks.assistant, &marks.tool];
    Some(Shape { turn: in_scope(flat, scope, &all), ..marks })
}

/// Selectors of each speaker's elements, where their own attributes tell them apart.
fn apart(
    flat: &Flat,
    scope: usize,
    turns: &Turns,
    element: impl Fn(Row) -> usize,
) -> Option<Shape> {
    let own = |who: Who| {
        let these: Vec<usize> = turns.of(who).map(&element).collect();
        if these.is_empty() {
            return Some(String::new());
        }
        let inside = |at: &usize| flat.is_in(&these, *at);
        let here = || flat.within(turns.list).skip(1).filter(|at| !inside(at));
        // Best what finds nothing else in the whole page; of many lists of one kind, what finds
        // nothing but their like.
        let all = 0..flat.spots.len();
        let far = all.clone().filter(|at| !flat.holds(scope, *at));
        compound(flat, &these, all.filter(|at| !inside(at)))
            .or_else(|| compound(flat, &these, here().chain(far)))
            .or_else(|| compound(flat, &these, here()))
    };
    let (user, assistant) = (own(Who::User)?, own(Who::Assistant)?);
    Some(Shape { user, assistant, tool: own(Who::Tool).unwrap_or_default(), ..Shape::default() })
}

/// The list, or what holds it and its like: a page may wrap each exchange on its own.
fn scope(flat: &Flat, composer: Option<usize>, list: usize) -> usize {
    let mut scope = list;
    for above in flat.above(list).take(SCOPE) {
        if composer.is_some_and(|at| flat.holds(above, at)) {
            break;
        }
        scope = above;
    }
    scope
}

/// These compounds as one list; those that find something elsewhere only inside `scope`.
fn in_scope(flat: &Flat, scope: usize, all: &[&String]) -> String {
    let mut list = String::new();
    for css in all.iter().filter(|css| !css.is_empty()) {
        let parsed = super::css::Selector::parse(css).ok();
        let matches = |at: usize| {
            let element = flat.element(at);
            element.is_some_and(|e| parsed.as_ref().is_some_and(|css| css.matches(e)))
        };
        let strays = (0..flat.spots.len()).any(|at| !flat.holds(scope, at) && matches(at));
        let within = if strays { list_css(flat, scope) } else { None };
        if !list.is_empty() {
            list.push_str(", ");
        }
        list.push_str(&within.map_or_else(|| (*css).clone(), |frame| format!("{frame} {css}")));
    }
    list
}

/// A selector of the list alone, or of the nearest thing around it that has one.
fn list_css(flat: &Flat, list: usize) -> Option<String> {
    let id = |at: usize| {
        let id = flat.element(at)?.attr("id").filter(|id| select::is_name(id))?;
        Some(format!("#{id}"))
    };
    std::iter::once(list).chain(flat.above(list)).take(WRAPPERS).find_map(|at| {
        let others = (0..flat.spots.len()).filter(|other| *other != at);
        id(at).or_else(|| compound(flat, &[at], others))
    })
}

/// The turns as children of their list.
fn children(flat: &Flat, turns: &Turns) -> Option<String> {
    let tag = flat.tag(turns.rows.first()?.at)?;
    let alike = |row: &Row| {
        flat.get(row.at).is_some_and(|spot| spot.parent == turns.list && spot.element.tag == tag)
    };
    if !turns.rows.iter().all(alike) {
        return None;
    }
    let list = list_css(flat, turns.list)?;
    Some(format!("{list} > {tag}"))
}

/// Selectors of what stands in these turns and was not said.
fn beside(flat: &Flat, turns: &[usize], said: &content::Said) -> Vec<String> {
    let found = said.beside.iter().filter_map(|(_, these)| {
        let inside = |at: &usize| flat.is_in(these, *at);
        let all = turns.iter().flat_map(|turn| flat.within(*turn));
        compound(flat, these, all.filter(|at| !inside(at)))
    });
    found.take(BESIDE).collect()
}

/// A selector of what was said in these turns, inside each of them. None: all of it was.
fn said(flat: &Flat, turns: &[usize], held: Vec<Vec<usize>>) -> Option<String> {
    let mut held: Vec<usize> = held.into_iter().flatten().collect();
    for _ in 0..WRAPPERS {
        let inside = |at: &usize| flat.is_in(&held, *at);
        let around = turns.iter().flat_map(|turn| flat.within(*turn));
        if let Some(css) = compound_or_tag(flat, &held, around.filter(|at| !inside(at))) {
            return Some(css);
        }
        for at in &mut held {
            if !turns.contains(at) {
                *at = flat.get(*at).map_or(*at, |spot| spot.parent);
            }
        }
        held.dedup();
    }
    None
}
