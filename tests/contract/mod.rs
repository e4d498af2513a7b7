//! What every store must do, as one list: `IndexedDB` runs it in the browser, the simulator's store
//! natively. So the simulator's findings hold for the real one.

mod changes;

use shim::base::SessionId;
use shim::wire::records::{Change, Part, Query, RecordKey, StoreName, Stored};

/// One case, on an empty store.
pub struct Case {
    /// What it is about; also good as a database's name.
    pub name: &'static str,
    /// Every put into this store fails.
    pub broken: Option<StoreName>,
    /// In their order.
    pub steps: Vec<Step>,
}

/// One step of a case.
pub enum Step {
    /// A batch that must be committed.
    Write { change: Change, strict: bool },
    /// A batch that must fail.
    Refused { change: Change },
    /// A query with exactly this answer.
    Read { query: Query, found: Vec<Stored> },
    /// The store is let go and opened again.
    Reopen,
}

/// All of them.
pub fn cases() -> Vec<Case> {
    let mut cases = one_record();
    cases.extend(batches());
    cases.extend(queries());
    cases.extend(changes::cases());
    cases
}

fn case(name: &'static str, steps: Vec<Step>) -> Case {
    Case { name, broken: None, steps }
}

fn one_record() -> Vec<Case> {
    let mut bytes = record(StoreName::Turns, "bytes", "s");
    bytes.parts = vec![
        Part((0..=255).collect()),
        Part(Vec::new()),
        Part((0..100_000_u32).map(|n| n.wrapping_mul(2_654_435_761).to_le_bytes()[3]).collect()),
    ];
    bytes.check = u32::MAX;
    bytes.version = u16::MAX;
    let mut odd = record(StoreName::Turns, "a\0b\n\"'\\ \u{202e} ü 𝕊", "ß\0/\u{ffff}");
    odd.head = "{\"text\":\"\\u0000 🙂\u{2028}\"}\0".into();
    let mut replaced = record(StoreName::Turns, "k", "one");
    replaced.parts = vec![Part(vec![1]), Part(vec![2])];
    let mut by = record(StoreName::Turns, "k", "two");
    (by.head, by.parts) = ("{}".into(), Vec::new());
    vec![
        case("every byte survives", vec![relaxed(&[&bytes]), all(&[&bytes])]),
        case(
            "odd characters survive",
            vec![
                strict(&[&odd]),
                all(&[&odd]),
                one(&odd),
                of("ß\0/\u{ffff}", &[StoreName::Turns], &[&odd]),
            ],
        ),
        case(
            "a replaced record is replaced whole",
            vec![
                strict(&[&replaced]),
                strict(&[&by]),
                all(&[&by]),
                of("one", &[StoreName::Turns], &[]),
                of("two", &[StoreName::Turns], &[&by]),
            ],
        ),
        case(
            "a reopened store holds it all",
            vec![
                strict(&[&replaced]),
                relaxed(&[&bytes]),
                Step::Reopen,
                all(&[&bytes, &replaced]),
                relaxed(&[&by]),
                Step::Reopen,
                all(&[&bytes, &by]),
            ],
        ),
    ]
}

fn batches() -> Vec<Case> {
    let [a, b, c, d] = ["a", "b", "c", "d"].map(|key| record(StoreName::Turns, key, "s"));
    let mut newer = b.clone();
    newer.head = "newer".into();
    let checkpoint = record(StoreName::Checkpoints, "a", "s");
    let stream = record(StoreName::Streams, "a", "s");
    let of_all = |found: &[&Stored]| {
        of("s", &[StoreName::Turns, StoreName::Streams, StoreName::Checkpoints], found)
    };
    let batch = |puts: &[&Stored], deletes: &[&Stored]| Step::Write {
        change: change(puts, deletes),
        strict: true,
    };
    let refused = Step::Refused { change: change(&[&d, &newer, &stream, &checkpoint], &[&a]) };
    let last = Step::Refused { change: change(&[&checkpoint], &[]) };
    vec![
        case(
            "a batch puts, replaces and deletes",
            vec![
                batch(&[&a, &b, &c, &stream], &[]),
                batch(&[&d, &newer, &checkpoint], &[&a, &stream]),
                of_all(&[&newer, &c, &d, &checkpoint]),
            ],
        ),
        case(
            "a batch deletes first and the last put counts",
            vec![
                batch(&[&a, &b], &[]),
                batch(&[&a, &b, &newer], &[&a, &b, &b]),
                all(&[&a, &newer]),
            ],
        ),
        case(
            "nothing is no problem",
            vec![batch(&[], &[]), batch(&[], &[&a]), batch(&[&b], &[&a, &c]), all(&[&b])],
        ),
        Case {
            name: "of a batch that fails nothing stays",
            broken: Some(StoreName::Checkpoints),
            steps: vec![
                batch(&[&a, &b], &[]),
                refused,
                of_all(&[&a, &b]),
                last,
                batch(&[&c, &stream], &[&a]),
                of_all(&[&b, &c, &stream]),
            ],
        },
    ]
}

