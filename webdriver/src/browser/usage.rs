//! What a running browser takes of the machine.

use super::{Browser, Done, Kind, chromium, firefox, process};

impl Browser {
    /// Memory of the browser and all its processes in MB: what each has for itself, and its share
    /// of what they share (`Pss` of proc(5)).
    ///
    /// # Errors
    /// Where the system does not tell.
    pub fn memory_mb(&self) -> Done<u64> {
        Ok(told(process::family(self.running.id()), &["Pss"])? / 1024)
    }

    /// Memory in KB of the processes that run pages of sites, without mapped files: those are
    /// shared with any other browser on the machine, so that the share changes with it.
    ///
    /// # Errors
    /// Where browser or system does not tell.
    pub async fn memory_of_pages_kb(&self) -> Done<u64> {
        let (pages, _) = self.renderers().await?;
        told(pages, &["Pss_Anon", "Pss_Shmem"])
    }

    /// Memory in KB of the processes that run nothing but extensions: in Chromium this one alone,
    /// in Firefox also those that come with it.
    ///
    /// # Errors
    /// Where browser or system does not tell.
    pub async fn memory_of_extensions_kb(&self) -> Done<u64> {
        let (_, extensions) = self.renderers().await?;
        told(extensions, &["Pss"])
    }

    /// Processes of sites' pages, and those of extensions.
    async fn renderers(&self) -> Done<(Vec<u32>, Vec<u32>)> {
        if self.kind == Kind::Firefox {
            return firefox::renderers(&self.driver).await;
        }
        let (mut pages, mut extensions) = (Vec::new(), Vec::new());
        for pid in process::family(self.running.id()) {
            let line = process::command_line(pid).unwrap_or_default();
            if line.contains("--extension-process") {
                extensions.push(pid);
            } else if line.contains("--type=renderer") {
                pages.push(pid);
            }
        }
        Ok((pages, extensions))
    }

    /// Processor time that the browser and its living processes have used, in milliseconds.
    #[must_use]
    pub fn cpu_ms(&self) -> u64 {
        process::family(self.running.id()).into_iter().map(process::cpu_ms).sum()
    }

    /// The same of the processes that run pages of sites, and of those that run extensions.
    ///
    /// # Errors
    /// Where the browser does not tell them apart.
    pub async fn cpu_of_renderers_ms(&self) -> Done<[u64; 2]> {
        let (pages, extensions) = self.renderers().await?;
        Ok([pages, extensions].map(|pids| pids.into_iter().map(process::cpu_ms).sum()))
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

fn told(processes: Vec<u32>, lines: &[&str]) -> Done<u64> {
    match processes.into_iter().map(|pid| process::memory_kb(pid, lines)).sum() {
        0 => Err("this system does not tell the memory of a process".into()),
        sum => Ok(sum),
    }
}
