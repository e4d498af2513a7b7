//! The list of turns: whose children two speakers say in turn.

use super::flat::Flat;
use super::roles::{self, Speaker, Who};
use super::steps;
use crate::base::order::sort_by;

/// A turn: the element that stands in the list, and the one in it that tells who speaks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Row {
    pub(super) at: usize,
    pub(super) who: Who,
    /// What its speaker was told by; itself where that is how it stands among the others.
    pub(super) mark: usize,
    /// Whether its own attributes say who speaks.
    pub(super) told: bool,
}

/// A list and who speaks in it.
#[derive(Clone, Debug, Default)]
pub(super) struct Turns {
    /// What holds all turns.
    pub(super) list: usize,
    pub(super) rows: Vec<Row>,
}

impl Turns {
    /// The turns of one speaker.
    pub(super) fn of(&self, who: Who) -> impl Iterator<Item = Row> + '_ {
        self.rows.iter().copied().filter(move |row| row.who == who)
    }

    pub(super) fn count(&self, who: Who) -> usize {
        self.of(who).count()
    }

    /// Bytes of text in them.
    fn text(&self, flat: &Flat) -> usize {
        self.rows.iter().map(|row| flat.text(row.at)).sum()
    }

    /// Whether both speakers are told by something.
    fn both_told(&self) -> bool {
        let told = |who: Who| self.of(who).any(|row| row.told);
        told(Who::User) && told(Who::Assistant)
    }

    pub(super) fn alternations(&self) -> usize {
        let next = self.rows.iter().skip(1);
        self.rows.iter().zip(next).filter(|(one, other)| one.who != other.who).count()
    }
}

/// Turns that a list needs before only their looks tell who speaks.
const LOOKS: usize = 2;
/// Rank of tests that may be only a matter of style.
const STYLE: u32 = 6;
/// Levels between a turn and what names its speaker, where only one speaker is named.
const NEAR: usize = 3;
/// How deep below a turn its looks are compared.
const DEPTH: usize = 6;
/// Elements of one turn whose looks are compared.
const PARTS: usize = 80;
/// Turns whose looks are compared.
const SAMPLE: usize = 24;
/// Turns of an exchange: what holds no more may be one of many.
const EXCHANGE: usize = 4;

/// The lists that may be the conversation, the best first.
pub(super) fn candidates(flat: &Flat, composer: Option<usize>) -> Vec<Turns> {
    let mut found: Vec<(u32, Turns)> = Vec::new();
    for (at, loose) in [(0, false), (1, true)] {
        let by_words = best(flat, composer, true, &|list: &[usize]| by_words(flat, list, loose));
        found.extend(by_words.map(|turns| {
            let user = turns.of(Who::User).any(|row| row.told);
            let trust = match turns.both_told() {
                true => at,
                // Who asks is named oftener than who answers.
                false if user => 2 + 2 * at,
                false => 4 + at,
            };
            (trust, turns)
        }));
    }
    if composer.is_some() {
        let by_sides = best(flat, composer, false, &|list: &[usize]| by_sides(flat, list));
        let by_looks = best(flat, composer, false, &|list: &[usize]| by_looks(flat, list));
        found.extend(by_sides.map(|turns| (3, turns)));
        let exchanges = best(flat, composer, false, &|list: &[usize]| by_exchanges(flat, list));
        found.extend(by_looks.map(|turns| (6, turns)));
        found.extend(exchanges.map(|turns| (7, turns)));
    }
    sort_by(&mut found, |a, b| a.0.cmp(&b.0));
    found.into_iter().map(|(_, turns)| turns).collect()
}

/// The list in which two speakers take the most turns. `alone`: one message is enough.
fn best(
    flat: &Flat,
    composer: Option<usize>,
    alone: bool,
    labelled: &dyn Fn(&[usize]) -> Vec<Row>,
) -> Option<Turns> {
    let mut best: Option<((usize, usize), Turns)> = None;
    for (list, spot) in flat.spots.iter().enumerate() {
        if spot.around || spot.text == 0 {
            continue;
        }
        let turns = Turns { list, rows: labelled(&children(flat, composer, list)) };
        let (user, assistant) = (turns.count(Who::User), turns.count(Who::Assistant));
        // A chat begins with a message that has no answer yet.
        if user == 0 || assistant == 0 && (!alone || composer.is_none()) {
            continue;
        }
        let pairs = turns.alternations() * 2 + user.min(assistant);
        // A side of the page that nobody stands on says less than a name.
        let told = if turns.both_told() { 100_000 } else { 10_000 };
        let own = turns.rows.iter().filter(|row| row.mark == row.at).count();
        let score = if assistant == 0 { user + 2 * own } else { told + pairs };
        let score = (score, turns.text(flat));
        if best.as_ref().is_none_or(|(most, _)| score > *most) {
            best = Some((score, turns));
        }
    }
    best.map(|(_, turns)| widened(flat, composer, turns, labelled))
}

