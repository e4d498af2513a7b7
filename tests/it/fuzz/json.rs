//! Mutations of what is JSON that leave it JSON, so that more than a parser's first look is tried.

use super::mutate::{ODD, below, pick};
use serde_json::{Value, json};
use shim::base::chance::Chance;

/// Changes some values in a text of JSON. False: it is none.
pub fn changed(dice: &mut Chance, field: &mut Vec<u8>) -> bool {
    let Ok(mut value) = serde_json::from_slice::<Value>(field) else { return false };
    if dice.percent(8) {
        flood(dice, &mut value);
    }
    for _ in 0..=below(dice, 3) {
        let mut at = below(dice, nodes(&value));
        change(dice, &mut value, &mut at);
    }
    let end = if field.ends_with(b"\n") { "\n" } else { "" };
    *field = format!("{value}{end}").into_bytes();
    true
}

/// Every second number is as high as it may be: whoever adds to one finds its end.
fn flood(dice: &mut Chance, value: &mut Value) {
    match value {
        Value::Number(number) if number.is_u64() && dice.percent(50) => {
            let ends = [u64::from(u32::MAX), i64::MAX as u64, u64::MAX];
            let count = if dice.percent(70) { 1 } else { ends.len() };
            *value = json!(*pick(dice, &ends[..count]));
        }
        Value::Array(items) => items.iter_mut().for_each(|item| flood(dice, item)),
        Value::Object(fields) => fields.values_mut().for_each(|field| flood(dice, field)),
        _ => {}
    }
}

fn nodes(value: &Value) -> usize {
    1 + match value {
        Value::Array(items) => items.iter().map(nodes).sum(),
        Value::Object(fields) => fields.values().map(nodes).sum::<usize>(),
        _ => 0,
    }
}

/// Changes the value with this number, in the order in which they are written.
fn change(dice: &mut Chance, value: &mut Value, at: &mut usize) -> bool {
    if *at == 0 {
        alter(dice, value);
        return true;
    }
    *at -= 1;
    match value {
        Value::Array(items) => items.iter_mut().any(|item| change(dice, item, at)),
        Value::Object(fields) => fields.values_mut().any(|field| change(dice, field, at)),
        _ => false,
    }
}

fn alter(dice: &mut Chance, value: &mut Value) {
    match value {
        Value::Number(number) => *value = another(dice, number.is_u64()),
        Value::String(text) => {
            // JSON in JSON.
            let mut inner = text.clone().into_bytes();
            if text.starts_with(['{', '[']) && changed(dice, &mut inner) {
                *text = String::from_utf8(inner).unwrap();
                return;
            }
            match below(dice, 5) {
                0 => text.clear(),
                1 => *text = text.repeat(1 + below(dice, 300)),
                2 => text.push_str(pick::<&str>(dice, ODD)),
                3 => *text = text.chars().take(below(dice, text.len() + 1)).collect(),
                _ => text.insert_str(0, pick::<&str>(dice, ODD)),
            }
        }
        Value::Array(items) => match below(dice, 4) {
            0 => items.clear(),
            1 if !items.is_empty() => {
                let one = pick(dice, items).clone();
                let times = *pick(dice, &[1, 2, 70, 3_000]);
                items.extend(std::iter::repeat_n(one, times));
            }
            2 => items.reverse(),
            _ => drop(items.pop()),
        },
        Value::Object(fields) => {
            let names: Vec<String> = fields.keys().cloned().collect();
            if names.is_empty() {
                return;
            }
            let (one, other) = (pick(dice, &names), pick(dice, &names));
            match below(dice, 3) {
                0 => drop(fields.remove(one)),
                1 => drop(fields.insert(one.clone(), fields[other].clone())),
                _ => drop(fields.insert(format!("{one}{}", pick(dice, ODD)), json!(1))),
            }
        }
        Value::Bool(is) => *is = !*is,
        Value::Null => *value = pick(dice, &[json!(7), json!("x"), json!([]), json!(null)]).clone(),
    }
}

fn another(dice: &mut Chance, whole: bool) -> Value {
    let ends =
        [0, 1, 255, 65_536, 2_147_483_648, 4_294_967_295, 1 << 53, i64::MAX as u64, u64::MAX];
    match below(dice, 4) {
        0 if !whole => json!(*pick(dice, &[0.0, -1.0, 1e308, 1e-308, 0.5])),
        1 => json!(dice.bits() >> dice.below(64)),
        2 => json!(-7),
        _ => json!(*pick(dice, &ends)),
    }
}
