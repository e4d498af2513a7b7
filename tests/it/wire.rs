//! What is read from a message that lacks fields, or has more than this version knows.

use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, from_str, to_value};
use shim::base::Moment;
use shim::session::meter::Meter;
use shim::session::triggers::Triggers;
use shim::wire::page::{PageFlush, SlotView};
use shim::wire::session::{About, Known, Placement};
use shim::wire::tuning::Tuning;
use std::fmt::Debug;

/// Gives every number, text, switch and list of a value another content.
fn changed(value: &Value, seed: u64) -> Value {
    match value {
        Value::Bool(is) => Value::from(!is),
        Value::Number(number) if number.is_u64() => Value::from(seed),
        Value::Number(_) => Value::from(seed as f64 + 0.5),
        Value::String(text) if text.is_empty() => Value::from(format!("text {seed}")),
        Value::Array(items) => {
            (seed..).zip(items).map(|(seed, item)| changed(item, seed)).collect()
        }
        Value::Object(fields) => (seed..)
            .zip(fields)
            .map(|(seed, (name, field))| (name.clone(), changed(field, seed * 7)))
            .collect(),
        other => other.clone(),
    }
}

fn check<T: Debug + Default + PartialEq + Serialize + DeserializeOwned>() {
    let default = T::default();
    assert_eq!(from_str::<T>("{}").unwrap(), default);
    assert_eq!(from_str::<T>(r#"{"of_tomorrow": [1, {"a": null}]}"#).unwrap(), default);
    assert!(from_str::<T>("[]").is_err() && from_str::<T>("null").is_err());

    let whole = to_value(&default).unwrap();
    let all = changed(&whole, 11);
    assert_ne!(all, whole);
    let read: T = from_str(&all.to_string()).unwrap();
    assert_eq!(to_value(&read).unwrap(), all, "each field is read into itself");
    for (name, field) in all.as_object().unwrap() {
        let one = format!("{{{}: {field}}}", Value::from(name.as_str()));
        let mut wanted = whole.clone();
        wanted[name] = field.clone();
        assert_eq!(to_value(from_str::<T>(&one).unwrap()).unwrap(), wanted, "{name} alone");
        let wrong = format!("{{{}: {{\"not\": \"this\"}}}}", Value::from(name.as_str()));
        assert!(field.is_object() || from_str::<T>(&wrong).is_err(), "{name} of another kind");
    }
}

#[test]
fn fields_have_defaults() {
    check::<About>();
    check::<Known>();
    check::<Meter>();
    check::<PageFlush>();
    check::<Placement>();
    check::<SlotView>();
    check::<Triggers>();
    check::<Tuning>();
}

#[test]
fn of_two_values_for_one_name_the_last_counts() {
    let about: About = from_str(r#"{"turns": 1, "saved_at": 5, "turns": 2}"#).unwrap();
    assert_eq!(about, About { turns: 2, saved_at: Moment(5), ..About::default() });
}
