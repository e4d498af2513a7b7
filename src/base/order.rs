//! Sorting, with one copy of the standard library's sort for all types: a copy of its own for
//! each type is 4 KB in the wasm of every chat page. `collect` into a tree sorts first and has
//! such a copy too (fill trees with `extend`), and a tree's `insert` and `retain` are 2 KB each.

use std::cmp::Ordering;

/// Sorts a list; what compares as equal keeps its order.
pub fn sort_by<T>(list: &mut Vec<T>, mut compare: impl FnMut(&T, &T) -> Ordering) {
    let mut order: Vec<usize> = (0..list.len()).collect();
    sort_places(&mut order, &mut |a, b| match (list.get(a), list.get(b)) {
        (Some(a), Some(b)) => compare(a, b),
        _ => Ordering::Equal,
    });
    let mut items: Vec<Option<T>> = list.drain(..).map(Some).collect();
    list.extend(order.into_iter().filter_map(|place| items.get_mut(place)?.take()));
}

/// The only place where a sort is made into code.
#[inline(never)]
fn sort_places(order: &mut [usize], compare: &mut dyn FnMut(usize, usize) -> Ordering) {
    order.sort_by(|a, b| compare(*a, *b));
}

/// A set that is made once, and then asked.
#[derive(Clone, Debug)]
pub struct Set<T>(Vec<T>);

impl<T: Ord> FromIterator<T> for Set<T> {
    fn from_iter<I: IntoIterator<Item = T>>(items: I) -> Self {
        let mut items: Vec<T> = items.into_iter().collect();
        sort_by(&mut items, T::cmp);
        Self(items)
    }
}

impl<T: Ord> Set<T> {
    /// Whether it holds `item`.
    #[must_use]
    pub fn contains(&self, item: &T) -> bool {
        self.0.binary_search(item).is_ok()
    }
}

impl<T> Default for Set<T> {
    /// The empty set.
    fn default() -> Self {
        Self(Vec::new())
    }
}
