//! Whether a sentence, or the output of a test run, says that tests passed.

/// What says that tests passed: words that follow each other, numbers left out.
const GREEN: [&str; 9] = [
    "all tests pass|passed|passing|green",
    "all the tests pass|passed|passing",
    "all unit|integration tests pass|passed|passing",
    "tests are green|passing",
    "tests are all|now green|passing",
    "tests now|all pass",
    "test suite passes|passed",
    "test suite is green|passing",
    "all checks pass|passed|green",
];
/// Words that make it a wish, a plan, a condition or a denial.
const HEDGES: [&str; 34] = [
    "if",
    "once",
    "when",
    "whenever",
    "until",
    "till",
    "unless",
    "before",
    "should",
    "would",
    "could",
    "must",
    "will",
    "may",
    "might",
    "need",
    "needs",
    "want",
    "let",
    "let's",
    "ensure",
    "ensures",
    "sure",
    "verify",
    "confirm",
    "whether",
    "not",
    "never",
    "yet",
    "almost",
    "nearly",
    "assuming",
    "expect",
    "hopefully",
];

/// Sentences of a line as lower-case words; questions are left out. A full stop inside a word
/// ends none.
pub(super) fn sentences(line: &str) -> Vec<Vec<String>> {
    let mut all = Vec::new();
    let mut words: Vec<String> = Vec::new();
    for word in line.split_whitespace() {
        let bare = word.trim_matches(|c: char| !c.is_alphanumeric()).to_ascii_lowercase();
        if !bare.is_empty() {
            words.push(bare);
        }
        let end = word.trim_end_matches(['*', '_', '`', '"', ')']);
        if end.ends_with('?') {
            words.clear();
        } else if end.ends_with(['.', '!', ';']) {
            all.push(std::mem::take(&mut words));
        }
    }
    all.push(words);
    all
}

/// Whether a line holds a word without which [`says_green`] is never true: most lines are passed
/// over fast.
pub(super) fn may_say_green(line: &str) -> bool {
    let bytes = line.as_bytes();
    let follows = |at: usize, word: &str| {
        bytes.get(at..at + word.len()).is_some_and(|it| it.eq_ignore_ascii_case(word.as_bytes()))
    };
    bytes.iter().enumerate().any(|(at, byte)| match byte | 0x20 {
        b'p' => follows(at, "pass"),
        b'g' => follows(at, "green"),
        b'r' => follows(at, "run:"),
        _ => false,
    })
}

pub(super) fn says_green(words: &[String]) -> bool {
    let is = |word: &String, list: &[&str]| list.contains(&word.as_str());
    let denied = |word: &String| word.ends_with("n't") || word.ends_with("n’t");
    if words.iter().any(|word| is(word, &HEDGES) || denied(word)) {
        return false;
    }
    let about_tests = words.iter().any(|word| is(word, &["test", "tests", "failed", "failures"]));
    if about_tests && verdict(&words.join(" ")) == Some(true) {
        return true;
    }
    let plain: Vec<&str> = words
        .iter()
        .map(String::as_str)
        .filter(|word| !word.bytes().all(|b| b.is_ascii_digit()))
        .collect();
    GREEN.iter().any(|phrase| {
        let phrase: Vec<&str> = phrase.split(' ').collect();
        plain.windows(phrase.len()).any(|window| {
            window.iter().zip(&phrase).all(|(word, one)| one.split('|').any(|p| p == *word))
        })
    })
}

/// What one line of a test run says: "12 passed", or "Failures: 2".
fn verdict(line: &str) -> Option<bool> {
    // Most lines of an output say neither, and are passed over fast.
    let hints = ["pass", "Pass", "PASS", "fail", "Fail", "FAIL", "rror", "run:"];
    if !hints.iter().any(|hint| line.contains(hint)) {
        return None;
    }
    let lower = line.to_ascii_lowercase();
    let words: Vec<&str> =
        lower.split([' ', '\t', ',', ';', '|', '(', ')', '[', ']', '=']).collect();
    let words: Vec<&str> = words.into_iter().filter(|word| !word.is_empty()).collect();
    let number = |word: Option<&&str>| word.and_then(|word| word.parse::<u64>().ok());
    let (mut passed, mut failed) = (0, 0);
    for (at, word) in words.iter().enumerate() {
        let count = if word.ends_with(':') {
            number(words.get(at + 1))
        } else {
            number(at.checked_sub(1).and_then(|at| words.get(at)))
        };
        let count = count.unwrap_or(0);
        match word.trim_end_matches([':', '.']) {
            "passed" | "passing" => passed = passed.max(count),
            "run" if lower.contains("tests run:") => passed = passed.max(count),
            "failed" | "failing" | "failures" | "failure" | "errors" | "errored" => {
                failed = failed.max(count);
            }
            _ => {}
        }
    }
    let start = line.trim_start();
    if failed > 0 || start.starts_with("FAIL") || start.starts_with("--- FAIL") {
        Some(false)
    } else {
        (passed > 0).then_some(true)
    }
}

/// `ok` with a package and its time, as Go's test runner writes it.
fn is_go_package(line: &str) -> bool {
    let words: Vec<&str> = line.split_whitespace().collect();
    match words.as_slice() {
        ["ok", _, time, ..] => {
            *time == "(cached)" || time.strip_suffix('s').is_some_and(is_decimal)
        }
        _ => false,
    }
}

/// Digits with at most one point among them. (Reading such a number as an `f64` is 17 KB of wasm.)
fn is_decimal(text: &str) -> bool {
    let (whole, part) = text.split_once('.').unwrap_or((text, "0"));
    [whole, part].iter().all(|s| !s.is_empty() && s.bytes().all(|b| b.is_ascii_digit()))
}

/// Whether the output of a test run is green: something passed, nothing failed.
pub(super) fn output_is_green(output: &str) -> bool {
    let mut green = output.lines().any(|line| line.starts_with("Ran "))
        && output.lines().any(|line| line == "OK" || line.starts_with("OK ("));
    for line in output.lines() {
        match verdict(line) {
            Some(false) => return false,
            Some(true) => green = true,
            None => green |= is_go_package(line),
        }
    }
    green
}
