//! What is read from a message that lacks fields, or has more than this version knows.

use serde::de::DeserializeOwned;
use serde::de::value::{Error, MapDeserializer};
use serde::{Deserialize, Serialize};
use serde_json::{Value, from_str, to_value};
use shim::base::Moment;
use shim::session::meter::Meter;
use shim::session::triggers::Triggers;
use shim::wire::page::{Element, Node, PageFlush, SlotView};
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

#[test]
fn what_the_eyes_send_is_read_back_as_it_was() {
    let attrs = |pairs: &[(&str, &str)]| -> Vec<(String, String)> {
        pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
    };
    let text = |words: &str| Node::Text(words.to_owned());
    let bold =
        Element { tag: "b".into(), attrs: attrs(&[]), children: vec![text("\"bold\" 😀")] };
    let row = Element {
        tag: "div".into(),
        attrs: attrs(&[(":cut", ""), ("data-index", "4")]),
        children: vec![text("a\nb"), Node::Element(bold), text("")],
    };
    let turn = (7, Node::Element(row));
    let json = r#"[7,["div",{":cut":"","data-index":"4"},"a\nb",["b",{},"\"bold\" 😀"],""]]"#;
    assert_eq!(serde_json::to_string(&turn).unwrap(), json);
    let flush = PageFlush { turns: vec![turn], order: Some(vec![7]), ..PageFlush::default() };
    let whole = serde_json::to_string(&flush).unwrap();
    assert_eq!(from_str::<PageFlush>(&whole).unwrap(), flush);
    assert_eq!(serde_json::from_value::<PageFlush>(to_value(&flush).unwrap()).unwrap(), flush);
}

#[test]
fn a_tree_of_another_shape_is_refused_and_said_so() {
    let why = |json: &str| from_str::<Node>(json).unwrap_err().to_string();
    assert!(why("5").contains("expected a string, or [tag"), "{}", why("5"));
    assert!(why("[]").contains("an element needs a tag"), "{}", why("[]"));
    assert!(why(r#"["p", "class"]"#).contains("an object of attribute values"));
    assert!(why(r#"["p", {"class": 1}]"#).contains("string"));
    let bare: Node = from_str(r#"["p"]"#).unwrap();
    assert_eq!(bare, Node::Element(Element { tag: "p".into(), ..Element::default() }));
    assert!(from_str::<About>("[1]").unwrap_err().to_string().contains("expected an object"));
    // Names are text in JSON; in another form of data they could be numbers.
    let numbered = MapDeserializer::<_, Error>::new([(1_u64, 2_u64)].into_iter());
    assert!(About::deserialize(numbered).unwrap_err().to_string().contains("expected a name"));
}
