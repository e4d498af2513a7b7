//! Real browsers with the extension, each in a fresh profile, on the lab's pages.
//!
//! The browser is started here and the driver connects to it: so a killed content process leaves
//! the browser standing, and a person can go on in it when the driver has gone.

mod card;
mod chromium;
mod firefox;
mod inspector;
mod keys;
mod options;
mod process;
mod profile;
mod slow;
mod usage;
pub(crate) mod variant;
mod wait;

pub use inspector::{Dump, Odd};
pub use keys::{Identity, identity};
pub use options::Options;
pub use slow::Slow;

pub(crate) use process::{Running, free_port, fresh_folder};
pub use wait::{PATIENCE, until, until_within};

use std::path::{Path, PathBuf};
use std::sync::Mutex;
use thirtyfour::{WebDriver, WindowHandle};
use variant::Folder;

/// What can go wrong in a run; the text says what to do where something can be done.
pub type Failure = Box<dyn std::error::Error + Send + Sync>;
/// A result of a step of a run.
pub type Done<T> = Result<T, Failure>;

/// Which browser.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Chromium.
    Chromium,
    /// Firefox.
    Firefox,
}

impl Kind {
    /// Reads a name as it stands on a command line.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        match name {
            "chromium" => Some(Self::Chromium),
            "firefox" => Some(Self::Firefox),
            _ => None,
        }
    }

    /// The name.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Chromium => "chromium",
            Self::Firefox => "firefox",
        }
    }

    /// Name and version as the program itself tells them.
    ///
    /// # Errors
    /// When it does not start.
    pub fn version(self) -> Done<String> {
        let program = match self {
            Self::Chromium => process::program("SHIM_CHROMIUM", "chromium"),
            Self::Firefox => process::program("SHIM_FIREFOX", "firefox-esr"),
        };
        let said = std::process::Command::new(&program).arg("--version").output();
        let said = said.map_err(|e| format!("{} does not start: {e}", program.display()))?.stdout;
        let text = String::from_utf8_lossy(&said);
        // Debian's Chromium adds on what it was built and runs.
        let first = text.split(" built on ").next().unwrap_or_default();
        Ok(first.trim().to_owned())
    }
}

/// How a browser ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum End {
    /// With -9 and everything it started, as in a power cut.
    Killed,
    /// As a person quits it.
    Quit,
}

/// A running browser with the extension in it.
pub struct Browser {
    /// Drives the tab in view.
    pub driver: WebDriver,
    /// Which browser.
    pub kind: Kind,
    /// Address of the extension's own pages, ending in `/`.
    pub pages: String,
    /// The profile's folder.
    pub profile: PathBuf,
    /// The tab that reads the store and asks the background.
    inspector: Mutex<WindowHandle>,
    identity: Identity,
    running: Running,
    driving: Running,
    temporary: bool,
    /// The extension, where it is not the one that was built.
    _variant: Option<Folder>,
}

impl Browser {
    /// Starts a browser with the extension and waits until that is ready.
    ///
    /// # Errors
    /// When a program is missing, or the extension does not start within [`PATIENCE`].
    pub async fn start(options: &Options) -> Done<Self> {
        let mut options = options.clone();
        let variant = match options.granted.as_slice() {
            [] => None,
            patterns => Some(variant::granting(&options.dist, patterns)?),
        };
        options.dist = variant.as_ref().map_or(options.dist, |folder| folder.0.clone());
        let options = &options;
        let mut identity = identity(&options.dist)?;
        if let Some(uuid) = &options.firefox_uuid {
            identity.firefox_uuid.clone_from(uuid);
        }
        let temporary = options.profile.is_none();
        let profile = match &options.profile {
            Some(profile) => profile.clone(),
            None => process::fresh_folder("profile")?,
        };
        let started = match options.kind {
            Kind::Chromium => chromium::start(options, &profile).await,
            Kind::Firefox => firefox::start(options, &profile, &identity).await,
        };
        let (running, driving, driver) = started?;
        let pages = match options.kind {
            Kind::Chromium => format!("chrome-extension://{}/", identity.chrome_id),
            Kind::Firefox => format!("moz-extension://{}/", identity.firefox_uuid),
        };
        let inspector = Mutex::new(driver.window().await?);
        let kind = options.kind;
        let this = Self {
            driver,
            kind,
            pages,
            profile,
            inspector,
            identity,
            running,
            driving,
            temporary,
            _variant: variant,
        };
        if options.pages_only {
            this.wait_for_page().await?;
        } else {
            this.wait_for_extension(2 + options.granted.len()).await?;
        }
        Ok(this)
    }

