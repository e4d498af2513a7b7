//! The record form of a history of signals, and what age does to it.

use shim::base::chance::Chance;
use shim::base::{Moment, SessionId, Span, limits};
use shim::session::{codec, history};
use shim::wire::history::{Snapshot, Wanted};
use shim::wire::records::Stored;
use shim::wire::signals::{Risk, RiskLevel, Signals};

const NOW: Moment = Moment(1_790_000_000_000);
const LEVELS: [RiskLevel; 3] = [RiskLevel::Safe, RiskLevel::Warning, RiskLevel::Danger];

fn session() -> SessionId {
    SessionId::from("claude/a/one")
}

fn ago(span: Span) -> Moment {
    Moment(NOW.0 - span.0)
}

/// A chat that grows as chats do: so many snapshots about ten seconds apart.
fn chat(count: u32, from: Moment) -> Vec<Snapshot> {
    let mut chance = Chance::new(7);
    let (mut at, mut signals) = (from, Signals::default());
    (1..=count)
        .map(|number| {
            at = at.after(Span(10_000 + chance.below(3_000)));
            signals.estimated_total_tokens += chance.below(900);
            signals.message_count += u32::from(chance.percent(30));
            signals.tool_call_count += u32::from(chance.percent(40));
            signals.tool_calls_since_checkpoint = signals.tool_call_count % 7;
            signals.response_latency_avg_ms = 900.0 + f64::from(signals.message_count);
            let share = signals.estimated_total_tokens as f64 / 400_000.0;
            signals.context_window_usage = share;
            let level = LEVELS[((share * 3.0) as usize).min(2)];
            history::snapshot(
                number,
                at,
                &signals,
                &Risk { level, score: share, ..Risk::default() },
            )
        })
        .collect()
}

fn opened(records: &[Stored]) -> Vec<Snapshot> {
    records.iter().flat_map(|record| history::open_segment(record).unwrap()).collect()
}

#[test]
fn a_thousand_snapshots_take_a_tenth_of_one_json_record_each() {
    let all = chat(1_000, NOW);
    let records = history::segments(&session(), &all);
    assert_eq!(opened(&records), all, "case 26: in order, and each as it was");
    let text = |one: &Snapshot| serde_json::to_string(one).unwrap().len();
    let json: usize = all.iter().map(text).sum();
    let packed: usize = records
        .iter()
        .map(|r| codec::packed_bytes(r) as usize + r.head.len() + r.at.key.len())
        .sum();
    println!("{packed} bytes in {} records, {json} bytes of JSON", records.len());
    assert!(packed * 10 <= json, "{packed} of {json}");
}

#[test]
fn every_number_that_a_snapshot_can_hold_comes_back() {
    let mut chance = Chance::new(3);
    let mut small = |most: u64| {
        let ends = [0, 1, most];
        if chance.percent(40) { ends[chance.below(3) as usize] } else { chance.below(most) }
    };
    for _ in 0..200 {
        let all: Vec<Snapshot> = (1..=small(20) as u32)
            .map(|number| {
                let mut u = || small(u32::MAX.into()) as u32;
                let (context_permille, messages, count) = (u(), u(), u());
                Snapshot {
                    number,
                    count,
                    context_permille,
                    messages,
                    score_permille: u(),
                    lowest_permille: u(),
                    highest_permille: u(),
                    at: Moment(small(u64::MAX)),
                    since: Moment(small(u64::MAX)),
                    tokens: small(u64::MAX),
                    level: LEVELS[small(2) as usize],
                    worst: LEVELS[small(2) as usize],
                    ..Snapshot::default()
                }
            })
            .collect();
        assert_eq!(history::open_segment(&history::segment(&session(), &all)), Ok(all));
    }
}

#[test]
fn columns_of_another_form_do_not_open() {
    let all = chat(5, NOW);
    let good = history::segment(&session(), &all);
    let head: shim::wire::history::SegmentHead = codec::open(&good).unwrap();
    let text = codec::part(&good, 0).unwrap();
    let with = |text: &str, count: u32| {
        let head = shim::wire::history::SegmentHead { count, ..head.clone() };
        let at = good.at.clone();
        history::open_segment(&codec::seal(at.store, at.key, &session(), &head, &[text]))
    };
    assert_eq!(with(&text, 5), Ok(all));
    let short = text.lines().take(16).collect::<Vec<_>>().join("\n");
    let long = format!("{text}0 0 0 0 0\n");
    for (text, count) in [
        (text.as_str(), 4),
        (&text, 6),
        (&text, u32::MAX),
        (&short, 5),
        (&long, 5),
        ("", 5),
        (&text.replace('0', "x"), 5),
        (&text.replace(' ', " 99999999999999999999 "), 5),
        (&text.replace(' ', " 9223372036854775807 "), 5),
    ] {
        assert!(with(text, count).is_err(), "{count} of {text:?}");
    }
}

