//! What is to be played.

use crate::browser::Kind;
use crate::lab::{Composer, Csp, LabOptions, Renderer, Site};
use std::path::PathBuf;

/// What to play.
#[derive(Clone, Debug)]
pub struct PlayOptions {
    /// In which browser.
    pub kind: Kind,
    /// On which site.
    pub site: Site,
    /// Under which policy.
    pub csp: Csp,
    /// In the shape of which renderer.
    pub renderer: Renderer,
    /// What is typed into.
    pub composer: Composer,
    /// Without a window.
    pub headless: bool,
    /// How many of the demo's messages; 0: all.
    pub turns: usize,
    /// Where pictures go; none: no pictures.
    pub pictures: Option<PathBuf>,
    /// The background is killed between the crash and the resume.
    pub kill_worker: bool,
    /// Pause between two tokens of an answer, in milliseconds.
    pub token_ms: u64,
    /// A profile to start on; none: a fresh one, deleted at the end.
    pub profile: Option<PathBuf>,
    /// The folder of the extension; none: what was built.
    pub dist: Option<PathBuf>,
    /// Lines on the terminal as it goes.
    pub tell: bool,
}

impl PlayOptions {
    /// The main job as a test plays it.
    #[must_use]
    pub fn test(kind: Kind, site: Site, csp: Csp) -> Self {
        Self {
            kind,
            site,
            csp,
            renderer: Renderer::default(),
            composer: Composer::default(),
            headless: true,
            turns: 0,
            pictures: None,
            kill_worker: false,
            profile: None,
            token_ms: LabOptions::default().token_ms,
            dist: None,
            tell: false,
        }
    }
}
