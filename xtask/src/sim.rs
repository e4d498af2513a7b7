//! `cargo xtask sim`: the simulator, for somebody who reads along. It lives among the native tests;
//! what to play is told in the environment.

use crate::args::Sim;
use crate::problem::Problem;
use crate::proc;
use crate::repo::Repo;

/// Plays seeds or a report.
///
/// # Errors
/// When it does not compile, or when something that must hold does not.
pub fn run(repo: &Repo, asked: &Sim) -> Result<(), Problem> {
    let mut command = repo.cargo();
    command.args(["test", "--quiet", "--test", "it", "--"]);
    match asked {
        Sim::Seeds { seed, count, steps } => {
            command.arg("world::runs::play");
            command.env("SHIM_SEED", seed.to_string()).env("SHIM_COUNT", count.to_string());
            if let Some(steps) = steps {
                command.env("SHIM_STEPS", steps.to_string());
            }
        }
        Sim::Report(file) => {
            if !file.is_file() {
                return Err(Problem::Usage(format!("there is no file {}", file.display())));
            }
            command.arg("world::replay::play_report").env("SHIM_REPORT", file);
        }
    }
    proc::hand_over(command.args(["--exact", "--nocapture"]))
}
