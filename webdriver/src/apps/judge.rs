//! What a scene must leave in the store, and how what is there compares.

use super::compare::{Likeness, compare};
use crate::browser::Dump;
use shim::wire::chat::{BannerClass, CallState, Role, Turn, TurnState};
use shim::wire::records::SessionHead;

/// Characters of a turn that must be right, in percent: an application may draw a sign otherwise
/// than the model wrote it.
pub const TEXT_PERCENT: f64 = 99.5;

/// A turn that must be there.
#[derive(Clone, Debug)]
pub struct WantTurn {
    /// Whose.
    pub role: Role,
    /// What was sent of it.
    pub text: String,
    /// How far it must be; none: nobody can tell from the page.
    pub state: Option<Wanted>,
    /// Calls of tools: name and how far.
    pub calls: Vec<(String, CallState)>,
    /// An application that shows no such turn breaks nothing.
    pub optional: bool,
}

/// How far an answer must be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Wanted {
    /// Something still comes.
    Streaming,
    /// The page shows it as under way, and nothing comes.
    Stalled,
    /// The same, and nothing came at all.
    Hung,
    /// It is whole.
    Done,
    /// A person stopped it.
    Stopped,
    /// It broke off.
    Dropped,
    /// The page took back what it had shown of it.
    Vanished,
}

impl Wanted {
    fn is(self, state: TurnState) -> bool {
        match self {
            Self::Streaming => state == TurnState::Streaming,
            Self::Stalled => state == TurnState::Stalled,
            Self::Hung => state == TurnState::Hung,
            Self::Done => state == TurnState::Done,
            Self::Stopped => state == TurnState::Stopped,
            Self::Dropped => state == TurnState::Dropped,
            Self::Vanished => state == TurnState::Vanished,
        }
    }

    /// The same for a look that may come late: what still comes stands still after a while.
    fn may_be(self, state: TurnState) -> bool {
        self.is(state) || self == Self::Streaming && state.is_open()
    }
}

impl WantTurn {
    /// A message of a person.
    #[must_use]
    pub fn user(text: &str) -> Self {
        let text = text.to_owned();
        Self { role: Role::User, text, state: None, calls: Vec::new(), optional: false }
    }

    /// An answer.
    #[must_use]
    pub fn answer(text: &str, state: Wanted) -> Self {
        let text = text.to_owned();
        let state = Some(state);
        Self { role: Role::Assistant, text, state, calls: Vec::new(), optional: false }
    }
}

/// What must be in the store.
#[derive(Clone, Debug, Default)]
pub struct Want {
    /// Its turns in order.
    pub turns: Vec<WantTurn>,
    /// The application's own message.
    pub banner: Option<BannerClass>,
}

impl Want {
    /// The same of an application that does not tell how an answer stands, nor what went wrong.
    #[must_use]
    pub fn untold(&self) -> Self {
        let turns = self.turns.iter().map(|turn| {
            let state = turn.state.filter(|state| *state == Wanted::Done);
            WantTurn { state, ..turn.clone() }
        });
        Self { turns: turns.collect(), banner: None }
    }
}

/// How what is stored compares with what must be.
#[derive(Clone, Debug, Default)]
pub struct Verdict {
    /// The texts of all turns that are there.
    pub like: Likeness,
    /// Turns that must be there.
    pub turns: usize,
    /// Turns that are not there.
    pub lost: usize,
    /// Turns that nobody sent, or that are there twice.
    pub extra: usize,
    /// Turns in another order than they were sent in.
    pub misplaced: usize,
    /// Calls that must be there, and those with the right name.
    pub calls: (usize, usize),
    /// The same, with the right state.
    pub call_states: (usize, usize),
    /// States of answers that must be right, and of the page itself, and those that are.
    pub states: (usize, usize),
    /// What happened last, and whether it is known for what it is now: how far the newest answer
    /// is, and what the application says is wrong. None: nobody can tell that from the page.
    pub events: [Option<bool>; 2],
    /// What is wrong, in words.
    pub wrong: Vec<String>,
}

/// Finds the chat that begins with this message, and compares it.
#[must_use]
pub fn judge(dump: &Dump, first: &str, want: &Want) -> Verdict {
    let begins = |head: &SessionHead| {
        let turns = dump.whole(&head.id).turns;
        turns.iter().any(|turn| turn.role == Role::User && same_words(&turn.markdown, first))
    };
    let chats: Vec<SessionHead> = dump.sessions().into_iter().filter(begins).collect();
    let turns = chats.first().map(|head| dump.whole(&head.id).turns).unwrap_or_default();
    let mut verdict = turns_against(&want.turns, &turns);
    if chats.len() != 1 {
        verdict.extra += chats.len().saturating_sub(1);
        verdict.wrong.push(format!("{} chats are stored that begin with it", chats.len()));
    }
    if let Some(class) = want.banner {
        let shown = chats.first().and_then(|head| head.banner.clone());
        let right = shown.as_ref().is_some_and(|(shown, _)| *shown == class);
        verdict.events[1] = Some(right);
        verdict.state(right, || format!("the banner is {shown:?}, not {class:?}"));
    }
    verdict
}

fn same_words(a: &str, b: &str) -> bool {
    a.split_whitespace().eq(b.split_whitespace())
}