/// What may be turns of a list.
pub(super) fn children(flat: &Flat, composer: Option<usize>, list: usize) -> Vec<usize> {
    let fits = |child: &usize| {
        flat.get(*child).is_some_and(|spot| !spot.around)
            && composer.is_none_or(|composer| !flat.holds(*child, composer))
    };
    flat.children(list).filter(fits).collect()
}

/// A list that is one exchange of many, each in an element of its own: all of them.
pub(super) fn widened(
    flat: &Flat,
    composer: Option<usize>,
    turns: Turns,
    labelled: &dyn Fn(&[usize]) -> Vec<Row>,
) -> Turns {
    let Some(above) = flat.get(turns.list).map(|spot| spot.parent) else { return turns };
    let holds = |at: usize| composer.is_some_and(|composer| flat.holds(at, composer));
    if turns.rows.len() > EXCHANGE || above == turns.list {
        return turns;
    }
    let mut whole = Turns { list: above, rows: Vec::new() };
    let tag = flat.element(turns.list).map(|element| &element.tag);
    for list in flat.spoken(above).filter(|at| !holds(*at)) {
        if flat.element(list).map(|element| &element.tag) == tag {
            whole.rows.extend(labelled(&children(flat, composer, list)));
        }
    }
    let more = whole.rows.len() > turns.rows.len() && whole.alternations() > turns.alternations();
    if more { whole } else { turns }
}

/// By what the parts of a list say of their speaker.
fn by_words(flat: &Flat, list: &[usize], loose: bool) -> Vec<Row> {
    let row = |at: usize| {
        let Speaker::Said(mark, who) = roles::speaker(flat, at, loose) else { return None };
        // An answer that has no text yet stands there already.
        let shown = flat.text(at) > 0 || who == Who::Tool || who == Who::Assistant && mark == at;
        shown.then_some(Row { at, who, mark, told: true })
    };
    let mut rows: Vec<Row> = list.iter().filter_map(|at| row(*at)).collect();
    for (named, other) in [(Who::User, Who::Assistant), (Who::Assistant, Who::User)] {
        if !rows.iter().all(|row| row.who == named) {
            continue;
        }
        // Only one speaker's turns may be named: what stands between them is the other's.
        let unsaid = |at: &&usize| {
            is_part(flat, **at) && roles::speaker(flat, **at, loose) == Speaker::Unsaid
        };
        let silent = list.iter().filter(unsaid);
        let silent: Vec<Row> =
            silent.map(|at| Row { at: *at, who: other, mark: *at, told: false }).collect();
        let of = |rows: &[Row], at: fn(&[Row]) -> Option<&Row>| at(rows).map(|row| row.at);
        let (first, last) = (<[Row]>::first, <[Row]>::last);
        let between = match named {
            Who::User => of(&silent, last) > of(&rows, last),
            _ => !silent.is_empty() && of(&silent, first) < of(&rows, first),
        };
        let near = |row: &Row| flat.above(row.mark).take(NEAR).any(|at| at == row.at);
        let near = rows.iter().all(|row| row.mark == row.at || near(row))
            || silent.iter().all(|one| rows.iter().all(|row| is_alike(flat, one.at, row.at)));
        if !rows.is_empty() && between && near && silent.len() <= 2 * rows.len() + 1 {
            rows.extend(silent);
            sort_by(&mut rows, |a, b| a.at.cmp(&b.at));
        }
        break;
    }
    rows.extend(between(flat, list, &rows, loose));
    sort_by(&mut rows, |a, b| a.at.cmp(&b.at));
    rows
}

/// Steps that stand between a prompt and its answer, in a part of their own that nothing names.
fn between(flat: &Flat, list: &[usize], rows: &[Row], loose: bool) -> Vec<Row> {
    let (Some(first), true) = (rows.first(), rows.iter().all(|row| row.mark != row.at)) else {
        return Vec::new();
    };
    let silent = list.iter().copied().filter(|at| {
        *at > first.at && is_part(flat, *at) && roles::speaker(flat, *at, loose) == Speaker::Unsaid
    });
    let frame = |at: usize| flat.within(at).take(NEAR + 1).find(|at| steps::is_frame(flat, *at));
    let row = |at: usize| Row { at, who: Who::Tool, mark: at, told: false };
    silent.filter_map(frame).map(row).collect()
}

/// By the side of the page: a person's turns stand right, and answers are richer.
fn by_sides(flat: &Flat, list: &[usize]) -> Vec<Row> {
    let row = |at: usize| {
        let rich = flat.element(at).is_some_and(roles::is_rich);
        let user = roles::on_the_right(flat, at) && !rich;
        Row { at, who: if user { Who::User } else { Who::Assistant }, mark: at, told: user }
    };
    let rows: Vec<Row> = list.iter().filter(|at| is_part(flat, **at)).map(|at| row(*at)).collect();
    let first = rows.iter().position(|row| row.who == Who::User).unwrap_or_default();
    // What stands above the first message greets.
    rows.get(first..).unwrap_or_default().to_vec()
}

