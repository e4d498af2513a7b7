//! A slower machine: the browser stands still for most of the time, all its processes together.
//!
//! A driver's own throttling slows the page's thread alone, by burning the rest of its time, so
//! that the processor time of the page is no longer the page's.

use super::{Browser, process};
use rustix::process::{Pid, Signal, kill_process};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

/// How long it runs at a time: less than a frame.
const RUNS: Duration = Duration::from_millis(5);
/// How often processes are looked for that are new.
const LOOKS: u32 = 25;

/// Keeps a browser slow until it is dropped.
pub struct Slow {
    ends: Arc<AtomicBool>,
    ran_us: Arc<AtomicU64>,
    thread: Option<JoinHandle<()>>,
}

impl Browser {
    /// Makes the browser so many times slower.
    #[must_use]
    pub fn slow_down(&self, times: u32) -> Slow {
        let (ends, ran_us) = (Arc::new(AtomicBool::new(false)), Arc::new(AtomicU64::new(0)));
        let (root, over, ran) = (self.running.id(), Arc::clone(&ends), Arc::clone(&ran_us));
        let thread = std::thread::spawn(move || {
            while !over.load(Ordering::Relaxed) {
                let family = process::family(root);
                for _ in 0..LOOKS {
                    send(&family, Signal::CONT);
                    let began = Instant::now();
                    std::thread::sleep(RUNS);
                    send(&family, Signal::STOP);
                    let took = began.elapsed();
                    ran.fetch_add(u64::try_from(took.as_micros()).unwrap_or(0), Ordering::Relaxed);
                    std::thread::sleep(took * times.saturating_sub(1));
                }
                send(&family, Signal::CONT);
            }
        });
        Slow { ends, ran_us, thread: Some(thread) }
    }
}

impl Slow {
    /// For how long the browser could run so far, in milliseconds.
    #[must_use]
    pub fn ran_ms(&self) -> u64 {
        self.ran_us.load(Ordering::Relaxed) / 1000
    }
}

impl Drop for Slow {
    fn drop(&mut self) {
        self.ends.store(true, Ordering::Relaxed);
        // A thread that panicked has nothing more to say here.
        let _ = self.thread.take().map(JoinHandle::join);
    }
}

/// A process that ended meanwhile hears nothing, which is no harm.
fn send(family: &[u32], signal: Signal) {
    for pid in family.iter().filter_map(|pid| Pid::from_raw(i32::try_from(*pid).ok()?)) {
        let _ = kill_process(pid, signal);
    }
}
