//! Positions of turns, where a page tells none: counted, and the same for a key ever after.

use crate::base::TurnKey;
use crate::base::order::Set;
use crate::wire::chat::Role;
use std::collections::BTreeMap;

/// One turn element as it is counted: a turn, or an exchange of two.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Unit {
    /// Its key.
    pub(super) key: String,
    /// Its place, where the page tells it.
    pub(super) told: Option<u32>,
    /// Whether it is an exchange.
    pub(super) exchange: bool,
}

impl Unit {
    /// The key of one side.
    pub(super) fn turn_key(&self, role: Role) -> TurnKey {
        TurnKey(match role {
            _ if !self.exchange => self.key.clone(),
            Role::User => format!("{}:user", self.key),
            Role::Assistant => format!("{}:assistant", self.key),
        })
    }

    /// The position of one side, where the unit stands in this place.
    pub(super) fn position(&self, place: u32, role: Role) -> u32 {
        match role {
            _ if !self.exchange => place,
            Role::User => place.saturating_mul(2),
            Role::Assistant => place.saturating_mul(2).saturating_add(1),
        }
    }
}

/// Places kept free for what lies between two windows of which neither knows the other.
const BETWEEN: u32 = 1_000;

/// Gives every mounted unit a place. `places` holds the known ones and is kept in order; the first
/// of all gets `first`. Where there is no room for older turns above a known one, everything known
/// moves down. Returns whether others than the mounted ones may have moved.
pub(super) fn place(places: &mut BTreeMap<String, u32>, first: u32, mounted: &[&Unit]) -> bool {
    let mut moved = false;
    for unit in mounted {
        if let Some(told) = unit.told {
            places.insert(unit.key.clone(), told);
        }
    }
    let first_known = mounted.iter().position(|unit| places.contains_key(&unit.key));
    let above = first_known.unwrap_or(mounted.len());
    let known = first_known.and_then(|at| mounted.get(at)).and_then(|u| places.get(&u.key));
    let mut next = first;
    if !places.is_empty() {
        // With nothing known among them they are taken for older ones than all that is known: new
        // turns come one at a time, below a known one, while a jump up mounts a whole window.
        let lowest = places.values().min().copied().unwrap_or_default();
        let (end, apart) = known.copied().map_or((lowest, BETWEEN), |place| (place, 0));
        let room = u32::try_from(above).unwrap_or(u32::MAX).saturating_add(apart);
        if room > end {
            shift(places, &Set::default(), 0, room - end);
            moved = true;
        }
        next = end.saturating_sub(room);
    }
    for (at, unit) in mounted.iter().enumerate() {
        match places.get(&unit.key).copied() {
            Some(place) if place >= next => next = place.saturating_add(1),
            Some(place) if unit.told.is_none() => {
                let above = keys(mounted.get(..at).unwrap_or_default());
                shift(places, &above, place, next - place);
                moved = true;
                next = next.saturating_add(1);
            }
            Some(_) => {}
            None => {
                places.insert(unit.key.clone(), next);
                next = next.saturating_add(1);
            }
        }
    }
    replace(places, mounted);
    moved
}

fn keys<'a>(units: &[&'a Unit]) -> Set<&'a str> {
    units.iter().map(|unit| unit.key.as_str()).collect()
}

/// Where a mounted unit stands in another one's place, that one was replaced, by an edited prompt
/// or a second answer, and what followed it is gone with it.
fn replace(places: &mut BTreeMap<String, u32>, mounted: &[&Unit]) {
    let here = keys(mounted);
    let place_of = |unit: &&Unit| places.get(&unit.key).copied();
    let taken: Set<u32> = mounted.iter().filter_map(place_of).collect();
    let gone =
        |(key, place): &(&String, &u32)| taken.contains(place) && !here.contains(&key.as_str());
    if let Some(first) = places.iter().filter(gone).map(|(_, place)| *place).min() {
        let before = std::mem::take(places);
        let stays = |(key, place): &(String, u32)| *place < first || here.contains(&key.as_str());
        places.extend(before.into_iter().filter(stays));
    }
}

/// Moves everything from a place on down, but for what stands `above` it in the page.
fn shift(places: &mut BTreeMap<String, u32>, above: &Set<&str>, from: u32, by: u32) {
    for (key, place) in places.iter_mut().filter(|(_, place)| **place >= from) {
        if !above.contains(&key.as_str()) {
            *place = place.saturating_add(by);
        }
    }
}
