//! The whole store looked through: what is wrong is told of its chat, nothing is changed by that,
//! and a repair puts back what can be.

use super::damage::flipped;
use super::mending::{saved, session};
use super::*;
use shim::base::limits::{COPY_AFTER, LOOK_RECORDS, PACK_AFTER};
use shim::session::segments;
use shim::wire::records::ResumeHead;
use shim::wire::verify::{Checked, Fault, Flaw, Source, Wanted};

impl Bench {
    /// Asks on until it is done.
    pub(super) fn check(&mut self, repair: bool) -> Checked {
        for step in 0.. {
            match self.ask(&Ask::Verify(Wanted { run: 7, step, repair })) {
                Answer::Checked(checked) if checked.done => return *checked,
                Answer::Checked(checked) => assert!(!checked.again, "{checked:?}"),
                other => panic!("{other:?}"),
            }
            assert!(step < 1_000);
        }
        unreachable!()
    }

    fn verify(&mut self) -> Vec<(Flaw, u32, u32, Source)> {
        let before = self.store.clone();
        let told = self.check(false);
        assert_eq!(told.mended, []);
        assert!(self.store == before, "looking changes nothing");
        plain(&told.faults)
    }
}

fn plain(faults: &[Fault]) -> Vec<(Flaw, u32, u32, Source)> {
    let mut all: Vec<_> =
        faults.iter().map(|one| (one.flaw, one.count, one.back, one.from)).collect();
    all.sort_by_key(|one| one.0);
    all
}

fn of_store(bench: &Bench, store: StoreName) -> Vec<Stored> {
    bench.store.query(&Query::All(store))
}

/// The records of these stores are damaged, and a new worker starts.
fn spoilt(mut bench: Bench, stores: &[StoreName]) -> Bench {
    for store in stores {
        for record in of_store(&bench, *store) {
            bench.store.spoil(flipped(&record));
        }
    }
    bench
}

#[test]
fn a_whole_store_has_no_fault_and_every_record_is_counted() {
    let mut bench = saved();
    assert_eq!(bench.verify(), []);
    let told = bench.check(false);
    assert_eq!((told.records, told.chats, told.all_chats), (bench.stored() as u64, 1, 1));
    let bytes: u64 = bench.store.values().map(codec::packed_bytes).sum();
    assert_eq!(told.bytes, bytes);
    bench.wait(Span(2 * PACK_AFTER.0));
    assert!(of_store(&bench, StoreName::Turns).iter().any(|r| segments::is_segment(&r.at)));
    assert_eq!(bench.verify(), [], "segments are looked into");
    let mut nothing = Bench::new(Vec::new());
    assert_eq!((nothing.verify(), nothing.check(true).records), (vec![], 0));
}

#[test]
fn what_is_damaged_is_told_with_where_it_can_come_back_from_and_is_put_back_once() {
    let stores = [StoreName::Turns, StoreName::Checkpoints];
    let mut bench = spoilt(saved(), &stores);
    let before = bench.stored();
    let lost = [(Flaw::Damaged, 3, 3, Source::Copy), (Flaw::Lost, 2, 2, Source::Copy)];
    assert_eq!(bench.verify(), lost);
    let told = bench.check(true);
    assert_eq!(plain(&told.mended), lost);
    assert_eq!(plain(&told.faults), [(Flaw::Aside, 3, 0, Source::Nowhere)], "they are kept");
    assert_eq!(bench.stored(), before + 3);
    let store = bench.store.clone();
    let again = bench.check(true);
    assert_eq!((again.mended, plain(&again.faults)), (vec![], plain(&told.faults)));
    assert!(bench.store == store, "a second time nothing is done");
    let prompt = bench.ask(&Ask::Prompt { session: session(), checkpoint: None });
    assert!(matches!(prompt, Answer::Text(text) if text.contains("Build the bridge")));
}

#[test]
fn what_cannot_be_put_back_is_told_and_kept_as_it_lies() {
    let mut bench = spoilt(saved(), &[StoreName::Turns, StoreName::Checkpoints]);
    bench.store.keep(session(), Vec::new());
    let wanted = [(Flaw::Damaged, 3, 0, Source::Nowhere), (Flaw::Lost, 2, 0, Source::Nowhere)];
    assert_eq!(bench.verify(), wanted);
    let store = bench.store.clone();
    let told = bench.check(true);
    assert_eq!((told.mended.len(), plain(&told.faults)), (0, wanted.to_vec()));
    assert!(bench.store == store);
}

#[test]
fn a_damaged_segment_gives_back_what_its_copy_has() {
    let mut bench = saved();
    bench.wait(Span(2 * PACK_AFTER.0));
    let segments = |bench: &Bench| {
        let turns = of_store(bench, StoreName::Turns);
        turns.into_iter().filter(|record| segments::is_segment(&record.at)).collect::<Vec<_>>()
    };
    assert_eq!(segments(&bench).len(), 1);
    let mut bench = spoilt(bench, &[StoreName::Turns]);
    let lost = [(Flaw::Damaged, 2, 2, Source::Copy), (Flaw::Lost, 2, 2, Source::Copy)];
    assert_eq!(bench.verify(), lost);
    assert_eq!(plain(&bench.check(true).mended)[..1], [(Flaw::Lost, 2, 2, Source::Copy)]);
    assert_eq!(segments(&bench).len(), 1, "the segment is kept");
    // Its members stand by themselves now.
    let beside = [(Flaw::Damaged, 2, 2, Source::Beside)];
    assert_eq!(bench.verify(), beside);
    assert_eq!(plain(&bench.check(true).faults), beside);
}

