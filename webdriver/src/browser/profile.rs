//! Profiles: whether a browser has one open.

use super::Kind;
use super::process::command_line;
use std::path::Path;

impl Kind {
    /// The process that has this profile open; none: it is closed.
    #[must_use]
    pub fn runs_on(self, profile: &Path) -> Option<u32> {
        // Both keep a link to nowhere that names machine and process, and leave it when killed.
        let (link, before, program, switch) = match self {
            Self::Chromium => ("SingletonLock", '-', "chrom", "--user-data-dir"),
            Self::Firefox => ("lock", '+', "firefox", "-profile"),
        };
        let named = std::fs::read_link(profile.join(link)).ok()?;
        let pid = named.to_str()?.rsplit(before).next()?.parse().ok()?;
        // The number may be another's by now: another program, or a browser on another profile.
        let line = command_line(pid)?;
        let other = line.contains(switch) && !line.contains(profile.to_str()?);
        (line.contains(program) && !other).then_some(pid)
    }
}
