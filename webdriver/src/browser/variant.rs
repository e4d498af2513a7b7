//! The extension as it was built, changed in a folder of its own.

use super::Done;
use super::process::fresh_folder;
use crate::dump::copy_tree;
use serde_json::Value;
use std::path::{Path, PathBuf};

/// A folder that goes when nobody needs it any more.
pub(crate) struct Folder(pub(crate) PathBuf);

impl Folder {
    pub(crate) fn fresh(name: &str) -> Done<Self> {
        Ok(Self(fresh_folder(name)?))
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        // A leftover in the temporary folder is no failure of a run.
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

/// The extension with these match patterns granted at its installation, as if a person had given
/// them: no driver can answer the browser's own question.
pub(super) fn granting(dist: &Path, patterns: &[String]) -> Done<Folder> {
    let folder = Folder::fresh("granting")?;
    for browser in ["chrome", "firefox"] {
        let to = folder.0.join(browser);
        copy_tree(&dist.join(browser), &to)?;
        let path = to.join("manifest.json");
        let mut manifest: Value = serde_json::from_str(&std::fs::read_to_string(&path)?)?;
        let hosts = manifest.get_mut("host_permissions").and_then(Value::as_array_mut);
        let hosts = hosts.ok_or("the manifest names no hosts")?;
        hosts.extend(patterns.iter().map(|pattern| Value::from(pattern.as_str())));
        std::fs::write(&path, serde_json::to_string_pretty(&manifest)?)?;
    }
    Ok(folder)
}
