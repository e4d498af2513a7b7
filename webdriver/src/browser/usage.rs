//! What a running browser takes of the machine.

use super::{Browser, Done, Kind, chromium, firefox, process};

impl Browser {
    /// Memory of the browser and all its processes in MB: what each has for itself, and its share
    /// of what they share (`Pss` of proc(5)).
    ///
    /// # Errors
    /// Where the system does not tell.
    pub fn memory_mb(&self) -> Done<u64> {
        Ok(told(process::family(self.running.id()))? / 1024)
    }

    /// The same in KB without the processes that run nothing but extensions.
    ///
    /// # Errors
    /// Where the system does not tell.
    pub fn memory_of_pages_kb(&self) -> Done<u64> {
        let family = process::family(self.running.id()).into_iter();
        told(family.filter(|pid| !self.is_extensions(*pid)).collect())
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
        Ok(self.extension_memory_kb()? / 1024)
    }

    /// The same in KB. In Firefox all extensions share one process, also those that come with it.
    ///
    /// # Errors
    /// Where none is found.
    pub fn extension_memory_kb(&self) -> Done<u64> {
        let family = process::family(self.running.id()).into_iter();
        let found: Vec<u32> = family.filter(|pid| self.is_extensions(*pid)).collect();
        if found.is_empty() {
            return Err("no process of the extension was found".into());
        }
        told(found)
    }

    fn is_extensions(&self, pid: u32) -> bool {
        process::command_line(pid).is_some_and(|line| match self.kind {
            Kind::Chromium => line.contains("--extension-process"),
            Kind::Firefox => line.contains("WebExtensions") || line.contains(" extension"),
        })
    }

    /// Has the browser give back what it does not need any more: in Chromium of the tab in view,
    /// in Firefox of all.
    ///
    /// # Errors
    /// When the browser refuses.
    pub async fn give_back_memory(&self) -> Done<()> {
        match self.kind {
            Kind::Chromium => chromium::collect_garbage(&self.driver).await,
            Kind::Firefox => firefox::minimize_memory(&self.driver).await,
        }
    }
}

fn told(processes: Vec<u32>) -> Done<u64> {
    match processes.into_iter().map(process::memory_kb).sum() {
        0 => Err("this system does not tell the memory of a process".into()),
        sum => Ok(sum),
    }
}