fn queries() -> Vec<Case> {
    vec![order(), own_records(), by_key(), a_thousand()]
}

fn order() -> Case {
    // The last two differ in order between UTF-8 and UTF-16.
    let keys = ["", "\0", "10", "2", "A", "a", "a/1", "a/10", "a/2", "é", "\u{10000}", "\u{ff5e}"];
    let sorted = keys.map(|key| record(StoreName::Sessions, key, "s"));
    let sorted: Vec<&Stored> = sorted.iter().collect();
    let mut mixed = sorted.clone();
    mixed.rotate_left(5);
    mixed.swap(1, 8);
    case(
        "answers come in the order of the keys",
        vec![
            relaxed(&mixed),
            Step::Read { query: Query::All(StoreName::Sessions), found: copy(&sorted) },
            of("s", &[StoreName::Sessions], &sorted),
        ],
    )
}

/// Four records of one session, then five that only resemble them.
fn kin() -> [Stored; 9] {
    [
        record(StoreName::Turns, "m/1", "mine"),
        record(StoreName::Turns, "m/2", "mine"),
        record(StoreName::Checkpoints, "a", "mine"),
        record(StoreName::Streams, "z", "mine"),
        record(StoreName::Turns, "m/11", "other"),
        record(StoreName::Turns, "x", "mine2"),
        record(StoreName::Turns, "y", "min"),
        record(StoreName::Turns, "z", ""),
        record(StoreName::Resumes, "a", "mine"),
    ]
}

fn own_records() -> Case {
    let kin = kin();
    let everything: Vec<&Stored> = kin.iter().collect();
    let [m1, m2, checkpoint, stream, _, _, _, nobodys, _] = &kin;
    case(
        "a session has its own records",
        vec![
            relaxed(&everything),
            of("mine", &[StoreName::Turns], &[m1, m2]),
            of(
                "mine",
                &[StoreName::Streams, StoreName::Turns, StoreName::Checkpoints],
                &[stream, m1, m2, checkpoint],
            ),
            of("mine", &[], &[]),
            of("", &[StoreName::Turns], &[nobodys]),
            of("nobody", &[StoreName::Turns], &[]),
        ],
    )
}

fn by_key() -> Case {
    let kin = kin();
    let everything: Vec<&Stored> = kin.iter().collect();
    let [_, _, checkpoint, .., resume] = &kin;
    let absent = |store, key: &str| Step::Read {
        query: Query::One(RecordKey { store, key: key.into() }),
        found: Vec::new(),
    };
    case(
        "one is found by store and key",
        vec![
            relaxed(&everything),
            one(checkpoint),
            one(resume),
            absent(StoreName::Settings, "a"),
            absent(StoreName::Turns, "m/"),
        ],
    )
}

fn a_thousand() -> Case {
    let many: Vec<Stored> = (0..1_000)
        .map(|n| record(StoreName::Turns, &format!("{n:04}"), ["even", "odd"][n % 2]))
        .collect();
    let many: Vec<&Stored> = many.iter().collect();
    let odd: Vec<&Stored> = many.iter().skip(1).step_by(2).copied().collect();
    let steps = vec![strict(&many), all(&many), of("odd", &[StoreName::Turns], &odd)];
    case("a thousand records", steps)
}

fn record(store: StoreName, key: &str, session: &str) -> Stored {
    Stored {
        at: RecordKey { store, key: key.into() },
        session: SessionId(session.into()),
        version: 1,
        head: format!("{{\"of\":{key:?}}}"),
        parts: vec![Part(key.as_bytes().to_vec())],
        check: 7,
    }
}

fn copy(records: &[&Stored]) -> Vec<Stored> {
    records.iter().map(|record| (*record).clone()).collect()
}

fn change(puts: &[&Stored], deletes: &[&Stored]) -> Change {
    let deletes = deletes.iter().map(|one| one.at.clone()).collect();
    Change { puts: copy(puts), deletes, ..Change::default() }
}

fn strict(puts: &[&Stored]) -> Step {
    Step::Write { change: change(puts, &[]), strict: true }
}

fn relaxed(puts: &[&Stored]) -> Step {
    Step::Write { change: change(puts, &[]), strict: false }
}

fn all(found: &[&Stored]) -> Step {
    Step::Read { query: Query::All(StoreName::Turns), found: copy(found) }
}

fn of(session: &str, stores: &[StoreName], found: &[&Stored]) -> Step {
    let query = Query::OfSession(stores.to_vec(), SessionId(session.into()));
    Step::Read { query, found: copy(found) }
}

fn one(found: &Stored) -> Step {
    Step::Read { query: Query::One(found.at.clone()), found: vec![found.clone()] }
}
