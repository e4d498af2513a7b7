//! What becomes of the secrets of a text that is stored, and which of them a person lets pass.

use super::{Secret, find};
use crate::base::text;
use crate::wire::chat::Turn;
use crate::wire::secrets::{SecretNote, SecretsKept};
use serde_json::Value;
use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};
use std::ops::Bound;

/// Characters of a long secret that are left where it is masked: they tell which one it was.
const LEFT_CHARS: usize = 4;
/// A shorter one is told by nothing.
const LONG_BYTES: usize = 20;

/// A text as it is stored.
#[must_use]
pub fn stored(text: &str, how: SecretsKept) -> Cow<'_, str> {
    match how {
        SecretsKept::Kept => Cow::Borrowed(text),
        SecretsKept::Masked => replaced(text, |text, secret| Some(shown(text, secret))),
        SecretsKept::Dropped => replaced(text, |_, secret| Some(told(secret))),
    }
}

/// A turn as it is stored.
#[must_use]
pub fn stored_turn(mut turn: Turn, how: SecretsKept) -> Turn {
    if how == SecretsKept::Kept {
        return turn;
    }
    for text in texts_of(&mut turn) {
        if let Cow::Owned(changed) = stored(text, how) {
            *text = changed;
        }
    }
    turn
}

/// JSON text as it is stored: of every string in it. What is none is left as it is.
#[must_use]
pub fn stored_json(json: &str, how: SecretsKept) -> String {
    let Ok(mut value) = serde_json::from_str::<Value>(json) else { return json.to_owned() };
    walk(&mut value, how);
    value.to_string()
}

fn walk(value: &mut Value, how: SecretsKept) {
    match value {
        Value::String(text) => *text = stored(text, how).into_owned(),
        Value::Array(list) => list.iter_mut().for_each(|one| walk(one, how)),
        Value::Object(fields) => fields.values_mut().for_each(|one| walk(one, how)),
        _ => {}
    }
}

/// A text without its secrets but those that a person let pass, told by [`id`].
#[must_use]
pub fn masked_but<'a>(text: &'a str, allowed: &BTreeSet<u64>) -> Cow<'a, str> {
    replaced(text, |text, secret| (!allowed.contains(&id(text, secret))).then(|| told(secret)))
}

/// The secrets of a chat's turns, each once, in the order in which they came.
#[must_use]
pub fn notes(turns: Vec<Turn>, allowed: &BTreeSet<u64>) -> Vec<SecretNote> {
    // By what they are, and whether a text ended in every one that was seen.
    let mut found: BTreeMap<String, (bool, SecretNote)> = BTreeMap::new();
    for mut turn in turns {
        let position = turn.position;
        for text in texts_of(&mut turn) {
            for secret in find(text) {
                let id = id(text, &secret);
                let note = || SecretNote {
                    id: id.to_string(),
                    hint: hint(text, &secret),
                    position,
                    allowed: allowed.contains(&id),
                };
                let value = text.get(secret.at.clone()).unwrap_or_default().to_owned();
                found.entry(value).or_insert_with(|| (true, note())).0 &= is_cut(text, &secret);
            }
        }
    }
    join_cut(&mut found);
    let mut notes: Vec<SecretNote> = found.into_values().map(|(_, note)| note).collect();
    notes.sort_by_key(|note| note.position);
    notes
}

/// A key that a tool's clipped output ends in is the key that begins with it and that stands whole
/// elsewhere in the chat. What a person lets pass is the whole one; its piece is of no use.
fn join_cut(found: &mut BTreeMap<String, (bool, SecretNote)>) {
    let cut = found.iter().filter(|(_, (is_cut, _))| *is_cut).map(|(value, _)| value.clone());
    for piece in cut.collect::<Vec<_>>() {
        // In their order a piece stands right before what begins with it.
        let after = (Bound::Excluded(piece.clone()), Bound::Unbounded);
        let next = found.range(after).next().map(|(value, _)| value.clone());
        let Some(whole) = next.filter(|value| value.starts_with(&piece)) else { continue };
        let Some((_, first)) = found.remove(&piece) else { continue };
        if let Some((_, note)) = found.get_mut(&whole) {
            note.position = note.position.min(first.position);
        }
    }
}

/// Whether a text ends in it, or was clipped there.
fn is_cut(text: &str, secret: &Secret) -> bool {
    let after = text.get(secret.at.end..).unwrap_or_default().trim_start_matches(['.', '-', '_']);
    after.is_empty() || after.starts_with('…')
}

/// Names a secret without telling it. No defence against a guess: it stands beside what it names.
fn id(text: &str, secret: &Secret) -> u64 {
    text::hash(text.get(secret.at.clone()).unwrap_or_default())
}

fn told(secret: &Secret) -> String {
    format!("[{} was here]", secret.kind)
}

/// How it begins, and what it is.
fn shown(text: &str, secret: &Secret) -> String {
    let begins = |begin| format!("[{} was here: {begin}…]", secret.kind);
    beginning(text, secret).map_or_else(|| told(secret), begins)
}

/// The same for a list of them.
fn hint(text: &str, secret: &Secret) -> String {
    let begins = |begin| format!("{}: {begin}…", secret.kind);
    beginning(text, secret).map_or_else(|| secret.kind.to_owned(), begins)
}

/// None: it is too short for that.
fn beginning<'a>(text: &'a str, secret: &Secret) -> Option<&'a str> {
    let word = text.get(secret.at.clone())?;
    let long = word.len() >= LONG_BYTES && !word.contains('\n');
    long.then(|| text::head(word, LEFT_CHARS))
}

fn replaced(text: &str, with: impl Fn(&str, &Secret) -> Option<String>) -> Cow<'_, str> {
    let found: Vec<(Secret, String)> = find(text)
        .into_iter()
        .filter_map(|secret| with(text, &secret).map(|w| (secret, w)))
        .collect();
    if found.is_empty() {
        return Cow::Borrowed(text);
    }
    let (mut out, mut from) = (String::with_capacity(text.len()), 0);
    for (secret, with) in found {
        out.push_str(text.get(from..secret.at.start).unwrap_or_default());
        out.push_str(&with);
        from = secret.at.end;
    }
    out.push_str(text.get(from..).unwrap_or_default());
    Cow::Owned(out)
}

/// Every text of a turn that a person or a tool wrote.
fn texts_of(turn: &mut Turn) -> Vec<&mut String> {
    let mut texts = vec![&mut turn.markdown, &mut turn.thinking];
    for call in &mut turn.calls {
        texts.extend([&mut call.args, &mut call.result, &mut call.error]);
    }
    texts
}