#[test]
fn a_damaged_head_comes_from_what_is_known_of_the_chat() {
    let mut bench = spoilt(saved(), &[StoreName::Sessions]);
    assert_eq!(bench.verify(), [(Flaw::Head, 1, 1, Source::Copy)]);
    assert_eq!(plain(&bench.check(true).mended), [(Flaw::Head, 1, 1, Source::Copy)]);
    assert_eq!(bench.head(&session()).title, "The bridge");
    let kept = of_store(&bench, StoreName::Sessions);
    assert_eq!(kept.iter().filter(|record| codec::is_aside(&record.at)).count(), 1);
    // Without a copy it is made of the turns.
    let mut bench = saved();
    bench.store.keep(session(), Vec::new());
    let head = codec::session_key(&session());
    let change = Change { deletes: vec![head], ..Change::default() };
    bench.store.write(&change).unwrap();
    let mut bench = Bench::on(bench.store, NOW);
    assert_eq!(bench.count(StoreName::Sessions), 0);
    assert_eq!(bench.verify(), [(Flaw::Head, 1, 1, Source::Chat)]);
    let told = bench.check(true);
    assert!(plain(&told.mended).contains(&(Flaw::Head, 1, 1, Source::Chat)), "{told:?}");
    assert_eq!(bench.head(&session()).turn_count, 2);
    bench.wait(Span(2 * COPY_AFTER.0));
    assert_eq!(bench.verify(), []);
}

#[test]
fn a_copy_that_is_missing_or_damaged_is_made_anew() {
    for copy in [Vec::new(), saved().store.copy(&session()).iter().map(flipped).collect()] {
        let mut bench = saved();
        bench.store.keep(session(), copy);
        let fault = [(Flaw::Copy, 1, 1, Source::Chat)];
        assert_eq!(bench.verify(), fault);
        assert_eq!(plain(&bench.check(true).mended), fault);
        assert_eq!(bench.store.copy(&session()).len(), 4);
        assert_eq!(bench.verify(), []);
    }
}

#[test]
fn numbers_and_names_that_lead_nowhere_are_told() {
    let bench = saved();
    let mut head = bench.head(&session());
    (head.turn_count, head.last_checkpoint) = (1, 0);
    head.parent = Some("claude/a/never".into());
    let (mut store, from) = (bench.store, session());
    let resume = ResumeHead { id: "r".into(), from, checkpoint: 9, ..ResumeHead::default() };
    store.spoil(codec::session_record(&head));
    store.spoil(codec::resume_record(&resume, ""));
    let mut bench = Bench::on(store, NOW);
    let told = [
        (Flaw::Numbers, 1, 1, Source::Chat),
        (Flaw::Loose, 1, 0, Source::Nowhere),
        (Flaw::Loose, 1, 1, Source::Chat),
    ];
    assert_eq!(bench.verify(), told);
    bench.check(true);
    let head = bench.head(&session());
    assert_eq!((head.turn_count, head.last_checkpoint, head.parent), (2, 1, None));
    assert_eq!(bench.verify(), [(Flaw::Loose, 1, 0, Source::Nowhere)]);
}

#[test]
fn what_is_nobodys_and_what_is_newer_is_told_and_left() {
    let settings = flipped(&codec::settings_record(&Settings::default()));
    let mut bench = Bench::new(vec![settings.clone()]);
    assert_eq!(bench.verify(), [(Flaw::Settings, 1, 0, Source::Nowhere)]);
    bench.check(true);
    assert_eq!(bench.store.get(&settings.at), Some(&settings));
}

/// The records of a long store come a page at a time, and a page that is closed asks no more.
#[test]
fn it_goes_page_by_page_and_only_while_somebody_asks_on() {
    let (head, _) = crashed();
    let many = LOOK_RECORDS * 3;
    let turn = |n: u32| {
        let key = TurnKey(format!("t{n:04}"));
        codec::turn_record(&head.id, &Turn { key, position: n, ..Turn::default() })
    };
    let mut records: Vec<Stored> = (0..many).map(turn).collect();
    records.push(codec::session_record(&SessionHead { turn_count: many, ..head.clone() }));
    let mut bench = Bench::new(records);
    let mut counts = Vec::new();
    for step in 0..4 {
        let Answer::Checked(checked) =
            bench.ask(&Ask::Verify(Wanted { run: 1, step, repair: true }))
        else {
            panic!("no answer")
        };
        counts.push(checked.records);
    }
    let page = u64::from(LOOK_RECORDS);
    assert_eq!(counts, [1, 1 + page, 1 + 2 * page, 1 + 3 * page]);
    let store = bench.store.clone();
    bench.wait(Span::seconds(60));
    assert!(bench.store == store, "nobody asks on");
    // Another page's step, one twice, and one after the worker died, belong to no check.
    for (run, step) in [(2, 4), (1, 3)] {
        let answer = bench.ask(&Ask::Verify(Wanted { run, step, repair: true }));
        assert!(matches!(answer, Answer::Checked(checked) if checked.again));
    }
    let mut bench = bench.again();
    let answer = bench.ask(&Ask::Verify(Wanted { run: 1, step: 4, repair: true }));
    assert!(matches!(answer, Answer::Checked(checked) if checked.again));
    bench.blind = true;
    let answer = bench.ask(&Ask::Verify(Wanted { run: 1, step: 0, repair: false }));
    assert!(matches!(answer, Answer::Problem(_)), "what cannot be read is told");
}
