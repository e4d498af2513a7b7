//! What goes in when not everything fits: each section first up to its share, then by rank.

use super::clean;
use crate::base::text::{clip, head, one_line};

/// Costs are counted in twelfths of a token, so that a quarter and two thirds are whole.
pub const UNIT: u64 = 12;
/// The least of a cut line that still says something, in characters.
const LEAST_CHARS: usize = 40;

/// The cost of a line and its break, by the estimate of [`crate::base::text::tokens`] before it
/// rounds up.
pub fn cost(line: &str) -> u64 {
    line.chars().map(cost_of).sum::<u64>() + 3
}

fn cost_of(c: char) -> u64 {
    if u32::from(c) < 0x2e80 { 3 } else { 8 }
}

/// A line that may go in.
#[derive(Clone, Debug)]
pub struct Piece {
    /// Where it stands among its section's lines.
    pub order: usize,
    /// The line.
    pub text: String,
}

/// How the lines of a section look.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Look {
    /// One line that begins with the heading.
    Inline,
    /// The heading, then an item a line.
    Items,
    /// The heading, then quoted lines; a gap is shown.
    Block,
}

/// What is fixed about a section.
#[derive(Clone, Copy, Debug)]
pub struct Spec {
    heading: &'static str,
    /// What its lines are, for the list of what was left out.
    what: &'static str,
    look: Look,
    /// Lower goes first.
    rank: u32,
    /// Percent of the room that is its own.
    share: u64,
    /// Whether a line that another section shows is not shown again.
    once: bool,
}

impl Spec {
    /// A section's heading, what its lines are, how they look, its rank and its share.
    pub const fn new(
        heading: &'static str,
        what: &'static str,
        look: Look,
        rank: u32,
        share: u64,
    ) -> Self {
        Self { heading, what, look, rank, share, once: false }
    }

    /// The same, without the lines that other sections show.
    pub const fn once(mut self) -> Self {
        self.once = true;
        self
    }

    /// The line or the beginning of the line that names the section.
    pub fn heading(&self) -> &'static str {
        self.heading
    }

    /// How its lines look.
    pub fn look(&self) -> Look {
        self.look
    }

    /// The section with these lines, which matter in the order given by `first`.
    pub fn of(&self, lines: Vec<String>, first: First) -> Section {
        let prefix = match self.look {
            Look::Inline => "",
            Look::Items => "• ",
            Look::Block => "| ",
        };
        let piece = |(order, line): (usize, String)| {
            let text = one_line(&format!("{prefix}{line}"));
            Piece { order, text: clean::covered(text) }
        };
        let pieces: Vec<Piece> = lines.into_iter().enumerate().map(piece).collect();
        let pieces = ordered(pieces, first);
        Section { spec: *self, pieces, taken: 0, cut: None, used: 0 }
    }
}

/// One section of the record.
#[derive(Clone, Debug)]
pub struct Section {
    spec: Spec,
    /// Its lines, most important first.
    pieces: Vec<Piece>,
    taken: usize,
    cut: Option<Piece>,
    used: u64,
}

impl Section {
    /// The same section with its lines taken in this order, which names each of them once.
    pub fn in_order(mut self, order: &[usize]) -> Self {
        let mut rank = vec![usize::MAX; self.pieces.len()];
        for (at, piece) in order.iter().enumerate() {
            if let Some(slot) = rank.get_mut(*piece) {
                *slot = at;
            }
        }
        self.pieces.sort_by_key(|p| rank.get(p.order).copied());
        self
    }

    /// Drops the lines not yet taken that stand in `said`.
    fn forget(&mut self, said: &str) {
        let mut at = 0;
        let taken = self.taken;
        self.pieces.retain(|piece| {
            at += 1;
            at <= taken || !said.contains(piece.text.trim_start_matches(['•', '|', ' ']))
        });
    }

    fn heading_cost(&self) -> u64 {
        match self.spec.look {
            Look::Inline => cost(self.spec.heading),
            Look::Items => cost(self.spec.heading),
            // Room for two marks of a gap.
            Look::Block => cost(self.spec.heading) + 2 * cost("| …"),
        }
    }

