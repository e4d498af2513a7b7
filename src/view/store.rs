//! What is told of the store itself.

use super::drill;
use super::popup::Knows;

/// What is told of it in one line each.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct StorePanel {
    /// What the last restore drill came to; empty: not known yet.
    pub drill: String,
}

/// What is told of the store.
#[must_use]
pub fn panel(knows: &Knows) -> StorePanel {
    StorePanel { drill: last_drill(knows).map(|(line, _)| line).unwrap_or_default() }
}

/// What a person should know of it.
#[must_use]
pub fn problems(knows: &Knows) -> Vec<String> {
    last_drill(knows).filter(|(_, failed)| *failed).map(|(line, _)| line).into_iter().collect()
}

fn last_drill(knows: &Knows) -> Option<(String, bool)> {
    let heads = knows.heads.as_ref()?;
    let last = knows.status.as_ref()?.settings.drill.as_ref();
    Some(drill::line(last, heads, knows.now))
}
