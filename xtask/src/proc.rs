//! Running other programs.

use std::io::{BufRead, BufReader};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::thread::JoinHandle;

use crate::problem::Problem;

/// Runs a program with our terminal, and fails when it fails.
///
/// # Errors
/// When it cannot be started or ends with anything but success.
pub fn run(command: &mut Command) -> Result<(), Problem> {
    let status = command.status().map_err(|error| not_started(command, &error))?;
    if status.success() { Ok(()) } else { Err(ended(command, status)) }
}

/// Runs a program that reports its own failures, and passes its exit code through.
///
/// # Errors
/// When it cannot be started or ends with anything but success.
pub fn hand_over(command: &mut Command) -> Result<(), Problem> {
    let status = command.status().map_err(|error| not_started(command, &error))?;
    if status.success() {
        return Ok(());
    }
    match status.code().and_then(|code| u8::try_from(code).ok()) {
        Some(code) => Err(Problem::Reported(code)),
        None => Err(ended(command, status)),
    }
}

/// Runs a program and returns what it wrote; its errors go to our terminal.
///
/// # Errors
/// When it cannot be started or ends with anything but success.
pub fn output(command: &mut Command) -> Result<String, Problem> {
    let output = command
        .stdin(Stdio::null())
        .stderr(Stdio::inherit())
        .output()
        .map_err(|error| not_started(command, &error))?;
    if !output.status.success() {
        return Err(ended(command, output.status));
    }
    Ok(String::from_utf8_lossy(&output.stdout).into_owned())
}

/// Whether a program can be started and succeeds, with nothing shown.
#[must_use]
pub fn quietly_ok(command: &mut Command) -> bool {
    command
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status()
        .is_ok_and(|status| status.success())
}

/// Runs a program, showing each line that it writes and giving it to `see` as well.
///
/// # Errors
/// When it cannot be started or its output cannot be read. A bad exit is no error here: the
/// caller judges the status.
pub fn watch(command: &mut Command, mut see: impl FnMut(&str)) -> Result<ExitStatus, Problem> {
    let mut child =
        command.stdout(Stdio::piped()).spawn().map_err(|error| not_started(command, &error))?;
    if let Some(stdout) = child.stdout.take() {
        for line in BufReader::new(stdout).split(b'\n') {
            let line = line.map_err(|error| not_started(command, &error))?;
            let line = String::from_utf8_lossy(&line);
            say!("{line}");
            see(&line);
        }
    }
    child.wait().map_err(|error| not_started(command, &error))
}

/// A program that runs beside us.
pub struct Beside {
    name: String,
    child: Child,
    reading: JoinHandle<Vec<String>>,
}

/// Starts a program beside us; what it writes is kept until its end.
///
/// # Errors
/// When it cannot be started.
pub fn gather(command: &mut Command) -> Result<Beside, Problem> {
    let piped = command.stdout(Stdio::piped()).stderr(Stdio::null());
    let mut child = piped.spawn().map_err(|error| not_started(command, &error))?;
    let stdout = child.stdout.take();
    let reading = std::thread::spawn(move || {
        let lines = stdout.into_iter().flat_map(|out| BufReader::new(out).lines());
        lines.map_while(Result::ok).collect()
    });
    let name = command.get_program().to_string_lossy().into_owned();
    Ok(Beside { name, child, reading })
}

impl Beside {
    /// Waits for its end; its exit and its lines.
    ///
    /// # Errors
    /// When the system lost it.
    pub fn finish(mut self) -> Result<(ExitStatus, Vec<String>), Problem> {
        let lost = |why: &dyn std::fmt::Display| {
            Problem::Failed(format!("could not wait for {}: {why}", self.name))
        };
        let status = self.child.wait().map_err(|error| lost(&error))?;
        let lines = self.reading.join().map_err(|_| lost(&"its output was not read"))?;
        Ok((status, lines))
    }
}

fn not_started(command: &Command, error: &std::io::Error) -> Problem {
    let name = command.get_program().to_string_lossy();
    Problem::Failed(format!("could not run {name}: {error}"))
}

fn ended(command: &Command, status: ExitStatus) -> Problem {
    let mut line = command.get_program().to_string_lossy().into_owned();
    for argument in command.get_args() {
        line.push(' ');
        line.push_str(&argument.to_string_lossy());
    }
    Problem::Failed(format!("`{line}` ended with {status}"))
}
