//! Processes that never outlive a run, and folders of their own.

use super::Done;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};

/// A child and everything it started.
pub struct Running {
    child: Option<Child>,
    left: bool,
}

impl Running {
    /// Starts a program in a process group of its own, so that its children end with it.
    pub fn start(command: &mut Command) -> Done<Self> {
        use std::os::unix::process::CommandExt;
        let name = command.get_program().to_string_lossy().into_owned();
        let child = command.process_group(0).stdin(Stdio::null()).spawn();
        let child = child.map_err(|e| format!("{name} does not start: {e}"))?;
        Ok(Self { child: Some(child), left: false })
    }

    /// Its process number.
    pub fn id(&self) -> u32 {
        self.child.as_ref().map_or(0, Child::id)
    }

    /// Reads its output until a line holds `mark`; that line is returned, the rest is thrown away.
    pub fn wait_for_line(&mut self, mark: &str) -> Done<String> {
        let out = self.child.as_mut().and_then(|child| child.stdout.take());
        let mut lines = BufReader::new(out.ok_or("its output was read already")?).lines();
        for line in lines.by_ref() {
            let line = line?;
            if line.contains(mark) {
                // A full pipe would stop the program.
                std::thread::spawn(move || lines.for_each(drop));
                return Ok(line);
            }
        }
        Err(format!("the program ended without saying \"{mark}\"").into())
    }

    /// Whether it ended by itself.
    pub fn ended(&mut self) -> bool {
        self.child.as_mut().is_none_or(|child| matches!(child.try_wait(), Ok(Some(_))))
    }

    /// Lets it live on.
    pub fn leave(&mut self) {
        self.left = true;
    }

    /// Whether it was left to live on.
    pub fn is_left(&self) -> bool {
        self.left
    }

    /// Kills it and everything it started, with -9.
    pub fn kill(&mut self) {
        let Some(mut child) = self.child.take() else { return };
        for pid in family(child.id()) {
            kill(pid);
        }
        let _ = child.kill();
        let _ = child.wait();
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        if !self.left {
            self.kill();
        }
    }
}

/// Sends -9 to a process.
pub fn kill(pid: u32) {
    let _ = Command::new("kill").args(["-9", &pid.to_string()]).stderr(Stdio::null()).status();
}

/// The command line of a process, its words parted by spaces. None: there is no such process.
pub fn command_line(pid: u32) -> Option<String> {
    let bytes = std::fs::read(format!("/proc/{pid}/cmdline")).ok()?;
    Some(String::from_utf8_lossy(&bytes).replace('\0', " "))
}

/// A process and all its descendants.
pub fn family(root: u32) -> Vec<u32> {
    let parents = all_parents();
    let mut family = vec![root];
    let mut at = 0;
    while let Some(&parent) = family.get(at) {
        family.extend(parents.iter().filter(|(_, p)| *p == parent).map(|(pid, _)| *pid));
        at += 1;
    }
    family
}

fn all_parents() -> Vec<(u32, u32)> {
    let Ok(entries) = std::fs::read_dir("/proc") else { return Vec::new() };
    entries
        .flatten()
        .filter_map(|entry| entry.file_name().to_str()?.parse().ok())
        .filter_map(|pid: u32| Some((pid, parent_of(pid)?)))
        .collect()
}

fn parent_of(pid: u32) -> Option<u32> {
    let stat = std::fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
    // The name stands in brackets and may hold anything.
    stat.rsplit(')').next()?.split_whitespace().nth(1)?.parse().ok()
}

/// Memory of a process in KB: the sum of these lines of its `smaps_rollup` (proc(5)), such as
/// `Pss`, which counts shared pages by their share; 0 where that is not told.
pub fn memory_kb(pid: u32, lines: &[&str]) -> u64 {
    let text = std::fs::read_to_string(format!("/proc/{pid}/smaps_rollup")).unwrap_or_default();
    let wanted = |line: &str| {
        let (_, rest) = line.split_once(':').filter(|(name, _)| lines.contains(name))?;
        rest.split_whitespace().next()?.parse::<u64>().ok()
    };
    text.lines().filter_map(wanted).sum()
}

/// Processor time that a process has used, in milliseconds; 0 where that is not told.
pub fn cpu_ms(pid: u32) -> u64 {
    let stat = std::fs::read_to_string(format!("/proc/{pid}/stat")).unwrap_or_default();
    let after_name = stat.rsplit(')').next().unwrap_or_default();
    // proc(5): utime and stime are the fields 14 and 15, in hundredths of a second.
    let ticks =
        after_name.split_whitespace().skip(11).take(2).filter_map(|n| n.parse::<u64>().ok());
    ticks.sum::<u64>() * 10
}

/// A new empty folder under the temporary one.
pub fn fresh_folder(name: &str) -> Done<PathBuf> {
    static COUNT: AtomicU32 = AtomicU32::new(0);
    let count = COUNT.fetch_add(1, Ordering::Relaxed);
    let folder = std::env::temp_dir().join(format!("shim-{name}-{}-{count}", std::process::id()));
    if folder.exists() {
        std::fs::remove_dir_all(&folder)?;
    }
    std::fs::create_dir_all(&folder)?;
    Ok(folder)
}

/// A port that is free now.
pub fn free_port() -> Done<u16> {
    Ok(std::net::TcpListener::bind(("127.0.0.1", 0))?.local_addr()?.port())
}

/// A program named by the environment, else by its ordinary name.
pub fn program(variable: &str, ordinary: &str) -> PathBuf {
    std::env::var_os(variable).map_or_else(|| Path::new(ordinary).to_owned(), PathBuf::from)
}
