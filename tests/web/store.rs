//! The store, on databases of their own.

use crate::contract::{Case, Step, cases};
use serde_json::{Value, json};
use shim::base::{Class, Problem, SessionId};
use shim::session::codec;
use shim::shell::store::Store;
use shim::view::texts;
use shim::wire::records::{
    Aside, Change, Part, Query, RecordKey, SessionHead, StoreName, Stored, TurnHead,
};
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

/// The layout of today.
const LAYOUT: u32 = 3;

async fn raw(database: &str) -> Value {
    let text = contents(database).await.unwrap().as_string().unwrap();
    serde_json::from_str(&text).unwrap()
}

/// SHIM's own layout; in one store no two records may have the same of `unique`.
async fn make_odd(database: &str, odd: StoreName, unique: &str) {
    let unique = |store| if store == odd { unique } else { "" };
    let stores = StoreName::ALL.map(|store| json!([store.as_str(), "key", unique(store)]));
    make(database, LAYOUT, &json!(stores).to_string()).await.unwrap();
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

async fn write(store: &Store, puts: &[Stored], deletes: &[RecordKey]) -> Result<(), Problem> {
    let (puts, deletes) = (puts.to_vec(), deletes.to_vec());
    store.write(&Change { puts, deletes, ..Change::default() }, true).await
}

async fn run(case: Case) {
    let database = format!("contract: {}", case.name);
    if let Some(broken) = case.broken {
        // Something is in the way of every put: all records are of one version.
        make_odd(&database, broken, "version").await;
        let in_the_way = json!({ "key": "\0", "session": "nobody", "version": 1 }).to_string();
        put(&database, broken.as_str(), &in_the_way).await.unwrap();
    }
    let mut store = Store::open_named(&database).await.unwrap();
    for (at, step) in case.steps.into_iter().enumerate() {
        let place = format!("{}, step {at}", case.name);
        match step {
            Step::Write { change, strict } => {
                let written = store.write(&change, strict).await;
                assert_eq!(written, Ok(()), "{place}");
            }
            Step::Refused { change } => {
                let problem = store.write(&change, true).await.unwrap_err();
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
    write(&store, &[turn("a", 1)], &[]).await.unwrap();
    assert_eq!(raw("shim").await["version"], LAYOUT);
}

#[wasm_bindgen_test]
async fn two_that_are_open_at_once_see_each_other() {
    let one = Store::open_named("two").await.unwrap();
    let two = Store::open_named("two").await.unwrap();
    write(&one, &[turn("a", 1)], &[]).await.unwrap();
    write(&two, &[turn("b", 1)], &[turn("a", 1).at]).await.unwrap();
    let all = Query::All(StoreName::Turns);
    assert_eq!(one.query(&all).await, Ok(vec![turn("b", 1)]));
    assert_eq!(two.query(&all).await, Ok(vec![turn("b", 1)]));
}

#[wasm_bindgen_test]
async fn parts_lie_there_as_bytes() {
    let store = Store::open_named("parts").await.unwrap();
    write(&store, &[turn("a", u32::MAX)], &[]).await.unwrap();
    let found = raw("parts").await;
    assert_eq!(found["kinds"], json!(["Uint8Array"]));
    let row = json!({ "key": "a", "session": "s", "version": 1, "head": "{}", "check": u32::MAX });
    assert_eq!(found["rows"]["turns"], json!([row]));
}

#[wasm_bindgen_test]
async fn a_put_that_fails_late_takes_the_batch_back() {
    // A unique index is looked at when the put is carried out, after it was accepted.
    make_odd("late", StoreName::Turns, "check").await;
    let store = Store::open_named("late").await.unwrap();
    let (a, b, c) = (turn("a", 1), turn("b", 2), turn("c", 1));
    write(&store, &[a.clone(), b.clone()], &[]).await.unwrap();
    let newer = Stored { head: "newer".into(), ..b.clone() };
    let problem = write(&store, &[newer, turn("d", 4), c], &[]).await.unwrap_err();
    assert_eq!(problem.class, Class::Retry);
    assert!(problem.text.contains("ConstraintError"), "{}", problem.text);
    assert_eq!(store.query(&Query::All(StoreName::Turns)).await, Ok(vec![a.clone(), b]));
    // The store is as good as before.
    write(&store, &[turn("e", 5)], &[turn("b", 2).at]).await.unwrap();
    assert_eq!(store.query(&Query::All(StoreName::Turns)).await, Ok(vec![a, turn("e", 5)]));
}

/// Rows that have a key and a session, and are no records otherwise.
fn foreign_rows() -> Vec<Value> {
    let whole = json!({ "key": "a", "session": "s", "version": 1, "head": "{}", "check": 1 });
    let mut wrong_version = whole.clone();
    (wrong_version["key"], wrong_version["version"]) = (json!("c"), json!("one"));
    wrong_version["parts"] = json!([]);
    let mut wrong_parts = whole.clone();
    (wrong_parts["key"], wrong_parts["parts"]) = (json!("d"), json!([{ "0": 1 }]));
    let mut huge = wrong_version.clone();
    (huge["key"], huge["version"]) = (json!("e"), json!(70_000));
    vec![whole, wrong_version, wrong_parts, huge, json!({ "key": 5, "session": "s" })]
}

#[wasm_bindgen_test]
async fn a_row_of_another_form_never_opens_and_stays() {
    let store = Store::open_named("foreign").await.unwrap();
    write(&store, &[turn("b", 1)], &[]).await.unwrap();
    let rows = foreign_rows();
    for row in &rows {
        put("foreign", "turns", &row.to_string()).await.unwrap();
    }
    let before = raw("foreign").await;
    assert_eq!(before["rows"]["turns"].as_array().unwrap().len(), rows.len() + 1);

    let mine = Query::OfSession(vec![StoreName::Turns], SessionId("s".into()));
    let page = Query::Page { store: StoreName::Turns, after: Some("a".into()), count: 9 };
    let cases = [
        (Query::All(StoreName::Turns), vec!["", "a", "b", "c", "d", "e"]),
        (mine, vec!["", "a", "b", "c", "d", "e"]),
        (page, vec!["b", "c", "d", "e"]),
        (Query::One(turn("a", 1).at), vec!["a"]),
    ];
    for (query, keys) in cases {
        let found = store.query(&query).await.unwrap();
        assert_eq!(found.iter().map(|r| r.at.key.as_str()).collect::<Vec<_>>(), keys);
        let formless = found.iter().filter(|record| record.at.key != "b");
        for record in formless {
            assert!(codec::open::<TurnHead>(record).is_err() && !codec::is_newer(record));
            assert_eq!(record.session.as_str(), "s");
        }
    }
    assert_eq!(raw("foreign").await, before);
}

#[wasm_bindgen_test]
async fn a_row_of_another_form_is_set_aside_and_deleted_like_a_record() {
    let store = Store::open_named("aside").await.unwrap();
    for row in foreign_rows() {
        put("aside", "turns", &row.to_string()).await.unwrap();
    }
    let aside = Aside { at: turn("d", 1).at, to: "aside/1/d".into() };
    let change = Change { asides: vec![aside], puts: vec![turn("d", 1)], ..Change::default() };
    store.write(&change, true).await.unwrap();
    let found = raw("aside").await;
    let rows = found["rows"]["turns"].as_array().unwrap();
    let row = |key: &str| rows.iter().find(|row| row["key"] == key).unwrap();
    let mut moved = row("aside/1/d").clone();
    moved["key"] = json!("d");
    let mut before = foreign_rows().remove(2);
    before.as_object_mut().unwrap().remove("parts");
    assert_eq!(moved, before, "all else is as it was");
    assert_eq!(row("d")["check"], 1);
    assert_eq!(found["kinds"], json!(["Object", "Uint8Array"]), "so are its parts");

    let erased = Some(SessionId("s".into()));
    store.write(&Change { erased, ..Change::default() }, true).await.unwrap();
    assert_eq!(raw("aside").await["rows"]["turns"], json!([]));
}

#[wasm_bindgen_test]
async fn a_database_of_another_layout_is_refused_and_untouched() {
    let named = |key_path: &str| StoreName::ALL.map(|s| json!([s.as_str(), key_path, ""]));
    let others = json!([["notes", "key", ""], ["turns", "key", ""]]);
    let cases = [
        ("other", 1, others.clone(), texts::STORE_FOREIGN),
        ("later", 9, others, texts::STORE_FOREIGN),
        ("alike", 1, json!(named("id")), texts::STORE_FOREIGN),
        ("alike now", LAYOUT, json!(named("id")), texts::STORE_FOREIGN),
        ("a store less", LAYOUT, json!(named("key")[1..]), texts::STORE_FOREIGN),
        ("empty", 1, json!([]), texts::STORE_FOREIGN),
        ("newer", 9, json!(named("key")), texts::STORE_NEWER),
    ];
    for (name, version, stores, why) in cases {
        make(name, version, &stores.to_string()).await.unwrap();
        if stores != json!([]) {
            put(name, "turns", r#"{ "key": "a", "id": "a", "text": "not ours" }"#).await.unwrap();
        }
        let before = raw(name).await;
        for _ in 0..2 {
            let Err(problem) = Store::open_named(name).await else {
                panic!("{name} was opened");
            };
            assert_eq!((problem.class, problem.text.as_str()), (Class::Person, why), "{name}");
        }
        assert_eq!(raw(name).await, before, "{name} was changed");
        assert_eq!(before["version"], version);
    }
}

#[wasm_bindgen_test]
async fn a_database_of_an_earlier_layout_keeps_its_records_and_gets_what_it_lacks() {
    for (layout, stores) in [(1, 6), (2, 7)] {
        let name = format!("layout {layout}");
        let all = StoreName::ALL.map(|store| json!([store.as_str(), "key", ""]));
        make(&name, layout, &json!(all[..stores]).to_string()).await.unwrap();
        let row = json!({ "key": "a", "session": "s", "version": 1, "head": "{}", "check": 7 });
        put(&name, "turns", &row.to_string()).await.unwrap();
        let before = raw(&name).await["rows"]["turns"].clone();
        let store = Store::open_named(&name).await.unwrap();
        for lacked in &StoreName::ALL[stores..] {
            let at = RecordKey { store: *lacked, key: "s#0000000001".into() };
            write(&store, &[Stored { at: at.clone(), ..turn("", 1) }], &[]).await.unwrap();
            assert_eq!(store.query(&Query::One(at)).await.unwrap().len(), 1);
        }
        drop(store);
        let after = raw(&name).await;
        assert_eq!((&after["version"], &after["rows"]["turns"]), (&json!(LAYOUT), &before));
        assert!(Store::open_named(&name).await.is_ok(), "and is SHIM's as before");
    }
}

/// As the background has it: a damaged head, and a new one that is written over it.
#[wasm_bindgen_test]
async fn what_is_set_aside_opens_no_more_and_is_whole_otherwise() {
    let store = Store::open_named("whole").await.unwrap();
    let head = SessionHead { id: "claude/a/1".into(), ..SessionHead::default() };
    let mut broken = codec::session_record(&head);
    broken.head.push(' ');
    write(&store, std::slice::from_ref(&broken), &[]).await.unwrap();
    let whole = codec::session_record(&head);
    let aside = Aside { at: broken.at.clone(), to: "aside/1/claude/a/1".into() };
    let change = Change { asides: vec![aside], puts: vec![whole.clone()], ..Change::default() };
    for _ in 0..2 {
        store.write(&change, true).await.unwrap();
        let found = store.query(&Query::All(StoreName::Sessions)).await.unwrap();
        let at = RecordKey { key: "aside/1/claude/a/1".into(), ..broken.at.clone() };
        assert_eq!(found, [Stored { at, ..broken.clone() }, whole.clone()]);
    }
}