/// By looks alone: where every second part of a list has what the others have not, two speak, and
/// the person began.
fn by_looks(flat: &Flat, list: &[usize]) -> Vec<Row> {
    let list: Vec<usize> = list.iter().copied().filter(|at| is_part(flat, *at)).collect();
    let (Some(first), true) = (list.first(), list.len() >= LOOKS) else { return Vec::new() };
    let looks: Vec<Vec<usize>> = list.iter().take(SAMPLE).map(|at| looks(flat, *at)).collect();
    let even = |part: usize| part.is_multiple_of(2);
    let splits = |test: &usize, from: usize| {
        looks.iter().enumerate().all(|(at, own)| own.contains(test) == (even(at) == even(from)))
    };
    let told = |from: usize| looks.get(from).is_some_and(|own| own.iter().any(|t| splits(t, from)));
    let tag = |at: usize| flat.element(at).map(|element| element.tag.as_str());
    let tags = list.iter().enumerate().all(|(part, at)| (tag(*at) == tag(*first)) == even(part));
    // Turns of one list are made alike, but for what tells them apart.
    let named = |test: &&usize| flat.tests.rank(**test) < STYLE;
    let in_all = |test: &usize| looks.iter().all(|other| other.contains(test));
    let alike = looks.first().is_some_and(|own| own.iter().filter(named).any(in_all));
    let plain = list.len() > LOOKS;
    let one = plain && alike && (told(0) || told(1));
    if !(told(0) && told(1) && (alike || plain)) && !one && !(tags && plain) {
        return Vec::new();
    }
    let rich = |from: usize| {
        let mut parts = list.iter().skip(from).step_by(2);
        parts.any(|at| flat.element(*at).is_some_and(roles::is_rich))
    };
    let swapped = rich(0) && !rich(1);
    let row = |(part, at): (usize, &usize)| {
        let who = if even(part) == swapped { Who::Assistant } else { Who::User };
        Row { at: *at, who, mark: *at, told: false }
    };
    list.iter().enumerate().map(row).collect()
}

/// Whether two elements have a name in common.
fn is_alike(flat: &Flat, one: usize, other: usize) -> bool {
    let mut tests = flat.tests.of(one).iter();
    tests.any(|test| flat.tests.rank(*test) < STYLE && flat.tests.has(other, *test))
}

/// Whether an element may be a turn that no attribute names: with text, and no part of a text.
fn is_part(flat: &Flat, at: usize) -> bool {
    flat.text(at) > 0 && !flat.element(at).is_some_and(super::content::is_prose)
}

/// By exchanges: where every part of a list holds two, made alike in all of them, the first asks
/// and the second answers.
fn by_exchanges(flat: &Flat, list: &[usize]) -> Vec<Row> {
    let mut rows = Vec::new();
    let mut kinds: Option<[&[usize]; 2]> = None;
    for at in list.iter().filter(|at| is_part(flat, **at)) {
        let parts: Vec<usize> = flat.spoken(*at).collect();
        let (&[asked, answered], Some(first)) = (parts.as_slice(), list.first()) else {
            return Vec::new();
        };
        let looks = [flat.tests.of(asked), flat.tests.of(answered)];
        let same = *kinds.get_or_insert(looks) == looks && looks[0] != looks[1];
        let whole = is_part(flat, asked) && is_part(flat, answered);
        if !same || !whole || first != at && flat.tests.of(*first) != flat.tests.of(*at) {
            return Vec::new();
        }
        for (at, who) in [(asked, Who::User), (answered, Who::Assistant)] {
            rows.push(Row { at, who, mark: at, told: false });
        }
    }
    let rich = |who: Who| {
        let mut said = rows.iter().filter(|row| row.who == who);
        said.any(|row| flat.element(row.at).is_some_and(roles::is_rich))
    };
    let answers = rich(Who::Assistant) && !rich(Who::User) && rows.len() >= EXCHANGE;
    if answers { rows } else { Vec::new() }
}

/// The tests that a turn and its frame pass, without what is written in it.
pub(super) fn looks(flat: &Flat, at: usize) -> Vec<usize> {
    let mut all = Vec::new();
    for part in frame(flat, at) {
        all.extend_from_slice(flat.tests.of(part));
    }
    all
}

/// A turn's own elements down to where its text begins.
pub(super) fn frame(flat: &Flat, at: usize) -> Vec<usize> {
    let mut all = vec![at];
    let mut level = vec![at];
    for _ in 0..DEPTH {
        level = level.iter().flat_map(|at| flat.children(*at)).collect();
        level.retain(|at| {
            flat.element(*at).is_some_and(|element| !super::content::is_prose(element))
        });
        level.truncate(PARTS.saturating_sub(all.len()));
        all.extend_from_slice(&level);
    }
    all
}
