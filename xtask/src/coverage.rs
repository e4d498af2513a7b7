//! `cargo xtask coverage`: the share of each room's lines that the native tests reach.
//!
//! The compiler counts (`-C instrument-coverage`), and its own llvm-tools read the counts. What is
//! built for it lies apart: other flags would build everything else again.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;

use crate::args::Coverage;
use crate::problem::Problem;
use crate::progress::Progress;
use crate::repo::Repo;
use crate::tally::Reader;
use crate::{proc, setup};

/// The least share of a room's lines, in percent.
const LEAST: f64 = 95.0;
/// Members whose tests reach nothing of the product, need a browser for it, or build a command of
/// their own to try it.
const OTHERS: [&str; 6] =
    ["shim-eyes", "shim-packer", "shim-replay", "wasm-runner", "shim-webdriver", "xtask"];
/// Folders of `src/` that exist for wasm32 only: tests in browsers run them.
const IN_BROWSERS: [&str; 2] = ["bin", "shell"];

/// For each file, from the top of `src/`: its lines, and whether one was reached.
type Lines = BTreeMap<PathBuf, BTreeMap<u32, bool>>;

/// Measures and prints a table by room.
///
/// # Errors
/// When a step fails, a test fails, or a room is below [`LEAST`].
pub fn run(repo: &Repo, asked: &Coverage) -> Result<(), Problem> {
    let mut progress = Progress::new(4);
    let target = repo.target.join("coverage");
    let counts = target.join("counts");
    let tools = progress.step("finding the compiler's llvm-tools", setup::llvm_tools)?;
    let programs =
        progress.step("compiling the native tests", || programs(repo, &target, &counts))?;
    progress.step("running them", || tests(repo, &target, &counts))?;
    let report = progress.step("reading the counts", || report(repo, &tools, &counts, &programs));
    let lines = read(&report?, &repo.root.join("src"));
    let rooms = rooms(&repo.root.join("src"))?;
    if asked.missing {
        print_missing(&lines);
    }
    let (table, below) = table(&rooms, &lines);
    say!("\n{table}");
    if below.is_empty() {
        return Ok(());
    }
    Err(Problem::Failed(format!(
        "below {LEAST} %: {}. `cargo xtask coverage --missing` names the lines",
        below.join(", ")
    )))
}

/// A `cargo test` of everything native, instrumented.
fn cargo(repo: &Repo, target: &Path, counts: &Path) -> Result<Command, Problem> {
    let version = proc::output(Command::new("rustc").arg("-vV"))?;
    let host = version.lines().find_map(|line| line.strip_prefix("host: "));
    let host = host.ok_or_else(|| Problem::Failed("rustc does not name its host".to_owned()))?;
    let mut command = repo.cargo();
    command.args(["test", "--workspace", "--lib", "--tests", "--no-fail-fast"]);
    // With a target named, the flags are not those of build scripts and macros.
    command.args(["--target", host]);
    command.args(OTHERS.iter().flat_map(|name| ["--exclude", name]));
    command
        .env("CARGO_TARGET_DIR", target)
        .env("RUSTFLAGS", "-C instrument-coverage")
        .env("LLVM_PROFILE_FILE", counts.join("%p-%m.profraw"));
    Ok(command)
}

/// Builds the test programs, and tells where they are.
fn programs(repo: &Repo, target: &Path, counts: &Path) -> Result<Vec<PathBuf>, Problem> {
    let mut command = cargo(repo, target, counts)?;
    let said = proc::output(command.args(["--no-run", "--message-format=json"]))?;
    let messages = said.lines().filter_map(|line| serde_json::from_str::<Value>(line).ok());
    let found: Vec<PathBuf> = messages
        .filter(|message| message.pointer("/profile/test").and_then(Value::as_bool) == Some(true))
        .filter_map(|message| message.get("executable")?.as_str().map(PathBuf::from))
        .collect();
    if found.is_empty() {
        return Err(Problem::Failed("cargo built no test program".to_owned()));
    }
    Ok(found)
}

fn tests(repo: &Repo, target: &Path, counts: &Path) -> Result<(), Problem> {
    // Counts of an earlier run are of other programs.
    if counts.exists() {
        fs::remove_dir_all(counts).map_err(|error| Problem::file("clear", counts, &error))?;
    }
    let mut reader = Reader::default();
    let mut command = cargo(repo, target, counts)?;
    let status = proc::watch(&mut command, |line| reader.line(line))?;
    let failures = reader.failures().join(", ");
    let tally = reader.finish(status.success());
    if tally.failed == 0 {
        return Ok(());
    }
    Err(Problem::Failed(format!("{tally}: {failures}. What failing tests reach proves nothing")))
}

/// The counts in the lcov format: of each file, each line and how often it was reached.
fn report(
    repo: &Repo,
    tools: &Path,
    counts: &Path,
    programs: &[PathBuf],
) -> Result<String, Problem> {
    let entries = fs::read_dir(counts).map_err(|error| Problem::file("read", counts, &error))?;
    let raw: Vec<PathBuf> = entries
        .flatten()
        .map(|entry| entry.path())
        .filter(|path| path.extension().is_some_and(|end| end == "profraw"))
        .collect();
    let merged = counts.join("merged.profdata");
    let mut merge = Command::new(tools.join("llvm-profdata"));
    proc::run(merge.args(["merge", "-sparse", "-o"]).arg(&merged).args(&raw))?;
    let mut export = Command::new(tools.join("llvm-cov"));
    export.args(["export", "--format=lcov"]).arg("--instr-profile").arg(&merged);
    for program in programs {
        export.arg("--object").arg(program);
    }
    proc::output(export.arg("--sources").arg(repo.root.join("src")))
}

