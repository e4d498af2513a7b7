//! Rows made by pointing: a person shows what is what in a page, and the rows that find it and its
//! like come of it.

use super::examples::{Example, lists};
use super::flat::Flat;
use super::roles::{Who, words};
use super::select::compound;
use super::{around, rows, whole};
use crate::sites::css::Selector;
use crate::wire::page::Element;
use crate::wire::point::{PICKED, Part, Unclear};
use crate::wire::rows::{Expect, RowText, Scope, SiteRows};

/// Name of a table made by pointing; a further one in its place has a number. Turns that were
/// stored by other rows keep their table's name: nothing of them is mixed with what is right.
const NAME: &str = "pointed";
/// Levels between what a person hits and the control or field that is meant.
const NEAR: usize = 5;
/// Words of a control that stops, and of its picture.
const STOPS: [&str; 7] = ["stop", "cancel", "abort", "halt", "interrupt", "pause", "square"];
/// Attributes that say what a control does, in words of the page's language where nothing else
/// does.
const LABELS: [&str; 6] =
    ["aria-label", "title", "data-state", "data-status", "data-tooltip", "value"];
/// Longest label that a selector is made of.
const LABEL_CHARS: usize = 60;
/// Slots whose change makes other turns of a page.
const TURNS: [&str; 7] = ["turn", "user", "assistant", "key", "index", "user_text", "prose"];
/// Rows of the page that follow from what a turn is.
const OF_TURNS: [&str; 2] = ["turn", "banner"];

/// What came of pointing.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Understood {
    /// How the page is read from now on.
    pub rows: SiteRows,
    /// Messages of the person's own that these rows find in the page.
    pub asked: usize,
    /// Answers likewise.
    pub answered: usize,
}

/// The rows of a page in which a person pointed at `part`, beside `known` ones. `page` is the tree
/// of a look by [`super::plan`], with [`PICKED`] on everything that was pointed at in it so far.
///
/// # Errors
/// What is missing.
pub fn point(page: &Element, part: Part, known: Option<&SiteRows>) -> Result<Understood, Unclear> {
    let mut flat = Flat::of(page);
    let picks = picks(&flat);
    let of = |part: Part| picks.iter().find(|(what, _)| *what == part).map(|(_, at)| *at);
    of(part).ok_or(Unclear::Unseen)?;
    let composer = of(Part::Composer).and_then(|at| field(&flat, at));
    let composer = composer.or_else(|| around::composer(&flat));
    let sides = [(Part::User, Who::User), (Part::Assistant, Who::Assistant)];
    let examples =
        sides.iter().filter_map(|(part, who)| Some(Example { at: of(*part)?, who: *who }));
    let examples: Vec<Example> = examples.collect();
    let inside: Vec<usize> =
        composer.into_iter().chain(examples.iter().map(|one| one.at)).collect();
    flat.weigh(&inside);
    let is_message = matches!(part, Part::User | Part::Assistant);
    let mut rows = match known {
        Some(known) if !is_message => known.clone(),
        _ => beside(messages(page, &flat, composer, &examples)?, known),
    };
    for (what, at) in &picks {
        let is_due = *what == part || known.is_none();
        if is_due && !matches!(what, Part::User | Part::Assistant) {
            let row = control_row(&flat, *what, *at, &rows)?;
            put(&mut rows, row);
        }
    }
    rows.by_hand = true;
    let (asked, answered) = counts(page, &rows);
    Ok(Understood { rows, asked, answered })
}

/// What was pointed at, in the order of [`Part::ALL`].
fn picks(flat: &Flat) -> Vec<(Part, usize)> {
    let find = |part: Part| {
        let is = |element: &Element| element.attr(PICKED) == Some(part.slot());
        let at = flat.spots.iter().position(|spot| is(spot.element))?;
        Some((part, at))
    };
    Part::ALL.into_iter().filter_map(find).collect()
}

