//! The store, on databases of their own.

use crate::contract::{Case, Step, cases};
use serde_json::{Value, json};
use shim::base::{Class, SessionId};
use shim::shell::store::Store;
use shim::wire::records::{Part, Query, RecordKey, StoreName, Stored};
use wasm_bindgen::prelude::*;
use wasm_bindgen_test::wasm_bindgen_test;

#[wasm_bindgen(module = "/tests/web/raw.js")]
extern "C" {
    #[wasm_bindgen(catch)]
    async fn make(name: &str, version: u32, stores: &str) -> Result<JsValue, JsValue>;
    #[wasm_bindgen(catch)]
    async fn put(name: &str, store: &str, row: &str) -> Result<JsValue, JsValue>;
    #[wasm_bindgen(catch)]
    async fn contents(name: &str) -> Result<JsValue, JsValue>;
}

async fn raw(database: &str) -> Value {
    let text = contents(database).await.unwrap().as_string().unwrap();
    serde_json::from_str(&text).unwrap()
}

/// SHIM's own layout, with one store that differs.
async fn make_odd(database: &str, odd: StoreName, key_path: &str, unique: &str) {
    let stores = StoreName::ALL.map(|store| {
        let differs = store == odd;
        json!([
            store.as_str(),
            if differs { key_path } else { "key" },
            if differs { unique } else { "" }
        ])
    });
    make(database, 1, &json!(stores).to_string()).await.unwrap();
}

fn turn(key: &str, check: u32) -> Stored {
    Stored {
        at: RecordKey { store: StoreName::Turns, key: key.into() },
        session: SessionId("s".into()),
        version: 1,
        head: "{}".into(),
        parts: vec![Part(vec![0, 255])],
        check,
    }
}

async fn run(case: Case) {
    let database = format!("contract: {}", case.name);
    if let Some(broken) = case.broken {
        // No record has a key there, so the browser refuses every put.
        make_odd(&database, broken, "nowhere", "").await;
    }
    let mut store = Store::open_named(&database).await.unwrap();
    for (at, step) in case.steps.into_iter().enumerate() {
        let place = format!("{}, step {at}", case.name);
        match step {
            Step::Write { puts, deletes, strict } => {
                let written = store.write(&puts, &deletes, strict).await;
                assert_eq!(written, Ok(()), "{place}");
            }
            Step::Refused { puts, deletes } => {
                let problem = store.write(&puts, &deletes, true).await.unwrap_err();
                assert_eq!(problem.class, Class::Retry, "{place}: {}", problem.text);
            }
            Step::Read { query, found } => {
                assert_eq!(store.query(&query).await, Ok(found), "{place}");
            }
            Step::Reopen => store = Store::open_named(&database).await.unwrap(),
        }
    }
}

#[wasm_bindgen_test]
async fn the_contract_holds() {
    let cases = cases();
    assert!(cases.len() >= 12);
    for case in cases {
        run(case).await;
    }
}

#[wasm_bindgen_test]
async fn the_products_own_store_opens() {
    let store = Store::open().await.unwrap();
    store.write(&[turn("a", 1)], &[], true).await.unwrap();
    assert_eq!(raw("shim").await["version"], 1);
}

#[wasm_bindgen_test]
async fn two_that_are_open_at_once_see_each_other() {
    let one = Store::open_named("two").await.unwrap();
    let two = Store::open_named("two").await.unwrap();
    one.write(&[turn("a", 1)], &[], false).await.unwrap();
    two.write(&[turn("b", 1)], &[turn("a", 1).at], true).await.unwrap();
    let all = Query::All(StoreName::Turns);
    assert_eq!(one.query(&all).await, Ok(vec![turn("b", 1)]));
    assert_eq!(two.query(&all).await, Ok(vec![turn("b", 1)]));
}

#[wasm_bindgen_test]
async fn parts_lie_there_as_bytes() {
    let store = Store::open_named("parts").await.unwrap();
    store.write(&[turn("a", u32::MAX)], &[], false).await.unwrap();
    let found = raw("parts").await;
    assert_eq!(found["kinds"], json!(["Uint8Array"]));
    let row = json!({ "key": "a", "session": "s", "version": 1, "head": "{}", "check": u32::MAX });
    assert_eq!(found["rows"]["turns"], json!([row]));
}