fn read(report: &str, src: &Path) -> Lines {
    let mut lines = Lines::new();
    let mut file = None;
    for line in report.lines() {
        if let Some(path) = line.strip_prefix("SF:") {
            file = Path::new(path).strip_prefix(src).ok().map(Path::to_path_buf);
        } else if let (Some(counted), Some(file)) = (line.strip_prefix("DA:"), &file) {
            let mut numbers = counted.split(',');
            let number = numbers.next().and_then(|number| number.parse().ok());
            if let (Some(number), Some(count)) = (number, numbers.next()) {
                let reached = lines.entry(file.clone()).or_default().entry(number);
                *reached.or_default() |= count != "0";
            }
        }
    }
    lines
}

/// The pure rooms: every folder of `src/` that is not for browsers alone.
fn rooms(src: &Path) -> Result<Vec<String>, Problem> {
    let entries = fs::read_dir(src).map_err(|error| Problem::file("read", src, &error))?;
    let folders = entries.flatten().filter(|entry| entry.path().is_dir());
    let names = folders.map(|entry| entry.file_name().to_string_lossy().into_owned());
    let mut rooms: Vec<String> =
        names.filter(|name| !IN_BROWSERS.contains(&name.as_str())).collect();
    rooms.sort();
    Ok(rooms)
}

/// The table, and the rooms below [`LEAST`]. A room without a line in the report was not compiled,
/// or no test names it: then nothing of it is proven.
fn table<'r>(rooms: &'r [String], lines: &Lines) -> (String, Vec<&'r str>) {
    let mut text = format!("{:<12} {:>7} {:>9} {:>9}\n", "room", "lines", "reached", "share");
    let mut below = Vec::new();
    for room in rooms {
        let of_room = lines.iter().filter(|(file, _)| file.starts_with(room));
        let (count, reached) = of_room.fold((0, 0), |(count, reached), (_, lines)| {
            (count + lines.len(), reached + lines.values().filter(|reached| **reached).count())
        });
        let share = percent(reached, count);
        if share < LEAST {
            below.push(room.as_str());
        }
        let note = if share < LEAST { "  below 95 %" } else { "" };
        // Cut, not rounded: 94.96 is below.
        let share = (share * 10.0).floor() / 10.0;
        text += &format!("{room:<12} {count:>7} {reached:>9} {share:>7.1} %{note}\n");
    }
    text += "\nshell and the wasm entries are not in it: they run in browsers only.";
    (text, below)
}

fn percent(part: usize, whole: usize) -> f64 {
    #[expect(clippy::cast_precision_loss, reason = "numbers of lines are small")]
    if whole == 0 { 0.0 } else { 100.0 * part as f64 / whole as f64 }
}

fn print_missing(lines: &Lines) {
    for (file, lines) in lines {
        let missing: Vec<u32> =
            lines.iter().filter(|(_, reached)| !**reached).map(|(number, _)| *number).collect();
        let inside = file.components().count() > 1;
        if !missing.is_empty() && inside {
            say!("src/{}: {}", file.display(), ranges(&missing));
        }
    }
}

/// `3, 5-7`
fn ranges(numbers: &[u32]) -> String {
    let mut parts: Vec<(u32, u32)> = Vec::new();
    for &number in numbers {
        match parts.last_mut() {
            Some((_, last)) if *last + 1 == number => *last = number,
            _ => parts.push((number, number)),
        }
    }
    let text = |(first, last): &(u32, u32)| match first == last {
        true => first.to_string(),
        false => format!("{first}-{last}"),
    };
    parts.iter().map(text).collect::<Vec<_>>().join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;

    const REPORT: &str = "\
SF:/top/src/base/a.rs
FN:1,name
DA:1,3
DA:2,0
DA:3,0
end_of_record
SF:/elsewhere/base/b.rs
DA:1,0
end_of_record
SF:/top/src/wire/c.rs
DA:7,1
end_of_record
";

    #[test]
    fn lines_are_read_file_by_file_and_only_of_the_product() {
        let lines = read(REPORT, Path::new("/top/src"));
        assert_eq!(
            lines.keys().collect::<Vec<_>>(),
            [Path::new("base/a.rs"), Path::new("wire/c.rs")]
        );
        let a = lines.get(Path::new("base/a.rs")).map(|lines| lines.values().copied());
        assert_eq!(a.map(Iterator::collect::<Vec<_>>), Some(vec![true, false, false]));
    }

    #[test]
    fn a_room_below_or_without_lines_is_named() {
        let lines = read(REPORT, Path::new("/top/src"));
        let rooms = ["base", "view", "wire"].map(str::to_owned);
        let (table, below) = table(&rooms, &lines);
        assert_eq!(below, ["base", "view"]);
        let row = |room: &str| table.lines().find(|line| line.starts_with(room)).map(str::to_owned);
        assert!(row("base").is_some_and(|row| row.contains("33.3 %  below")), "{table}");
        assert!(row("wire").is_some_and(|row| row.ends_with("100.0 %")), "{table}");
    }

    #[test]
    fn neighbours_are_one_range() {
        assert_eq!(ranges(&[1, 2, 3, 7, 9, 10]), "1-3, 7, 9-10");
        assert_eq!(ranges(&[]), "");
    }
}