#[test]
fn snapshots_are_found_by_time_by_risk_and_the_latest_first_cut() {
    let all = chat(600, NOW);
    let (stored, recent) = (history::segments(&session(), &all[..590]), &all[580..]);
    let find = |wanted: Wanted| history::find(&stored, recent, &wanted).snapshots;
    assert_eq!(find(Wanted::default()), all, "what is stored and in memory is told once");
    let (from, to) = (Some(all[99].at), Some(all[299].at));
    assert_eq!(find(Wanted { from, to, ..Wanted::default() }), all[99..=299], "both ends belong");
    let after = Some(all[99].at.after(Span(1)));
    assert_eq!(find(Wanted { from: after, to, ..Wanted::default() }), all[100..=299]);
    for level in LEVELS {
        let of_level: Vec<_> = all.iter().filter(|one| one.level == level).cloned().collect();
        assert!(!of_level.is_empty());
        assert_eq!(find(Wanted { level: Some(level), ..Wanted::default() }), of_level);
    }
    for newest in [1, 5, 300, 1_000] {
        let last = &all[all.len().saturating_sub(newest)..];
        let newest = u32::try_from(newest).ok();
        assert_eq!(find(Wanted { newest, ..Wanted::default() }), last);
    }
    assert!(find(Wanted { newest: Some(0), ..Wanted::default() }).is_empty());
}

#[test]
fn the_reference_keeps_fifteen_days_and_drops_thirty_five() {
    let at = |days: u64| Snapshot {
        number: 40 - days as u32,
        at: ago(Span::hours(24 * days)),
        ..Snapshot::default()
    };
    let kept = history::aged(vec![at(35), at(31), at(30), at(15), at(0)], NOW);
    let numbers: Vec<u32> = kept.iter().map(|one| one.number).collect();
    assert_eq!(numbers, [10, 25, 40], "case 24");
}

#[test]
fn old_history_keeps_the_lowest_the_highest_and_the_last_of_a_quarter_of_an_hour() {
    // Two hours, two days ago; the last day is as it was.
    let mut all = chat(650, ago(Span::hours(48)));
    let fresh = chat(700, ago(Span::hours(3))).split_off(650);
    all.extend(fresh.clone());
    let kept = history::aged(all.clone(), NOW);
    assert_eq!(kept[kept.len() - 50..], fresh);
    let old = &kept[..kept.len() - 50];
    assert!((8..=10).contains(&old.len()), "{} quarters", old.len());
    assert_eq!(old.iter().map(|one| one.count).sum::<u32>(), 650);
    for one in old {
        let quarter = |at: Moment| at.0 / Span::minutes(15).0;
        let mine: Vec<_> =
            all.iter().filter(|other| quarter(other.at) == quarter(one.at)).collect();
        let scores = || mine.iter().map(|other| other.score_permille);
        assert_eq!(Some(one.lowest_permille), scores().min());
        assert_eq!(Some(one.highest_permille), scores().max());
        let last = mine.last().unwrap();
        assert_eq!((one.number, one.at, one.tokens), (last.number, last.at, last.tokens));
        assert_eq!((one.level, one.since), (last.level, mine[0].at));
        assert_eq!(Some(one.worst), mine.iter().map(|other| other.level).max());
    }
    assert_eq!(history::aged(kept.clone(), NOW), kept, "aged once is aged");
    let due = history::next_due(&kept, NOW);
    assert_eq!(due, Some(fresh[0].at.after(limits::HISTORY_FINE)));
}

#[test]
fn of_too_many_snapshots_the_newest_stay() {
    let all = chat(limits::HISTORY_SNAPSHOTS as u32 + 100, ago(Span::hours(23)));
    let kept = history::aged(all.clone(), NOW);
    assert_eq!(kept, all[100..]);
}
