//! The list of turns, told by messages that a person pointed at.

use super::content::is_prose;
use super::flat::Flat;
use super::roles::Who;
use super::turns::{self, Row, Turns};
use crate::base::order::sort_by;

/// A message that a person pointed at: something in it, and who said it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Example {
    pub(super) at: usize,
    pub(super) who: Who,
}

/// The lists that may be the conversation of these examples, the best first.
///
/// One message alone tells little of which list it stands in, so the shape's own list counts, with
/// its speakers told anew. With one of each side the list is the one that holds both.
pub(super) fn lists(flat: &Flat, composer: Option<usize>, examples: &[Example]) -> Vec<Turns> {
    let mut found = turns::candidates(flat, composer);
    let whole = |turns: &Turns| super::whole(flat, composer, turns).is_some();
    let of = |who: Who| examples.iter().find(|one| one.who == who).copied();
    match (of(Who::User), of(Who::Assistant)) {
        (Some(user), Some(answer)) => {
            found.retain(|turns| agrees(flat, turns, user) && agrees(flat, turns, answer));
            found.extend(around(flat, composer, user.at, answer.at));
            found
        }
        (Some(one), None) | (None, Some(one)) => {
            let Some(best) = found.into_iter().find(whole) else { return Vec::new() };
            if agrees(flat, &best, one) { vec![best] } else { swapped(flat, &best, one) }
        }
        (None, None) => found.into_iter().find(whole).into_iter().collect(),
    }
}

/// The turn that an example lies in, or that lies in it alone.
fn row(flat: &Flat, turns: &Turns, at: usize) -> Option<Row> {
    if let Some(row) = turns.rows.iter().find(|row| flat.holds(row.at, at)) {
        return Some(*row);
    }
    let mut inside = turns.rows.iter().filter(|row| flat.holds(at, row.at));
    inside.next().filter(|_| inside.next().is_none()).copied()
}

fn agrees(flat: &Flat, turns: &Turns, example: Example) -> bool {
    // A call that stands as a turn of its own is of the answer.
    let same = |row: Row| {
        row.who == example.who || row.who == Who::Tool && other(example.who) == Who::User
    };
    row(flat, turns, example.at).is_some_and(same)
}

/// The same list with its speakers told anew, so that the example says what the person says.
fn swapped(flat: &Flat, turns: &Turns, example: Example) -> Vec<Turns> {
    let Some(own) = row(flat, turns, example.at) else { return Vec::new() };
    let kinds = |who: Who| turns.rows.iter().filter(|row| row.who == who).count();
    if kinds(Who::User) > 0 && kinds(Who::Assistant) > 0 && turns.alternations() > 0 {
        // Two sides were told apart, and taken for each other.
        let rows = turns.rows.iter().map(|row| Row { who: other(row.who), ..*row });
        return vec![Turns { rows: rows.collect(), ..turns.clone() }];
    }
    let parts: Vec<usize> = turns.rows.iter().map(|row| row.at).collect();
    let looks: Vec<Vec<usize>> = parts.iter().map(|at| turns::looks(flat, *at)).collect();
    let Some(place) = parts.iter().position(|at| *at == own.at) else { return Vec::new() };
    let mut tests: Vec<usize> = looks.iter().flatten().copied().collect();
    sort_by(&mut tests, usize::cmp);
    tests.dedup();
    let Some(test) = best(flat, &looks, tests) else { return Vec::new() };
    let has = |part: usize| looks.get(part).is_some_and(|own| own.contains(&test));
    let rows = parts.iter().enumerate().map(|(part, at)| {
        let same = has(part) == has(place);
        let who = if same { example.who } else { other(example.who) };
        Row { at: *at, who, mark: mark(flat, *at, test), told: same }
    });
    vec![Turns { rows: rows.collect(), ..turns.clone() }]
}

fn other(who: Who) -> Who {
    match who {
        Who::User => Who::Assistant,
        Who::Assistant => Who::User,
        Who::Tool => Who::Tool,
    }
}

/// The test that parts these looks best: two speak in turn. None: there is none.
fn best(flat: &Flat, looks: &[Vec<usize>], tests: Vec<usize>) -> Option<usize> {
    let changes = |test: usize| {
        let next = looks.iter().skip(1);
        let pairs = looks.iter().zip(next);
        pairs.filter(|(one, two)| one.contains(&test) != two.contains(&test)).count()
    };
    let rated = tests.into_iter().map(|test| (changes(test), test)).filter(|(n, _)| *n > 0);
    rated
        .max_by_key(|(changes, test)| (*changes, std::cmp::Reverse(flat.tests.rank(*test))))
        .map(|(_, test)| test)
}