    /// The inspector's page is there.
    async fn wait_for_page(&self) -> Done<()> {
        let page = format!("{}popup.html", self.pages);
        until("a page of the extension", || async {
            self.driver.goto(page.as_str()).await?;
            let here = "return location.href;";
            let at = self.driver.execute(here, Vec::new()).await?;
            Ok((at.json().as_str() == Some(page.as_str())).then_some(()))
        })
        .await
    }

    /// The inspector's page is there and so many sites' scripts are registered.
    async fn wait_for_extension(&self, scripts: usize) -> Done<()> {
        let page = format!("{}popup.html", self.pages);
        let ready = "const done = arguments[arguments.length - 1];\
            if (!globalThis.chrome?.scripting) { done(0); } else {\
            chrome.scripting.getRegisteredContentScripts().then((all) => done(all.length), \
            () => done(0)); }";
        until("the extension to register its scripts", || async {
            if self.driver.goto(page.as_str()).await.is_err() {
                return Ok(None);
            }
            let count = self.driver.execute_async(ready, Vec::new()).await?;
            Ok((count.json().as_u64() >= Some(scripts as u64)).then_some(()))
        })
        .await
    }

    /// Opens a tab and brings it into view.
    ///
    /// # Errors
    /// When the driver refuses.
    pub async fn open(&self, url: &str) -> Done<WindowHandle> {
        let tab = self.driver.new_tab().await?;
        self.show(&tab).await?;
        self.driver.goto(url).await?;
        Ok(tab)
    }

    /// Brings a tab into view.
    ///
    /// # Errors
    /// When it is gone.
    pub async fn show(&self, tab: &WindowHandle) -> Done<()> {
        self.driver.switch_to_window(tab.clone()).await?;
        match self.kind {
            Kind::Chromium => chromium::in_view(&self.driver).await,
            Kind::Firefox => Ok(()),
        }
    }

    /// The tab that reads the store and asks the background.
    ///
    /// # Errors
    /// When a run of this process panicked while it was being replaced.
    pub fn inspector(&self) -> Done<WindowHandle> {
        Ok(self.inspector.lock().map_err(|_| "the inspector's tab is unknown")?.clone())
    }

    /// Brings the inspector's tab into view.
    ///
    /// # Errors
    /// When it is gone.
    pub async fn show_inspector(&self) -> Done<()> {
        self.show(&self.inspector()?).await
    }

    /// Really kills the process of the page in view, which must be at `host`.
    ///
    /// # Errors
    /// When its process is not found.
    pub async fn crash_tab(&self, host: &str) -> Done<()> {
        match self.kind {
            Kind::Chromium => chromium::crash_tab(&self.driver).await?,
            Kind::Firefox => firefox::crash_tab(&self.driver, host).await?,
        }
        // A driver does nothing any more in a tab that crashed.
        self.show_inspector().await
    }

    /// Really kills the processes of all tabs at `host`, also of those that are not in view.
    ///
    /// # Errors
    /// When none is found.
    pub async fn crash_all_tabs(&self, host: &str) -> Done<()> {
        match self.kind {
            Kind::Chromium => chromium::kill_pages(&self.running)?,
            // All tabs of a site share one process there.
            Kind::Firefox => firefox::crash_tab(&self.driver, host).await?,
        }
        self.show_inspector().await
    }

