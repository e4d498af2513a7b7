//! Every decoder of the product, driven with seeded mutations of valid inputs: nothing may panic,
//! none may take more memory than its input allows, and what is valid must open. What reads only
//! in a browser (rows of a database, base64) is driven in `tests/web/fuzz.rs`.
//!
//! `SHIM_FUZZ=100` plays a hundred times as many, as `cargo xtask test --full` does.

mod bombs;
mod json;
mod machine;
mod memory;
mod mutate;
mod pages;
mod records;
mod sealed;
mod texts;

use mutate::{Fields, below, mutated};
use shim::base::chance::Chance;
use std::collections::BTreeSet;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

/// Something that reads what came from outside, or from a disk.
pub struct Decoder {
    name: &'static str,
    /// The files of `src` whose reading it drives.
    of: &'static [&'static str],
    /// Inputs that it takes.
    valid: fn() -> Vec<Fields>,
    /// Reads, and whether it was taken.
    read: fn(&[Vec<u8>]) -> bool,
    /// Inputs in an ordinary run: fewer of what drives a whole machine.
    rounds: u64,
}

/// Rounds of a decoder that is one function.
const MANY: u64 = 400;
/// Of one that has much behind it.
const SOME: u64 = 150;
/// Bytes that any of them may hold at its peak, however small its input.
const ROOM_BYTES: usize = 8 << 20;
/// Bytes for each one of the input: a list of empty items becomes one of structures.
const GROWTH: usize = 400;

/// All of them.
fn decoders() -> Vec<&'static Decoder> {
    [records::ALL, sealed::ALL, texts::ALL, pages::ALL, machine::ALL]
        .into_iter()
        .flatten()
        .collect()
}

/// What came of a decoder's inputs.
#[derive(Debug, Default)]
struct Tally {
    taken: u64,
    refused: u64,
    most_bytes: usize,
    failed: Vec<u64>,
}

fn drive(decoder: &Decoder, times: u64) -> Tally {
    let valid = (decoder.valid)();
    for (at, input) in valid.iter().enumerate() {
        assert!((decoder.read)(input), "{}: valid input {at} is refused", decoder.name);
    }
    let mut tally = Tally::default();
    for seed in 0..decoder.rounds * times {
        let mut dice = Chance::new(seed);
        let (one, other) = (below(&mut dice, valid.len()), below(&mut dice, valid.len()));
        let input = mutated(&mut dice, &valid[one], &valid[other]);
        let work = || memory::peak_of(|| (decoder.read)(&input));
        let Ok((taken, peak)) = catch_unwind(AssertUnwindSafe(work)) else {
            tally.failed.push(seed);
            continue;
        };
        let bytes: usize = input.iter().map(Vec::len).sum();
        if peak > ROOM_BYTES + GROWTH * bytes {
            println!("{} seed {seed}: {peak} bytes for {bytes}", decoder.name);
            tally.failed.push(seed);
        }
        tally.most_bytes = tally.most_bytes.max(peak);
        *if taken { &mut tally.taken } else { &mut tally.refused } += 1;
    }
    tally
}

#[test]
fn every_decoder_takes_or_refuses_whatever_comes() {
    let times = std::env::var("SHIM_FUZZ").map_or(1, |text| text.parse().expect("SHIM_FUZZ"));
    let (all, next) = (decoders(), AtomicUsize::new(0));
    let said = Mutex::new(Vec::new());
    let work = || {
        while let Some(decoder) = all.get(next.fetch_add(1, Ordering::Relaxed)) {
            let tally = drive(decoder, times);
            said.lock().unwrap().push((decoder, tally));
        }
    };
    std::thread::scope(|scope| {
        let threads = std::thread::available_parallelism().map_or(1, usize::from);
        let all: Vec<_> = (0..threads).map(|_| scope.spawn(work)).collect();
        all.into_iter().for_each(|thread| thread.join().unwrap());
    });
    let said = said.into_inner().unwrap();
    for (decoder, tally) in &said {
        let Tally { taken, refused, most_bytes, failed } = tally;
        let (name, most_kb) = (decoder.name, most_bytes / 1_000);
        println!("{name}: {taken} taken, {refused} refused, at most {most_kb} KB, {failed:?}");
    }
    assert_eq!(said.len(), all.len());
    let failed: Vec<_> = said.iter().filter(|(_, t)| !t.failed.is_empty()).collect();
    let named: Vec<_> = failed.iter().map(|(decoder, t)| (decoder.name, &t.failed)).collect();
    assert!(named.is_empty(), "these fail: {named:?}");
}

/// One input again, for somebody who looks for what it does: `SHIM_FUZZ_ONE="NAME SEED"`.
#[test]
fn one() {
    let Ok(text) = std::env::var("SHIM_FUZZ_ONE") else { return };
    let (name, seed) = text.rsplit_once(' ').expect("a name and a seed");
    let decoder = decoders().into_iter().find(|one| one.name == name).expect("a decoder");
    let (valid, mut dice) = ((decoder.valid)(), Chance::new(seed.parse().expect("a seed")));
    let (one, other) = (below(&mut dice, valid.len()), below(&mut dice, valid.len()));
    let input = mutated(&mut dice, &valid[one], &valid[other]);
    for field in &input {
        println!("{} bytes: {:.2000}", field.len(), String::from_utf8_lossy(field));
    }
    println!("{:?}", memory::peak_of(|| (decoder.read)(&input)));
}

/// What reads: JSON, deflate, and text made of bytes.
const READS: &[&str] = &[
    "from_str",
    "from_slice",
    "from_value",
    "from_utf8",
    "inflate",
    "decompress_to_vec_with_limit",
];
/// Read in a browser alone, and driven there.
const IN_BROWSERS: &[&str] = &["src/shell/", "src/bin/"];

/// A new decoder must stand in the table.
#[test]
fn every_file_that_reads_is_driven() {
    let driven: BTreeSet<&str> = decoders().iter().flat_map(|one| one.of).copied().collect();
    let files = crate::tidy::files();
    for path in &driven {
        assert!(files.iter().any(|file| file.path == *path), "{path} is gone: name another");
    }
    let is_ours = |path: &str| {
        path.starts_with("src/") && !IN_BROWSERS.iter().any(|room| path.starts_with(room))
    };
    let mut found = 0;
    for file in files.iter().filter(|file| is_ours(&file.path)) {
        if READS.iter().any(|word| crate::tidy::words(&file.code, word).next().is_some()) {
            found += 1;
            assert!(
                driven.contains(file.path.as_str()),
                "{}: drive it in tests/it/fuzz",
                file.path
            );
        }
    }
    assert!(found > 10, "{found} files read");
}