/// Compares turns. Each wanted one is looked for among those that no other took.
fn turns_against(wanted: &[WantTurn], stored: &[Turn]) -> Verdict {
    let mut verdict = Verdict::default();
    let mut taken = vec![false; stored.len()];
    let mut last = 0;
    for (number, want) in wanted.iter().enumerate() {
        verdict.turns += 1;
        let newest = number + 1 == wanted.len();
        verdict.events[0] = want.state.filter(|_| newest && !want.optional).map(|_| false);
        let free = stored
            .iter()
            .enumerate()
            .filter(|(at, turn)| taken.get(*at) == Some(&false) && turn.role == want.role);
        // The one that is most alike, and of those the first.
        let found = free
            .map(|(at, turn)| (compare(&want.text, &turn.markdown), at, turn))
            .filter(|(like, ..)| like.wrong * 2 <= like.chars || want.text.is_empty())
            .min_by_key(|(like, at, _)| (like.wrong, *at));
        let Some((like, at, turn)) = found else {
            if want.optional {
                verdict.turns -= 1;
            } else {
                verdict.is_lost(number, want);
            }
            continue;
        };
        if let Some(taken) = taken.get_mut(at) {
            *taken = true;
        }
        verdict.misplaced += usize::from(at < last);
        last = at;
        if let Some(state) = want.state.filter(|_| newest) {
            verdict.events[0] = Some(state.is(turn.state));
        }
        verdict.of_turn(number, want, turn, like);
    }
    for turn in stored.iter().zip(&taken).filter(|(_, taken)| !**taken).map(|(turn, _)| turn) {
        verdict.extra += 1;
        let text: String = turn.markdown.chars().take(60).collect();
        verdict.wrong.push(format!("nobody sent {:?} {} {text:?}", turn.role, turn.key.as_str()));
    }
    verdict
}

impl Verdict {
    /// Whether nothing is wrong.
    #[must_use]
    pub fn is_right(&self) -> bool {
        self.wrong.is_empty() && self.misplaced == 0
    }

    /// Roles, order, names of calls and their states: all of them, and those that are right.
    #[must_use]
    pub fn structure(&self) -> (usize, usize) {
        let all = self.turns + self.extra + self.calls.0 + self.call_states.0;
        let found = self.turns.saturating_sub(self.lost + self.misplaced);
        (all, found + self.calls.1 + self.call_states.1)
    }

    /// Both together.
    pub fn add(&mut self, other: Self) {
        self.like = self.like.and(other.like);
        self.turns += other.turns;
        self.lost += other.lost;
        self.extra += other.extra;
        self.misplaced += other.misplaced;
        let sum = |a: (usize, usize), b: (usize, usize)| (a.0 + b.0, a.1 + b.1);
        self.calls = sum(self.calls, other.calls);
        self.call_states = sum(self.call_states, other.call_states);
        self.states = sum(self.states, other.states);
        self.wrong.extend(other.wrong);
    }

    pub(super) fn state(&mut self, right: bool, what: impl FnOnce() -> String) {
        self.states.0 += 1;
        self.states.1 += usize::from(right);
        if !right {
            self.wrong.push(what());
        }
    }

    fn is_lost(&mut self, number: usize, want: &WantTurn) {
        self.lost += 1;
        self.like = self.like.and(compare(&want.text, ""));
        self.calls.0 += want.calls.len();
        self.call_states.0 += want.calls.len();
        self.states.0 += usize::from(want.state.is_some());
        self.wrong.push(format!("turn {number} is lost: {:.60}", want.text));
    }

    fn of_turn(&mut self, number: usize, want: &WantTurn, turn: &Turn, like: Likeness) {
        // Where the model said nothing, an application may say in its place what went wrong.
        let like = if want.optional { Likeness::default() } else { like };
        self.like = self.like.and(like);
        if like.percent() < TEXT_PERCENT || like.code_right < like.code {
            self.wrong.push(format!(
                "turn {number}: {} of {} characters wrong, {} of {} code blocks right\n    sent: \
                 {:?}\n  stored: {:?}",
                like.wrong, like.chars, like.code_right, like.code, want.text, turn.markdown
            ));
        }
        if let Some(state) = want.state {
            self.state(state.may_be(turn.state), || {
                format!("turn {number} is {:?}, not {state:?}", turn.state)
            });
        }
        for (at, (name, state)) in want.calls.iter().enumerate() {
            self.calls.0 += 1;
            let call = turn.calls.get(at);
            let named = call.is_some_and(|call| call.name == *name);
            self.calls.1 += usize::from(named);
            if !named {
                self.wrong.push(format!("call {at} of turn {number} is no {name}: {call:?}"));
            }
            let right = call.is_some_and(|call| call.state == *state);
            self.call_states.0 += 1;
            self.call_states.1 += usize::from(right);
            if !right {
                self.wrong.push(format!("call {at} of turn {number} is not {state:?}: {call:?}"));
            }
        }
        if turn.calls.len() > want.calls.len() {
            self.wrong.push(format!("turn {number} has calls that nobody made: {:?}", turn.calls));
            self.calls.0 += turn.calls.len() - want.calls.len();
        }
    }
}