    /// Ends the extension's background, as the browser does when it is idle, but at once. In
    /// Chromium its process is killed with -9, and the inspector's page with it: afterwards an
    /// empty tab is in view, which becomes the inspector when it is needed and wakes nothing now.
    /// A background that was killed just before is waited for: what a page sends starts it again.
    ///
    /// # Errors
    /// When it is not found.
    pub async fn kill_worker(&self) -> Done<()> {
        match self.kind {
            Kind::Chromium => {
                let blank = self.driver.new_tab().await?;
                self.show(&blank).await?;
                until("the background to run, so that it can be killed", async || {
                    chromium::kill_worker(&self.running).map(Some)
                })
                .await?;
                *self.inspector.lock().map_err(|_| "the inspector's tab is unknown")? = blank;
                Ok(())
            }
            Kind::Firefox => firefox::kill_worker(&self.driver, &self.identity).await,
        }
    }

    /// Runs a script in the inspector that ends all pages of the extension. Afterwards an empty
    /// tab is in view, which becomes the inspector when it is needed.
    ///
    /// # Errors
    /// When the driver refuses.
    pub async fn end_extension(&self, script: &str) -> Done<()> {
        let old = self.inspector()?;
        self.in_inspector(script, Vec::new()).await?;
        let blank = self.driver.new_tab().await?;
        self.show(&blank).await?;
        until("the extension's pages to close", async || {
            Ok((!self.driver.windows().await?.contains(&old)).then_some(()))
        })
        .await?;
        *self.inspector.lock().map_err(|_| "the inspector's tab is unknown")? = blank;
        Ok(())
    }

    /// Whether the background runs now.
    ///
    /// # Errors
    /// When the browser does not say.
    pub async fn worker_runs(&self) -> Done<bool> {
        match self.kind {
            Kind::Chromium => chromium::worker_runs(&self.driver, &self.identity).await,
            Kind::Firefox => firefox::worker_runs(&self.driver, &self.identity).await,
        }
    }

    /// Ends the whole browser and starts it again on the same profile.
    ///
    /// # Errors
    /// When it does not end when asked to, or does not start again.
    pub async fn restart(&mut self, options: &Options, end: End) -> Done<()> {
        match end {
            End::Killed => {}
            End::Quit => {
                match self.kind {
                    Kind::Chromium => chromium::quit(&self.driver).await,
                    Kind::Firefox => firefox::quit(&self.driver).await,
                }
                until("the browser to end", async || Ok(self.running.ended().then_some(())))
                    .await?;
            }
        }
        self.running.kill();
        self.driving.kill();
        let temporary = std::mem::replace(&mut self.temporary, false);
        let options = Options { profile: Some(self.profile.clone()), ..options.clone() };
        *self = Self::start(&options).await?;
        self.temporary = temporary;
        Ok(())
    }

    /// Leaves the browser to a person; the driver goes.
    pub fn leave(mut self) {
        self.temporary = false;
        self.running.leave();
        self.driving.kill();
    }

    /// Runs a script at the beginning of every document that the tab in view loads from now on.
    ///
    /// # Errors
    /// In Firefox, whose driver has no such command.
    pub async fn at_the_beginning(&self, script: &str) -> Done<()> {
        match self.kind {
            Kind::Chromium => chromium::at_the_beginning(&self.driver, script).await,
            Kind::Firefox => Err("Firefox's driver runs no script before a page's own".into()),
        }
    }

    /// Takes a picture of the tab in view.
    ///
    /// # Errors
    /// When the driver or the disk refuses.
    pub async fn picture(&self, path: &Path) -> Done<()> {
        let png = self.driver.screenshot_as_png().await?;
        Ok(std::fs::write(path, png)?)
    }
}

impl Drop for Browser {
    fn drop(&mut self) {
        self.driving.kill();
        if self.running.is_left() {
            return;
        }
        self.running.kill();
        if self.temporary {
            // A leftover in the temporary folder is no failure of a run.
            let _ = std::fs::remove_dir_all(&self.profile);
        }
    }
}
