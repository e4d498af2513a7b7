//! All scenes on one application in one browser.

use super::chat::Chat;
use super::scenes::{Scene, Stage};
use super::{Kind, install, start};
use crate::browser::{self, Browser, Done, Options};
use shim::wire::records::Settings;
use shim::wire::ui::Ask;
use std::time::{Duration, Instant};

/// What is played, and how.
#[derive(Clone, Debug)]
pub struct How {
    /// In which browser.
    pub browser: browser::Kind,
    /// The built-in tables do not count.
    pub by_shape: bool,
    /// Names of scenes, parted by commas; empty: all.
    pub scenes: String,
    /// How long the store may take.
    pub patience: Duration,
}

/// Plays the scenes and says what came of each.
///
/// # Errors
/// When the application or the browser does not start, or is gone.
pub async fn play(app: Kind, how: &How, tell: &dyn Fn(&str)) -> Done<Stage> {
    let installed = install(app, tell)?;
    let begun = Instant::now();
    let app = start(&installed).await?;
    tell(&format!("{} answers after {:.1} s", app.kind.name(), begun.elapsed().as_secs_f64()));
    let mut options = Options::from_env(how.browser, 0)?;
    options.granted = vec!["http://127.0.0.1/*".to_owned()];
    let browser = Browser::start(&options).await?;
    if how.by_shape {
        let settings = Settings { by_shape: vec![app.origin.clone()], ..Settings::default() };
        browser.ask(&Ask::Change(settings)).await?;
    }
    let mut stage = Stage::new(Chat::new(app, browser), how.patience);
    stage.chat.prepare().await?;
    let wanted = how.scenes.to_lowercase();
    for scene in Scene::ALL {
        let name = format!("{scene:?}").to_lowercase();
        if wanted.is_empty() || wanted.split(',').any(|wanted| wanted == name) {
            stage.play(scene).await?;
        }
    }
    Ok(stage)
}

/// What was played, for a person.
#[must_use]
pub fn title(app: Kind, how: &How) -> String {
    let by = if how.by_shape { ", by its shape alone" } else { "" };
    format!("{} in {}{by}", app.name(), how.browser.name())
}