#[wasm_bindgen_test]
async fn a_put_that_fails_late_takes_the_batch_back() {
    // A unique index is looked at when the put is carried out, after it was accepted.
    make_odd("late", StoreName::Turns, "key", "check").await;
    let store = Store::open_named("late").await.unwrap();
    let (a, b, c) = (turn("a", 1), turn("b", 2), turn("c", 1));
    store.write(&[a.clone(), b.clone()], &[], true).await.unwrap();
    let newer = Stored { head: "newer".into(), ..b.clone() };
    let problem = store.write(&[newer, turn("d", 4), c], &[], true).await.unwrap_err();
    assert_eq!(problem.class, Class::Retry);
    assert!(problem.text.contains("ConstraintError"), "{}", problem.text);
    assert_eq!(store.query(&Query::All(StoreName::Turns)).await, Ok(vec![a.clone(), b]));
    // The store is as good as before.
    store.write(&[turn("e", 5)], &[turn("b", 2).at], true).await.unwrap();
    assert_eq!(store.query(&Query::All(StoreName::Turns)).await, Ok(vec![a, turn("e", 5)]));
}

#[wasm_bindgen_test]
async fn a_row_of_another_form_is_left_out_and_stays() {
    let store = Store::open_named("foreign").await.unwrap();
    store.write(&[turn("b", 1)], &[], true).await.unwrap();
    let whole = json!({ "key": "a", "session": "s", "version": 1, "head": "{}", "check": 1 });
    let mut wrong_version = whole.clone();
    (wrong_version["key"], wrong_version["version"]) = (json!("c"), json!("one"));
    wrong_version["parts"] = json!([]);
    let mut wrong_parts = whole.clone();
    (wrong_parts["key"], wrong_parts["parts"]) = (json!("d"), json!([{ "0": 1 }]));
    let mut huge = wrong_version.clone();
    (huge["key"], huge["version"]) = (json!("e"), json!(70_000));
    let rows = [&whole, &wrong_version, &wrong_parts, &huge, &json!({ "key": 5, "session": "s" })];
    for row in rows {
        put("foreign", "turns", &row.to_string()).await.unwrap();
    }
    let before = raw("foreign").await;
    assert_eq!(before["rows"]["turns"].as_array().unwrap().len(), rows.len() + 1);

    let mine = Query::OfSession(vec![StoreName::Turns], SessionId("s".into()));
    for query in [Query::All(StoreName::Turns), mine] {
        assert_eq!(store.query(&query).await, Ok(vec![turn("b", 1)]));
    }
    let foreign = RecordKey { store: StoreName::Turns, key: "a".into() };
    assert_eq!(store.query(&Query::One(foreign)).await, Ok(Vec::new()));
    assert_eq!(raw("foreign").await, before);
}

#[wasm_bindgen_test]
async fn a_database_of_another_layout_is_refused_and_untouched() {
    let other = json!([["notes", "key", ""], ["turns", "key", ""]]).to_string();
    let ours = StoreName::ALL.map(|store| json!([store.as_str(), "key", ""]));
    // Stores are missing; then the version of a newer SHIM, which this one cannot read.
    let cases = [("other", 1, other, "another layout"), ("newer", 9, json!(ours).to_string(), "")];
    for (name, version, stores, why) in cases {
        make(name, version, &stores).await.unwrap();
        put(name, "turns", r#"{ "key": "a", "text": "not ours" }"#).await.unwrap();
        let before = raw(name).await;
        for _ in 0..2 {
            let Err(problem) = Store::open_named(name).await else {
                panic!("{name} was opened");
            };
            assert_eq!(problem.class, Class::Person);
            assert!(problem.text.contains("cannot be opened") && problem.text.contains(why));
        }
        assert_eq!(raw(name).await, before, "{name} was changed");
        assert_eq!(before["version"], version);
    }
}
