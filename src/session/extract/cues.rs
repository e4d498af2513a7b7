//! Tables of cue words, written `"one|two|three"`, and how to look them up.
//!
//! Every sentence of a chat meets every table, so a table is sorted once, and a sentence is
//! compared only at the start of its words and only with cues of the same first byte.

use std::sync::OnceLock;

/// A table of cues in small letters.
#[derive(Debug)]
pub struct Cues {
    table: &'static str,
    sorted: OnceLock<Sorted>,
}

#[derive(Debug)]
struct Sorted {
    cues: Vec<&'static str>,
    /// A bit for each first byte that occurs.
    firsts: [u64; 4],
}

impl Cues {
    /// A table from cues parted by `|`.
    pub const fn new(table: &'static str) -> Self {
        Self { table, sorted: OnceLock::new() }
    }

    fn sorted(&self) -> &Sorted {
        self.sorted.get_or_init(|| {
            let mut cues: Vec<&'static str> = self.table.split('|').collect();
            cues.sort_unstable();
            let mut firsts = [0; 4];
            for first in cues.iter().filter_map(|c| c.as_bytes().first()) {
                if let Some(bits) = firsts.get_mut(usize::from(first >> 6)) {
                    *bits |= 1u64 << (first & 63);
                }
            }
            Sorted { cues, firsts }
        })
    }

    /// The cues that `text` begins with.
    fn at<'t>(&self, text: &'t str) -> impl Iterator<Item = &'static str> + use<'_, 't> {
        let sorted = self.sorted();
        let first = text.as_bytes().first().copied().unwrap_or_default();
        let bits = sorted.firsts.get(usize::from(first >> 6)).copied().unwrap_or_default();
        let cues = if bits >> (first & 63) & 1 == 1 {
            let before = |c: &&str| c.as_bytes().first().is_some_and(|b| *b < first);
            sorted.cues.get(sorted.cues.partition_point(before)..).unwrap_or_default()
        } else {
            &[]
        };
        let same = cues.iter().take_while(move |c| c.as_bytes().first() == Some(&first));
        same.copied().filter(move |c| text.starts_with(c))
    }

    /// Whether any of them stands in `text` as whole words.
    pub fn inside(&self, text: &str) -> bool {
        let mut before = None;
        for (at, c) in text.char_indices() {
            let starts = !before.is_some_and(char::is_alphanumeric);
            before = Some(c);
            let Some(rest) = text.get(at..).filter(|_| starts) else { continue };
            let whole = |cue: &str| {
                let after = rest.get(cue.len()..).and_then(|t| t.chars().next());
                cue.ends_with(|c: char| !c.is_alphanumeric())
                    || !after.is_some_and(char::is_alphanumeric)
            };
            if self.at(rest).any(whole) {
                return true;
            }
        }
        false
    }

    /// Whether any of them stands in `text`, within a word or not.
    pub fn anywhere(&self, text: &str) -> bool {
        self.sorted().cues.iter().any(|cue| text.contains(cue))
    }

    /// Whether `text` begins with any of them.
    pub fn begin(&self, text: &str) -> bool {
        self.at(text).next().is_some()
    }

    /// What follows the longest of them that `text` begins with.
    pub fn after<'t>(&self, text: &'t str) -> Option<&'t str> {
        self.at(text).last().and_then(|cue| text.get(cue.len()..))
    }

    /// Whether `word` is one of them.
    pub fn is(&self, word: &str) -> bool {
        self.sorted().cues.binary_search(&word).is_ok()
    }
}

/// For cues: small letters, straight apostrophes.
pub fn lower(text: &str) -> String {
    let mut out = text.to_ascii_lowercase();
    if out.contains('’') {
        out = out.replace('’', "'");
    }
    out
}

/// Whether `word` is one of the few words of `table`, written like [`Cues`].
pub fn is_one(word: &str, table: &str) -> bool {
    table.split('|').any(|w| w == word)
}
