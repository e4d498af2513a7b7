//! Runs a compiled wasm test in a real browser: cargo calls it as the wasm32 test runner.
//!
//! It is `wasm-bindgen-test-runner` taken as a library, so that its version is held by
//! `Cargo.lock` and equals the version of the `wasm-bindgen` crate, with nothing to install.
//! Which browser it drives is told by `CHROMEDRIVER` or `GECKODRIVER`.

use std::process::ExitCode;

fn main() -> ExitCode {
    match wasm_bindgen_cli::wasm_bindgen_test_runner::run_cli_with_args(std::env::args_os()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(problem) => {
            eprintln!("error: {problem:?}");
            ExitCode::FAILURE
        }
    }
}
