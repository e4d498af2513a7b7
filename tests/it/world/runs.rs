//! Runs: many seeds, one seed to read along, and seeds with something broken on purpose.

use super::World;
use super::faults::{Fault, Sabotage};
use std::collections::BTreeMap;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};

/// Seeds of the ordinary run.
const SEEDS: u64 = 200;
/// Steps of a run before it comes to rest: as many as a debug build plays in some seconds.
const STEPS: u64 = 300;
/// Seeds in which something broken on purpose must be noticed, and their steps.
const SABOTAGED: (u64, u64) = (100, 2_000);

/// What runs came to, summed over seeds.
#[derive(Debug, Default)]
struct Sum {
    turns: usize,
    checkpoints: usize,
    fills: usize,
    answered: usize,
    ends: usize,
    segments: usize,
    dropped: usize,
    pins: usize,
    faults: BTreeMap<Fault, u32>,
}

fn run(seed: u64, steps: u64, sabotage: Sabotage, tell: bool, sum: &mut Sum) {
    let mut world = World::new(seed, sabotage);
    world.tell = tell;
    world.begin();
    for _ in 0..steps {
        world.step();
    }
    world.rest();
    sum.turns += world.turns.len();
    sum.checkpoints += world.checkpoints.len();
    sum.fills += world.filled + world.fills.len();
    sum.answered += world.resumed_to_the_end();
    sum.ends += world.ends.len();
    sum.segments += world.segments;
    sum.dropped += world.dropped.len();
    sum.pins += world.pinned;
    for (fault, count) in world.happened {
        *sum.faults.entry(fault).or_default() += count;
    }
}

/// Runs the seeds side by side.
fn run_all(seeds: u64) -> Sum {
    let (next, sum) = (AtomicU64::new(0), Mutex::new(Sum::default()));
    let failed = Mutex::new(Vec::new());
    let work = || {
        loop {
            let seed = next.fetch_add(1, Ordering::Relaxed);
            if seed >= seeds {
                return;
            }
            let mut own = Sum::default();
            let ended = catch_unwind(AssertUnwindSafe(|| {
                run(seed, STEPS, Sabotage::None, false, &mut own);
            }));
            if ended.is_err() {
                failed.lock().unwrap().push(seed);
            }
            sum.lock().unwrap().add(own);
        }
    };
    std::thread::scope(|scope| {
        let threads = std::thread::available_parallelism().map_or(1, usize::from);
        for _ in 0..threads {
            scope.spawn(work);
        }
    });
    let failed = failed.into_inner().unwrap();
    assert!(failed.is_empty(), "seeds {failed:?} fail: play one with `cargo xtask sim --seed N`");
    sum.into_inner().unwrap()
}

impl Sum {
    fn add(&mut self, other: Self) {
        self.turns += other.turns;
        self.checkpoints += other.checkpoints;
        self.fills += other.fills;
        self.answered += other.answered;
        self.ends += other.ends;
        self.segments += other.segments;
        self.dropped += other.dropped;
        self.pins += other.pins;
        for (fault, count) in other.faults {
            *self.faults.entry(fault).or_default() += count;
        }
    }
}

#[test]
fn whatever_goes_wrong_nothing_acknowledged_is_lost_and_all_is_saved_in_the_end() {
    let seeds = std::env::var("SHIM_SEEDS").map_or(SEEDS, |text| text.parse().expect("SHIM_SEEDS"));
    let sum = run_all(seeds);
    println!("{seeds} seeds: {sum:#?}");
    // A world in which nothing happens would pass as well: it must have been eventful.
    assert!(sum.turns > 1_000 && sum.checkpoints > 200 && sum.ends > 50);
    assert!(sum.fills > 20 && sum.answered > 5 && sum.segments > 200);
    assert!(sum.dropped > 25 && sum.pins > 15);
    for fault in Fault::ALL {
        let count = sum.faults.get(&fault).copied().unwrap_or_default();
        assert!(count >= 1, "{fault:?} happened {count} times only");
    }
}

/// Each fault bites: with the defence against it taken away, a run fails.
#[test]
fn whatever_is_broken_on_purpose_is_noticed() {
    for sabotage in Sabotage::ALL {
        let first = sabotage.seed();
        let noticed = (first..first + SABOTAGED.0).find(|seed| {
            let run = || run(*seed, SABOTAGED.1, sabotage, false, &mut Sum::default());
            catch_unwind(AssertUnwindSafe(run)).is_err()
        });
        assert!(noticed.is_some(), "{sabotage:?} and nobody noticed");
        println!("{sabotage:?}: noticed with seed {noticed:?}");
    }
}

/// Plays seeds for somebody who reads along: `cargo xtask sim` names them in the environment.
/// Without that, one seed is played in silence.
#[test]
fn play() {
    let number = |name| std::env::var(name).ok().map(|text| text.parse::<u64>().expect(name));
    let first = number("SHIM_SEED");
    let count = number("SHIM_COUNT").unwrap_or(1);
    let steps = number("SHIM_STEPS").unwrap_or(STEPS);
    let seeds = first.unwrap_or(0)..first.unwrap_or(0).saturating_add(count);
    let mut failed = Vec::new();
    for seed in seeds {
        let tell = first.is_some() && count == 1;
        let mut sum = Sum::default();
        let ended = catch_unwind(AssertUnwindSafe(|| {
            run(seed, steps, Sabotage::None, tell, &mut sum);
        }));
        let verdict = if ended.is_ok() { "holds" } else { "FAILS" };
        println!("seed {seed}: {verdict}; {sum:?}");
        if ended.is_err() {
            failed.push(seed);
        }
    }
    assert!(failed.is_empty(), "seeds {failed:?} fail");
}
