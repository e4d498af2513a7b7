//! What tells a turn from all others: a key of the page's, and its place.

use super::flat::Flat;
use super::select::is_name;
use super::turns::Turns;
use crate::base::order::sort_by;

/// Elements of a turn that are looked at for its key.
const PARTS: usize = 12;
/// Shortest key: what is shorter may be counted.
const KEY_CHARS: usize = 5;

/// Names of attributes; empty: there is none.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Keys {
    /// It has a value of its own in every turn.
    pub key: String,
    /// It counts the turns from 0.
    pub index: String,
}

/// The attributes that tell these turns apart.
pub(super) fn find(flat: &Flat, turns: &Turns) -> Keys {
    let mut keys = Keys::default();
    let Some(first) = turns.rows.first().filter(|_| turns.rows.len() > 1) else { return keys };
    for at in flat.within(first.at).take(PARTS) {
        let Some(element) = flat.element(at) else { continue };
        for (name, _) in &element.attrs {
            let values = values(flat, turns, name);
            let better = keys.key.is_empty() || (rank(name), name) < (rank(&keys.key), &keys.key);
            if better && is_key(name) && values.as_deref().is_some_and(are_keys) {
                keys.key.clone_from(name);
            }
            let first = keys.index.is_empty() || *name < keys.index;
            if first && name.ends_with("index") && name != "tabindex" {
                let count = |values: &[&str]| {
                    let numbers: Option<Vec<u32>> = values.iter().map(|v| v.parse().ok()).collect();
                    let pairs = numbers.as_deref().unwrap_or_default().windows(2);
                    numbers.is_some()
                        && pairs.into_iter().all(|pair| matches!(pair, [a, b] if a + 1 == *b))
                };
                if values.as_deref().is_some_and(count) {
                    keys.index.clone_from(name);
                }
            }
        }
    }
    keys
}

/// How good a key an attribute is by its name; less is better.
fn rank(name: &str) -> usize {
    let words = ["message-id", "turn", "message", "key", "-id", "data-"];
    words.iter().position(|word| name.contains(word)).unwrap_or(words.len())
}

fn is_key(name: &str) -> bool {
    let plain = name.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_'));
    plain && (name == "id" || name.starts_with("data-") && !name.ends_with("index"))
}

/// The value that each turn shows first for an attribute. None: some turn has none.
fn values<'t>(flat: &Flat<'t>, turns: &Turns, name: &str) -> Option<Vec<&'t str>> {
    let value = |row: &super::turns::Row| {
        let mut parts = flat.within(row.at).filter_map(|at| flat.element(at));
        parts.find_map(|element| element.attr(name))
    };
    turns.rows.iter().map(value).collect()
}

fn are_keys(values: &[&str]) -> bool {
    let mut sorted = values.to_vec();
    sort_by(&mut sorted, |a, b| a.cmp(b));
    sorted.dedup();
    let apart = sorted.len() == values.len();
    let digits = |value: &str| value.bytes().any(|b| b.is_ascii_digit());
    apart
        && values.iter().all(|v| v.len() >= KEY_CHARS && digits(v) && !is_name(v) && v.len() < 200)
}
