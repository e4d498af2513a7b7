//! The four wasm entries: compiled by cargo, bound by wasm-bindgen, measured.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use wasm_bindgen_cli_support::Bindgen;

use crate::problem::Problem;
use crate::repo::{self, Repo};
use crate::{proc, setup};

/// The compile target of everything that runs in a browser.
pub const TARGET: &str = "wasm32-unknown-unknown";

/// The entries, each a binary of the root package.
pub const ENTRIES: [Entry; 4] = [
    // A content script is no module, and cannot be one.
    Entry { name: "content", module: false, profile: "wasm" },
    Entry { name: "background", module: true, profile: "wasm-fast" },
    Entry { name: "ui", module: true, profile: "wasm" },
    Entry { name: "board", module: true, profile: "wasm" },
];

/// A version of its own folder: a newer one is installed beside it, never over it.
const BINARYEN: &str = "132.0.0";

/// One wasm binary and how its glue is loaded.
#[derive(Debug, Clone, Copy)]
pub struct Entry {
    /// Name of the cargo binary, and stem of every file made from it.
    pub name: &'static str,
    /// Whether the glue is an ES module; otherwise a classic script.
    pub module: bool,
    /// The cargo profile that it is compiled with.
    pub profile: &'static str,
}

impl Entry {
    /// Its glue in the output folder of wasm-bindgen.
    #[must_use]
    pub fn glue(&self, pkg: &Path) -> PathBuf {
        pkg.join(format!("{}.js", self.name))
    }

    /// Its wasm in the output folder of wasm-bindgen.
    #[must_use]
    pub fn wasm(&self, pkg: &Path) -> PathBuf {
        pkg.join(format!("{}_bg.wasm", self.name))
    }
}

/// Compiles the entries and binds them into `pkg/`; with `release_opt` also shrinks them.
///
/// # Errors
/// When the target cannot be added, the code does not compile, or a tool fails.
pub fn build(repo: &Repo, release_opt: bool) -> Result<(), Problem> {
    setup::wasm_target()?;
    compile(repo)?;
    let pkg = repo.pkg();
    if pkg.exists() {
        // A stale file of an earlier build must not reach the extension.
        fs::remove_dir_all(&pkg).map_err(|error| Problem::file("clear", &pkg, &error))?;
    }
    for entry in ENTRIES {
        bind(repo, entry, &pkg)?;
    }
    if release_opt {
        let tool = wasm_opt()?;
        for entry in ENTRIES {
            shrink(&tool, &entry.wasm(&pkg))?;
        }
    }
    Ok(())
}

fn compile(repo: &Repo) -> Result<(), Problem> {
    for profile in ["wasm", "wasm-fast"] {
        let mut cargo = repo.cargo();
        cargo.args(["build", "--package", "shim", "--profile", profile, "--target", TARGET]);
        for entry in ENTRIES.iter().filter(|entry| entry.profile == profile) {
            cargo.args(["--bin", entry.name]);
        }
        proc::run(&mut cargo)?;
    }
    Ok(())
}

fn bind(repo: &Repo, entry: Entry, pkg: &Path) -> Result<(), Problem> {
    let input = repo.target.join(TARGET).join(entry.profile).join(format!("{}.wasm", entry.name));
    let mut bindgen = Bindgen::new();
    bindgen
        .input_path(&input)
        .out_name(entry.name)
        .typescript(false)
        // A module's glue finds the wasm beside itself. The content entry's bytes come inlined,
        // so its glue needs no guess at an address.
        .omit_default_module_path(!entry.module)
        // Names are half of the file, and a panic aborts without a backtrace anyway.
        .remove_name_section(true)
        .remove_producers_section(true);
    let made = if entry.module { bindgen.web(true) } else { bindgen.no_modules(true) };
    made.and_then(|bindgen| bindgen.generate(pkg)).map_err(|error| {
        Problem::Failed(format!("wasm-bindgen refused {}: {error:?}", input.display()))
    })
}

/// The product's packing as wasm of its own, made as the background is. Returns its folder.
///
/// # Errors
/// As [`build`].
pub fn packer(repo: &Repo, release_opt: bool) -> Result<PathBuf, Problem> {
    let entry = Entry { name: "packer", module: true, profile: "wasm-fast" };
    let package = ["build", "--package", "shim-packer", "--target", TARGET];
    proc::run(repo.cargo().args(package).args(["--profile", entry.profile]))?;
    let made = repo.target.join(TARGET).join(entry.profile);
    let wasm = made.join("packer.wasm");
    fs::copy(made.join("shim_packer.wasm"), &wasm)
        .map_err(|error| Problem::file("copy", &wasm, &error))?;
    let folder = repo.target.join("packer");
    bind(repo, entry, &folder)?;
    if release_opt {
        shrink(&wasm_opt()?, &entry.wasm(&folder))?;
    }
    Ok(folder)
}

/// Finds the pinned `wasm-opt`, installing it from npm the first time.
fn wasm_opt() -> Result<PathBuf, Problem> {
    let dir = repo::tools_dir()?.join(format!("binaryen-{BINARYEN}"));
    let tool = dir.join("node_modules").join(".bin").join("wasm-opt");
    if tool.exists() {
        return Ok(tool);
    }
    let Some(npm) = setup::npm() else {
        return Err(Problem::Missing(format!(
            "--release-opt needs npm, to install wasm-opt (binaryen {BINARYEN}).\n\
             Install Node.js with npm and run this again, or build without --release-opt."
        )));
    };
    fs::create_dir_all(&dir).map_err(|error| Problem::file("make", &dir, &error))?;
    say!("      installing wasm-opt (npm binaryen {BINARYEN}) …");
    proc::run(
        Command::new(npm)
            .args(["install", "--no-audit", "--no-fund", "--no-save", "--loglevel=error"])
            .arg("--prefix")
            .arg(&dir)
            .arg(format!("binaryen@{BINARYEN}")),
    )?;
    if tool.exists() {
        return Ok(tool);
    }
    Err(Problem::Failed(format!("npm installed no wasm-opt at {}", tool.display())))
}

fn shrink(tool: &Path, wasm: &Path) -> Result<(), Problem> {
    let small = wasm.with_extension("small");
    // No feature flag: `--all-features` emits imports that both browsers refuse. What is large is
    // not put into its one caller: browsers compile a function when it is first called, and one
    // of 77 KB was a long task of the page's thread.
    let how = ["-Oz", "--one-caller-inline-max-function-size=1000"];
    proc::run(Command::new(tool).args(how).arg(wasm).arg("-o").arg(&small))?;
    fs::rename(&small, wasm).map_err(|error| Problem::file("replace", wasm, &error))
}

/// Prints the size of each entry's wasm.
///
/// # Errors
/// When a file is missing.
pub fn print_sizes(pkg: &Path) -> Result<(), Problem> {
    let mut line = Vec::new();
    for entry in ENTRIES {
        let path = entry.wasm(pkg);
        let meta = fs::metadata(&path).map_err(|error| Problem::file("read", &path, &error))?;
        line.push(format!("{} {:.1} KB", entry.name, meta.len() as f64 / 1000.0));
    }
    say!("      wasm: {}", line.join(", "));
    Ok(())
}