/// Rows by which the reader sees every example as the person does.
fn messages(
    page: &Element,
    flat: &Flat,
    composer: Option<usize>,
    examples: &[Example],
) -> Result<SiteRows, Unclear> {
    let (field, send) = composer.map(|at| around::selectors(flat, at)).unwrap_or_default();
    let lists = lists(flat, composer, examples);
    let made = lists.iter().filter_map(|turns| {
        let shape = whole(flat, composer, turns)?;
        Some(rows::of(&super::Shape { composer: field.clone(), send: send.clone(), ..shape }))
    });
    let fits = |rows: &SiteRows| examples.iter().all(|one| is_read(page, flat, rows, *one));
    let both = |rows: &SiteRows| rows.row("user").is_some() && rows.row("assistant").is_some();
    if let Some(rows) = made.into_iter().find(|rows| both(rows) && fits(rows)) {
        return Ok(rows);
    }
    let has = |who: Who| examples.iter().any(|one| one.who == who);
    match (has(Who::User), has(Who::Assistant)) {
        (true, true) => Err(Unclear::Alike),
        (true, false) => Err(Unclear::Wants(Part::Assistant)),
        (false, _) => Err(Unclear::Wants(Part::User)),
    }
}

/// New rows of the turns beside what a person said before of the rest, under a name of their own
/// where they make other turns of the page.
fn beside(mut rows: SiteRows, known: Option<&SiteRows>) -> SiteRows {
    let Some(known) = known else { return SiteRows { name: NAME.to_owned(), ..rows } };
    let apart = |row: &&RowText| row.scope == Scope::Page && !OF_TURNS.contains(&&*row.slot);
    for row in known.rows.iter().filter(|_| known.by_hand).filter(apart) {
        put(&mut rows, row.clone());
    }
    let same = TURNS.iter().all(|slot| known.row(slot) == rows.row(slot));
    rows.name = if same && known.keyless == rows.keyless {
        known.name.clone()
    } else {
        let count = known.name.strip_prefix(NAME).map(|end| end.trim_start_matches('-').parse());
        match count {
            None => NAME.to_owned(),
            Some(count) => format!("{NAME}-{}", count.unwrap_or(1_u32).saturating_add(1)),
        }
    };
    rows
}

fn put(rows: &mut SiteRows, row: RowText) {
    match rows.rows.iter_mut().find(|known| known.slot == row.slot) {
        Some(known) => *known = row,
        None => rows.rows.push(row),
    }
}

/// Elements of a row, by the first selector that finds any.
fn found<'t>(page: &'t Element, rows: &SiteRows, slot: &str) -> Vec<&'t Element> {
    let css = rows.row(slot).map_or(&[][..], |row| &row.css);
    let read = css.iter().filter_map(|css| Selector::parse(css).ok());
    let all = read.map(|css| css.find_outer(page));
    all.into_iter().find(|found| !found.is_empty()).unwrap_or_default()
}

/// Who speaks in a turn, as the reader tells it.
fn speaker(turn: &Element, rows: &SiteRows) -> Option<Who> {
    let has = |slot: &str| !found(turn, rows, slot).is_empty();
    if has("assistant") { Some(Who::Assistant) } else { has("user").then_some(Who::User) }
}

/// Whether these rows read an example as the person does.
fn is_read(page: &Element, flat: &Flat, rows: &SiteRows, example: Example) -> bool {
    let is = |at: usize, turn: &Element| flat.element(at).is_some_and(|e| std::ptr::eq(e, turn));
    let near = || flat.within(example.at).chain(flat.above(example.at));
    let mut turns = found(page, rows, "turn").into_iter();
    turns.any(|turn| near().any(|at| is(at, turn)) && speaker(turn, rows) == Some(example.who))
}

/// How many turns of each side these rows find.
fn counts(page: &Element, rows: &SiteRows) -> (usize, usize) {
    let said: Vec<Who> =
        found(page, rows, "turn").into_iter().filter_map(|turn| speaker(turn, rows)).collect();
    let of = |who: Who| said.iter().filter(|one| **one == who).count();
    (of(Who::User), of(Who::Assistant))
}

