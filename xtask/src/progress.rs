//! Progress on the terminal: one line when a step begins, one when it ends.

use std::time::Instant;

/// Prints a line. Unlike `println!` it survives a reader that has gone (`… | head`).
macro_rules! say {
    ($($words:tt)*) => {{
        use std::io::Write as _;
        // Nobody is left to be told.
        let _ = writeln!(std::io::stdout(), $($words)*);
    }};
}

/// Numbers the steps of one command.
pub struct Progress {
    total: usize,
    begun: usize,
}

impl Progress {
    /// A command of `total` steps.
    #[must_use]
    pub fn new(total: usize) -> Self {
        Self { total, begun: 0 }
    }

    /// Runs one step between its two lines. The second carries the seconds taken.
    pub fn step<T>(&mut self, title: &str, work: impl FnOnce() -> T) -> T {
        self.begun += 1;
        let mark = format!("[{}/{}]", self.begun, self.total);
        say!("{mark} {title} …");
        let start = Instant::now();
        let result = work();
        say!("{mark} {:.1} s", start.elapsed().as_secs_f64());
        result
    }
}
