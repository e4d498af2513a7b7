//! Where things are: the checkout, cargo's output, the cache of tools.

use std::env;
use std::path::PathBuf;
use std::process::Command;

use serde_json::Value;

use crate::problem::Problem;
use crate::proc;

/// The folders that every command works in. All paths are absolute.
#[derive(Debug, Clone)]
pub struct Repo {
    /// The top of the checkout.
    pub root: PathBuf,
    /// Where cargo puts what it builds.
    pub target: PathBuf,
}

impl Repo {
    /// Finds the checkout and asks cargo for its output folder, which a setting of the person
    /// may have moved.
    ///
    /// # Errors
    /// When the workspace's `Cargo.toml` files cannot be read.
    pub fn find() -> Result<Self, Problem> {
        // At run time first: a checkout that was moved keeps working with an old binary.
        let own = env::var_os("CARGO_MANIFEST_DIR")
            .map_or_else(|| PathBuf::from(env!("CARGO_MANIFEST_DIR")), PathBuf::from);
        let root = own
            .parent()
            .ok_or_else(|| Problem::Failed("the checkout's folder was not found".to_owned()))?
            .to_path_buf();
        let mut repo = Self { target: root.join("target"), root };
        let metadata = repo.metadata()?;
        if let Some(target) = metadata.get("target_directory").and_then(Value::as_str) {
            repo.target = PathBuf::from(target);
        }
        Ok(repo)
    }

    /// What cargo knows of the members of the workspace.
    ///
    /// # Errors
    /// When cargo cannot read the workspace.
    pub fn metadata(&self) -> Result<Value, Problem> {
        let text = proc::output(self.cargo().args([
            "metadata",
            "--no-deps",
            "--format-version",
            "1",
            "--quiet",
        ]))?;
        serde_json::from_str(&text)
            .map_err(|error| Problem::Failed(format!("cargo metadata was not JSON: {error}")))
    }

    /// A cargo command at the top of the checkout.
    #[must_use]
    pub fn cargo(&self) -> Command {
        let mut command = Command::new("cargo");
        command.current_dir(&self.root);
        command
    }

    /// Output of wasm-bindgen: glue and wasm of each entry.
    #[must_use]
    pub fn pkg(&self) -> PathBuf {
        self.root.join("pkg")
    }

    /// The loadable extensions.
    #[must_use]
    pub fn dist(&self) -> PathBuf {
        self.root.join("dist")
    }
}

/// The folder of tools that the commands install for themselves, outside the checkout.
///
/// # Errors
/// When neither `XDG_CACHE_HOME` nor a home folder is known.
pub fn tools_dir() -> Result<PathBuf, Problem> {
    let absolute = |name: &str| env::var_os(name).map(PathBuf::from).filter(|p| p.is_absolute());
    absolute("XDG_CACHE_HOME")
        .or_else(|| absolute("HOME").map(|home| home.join(".cache")))
        .or_else(|| absolute("LOCALAPPDATA"))
        .map(|cache| cache.join("shim").join("tools"))
        .ok_or_else(|| Problem::Failed("no home folder is known: set XDG_CACHE_HOME".to_owned()))
}
