//! The command line of this crate: `shim-webdriver lab …` serves the local chat pages.

use std::process::ExitCode;

use shim_webdriver::lab::{Composer, Csp, Lab, LabOptions, Panels, Renderer, Site};
use shim_webdriver::{apps, cli, dump, torture, watch};

const USAGE: &str = "\
usage: shim-webdriver lab [options]
  --site claude|chatgpt        the site shown under any other host name (claude)
  --csp permissive|strict      with or without 'wasm-unsafe-eval' (permissive)
  --port PORT                  0 is any free port (8443)
  --plain                      a plain contenteditable instead of ProseMirror
  --token-ms MS                pause between two tokens of an answer (8)
  --renderer newest|2026-07    the shape of the pages, where no ?renderer= chose one (newest)
  --panels open|closed         whether what tools did is unfolded at first (open)";

fn main() -> ExitCode {
    let mut args = std::env::args().skip(1);
    match args.next().as_deref() {
        Some("lab") => match lab_options(args) {
            Ok(options) => serve(options),
            Err(reason) => fail(&format!("{reason}\n{USAGE}")),
        },
        Some("play") => match cli::play_options(args) {
            Ok((options, json)) => run(cli::play(options, json)),
            Err(reason) => fail(&format!("{reason}\n{}", cli::PLAY_USAGE)),
        },
        Some("bench") => match cli::bench_options(args) {
            Ok(options) => run(cli::bench(options)),
            Err(reason) => fail(&format!("{reason}\n{}", cli::BENCH_USAGE)),
        },
        Some("apps") => run(apps::cli::run(args.collect())),
        Some("dump") => tool(dump::HELP, args, |args| Ok(run(dump::run(dump::options(args)?)))),
        Some("torture") => {
            tool(torture::HELP, args, |args| Ok(run(torture::run(torture::options(args)?))))
        }
        Some("watch") => tool(watch::HELP, args, |args| Ok(run(watch::run(watch::options(args)?)))),
        Some("--help" | "-h" | "help") => {
            println!("{USAGE}\n\n{}\n\n{}", cli::PLAY_USAGE, cli::BENCH_USAGE);
            println!("\n{}", apps::cli::USAGE);
            ExitCode::SUCCESS
        }
        Some(other) => fail(&format!("unknown command `{other}`\n{USAGE}")),
        None => fail(USAGE),
    }
}

/// A command with a help of its own.
fn tool(
    help: &str,
    args: impl Iterator<Item = String>,
    carry_out: impl FnOnce(std::vec::IntoIter<String>) -> Result<ExitCode, String>,
) -> ExitCode {
    let args: Vec<String> = args.collect();
    if args.iter().any(|arg| arg == "--help" || arg == "-h") {
        println!("{help}");
        return ExitCode::SUCCESS;
    }
    carry_out(args.into_iter()).unwrap_or_else(|reason| fail(&reason))
}

fn fail(reason: &str) -> ExitCode {
    eprintln!("{reason}");
    ExitCode::FAILURE
}

/// Reads the options of `lab`; the error is a sentence for the person who typed them.
fn lab_options(mut args: impl Iterator<Item = String>) -> Result<LabOptions, String> {
    let mut options = LabOptions { port: 8443, ..LabOptions::default() };
    while let Some(name) = args.next() {
        if name == "--plain" {
            options.composer = Composer::Plain;
            continue;
        }
        let value = args.next().ok_or_else(|| format!("`{name}` wants a value"))?;
        let bad = || format!("`{name} {value}` is not understood");
        match name.as_str() {
            "--site" => options.site = Site::from_name(&value).ok_or_else(bad)?,
            "--csp" => options.csp = Csp::from_name(&value).ok_or_else(bad)?,
            "--panels" => options.panels = Panels::from_name(&value).ok_or_else(bad)?,
            "--renderer" => options.renderer = Renderer::from_name(&value).ok_or_else(bad)?,
            "--port" => options.port = value.parse().map_err(|_| bad())?,
            "--token-ms" => options.token_ms = value.parse().map_err(|_| bad())?,
            _ => return Err(format!("unknown option `{name}`")),
        }
    }
    Ok(options)
}

fn run(task: impl Future<Output = ExitCode>) -> ExitCode {
    match tokio::runtime::Runtime::new() {
        Ok(runtime) => runtime.block_on(task),
        Err(error) => fail(&format!("no runtime: {error}")),
    }
}

fn serve(options: LabOptions) -> ExitCode {
    run(async {
        let lab = match Lab::start(options).await {
            Ok(lab) => lab,
            Err(error) => return fail(&error.to_string()),
        };
        println!("LAB READY {}", lab.url());
        match tokio::signal::ctrl_c().await {
            Ok(()) => ExitCode::SUCCESS,
            Err(error) => fail(&format!("cannot wait for Ctrl+C: {error}")),
        }
    })
}
