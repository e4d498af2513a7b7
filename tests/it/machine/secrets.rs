//! Keys and passwords on their way into the store and into a prompt, as a person chose.

use super::*;
use shim::base::text::hash;
use shim::wire::secrets::{SecretNote, SecretsKept};

/// Put together here: no key of anybody's, and none that a scan of this repository would find.
fn key() -> String {
    format!("sk-ant-{}", "a8Xf5Q167f44F4964z".repeat(3))
}

fn bench(how: SecretsKept) -> Bench {
    let mut bench = Bench::new(&stored("one").1);
    bench.ask(&Ask::Change(Settings { secrets: how, ..Settings::default() }));
    bench.open(1, 7, Some("one"));
    bench
}

fn says(bench: &mut Bench, number: u64, text: &str) -> u64 {
    let turn = turn("t3", 2, Role::User, text);
    let told = codec::turn_hash(&turn);
    bench.say(1, ToBackground::Turns { session: session("one"), number, turns: vec![turn] });
    told
}

/// Everything that is stored, unpacked.
fn all(bench: &Bench) -> String {
    let records = StoreName::ALL.iter().flat_map(|store| bench.store.query(&Query::All(*store)));
    let text = |record: Stored| {
        let parts = (0..record.parts.len()).map(|part| codec::part(&record, part).unwrap());
        parts.chain([record.head.clone()]).collect::<String>()
    };
    records.map(text).collect()
}

fn saved(bench: &Bench) -> Vec<u64> {
    let of = |event| match event {
        SessionEvent::Saved { turns } => turns.get(&TurnKey("t3".into())).copied(),
        _ => None,
    };
    bench.told(1).into_iter().filter_map(of).collect()
}

#[test]
fn a_key_is_stored_as_the_person_chose_and_its_page_is_told_that_it_is_safe() {
    for (how, holds, hint) in [
        (SecretsKept::Kept, true, false),
        (SecretsKept::Masked, false, true),
        (SecretsKept::Dropped, false, false),
    ] {
        let mut bench = bench(how);
        let told = says(&mut bench, 1, &format!("Take {} for it.", key()));
        let all = all(&bench);
        assert_eq!((all.contains(&key()), all.contains("sk-a…")), (holds, hint), "{how:?}");
        assert_eq!(saved(&bench), [told], "{how:?}");
    }
}

#[test]
fn a_page_that_tells_it_again_is_answered_and_nothing_is_written_for_it() {
    let mut bench = bench(SecretsKept::Dropped);
    says(&mut bench, 1, &format!("Take {} for it.", key()));
    let mut bench = bench.restarted();
    bench.open(1, 7, Some("one"));
    let puts = |bench: &Bench| {
        let turns = |effect: &&BackEffect| match effect {
            BackEffect::Write { change, .. } => {
                change.puts.iter().any(|put| put.at.store == StoreName::Turns)
            }
            _ => false,
        };
        bench.effects.iter().filter(turns).count()
    };
    let told = says(&mut bench, 1, &format!("Take {} for it.", key()));
    assert_eq!((saved(&bench), puts(&bench)), (vec![told], 0));
    let told = says(&mut bench, 2, &format!("Take {} for this.", key()));
    assert_eq!((saved(&bench).last(), puts(&bench)), (Some(&told), 1));
}

#[test]
fn a_key_that_is_streamed_in_two_pieces_is_stored_in_none() {
    let mut bench = bench(SecretsKept::Dropped);
    let (session, key) = (session("one"), key());
    let text = format!("It is {key} and so on");
    let cut = 6 + key.len() / 2;
    let mut piece = |number, keep: usize, base, to: usize| {
        let hash = hash(&text[..to]);
        bench.say(
            1,
            ToBackground::Stream {
                session: session.clone(),
                number,
                key: TurnKey("t4".into()),
                position: 3,
                keep,
                base,
                hash,
                text: text[keep..to].into(),
            },
        );
        hash
    };
    let first = piece(1, 0, 0, cut);
    piece(2, cut, first, text.len());
    let stored = all(&bench);
    assert!(!stored.contains(&key[7..]) && !stored.contains(&key[..key.len() / 2]), "{stored}");
    assert!(stored.contains("It is [an Anthropic key was here] and so on"), "{stored}");
    let answers = bench.told(1).into_iter().filter_map(|event| match event {
        SessionEvent::StreamSaved { hash, .. } => Some(hash),
        _ => None,
    });
    assert_eq!(answers.collect::<Vec<_>>(), [first, hash(&text)]);
    // A new worker holds no text: it asks for the whole.
    let mut bench = bench.restarted();
    bench.open(1, 7, Some("one"));
    let (hash, base) = (hash("more"), hash(&text));
    let (key, number, position, keep) = (TurnKey("t4".into()), 1, 3, text.len());
    let (session, text) = (session.clone(), "more".to_owned());
    bench.say(1, ToBackground::Stream { session, number, key, position, keep, base, hash, text });
    assert!(
        bench.told(1).contains(&SessionEvent::StreamSaved { key: TurnKey("t4".into()), hash: 0 })
    );
}

#[test]
fn a_prompt_holds_only_the_key_that_a_person_let_pass() {
    let mut bench = bench(SecretsKept::Kept);
    says(&mut bench, 1, &format!("Take {} for it, and token = \"x8Q4mZ7pR2vK\".", key()));
    let session = session("one");
    let prompt = |bench: &mut Bench| {
        let ask = Ask::Prompt { session: session.clone(), checkpoint: None };
        match bench.ask(&ask).pop() {
            Some(Answer::Text(text)) => text,
            other => panic!("no prompt: {other:?}"),
        }
    };
    let text = prompt(&mut bench);
    assert!(!text.contains(&key()) && text.contains("[an Anthropic key was here]"), "{text}");
    let told = bench.ask(&Ask::Secrets { session: session.clone() }).pop();
    let Some(Answer::Secrets(notes)) = told else { panic!("no secrets: {told:?}") };
    let hints: Vec<&str> = notes.iter().map(|note| note.hint.as_str()).collect();
    assert_eq!(hints, ["an Anthropic key: sk-a…", "a secret"]);
    let SecretNote { id, position, allowed, .. } = &notes[0];
    assert_eq!((*position, *allowed), (2, false));
    let allowed = [id.parse().unwrap()].into();
    bench.ask(&Ask::Change(Settings { allowed, ..Settings::default() }));
    let text = prompt(&mut bench);
    assert!(text.contains(&key()) && !text.contains("x8Q4mZ7pR2vK"), "{text}");
}

#[test]
fn what_is_typed_holds_no_key_either() {
    let mut bench = bench(SecretsKept::Dropped);
    bench.send(1, &PortUp::Typed(format!("Take {} for all of it.", key())));
    let stored = all(&bench);
    assert!(!stored.contains(&key()) && stored.contains("key was here] for all of it"), "{stored}");
}
