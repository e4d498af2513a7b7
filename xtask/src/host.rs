//! What kind of machine this is.

use std::env;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::proc;

/// The system, as far as installing and showing a browser depends on it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum System {
    /// Debian itself: everything is in its packages.
    Debian,
    /// Ubuntu and its kin: their browsers are snaps, which cannot be driven here.
    Ubuntu,
    /// Fedora and its kin.
    Fedora,
    /// Arch and its kin.
    Arch,
    /// macOS.
    Mac,
    /// Anything else.
    Other,
}

/// Finds out which system this is.
#[must_use]
pub fn system() -> System {
    if cfg!(target_os = "macos") {
        return System::Mac;
    }
    system_of(&fs::read_to_string("/etc/os-release").unwrap_or_default())
}

/// Reads the `ID` and `ID_LIKE` lines of an `/etc/os-release`.
fn system_of(os_release: &str) -> System {
    let field = |name: &str| {
        os_release
            .lines()
            .find_map(|line| line.strip_prefix(name)?.strip_prefix('='))
            .map(|value| value.trim_matches(['"', '\'']).to_ascii_lowercase())
            .unwrap_or_default()
    };
    let (id, like) = (field("ID"), field("ID_LIKE"));
    let is = |name: &str| id == name || like.split_whitespace().any(|word| word == name);
    match () {
        () if id == "debian" => System::Debian,
        () if is("ubuntu") => System::Ubuntu,
        () if is("fedora") => System::Fedora,
        () if is("arch") => System::Arch,
        () => System::Other,
    }
}

/// Whether we run as root: then a browser's sandbox refuses to start.
#[must_use]
pub fn is_root() -> bool {
    cfg!(unix)
        && Command::new("id")
            .arg("-u")
            .output()
            .is_ok_and(|output| output.stdout.trim_ascii() == b"0")
}

/// How to run apt without asking anybody: as root, through a sudo that asks for no password,
/// or not at all.
#[must_use]
pub fn apt_prefix() -> Option<&'static [&'static str]> {
    if is_root() {
        return Some(&[]);
    }
    let free = proc::quietly_ok(Command::new("sudo").args(["-n", "true"]));
    free.then_some(&["sudo", "-n"])
}

/// Whether a window can be shown.
#[must_use]
pub fn has_display() -> bool {
    let set = |name: &str| env::var_os(name).is_some_and(|value| !value.is_empty());
    cfg!(any(target_os = "macos", windows)) || set("DISPLAY") || set("WAYLAND_DISPLAY")
}

/// The first program of these names on the search path, with its full path.
#[must_use]
pub fn find_program(names: &[&str]) -> Option<PathBuf> {
    let path = env::var_os("PATH")?;
    names.iter().find_map(|name| {
        env::split_paths(&path)
            .map(|dir| dir.join(name).with_extension(env::consts::EXE_EXTENSION))
            .find(|file| is_program(file))
    })
}

/// Whether a file is there and may be run.
#[must_use]
pub fn is_program(file: &Path) -> bool {
    let Ok(meta) = fs::metadata(file) else { return false };
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        meta.is_file() && meta.permissions().mode() & 0o111 != 0
    }
    #[cfg(not(unix))]
    meta.is_file()
}

/// Whether a program is a snap or Ubuntu's script that stands in for one. A snap sees neither
/// a profile in /tmp nor an extension outside its own folders.
#[must_use]
pub fn is_snap(program: &Path) -> bool {
    let real = fs::canonicalize(program).unwrap_or_else(|_| program.to_path_buf());
    if real.starts_with("/snap") || real.ends_with("usr/bin/snap") {
        return true;
    }
    let small = fs::metadata(&real).is_ok_and(|meta| meta.len() < 16 * 1024);
    small && fs::read_to_string(&real).is_ok_and(|text| text.contains("/snap/bin/"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn systems_are_told_apart() {
        let cases = [
            ("PRETTY_NAME=\"x\"\nID=debian\n", System::Debian),
            ("ID=ubuntu\nID_LIKE=debian\n", System::Ubuntu),
            ("ID=linuxmint\nID_LIKE=\"ubuntu debian\"\n", System::Ubuntu),
            ("ID=\"rocky\"\nID_LIKE=\"rhel centos fedora\"\n", System::Fedora),
            ("ID=manjaro\nID_LIKE=arch\n", System::Arch),
            ("ID=alpine\n", System::Other),
            ("", System::Other),
        ];
        for (text, system) in cases {
            assert_eq!(system_of(text), system, "{text}");
        }
    }
}
