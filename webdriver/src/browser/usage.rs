//! What a running browser takes of the machine.

use super::{Browser, Done, Kind, process};

impl Browser {
    /// Memory of the browser and all its processes in MB: what each has for itself, and its share
    /// of what they share (`Pss` of proc(5)).
    ///
    /// # Errors
    /// Where the system does not tell.
    pub fn memory_mb(&self) -> Done<u64> {
        let sum =
            process::family(self.running.id()).into_iter().map(process::memory_kb).sum::<u64>();
        if sum == 0 {
            Err("this system does not tell the memory of a process".into())
        } else {
            Ok(sum / 1024)
        }
    }

    /// Processor time that the browser and its living processes have used, in milliseconds.
    #[must_use]
    pub fn cpu_ms(&self) -> u64 {
        process::family(self.running.id()).into_iter().map(process::cpu_ms).sum()
    }

    /// Memory in MB of the processes that run nothing but the extension.
    ///
    /// # Errors
    /// Where none is found.
    pub fn extension_memory_mb(&self) -> Done<u64> {
        let ours = |pid: &u32| {
            process::command_line(*pid).is_some_and(|line| match self.kind {
                Kind::Chromium => line.contains("--extension-process"),
                Kind::Firefox => line.contains("WebExtensions") || line.contains(" extension"),
            })
        };
        let found: Vec<u32> = process::family(self.running.id()).into_iter().filter(ours).collect();
        if found.is_empty() {
            return Err("no process of the extension was found".into());
        }
        Ok(found.into_iter().map(process::memory_kb).sum::<u64>() / 1024)
    }
}
