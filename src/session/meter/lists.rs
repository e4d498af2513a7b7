//! Sums and means of counts, and lists of a bounded length.

pub(super) fn add(a: u64, b: u64) -> u64 {
    a.saturating_add(b)
}

pub(super) fn mean(values: &[u64]) -> f64 {
    let sum = values.iter().copied().fold(0, add);
    if values.is_empty() { 0.0 } else { sum as f64 / values.len() as f64 }
}

pub(super) fn number(count: usize) -> u32 {
    u32::try_from(count).unwrap_or(u32::MAX)
}

/// Appends; the oldest makes room.
pub(super) fn push_bounded<T>(list: &mut Vec<T>, value: T, most: usize) {
    list.push(value);
    if list.len() > most {
        list.remove(0);
    }
}
