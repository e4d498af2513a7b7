//! Counts test cases from what a test program wrote.

use std::fmt;

/// How many cases passed and failed.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Tally {
    /// Cases that passed.
    pub passed: u64,
    /// Cases that failed, and programs that died.
    pub failed: u64,
}

impl Tally {
    /// One case that passed.
    pub const PASSED: Self = Self { passed: 1, failed: 0 };
    /// One case that failed.
    pub const FAILED: Self = Self { passed: 0, failed: 1 };
}

impl std::ops::AddAssign for Tally {
    fn add_assign(&mut self, other: Self) {
        self.passed += other.passed;
        self.failed += other.failed;
    }
}

impl fmt::Display for Tally {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} passed, {} failed", self.passed, self.failed)
    }
}

/// Reads the lines of one `cargo test` with any number of test programs in it.
#[derive(Debug, Default)]
pub struct Reader {
    sum: Tally,
    begun: u64,
    ended: u64,
    failures: Vec<String>,
}

impl Reader {
    /// Takes one line of output.
    pub fn line(&mut self, line: &str) {
        let line = line.trim();
        if is_beginning(line) {
            self.begun += 1;
        } else if let Some(tally) = summary(line) {
            self.ended += 1;
            self.sum += tally;
        } else if let Some(name) = failure(line) {
            self.failures.push(name.to_owned());
        }
    }

    /// The names of the cases that failed so far.
    #[must_use]
    pub fn failures(&self) -> &[String] {
        &self.failures
    }

    /// The count, once the programs have ended; `ok` is whether cargo succeeded.
    ///
    /// A program that began and gave no summary died: one failure. So is an exit code that
    /// nothing else explains, and a run in which no case ran: it proves nothing.
    #[must_use]
    pub fn finish(self, ok: bool) -> Tally {
        let mut sum = self.sum;
        sum.failed += self.begun.saturating_sub(self.ended);
        if sum.failed == 0 && (!ok || sum.passed == 0) {
            sum.failed = 1;
        }
        sum
    }
}

/// `running 12 tests`
fn is_beginning(line: &str) -> bool {
    line.strip_prefix("running ")
        .and_then(|rest| rest.strip_suffix(" tests").or_else(|| rest.strip_suffix(" test")))
        .is_some_and(|count| count.parse::<u64>().is_ok())
}

/// `test chat::is_saved ... FAILED`; the wasm runner writes `FAIL`.
fn failure(line: &str) -> Option<&str> {
    let (name, verdict) = line.strip_prefix("test ")?.rsplit_once(" ... ")?;
    verdict.starts_with("FAIL").then_some(name)
}

/// `test result: ok. 3 passed; 1 failed; 0 ignored; 0 measured; 0 filtered out; …`
fn summary(line: &str) -> Option<Tally> {
    let (_, counts) = line.strip_prefix("test result: ")?.split_once(". ")?;
    let count = |word: &str| {
        counts.split(';').find_map(|part| part.trim().strip_suffix(word)?.trim().parse().ok())
    };
    Some(Tally { passed: count("passed")?, failed: count("failed")? })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str, ok: bool) -> Tally {
        let mut reader = Reader::default();
        text.lines().for_each(|line| reader.line(line));
        reader.finish(ok)
    }

    #[test]
    fn summaries_of_several_programs_add_up() {
        let text = "
running 2 tests
test a ... ok
test b ... ok

test result: ok. 2 passed; 0 failed; 0 ignored; 0 measured; 0 filtered out; finished in 0.00s

running 3 tests
test result: FAILED. 1 passed; 2 failed; 0 ignored; 0 measured; 0 filtered out; finished in 1s
running 0 tests
test result: ok. 0 passed; 0 failed; 0 ignored; 0 measured; 5 filtered out; finished in 0.00s
";
        assert_eq!(read(text, false), Tally { passed: 3, failed: 2 });
    }

    #[test]
    fn the_wasm_runner_is_read_too() {
        let text = "
Running headless tests in Chrome on `http://127.0.0.1:4444/`
running 1 test
test web::store ... ok

test result: ok. 1 passed; 0 failed; 0 ignored; 0 filtered out; finished in 0.02s
";
        assert_eq!(read(text, true), Tally { passed: 1, failed: 0 });
    }

    #[test]
    fn failed_cases_are_named() {
        let mut reader = Reader::default();
        for line in ["test a::b ... ok", "test c - d ... FAILED", "test e ... FAIL", "test x"] {
            reader.line(line);
        }
        assert_eq!(reader.failures(), ["c - d", "e"]);
    }

    #[test]
    fn a_program_that_died_counts_beside_those_that_did_not() {
        let text = "
running 1 test
test result: FAILED. 0 passed; 1 failed; 0 ignored; 0 measured; 0 filtered out
running 4 tests
test a ... ok
";
        assert_eq!(read(text, false), Tally { passed: 0, failed: 2 });
    }

    #[test]
    fn a_bad_exit_that_nothing_explains_is_one_failure() {
        assert_eq!(read("error: could not compile `shim`", false), Tally::FAILED);
        let good = "test result: ok. 2 passed; 0 failed; 0 ignored";
        assert_eq!(read(good, false), Tally { passed: 2, failed: 1 });
        assert_eq!(read(good, true), Tally { passed: 2, failed: 0 });
    }

    #[test]
    fn a_run_without_a_case_proves_nothing() {
        assert_eq!(read("no tests to run!", true), Tally::FAILED);
        assert_eq!(read("", true), Tally::FAILED);
    }

    #[test]
    fn other_lines_are_no_summaries() {
        for line in ["test result: odd", "running late", "running x tests", "test result: ok. no"] {
            assert_eq!(read(line, true), Tally::FAILED, "{line}");
        }
    }
}