/// What in the frame of a turn passes this test; itself where nothing does.
fn mark(flat: &Flat, at: usize, test: usize) -> usize {
    let mut frame = turns::frame(flat, at).into_iter();
    frame.find(|part| flat.tests.has(*part, test)).unwrap_or(at)
}

/// The list around a message of each side.
fn around(flat: &Flat, composer: Option<usize>, user: usize, answer: usize) -> Option<Turns> {
    let list = flat.above(user).find(|above| flat.holds(*above, answer))?;
    let parts = turns::children(flat, composer, list);
    let of = |inner: usize| parts.iter().copied().find(|part| flat.holds(*part, inner));
    let speakers = Speakers::of(flat, &parts, of(user)?, of(answer)?)?;
    let label = |parts: &[usize]| speakers.label(flat, parts);
    let turns = Turns { list, rows: label(&parts) };
    Some(turns::widened(flat, composer, turns, &label))
}

/// What tells two speakers apart.
struct Speakers {
    /// A turn of each.
    user: usize,
    answer: usize,
    /// What only their turns pass. None: that the other's test fails.
    user_test: Option<usize>,
    answer_test: Option<usize>,
}

impl Speakers {
    fn of(flat: &Flat, parts: &[usize], user: usize, answer: usize) -> Option<Self> {
        let looks: Vec<Vec<usize>> = parts.iter().map(|at| turns::looks(flat, *at)).collect();
        let (of_user, of_answer) = (turns::looks(flat, user), turns::looks(flat, answer));
        let only = |own: &[usize], others: &[usize]| {
            let mut own: Vec<usize> = own.to_vec();
            own.retain(|test| !others.contains(test));
            best(flat, &looks, own)
        };
        let user_test = only(&of_user, &of_answer);
        let answer_test = only(&of_answer, &of_user);
        let tag = |at: usize| flat.element(at).map(|element| element.tag.as_str());
        let apart = user_test.is_some() || answer_test.is_some() || tag(user) != tag(answer);
        (user != answer && apart).then_some(Self { user, answer, user_test, answer_test })
    }

    /// Who speaks in these parts of a list. What looks like neither is no turn.
    fn label(&self, flat: &Flat, parts: &[usize]) -> Vec<Row> {
        parts.iter().filter_map(|at| self.row(flat, *at)).collect()
    }

    fn row(&self, flat: &Flat, at: usize) -> Option<Row> {
        let tag = |at: usize| flat.element(at).map(|element| element.tag.as_str());
        let like = |one: usize| tag(at) == tag(one) && is_alike(flat, at, one);
        let prose = flat.element(at).is_some_and(is_prose);
        if flat.text(at) == 0 || prose && tag(at) != tag(self.user) && tag(at) != tag(self.answer) {
            return None;
        }
        let looks = turns::looks(flat, at);
        let has = |test: Option<usize>| test.is_some_and(|test| looks.contains(&test));
        let who = match (self.user_test, self.answer_test) {
            (Some(_), Some(_)) => match (has(self.user_test), has(self.answer_test)) {
                (true, false) => Who::User,
                (false, true) => Who::Assistant,
                _ => return None,
            },
            (Some(_), None) if has(self.user_test) => Who::User,
            (None, Some(_)) if has(self.answer_test) => Who::Assistant,
            (Some(_), None) if like(self.answer) => Who::Assistant,
            (None, Some(_)) if like(self.user) => Who::User,
            (None, None) if like(self.user) => Who::User,
            (None, None) if like(self.answer) => Who::Assistant,
            _ => return None,
        };
        let test = if who == Who::User { self.user_test } else { self.answer_test };
        Some(Row { at, who, mark: test.map_or(at, |test| mark(flat, at, test)), told: true })
    }
}

/// Whether two elements of one tag have a test in common, or none at all.
fn is_alike(flat: &Flat, one: usize, two: usize) -> bool {
    let (one, two) = (flat.tests.of(one), flat.tests.of(two));
    one.is_empty() && two.is_empty() || one.iter().any(|test| two.contains(test))
}
