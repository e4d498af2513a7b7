//! Tables that are data: what is refused and with which words, and what comes of the rest.

use serde_json::{Value, json};
use shim::base::Class;
use shim::sites::{self, Scope, Site};
use shim::wire::rows::SiteRows;

fn rows(value: Value) -> SiteRows {
    serde_json::from_value(value).unwrap()
}

fn turn() -> Value {
    json!({ "slot": "turn", "css": ["[data-turn]"], "expect": "many", "scope": "page" })
}

#[test]
fn rows_become_a_table_with_their_selectors_and_quirks() {
    let site = Site::of_rows(&rows(json!({
        "name": "my-chat",
        "keyless": true,
        "rows": [turn(), { "slot": "key", "css": ["[id]", "[data-id]"], "attr": "id" }],
    })))
    .unwrap();
    assert_eq!(site.name, "my-chat");
    assert!(site.faults().is_empty());
    let plan = site.plan();
    assert_eq!(plan.slots["turn"].css, ["[data-turn]"]);
    assert!(plan.slots["turn"].turns && plan.slots["turn"].many);
    assert!(plan.attrs.iter().any(|name| name == "data-id"));
    let quirks = site.quirks(site.generations[0].name);
    assert!(quirks.keyless && !quirks.stepwise && !quirks.exchange);
    assert!(sites::ALL.iter().all(|known| known.name != site.name));
}

#[test]
fn the_same_rows_are_the_same_table() {
    let rows = rows(json!({ "name": "again", "rows": [turn()] }));
    let (one, two) = (Site::of_rows(&rows).unwrap(), Site::of_rows(&rows).unwrap());
    assert!(std::ptr::eq(one, two));
}

#[test]
fn rows_that_cannot_be_a_table_are_refused_with_what_to_do() {
    let row = |row: Value| json!({ "name": "a", "rows": [turn(), row] });
    let many = |count: usize| vec![json!({ "slot": "user", "css": [".a"] }); count];
    let cases = [
        (json!({}), "name"),
        (json!({ "name": "a b", "rows": [turn()] }), "name"),
        (json!({ "name": "a" }), "add a row \"turn\""),
        (json!({ "name": "a", "rows": [turn(), turn()] }), "two rows for \"turn\""),
        (json!({ "name": "a", "rows": many(65) }), "leave out all but 64"),
        (row(json!({ "slot": "sender", "css": [".a"] })), "nothing has this name"),
        (row(json!({ "slot": "user" })), "give it 1 to 16 selectors"),
        (row(json!({ "slot": "user", "css": vec![".a"; 17] })), "give it 1 to 16 selectors"),
        (row(json!({ "slot": "user", "css": ["a:has(b)"] })), "correct its selector"),
        (row(json!({ "slot": "user", "css": [""] })), "correct its selector"),
        (row(json!({ "slot": "user", "css": ["\u{0}"] })), "correct its selector"),
        (row(json!({ "slot": "user", "css": ["a".repeat(801)] })), "longer than 800"),
        (row(json!({ "slot": "user", "css": ["a"], "scope": "page" })), "looked for in a turn"),
        (row(json!({ "slot": "send", "css": ["a"] })), "looked for in a page"),
        (row(json!({ "slot": "key", "css": ["a"], "attr": "on click" })), "attribute"),
    ];
    for (value, why) in cases {
        let problem = Site::of_rows(&rows(value.clone())).unwrap_err();
        assert!(problem.text.contains(why), "{value}: {problem}");
        assert_eq!(problem.class, Class::Person);
    }
}

#[test]
fn every_slot_of_the_built_in_tables_has_one_place_to_be_looked_for() {
    for site in sites::ALL {
        for row in site.rows {
            let page = sites::PAGE_SLOTS.contains(&row.slot);
            let turn = sites::TURN_SLOTS.contains(&row.slot);
            assert!(page != turn, "{} {}", site.name, row.slot);
            assert_eq!(page, row.scope == Scope::Page, "{} {}", site.name, row.slot);
        }
    }
}
