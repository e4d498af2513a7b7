//! How a browser is started.

use super::{Done, Kind};
use std::path::PathBuf;

/// How to start a browser.
#[derive(Clone, Debug)]
pub struct Options {
    /// Which.
    pub kind: Kind,
    /// Without a window.
    pub headless: bool,
    /// The folder that holds `chrome/`, `firefox/` and `shim-firefox.zip`.
    pub dist: PathBuf,
    /// Host names that lead to a port of this machine. In Firefox all lead to one port.
    pub hosts: Vec<(String, u16)>,
    /// A profile to start on; none: a fresh one, deleted at the end.
    pub profile: Option<PathBuf>,
    /// The UUID of the extension in Firefox; none: the one that all runs here share.
    pub firefox_uuid: Option<String>,
    /// Match patterns that the extension has beside its own, as if a person had given them.
    pub granted: Vec<String>,
    /// What is in `dist` has no background: only its pages are waited for.
    pub pages_only: bool,
}

impl Options {
    /// Ordinary options, with programs and folders from the environment that `cargo xtask` sets.
    ///
    /// # Errors
    /// Where `SHIM_DIST` is missing: the command to type is named.
    pub fn from_env(kind: Kind, lab_port: u16) -> Done<Self> {
        let dist = std::env::var_os("SHIM_DIST")
            .map(PathBuf::from)
            .ok_or("SHIM_DIST is not set: run this through `cargo xtask test` or `run`")?;
        let hosts = ["claude.ai", "chatgpt.com"].map(|host| (host.to_owned(), lab_port));
        Ok(Self {
            kind,
            headless: true,
            dist,
            hosts: hosts.to_vec(),
            profile: None,
            firefox_uuid: None,
            granted: Vec::new(),
            pages_only: false,
        })
    }
}
