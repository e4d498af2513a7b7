//! The commands of this repository: build, run, test, lab, bench, dump, watch, torture, sim, read,
//! replay, new-site, coverage.
//!
//! It depends on nothing of the product, so that a broken `src` never stops its own checks.

// First: its macro is used by the others.
#[macro_use]
mod progress;

mod apps;
mod args;
mod coverage;
mod dist;
mod help;
mod host;
mod manifest;
mod new_site;
mod play;
mod problem;
mod proc;
mod repo;
mod setup;
mod sim;
mod tally;
mod test;
mod tools;
mod wasm;

use std::process::ExitCode;

use args::Command;
use problem::Problem;
use progress::Progress;
use repo::Repo;

fn main() -> ExitCode {
    match args::parse(std::env::args_os().skip(1)).and_then(carry_out) {
        Ok(()) => ExitCode::SUCCESS,
        Err(problem) => {
            // One that was reported already needs no second line.
            if !matches!(problem, Problem::Reported(_)) {
                eprintln!("error: {problem}");
            }
            ExitCode::from(problem.exit_code())
        }
    }
}

fn carry_out(command: Command) -> Result<(), Problem> {
    match command {
        Command::Help(text) => {
            say!("{text}");
            Ok(())
        }
        Command::Build { release_opt } => build(&Repo::find()?, &mut Progress::new(2), release_opt),
        Command::Run(run) => play::run(&Repo::find()?, &run),
        Command::Test(suite) => test::run(&Repo::find()?, suite),
        Command::Lab(lab) => play::lab(&Repo::find()?, &lab),
        Command::Bench(bench) => play::bench(&Repo::find()?, &bench),
        Command::Dump(dump) => tools::dump(&Repo::find()?, &dump),
        Command::Torture(torture) => tools::torture(&Repo::find()?, &torture),
        Command::Watch(watch) => tools::watch(&Repo::find()?, &watch),
        Command::Sim(sim) => sim::run(&Repo::find()?, &sim),
        Command::Read(words) => tools::read(&Repo::find()?, &words),
        Command::Replay(words) => tools::replay(&Repo::find()?, &words),
        Command::NewSite(name) => new_site::run(&Repo::find()?, &name),
        Command::Coverage(coverage) => coverage::run(&Repo::find()?, &coverage),
    }
}

/// Builds the extension in two steps.
fn build(repo: &Repo, progress: &mut Progress, release_opt: bool) -> Result<(), Problem> {
    progress.step("compiling the engine to wasm", || wasm::build(repo, release_opt))?;
    progress.step("assembling dist/chrome and dist/firefox", || dist::assemble(repo))?;
    wasm::print_sizes(&repo.pkg())
}