/// The row of something that stands once in the page.
fn control_row(flat: &Flat, part: Part, at: usize, rows: &SiteRows) -> Result<RowText, Unclear> {
    let at = match part {
        Part::Composer => field(flat, at).ok_or(Unclear::NoField)?,
        Part::Send | Part::Stop => control(flat, at),
        Part::Title | Part::User | Part::Assistant => at,
    };
    let css = match part {
        Part::Stop => stop(flat, at, rows),
        _ => around::one(flat, at).or_else(|| labelled(flat, at)).or_else(|| tag_in(flat, at)),
    };
    let css = vec![css.ok_or(Unclear::Alike)?];
    let expect = if part == Part::Composer { Expect::One } else { Expect::Maybe };
    let slot = part.slot().to_owned();
    Ok(RowText { slot, css, attr: String::new(), expect, scope: Scope::Page })
}

/// What takes text: the element, what it stands in, or what stands in it.
fn field(flat: &Flat, at: usize) -> Option<usize> {
    let takes = |at: &usize| flat.element(*at).is_some_and(|e| e.attr(":kind").is_some());
    let mut here = std::iter::once(at).chain(flat.above(at).take(NEAR));
    here.find(takes).or_else(|| flat.within(at).find(takes))
}

/// The control that was meant: what was hit, or what it stands in.
fn control(flat: &Flat, at: usize) -> usize {
    let is = |at: &usize| {
        flat.element(*at).is_some_and(|element| {
            let role = element.attr("role");
            ["button", "a", "input"].contains(&&*element.tag) || role == Some("button")
        })
    };
    std::iter::once(at).chain(flat.above(at).take(NEAR)).find(is).unwrap_or(at)
}

/// What tells a control that stops. It may stand where the one that sends stood a moment ago, and
/// what finds that one as well would say that an answer is always being made: so its name comes
/// first, then what it says, then its picture's name, and never what the other one is told by.
fn stop(flat: &Flat, at: usize, rows: &SiteRows) -> Option<String> {
    let named = |css: &String| words(css).iter().any(|word| STOPS.contains(&word.as_str()));
    let own = around::own(flat, at);
    if let Some(css) = own.clone().filter(named) {
        return Some(css);
    }
    let picture = || {
        let mut inside = flat.within(at).skip(1);
        let svg = inside.find(|at| flat.element(*at).is_some_and(|e| e.tag == "svg"))?;
        around::own(flat, svg).filter(named)
    };
    let sends = || {
        let css = rows.row("send").into_iter().flat_map(|row| &row.css);
        let mut read = css.filter_map(|css| Selector::parse(css).ok());
        let element = flat.element(at);
        read.any(|css| element.is_some_and(|element| css.matches(element)))
    };
    labelled(flat, at).or_else(picture).or_else(|| own.filter(|_| !sends()))
}

/// A selector by what an element says it does.
fn labelled(flat: &Flat, at: usize) -> Option<String> {
    let element = flat.element(at)?;
    LABELS.iter().find_map(|name| {
        let value = element.attr(name).filter(|value| is_label(value))?;
        let same = |other: usize| flat.element(other).is_some_and(|e| e.attr(name) == Some(value));
        let only = !(0..flat.spots.len()).any(|other| other != at && same(other));
        only.then(|| format!("[{name}=\"{value}\"]"))
    })
}

fn is_label(value: &str) -> bool {
    let plain = |c: char| !c.is_control() && !['"', '\\'].contains(&c);
    !value.is_empty() && value.chars().count() <= LABEL_CHARS && value.chars().all(plain)
}

/// A selector by an element's tag, in the nearest thing that holds no other of it.
fn tag_in(flat: &Flat, at: usize) -> Option<String> {
    let tag = &flat.element(at)?.tag;
    let same = |other: usize| other != at && flat.element(other).is_some_and(|e| e.tag == *tag);
    let frames = flat.above(at).take(NEAR);
    let mut frames = frames.take_while(|frame| !flat.within(*frame).any(same));
    frames.find_map(|frame| {
        let others = (0..flat.spots.len()).filter(|other| *other != frame);
        Some(format!("{} {tag}", compound(flat, &[frame], others)?))
    })
}