    /// Takes more lines while the section costs no more than `limit`; gives what it used up more.
    fn take(&mut self, limit: u64) -> u64 {
        let before = self.used;
        while let Some(piece) = self.pieces.get(self.taken) {
            let base = if self.taken == 0 { self.heading_cost() } else { self.used };
            let room = limit.saturating_sub(base);
            if cost(&piece.text) <= room {
                self.used = base + cost(&piece.text);
                self.taken += 1;
                self.cut = None;
                continue;
            }
            if self.taken == 0 {
                let text = within(&piece.text, room);
                if text.chars().count() >= LEAST_CHARS {
                    let order = piece.order;
                    self.used = base + cost(&text);
                    self.cut = Some(Piece { order, text });
                }
            }
            break;
        }
        self.used.saturating_sub(before)
    }

    /// The section's lines as they stand in the prompt.
    pub fn lines(&self) -> Vec<String> {
        let mut pieces: Vec<&Piece> = self.pieces.iter().take(self.taken).collect();
        pieces.extend(&self.cut);
        pieces.sort_by_key(|p| p.order);
        let mut out = Vec::new();
        if pieces.is_empty() {
            return out;
        }
        if self.spec.look == Look::Inline {
            let text: Vec<&str> = pieces.iter().map(|p| p.text.as_str()).collect();
            return vec![format!("{} {}", self.spec.heading, text.join(" "))];
        }
        out.push(self.spec.heading.to_owned());
        let mut next = 0;
        for piece in pieces {
            if self.spec.look == Look::Block && piece.order > next {
                out.push("| …".to_owned());
            }
            next = piece.order + 1;
            out.push(piece.text.clone());
        }
        if self.spec.look == Look::Block && next < self.pieces.len() {
            out.push("| …".to_owned());
        }
        out
    }

    /// What of it did not go in, in words.
    pub fn left_out(&self) -> Option<String> {
        let total = self.pieces.len();
        let missing = total.saturating_sub(self.taken);
        match (missing, self.spec.look) {
            (0, _) => None,
            (_, Look::Inline) if self.cut.is_some() => Some(format!("part of {}", self.spec.what)),
            (_, Look::Inline) => Some(self.spec.what.to_owned()),
            (_, Look::Block) => Some(format!("{missing} of {total} lines of {}", self.spec.what)),
            (_, Look::Items) => Some(format!("{missing} of {total} {}", self.spec.what)),
        }
    }
}

/// `text` cut to what `room` pays for.
fn within(text: &str, room: u64) -> String {
    let mut left = room.saturating_sub(cost("… |"));
    let mut chars = 0;
    for c in text.chars() {
        match left.checked_sub(cost_of(c)) {
            Some(rest) => left = rest,
            None => break,
        }
        chars += 1;
    }
    if head(text, chars).len() == text.len() { text.to_owned() } else { clip(text, chars) }
}

/// Which lines of a section matter most.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum First {
    /// The first ones.
    Oldest,
    /// The last ones.
    Newest,
    /// The first ones, and for every two of them one of the last.
    Ends,
}

fn ordered(pieces: Vec<Piece>, first: First) -> Vec<Piece> {
    let mut from: std::collections::VecDeque<Piece> = pieces.into();
    let mut out = Vec::with_capacity(from.len());
    while !from.is_empty() {
        let back = match first {
            First::Oldest => false,
            First::Newest => true,
            First::Ends => out.len() % 3 == 2,
        };
        out.extend(if back { from.pop_back() } else { from.pop_front() });
    }
    out
}

/// All lines taken so far.
fn taken(sections: &[Section]) -> String {
    let others = sections.iter().filter(|s| !s.spec.once);
    others.flat_map(Section::lines).collect::<Vec<_>>().join("\n")
}

/// Fills the sections with what `room` pays for: each up to its share, then up to twice that, so
/// that one long message does not eat all that is left, then by rank alone.
pub fn fill(sections: &mut [Section], room: u64) {
    let mut order: Vec<usize> = (0..sections.len()).collect();
    order.sort_by_key(|at| sections.get(*at).map_or(u32::MAX, |s| s.spec.rank));
    let mut left = room;
    for times in [1, 2, 10_000] {
        for at in &order {
            let said = sections.get(*at).filter(|s| s.spec.once).map(|_| taken(sections));
            if let Some(section) = sections.get_mut(*at) {
                if let Some(said) = said {
                    section.forget(&said);
                }
                let own = room.saturating_mul(section.spec.share * times) / 100;
                let limit = own.min(section.used.saturating_add(left));
                left = left.saturating_sub(section.take(limit));
            }
        }
    }
}
