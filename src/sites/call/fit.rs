//! Whether an answer is of the conversation that the page shows, and what the page lacks of it.

use super::{Form, Told};
use crate::base::{Moment, TurnKey};
use crate::wire::chat::{Role, Turn, TurnState};
use std::collections::BTreeSet;

/// Why an answer is not used.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unfit {
    /// It is no JSON.
    NotJson,
    /// It is built in another way than is known.
    AnotherForm,
    /// It has another number of turns than the page says.
    Count,
    /// The turns of the page are not in it, or stand in it in another way.
    Differs,
    /// How the page names turns does not follow from it.
    Names,
}

impl Unfit {
    /// What is wrong, for a sentence.
    #[must_use]
    pub const fn words(self) -> &'static str {
        match self {
            Self::NotJson => "it is not readable",
            Self::AnotherForm => "it is built in a way that SHIM does not know",
            Self::Count => "it has another number of turns than the page",
            Self::Differs => "its turns are not those of the page",
            Self::Names => "its turns cannot be told to be those of the page",
        }
    }
}

/// What the page shows.
#[derive(Clone, Debug, Default)]
pub struct Seen {
    /// Its mounted turns, in order.
    pub mounted: Vec<Turn>,
    /// How many there are, where it says so.
    pub total: Option<u32>,
    /// Keys that are stored already.
    pub stored: BTreeSet<TurnKey>,
}

/// How a page makes a turn's key of the ids of an answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Rule {
    /// The id itself.
    Id,
    /// The id of the turn before, and this.
    Before(&'static str),
    /// The id, and this.
    IdAnd(&'static str),
    /// This, and the id.
    After(&'static str),
    /// The place in the conversation.
    Place,
}

const RULES: [Rule; 6] = [
    Rule::Id,
    Rule::After("message-"),
    Rule::Before("-hub-reply"),
    Rule::Before(":assistant"),
    Rule::IdAnd(":user"),
    Rule::Place,
];

impl Rule {
    fn key(self, place: usize, told: &Told) -> TurnKey {
        TurnKey(match self {
            Self::Id => told.id.clone(),
            Self::Before(end) => format!("{}{end}", told.before),
            Self::After(start) => format!("{start}{}", told.id),
            Self::IdAnd(end) => format!("{}{end}", told.id),
            Self::Place => format!("{}{place}", TurnKey::PLACE),
        })
    }
}

/// How the newest pages of a site call a turn, where none of them is at hand.
pub(super) fn named(form: Form, place: usize, told: &Told) -> TurnKey {
    let rule = match (form, told.role) {
        (Form::ChatGpt, Role::User) => Rule::IdAnd(":user"),
        (Form::ChatGpt, Role::Assistant) => Rule::Before(":assistant"),
        (Form::Claude, Role::Assistant) => Rule::Before("-hub-reply"),
        (Form::OpenWebUi, _) => Rule::After("message-"),
        (Form::Claude, Role::User) => Rule::Id,
    };
    let id = if let Rule::Before(_) = rule { &told.before } else { &told.id };
    if id.is_empty() { Rule::Place } else { rule }.key(place, told)
}

/// The name of the turn in this place, where places are what names turns.
pub(super) fn by_place(place: usize, told: &Told) -> TurnKey {
    Rule::Place.key(place, told)
}

/// The turns of an answer that are not stored, as the page would tell them.
///
/// # Errors
/// Where the answer does not fit what the page shows, in number, order, speaker or words of any
/// mounted turn: then nothing of it is used.
pub fn missing(at: Moment, told: &[Told], seen: &Seen) -> Result<Vec<Turn>, Unfit> {
    if seen.total.is_some_and(|total| total as usize != told.len()) {
        return Err(Unfit::Count);
    }
    let first = window(told, &seen.mounted).ok_or(Unfit::Differs)?;
    let users = rule(told, first, seen, Role::User).ok_or(Unfit::Names)?;
    let answers = rule(told, first, seen, Role::Assistant).ok_or(Unfit::Names)?;
    let mut found = Vec::new();
    for (place, one) in told.iter().enumerate() {
        let rule = if one.role == Role::User { users } else { answers };
        let key = rule.key(place, one);
        if seen.stored.contains(&key) || one.id.is_empty() {
            continue;
        }
        let position = position(place, first, &seen.mounted).ok_or(Unfit::Differs)?;
        found.push(Turn {
            key,
            position,
            role: one.role,
            markdown: one.markdown.clone(),
            thinking: one.thinking.clone(),
            attachments: one.attachments.clone(),
            calls: one.calls.clone(),
            state: TurnState::Done,
            at,
            read_at: at,
            found: true,
            ..Turn::default()
        });
    }
    Ok(found)
}

/// Where the mounted turns begin in the answer: in one place only, and all of them there.
fn window(told: &[Told], mounted: &[Turn]) -> Option<usize> {
    let same = |(told, turn): (&Told, &Turn)| {
        told.role == turn.role && is_same(&told.markdown, &turn.markdown)
    };
    let fits = |part: &&[Told]| part.iter().zip(mounted).all(same);
    let windows = || told.windows(mounted.len().max(1));
    let first = windows().position(|part| fits(&part))?;
    // A chat that says the same again and again tells nothing by its words.
    let places = windows().filter(fits).count();
    (places == 1 && mounted.len() > 1).then_some(first)
}

/// Whether these are the same words: a page draws marks, links and lists in its own way.
fn is_same(told: &str, shown: &str) -> bool {
    let letters = |text: &str| text.chars().filter(|c| c.is_alphanumeric()).collect::<String>();
    let (told, shown) = (letters(told), letters(shown));
    let common = told.bytes().zip(shown.bytes()).take_while(|(a, b)| a == b).count();
    told == shown || common * 2 > told.len().max(shown.len())
}

/// The one rule by which all mounted turns of a role have their keys.
fn rule(told: &[Told], first: usize, seen: &Seen, role: Role) -> Option<Rule> {
    let pairs = || {
        let shown = told.iter().enumerate().skip(first).zip(&seen.mounted);
        shown.filter(|((_, told), _)| told.role == role)
    };
    let holds =
        |rule: &Rule| pairs().all(|((place, told), turn)| rule.key(place, told) == turn.key);
    pairs().next()?;
    RULES.into_iter().find(holds)
}

/// Counted from the mounted turns, which stand one after the other.
fn position(place: usize, first: usize, mounted: &[Turn]) -> Option<u32> {
    let by = |n: usize| u32::try_from(n).ok();
    let last = mounted.len().checked_sub(1)?;
    match place.checked_sub(first) {
        None => mounted.first()?.position.checked_sub(by(first - place)?),
        Some(inside) if inside <= last => Some(mounted.get(inside)?.position),
        Some(after) => mounted.last()?.position.checked_add(by(after - last)?),
    }
}
