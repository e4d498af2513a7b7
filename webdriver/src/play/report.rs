//! What came of a play, and the table of it.

use serde::Serialize;
use std::path::PathBuf;

/// What came of it.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Report {
    /// Browser.
    pub browser: String,
    /// Site.
    pub site: String,
    /// Policy.
    pub csp: String,
    /// Where the engine ran: `page` or `background`.
    pub placement: String,
    /// Turns stored of the chat that crashed.
    pub turns: usize,
    /// Tool calls stored.
    pub calls: u32,
    /// Checkpoints stored: number, trigger, risk score.
    pub checkpoints: Vec<(u32, String, f64)>,
    /// Bytes stored.
    pub stored_bytes: u64,
    /// From the kill to the prompt standing in the fresh chat, page load included; milliseconds.
    pub crash_to_prompt_ms: u64,
    /// From the fresh page's document being ready to the prompt standing there; milliseconds.
    pub page_to_prompt_ms: f64,
    /// Characters of the prompt.
    pub prompt_chars: usize,
    /// Whether the model received exactly what stood in the composer.
    pub received_exactly: bool,
    /// What failed, in words; empty: nothing.
    pub failures: Vec<String>,
    /// Pictures taken.
    pub pictures: Vec<PathBuf>,
}

impl Report {
    /// The table that a person reads.
    #[must_use]
    pub fn table(&self) -> String {
        let risk: Vec<String> =
            self.checkpoints.iter().map(|(_, _, score)| format!("{score:.2}")).collect();
        let why: Vec<&str> = self.checkpoints.iter().map(|(_, t, _)| t.as_str()).collect();
        let rows = [
            ("browser, site, policy", format!("{}, {}, {}", self.browser, self.site, self.csp)),
            ("engine runs in", self.placement.clone()),
            ("turns stored", self.turns.to_string()),
            ("tool calls stored", self.calls.to_string()),
            ("checkpoints", format!("{} ({})", self.checkpoints.len(), why.join(", "))),
            ("risk at each checkpoint", risk.join(" ")),
            ("stored", format!("{} bytes", self.stored_bytes)),
            ("crash to prompt in place", format!("{} ms", self.crash_to_prompt_ms)),
            ("fresh page ready to prompt", format!("{:.0} ms", self.page_to_prompt_ms)),
            ("prompt", format!("{} characters", self.prompt_chars)),
            ("received exactly", if self.received_exactly { "yes" } else { "no" }.into()),
        ];
        rows.iter().map(|(name, value)| format!("  {name:<27} {value}\n")).collect()
    }
}
