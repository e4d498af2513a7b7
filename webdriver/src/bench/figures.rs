//! What was measured, and the table of it.

use crate::browser::Kind;
use serde::Serialize;
use std::fmt::Write as _;

/// Everything that was measured.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Bench {
    /// Browsers with their versions.
    pub browsers: Vec<String>,
    /// The day, as the browser tells it.
    pub date: String,
    /// Processors, and how busy they were at the start.
    pub machine: String,
    /// Whether the wasm went through wasm-opt.
    pub shrunk: bool,
    /// The figures.
    pub figures: Vec<Figure>,
    /// Characters of the prompt that was placed; 0: none was.
    pub prompt_chars: usize,
    /// Names of the parts that were measured; empty: all.
    pub only: Vec<String>,
}

/// One figure, from several runs.
#[derive(Clone, Debug, Serialize)]
pub struct Figure {
    /// What was measured.
    pub what: String,
    /// In which browser.
    pub browser: String,
    /// Unit of the values.
    pub unit: String,
    /// One value a run, ascending. None: the browser does not tell.
    pub values: Vec<f64>,
    /// What it must not exceed, and what is aimed at. None: a yardstick, or only good to know.
    pub goal: Option<(f64, f64)>,
}

impl Figure {
    /// A figure without a goal.
    #[must_use]
    pub fn new(what: &str, browser: &str, unit: &str, mut values: Vec<f64>) -> Self {
        values.sort_by(f64::total_cmp);
        Self { what: what.into(), browser: browser.into(), unit: unit.into(), values, goal: None }
    }

    /// The same with ceiling and aim.
    #[must_use]
    pub fn goal(self, goal: Option<(f64, f64)>) -> Self {
        Self { goal, ..self }
    }

    /// The middle value, of an even number the upper of the two; 0 without values.
    #[must_use]
    pub fn median(&self) -> f64 {
        self.values.get(self.values.len() / 2).copied().unwrap_or_default()
    }

    fn range(&self) -> String {
        match (self.values.as_slice(), self.values.first(), self.values.last()) {
            ([_, _, ..], Some(min), Some(max)) => format!("{} to {}", digits(*min), digits(*max)),
            _ => "-".into(),
        }
    }

    fn verdict(&self) -> &'static str {
        match self.goal {
            _ if self.values.is_empty() => "not told by the browser",
            None => "-",
            Some((_, aim)) if self.median() <= aim => "aim met",
            Some((ceiling, _)) if self.median() <= ceiling => "within the ceiling, aim missed",
            Some(_) => "**ceiling missed**",
        }
    }

    fn row(&self) -> String {
        let (ceiling, aim) = match self.goal {
            Some((ceiling, aim)) => (digits(ceiling), digits(aim)),
            None => ("-".into(), "-".into()),
        };
        let median = match self.values.as_slice() {
            [] => "-".into(),
            _ => format!("**{} {}**", digits(self.median()), self.unit),
        };
        format!(
            "| {} | {} | {median} | {} | {} | {ceiling} | {aim} | {} |",
            self.what,
            self.browser,
            self.range(),
            self.values.len(),
            self.verdict()
        )
    }
}

/// Three digits are more than a noisy machine gives.
fn digits(value: f64) -> String {
    match value.abs() {
        size if size >= 10.0 => format!("{value:.0}"),
        size if size >= 0.95 => format!("{value:.1}"),
        size if size >= 0.095 => format!("{value:.2}"),
        _ => format!("{value:.3}"),
    }
}

impl Bench {
    /// Adds a figure.
    pub fn add(&mut self, figure: Figure) {
        self.figures.push(figure);
    }

    /// The same figure of all browsers together, in the order of the first one.
    fn by_what(&self) -> Vec<&Figure> {
        let mut figures: Vec<&Figure> = self.figures.iter().collect();
        figures.sort_by_key(|figure| self.figures.iter().position(|f| f.what == figure.what));
        figures
    }

    /// The tables as Markdown, with what they were made by.
    #[must_use]
    pub fn markdown(&self, kinds: &[Kind]) -> String {
        let mut only = match kinds {
            [kind] => format!(" --browser {}", kind.name()),
            _ => String::new(),
        };
        for part in &self.only {
            // Writing to a text does not fail.
            let _ = write!(only, " --only {part}");
        }
        let wasm = if self.shrunk { "after wasm-opt -Oz" } else { "without wasm-opt" };
        let mut text = format!(
            "`cargo xtask bench{only}`, {}, {}; {}; wasm {wasm}",
            self.date,
            self.browsers.join(", "),
            self.machine
        );
        if self.prompt_chars > 0 {
            let _ = write!(text, "; prompt of {} characters", self.prompt_chars);
        }
        text.push_str(".\n");
        let head = "\n| what | browser | median | min to max | runs | ceiling | aim | |\n\
                    | --- | --- | --- | --- | --- | --- | --- | --- |\n";
        let (goals, others): (Vec<_>, Vec<_>) =
            self.by_what().into_iter().partition(|figure| figure.goal.is_some());
        for (title, figures) in [("", goals), ("\nYardsticks of the same run:\n", others)] {
            if figures.is_empty() {
                continue;
            }
            text.push_str(title);
            text.push_str(head);
            for figure in figures {
                // Writing to a text does not fail.
                let _ = writeln!(text, "{}", figure.row());
            }
        }
        text
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn figure(values: &[f64]) -> Figure {
        Figure::new("a", "b", "ms", values.to_vec()).goal(Some((30.0, 8.0)))
    }

    #[test]
    fn the_median_is_the_middle_value() {
        assert!((figure(&[9.0, 1.0, 100.0]).median() - 9.0).abs() < f64::EPSILON);
        assert!((figure(&[9.0, 1.0]).median() - 9.0).abs() < f64::EPSILON);
        assert!(figure(&[]).median().abs() < f64::EPSILON);
    }

    #[test]
    fn a_missed_goal_is_called_missed() {
        assert_eq!(figure(&[8.0]).verdict(), "aim met");
        assert_eq!(figure(&[8.1, 8.1, 1.0]).verdict(), "within the ceiling, aim missed");
        assert_eq!(figure(&[30.5]).verdict(), "**ceiling missed**");
    }

    #[test]
    fn a_row_says_what_was_run() {
        let row = figure(&[40.4, 4.04, 12.6]).row();
        assert_eq!(
            row,
            "| a | b | **13 ms** | 4.0 to 40 | 3 | 30 | 8.0 | within the ceiling, aim missed |"
        );
        let bench = Bench { figures: vec![figure(&[1.0])], ..Bench::default() };
        let text = bench.markdown(&[Kind::Firefox]);
        assert!(text.contains("`cargo xtask bench --browser firefox`"), "{text}");
        assert!(text.contains("without wasm-opt"), "{text}");
        assert!(!text.contains("prompt of"), "none was placed: {text}");
        let bench = Bench { only: vec!["popup".into()], ..Bench::default() };
        let text = bench.markdown(&[Kind::Chromium, Kind::Firefox]);
        assert!(text.contains("`cargo xtask bench --only popup`"), "{text}");
    }

    #[test]
    fn a_small_value_keeps_its_digits() {
        let shown = [0.0312, 0.312, 3.12, 31.2, -0.4].map(digits);
        assert_eq!(shown, ["0.031", "0.31", "3.1", "31", "-0.40"]);
    }

    #[test]
    fn what_a_browser_does_not_tell_is_called_that() {
        assert_eq!(figure(&[]).row(), "| a | b | - | - | 0 | 30 | 8.0 | not told by the browser |");
    }
}
