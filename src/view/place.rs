//! The place in view: whether SHIM looks there, and what a person can do about it.

use super::popup::Knows;
use super::texts;
use crate::base::origin;
use crate::wire::records::Settings;

/// What is said of the place in view.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PlacePanel {
    /// The words.
    pub text: String,
    /// What stands on the button.
    pub label: &'static str,
    /// What a click does.
    pub act: PlaceAct,
}

/// What a person can do about a place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PlaceAct {
    /// Let SHIM look at pages of this match pattern.
    Watch(String),
    /// Take that back.
    Leave(String),
}

impl Default for PlaceAct {
    fn default() -> Self {
        Self::Watch(String::new())
    }
}

impl PlaceAct {
    /// What to say when the browser did it, or did not.
    #[must_use]
    pub fn outcome(&self, done: bool) -> &'static str {
        match (self, done) {
            (Self::Watch(_), true) => texts::WATCHED,
            (Self::Watch(_), false) => texts::NOT_WATCHED,
            (Self::Leave(_), true) => texts::LEFT_ALONE,
            (Self::Leave(_), false) => texts::NOT_LEFT,
        }
    }
}

/// Whether SHIM looks at the page in view.
#[must_use]
pub fn is_watched(knows: &Knows) -> bool {
    let Some(status) = &knows.status else { return false };
    let given = |url: &String| status.places.iter().any(|(place, _)| origin::covers(place, url));
    let has_chat = status.tabs.iter().any(|(tab, _)| Some(*tab) == knows.tab);
    has_chat || knows.url.as_ref().is_some_and(given)
}

/// How the pages of the place in view are read, where no built-in table says so.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RowsPanel {
    /// The place's origin.
    pub origin: String,
    /// Who said how, in words.
    pub about: &'static str,
    /// The rows as JSON text; empty: there are none yet.
    pub text: String,
    /// Whether they were given by a person and fit the place's pages no more.
    pub misfit: bool,
    /// Whether they can be changed, by pointing or as text.
    pub open: bool,
}

/// How the pages of the place in view are read. None: a person did not give the place.
#[must_use]
pub fn rows(knows: &Knows) -> Option<RowsPanel> {
    let (status, url) = (knows.status.as_ref()?, knows.url.as_deref()?);
    let origin = origin::of(url)?;
    let given = status.places.iter().any(|(place, given)| *given && origin::covers(place, url));
    let known = status.settings.rows.get(origin);
    let chat = status.tabs.iter().find(|(tab, _)| Some(*tab) == knows.tab);
    // Rows that were just taken away may still be in use.
    let by_rows = |site: &str| ["shape", "pointed"].iter().any(|name| site.starts_with(name));
    let built_in = known.is_none() && chat.is_some_and(|(_, chat)| !by_rows(chat.site()));
    let misfit = status.settings.misfit.iter().any(|known| known == origin);
    let about = match known {
        None if built_in => texts::ROWS_BUILT_IN,
        None => texts::NO_ROWS,
        Some(rows) if rows.by_hand && misfit => texts::ROWS_MISFIT,
        Some(rows) if rows.by_hand => texts::ROWS_BY_HAND,
        Some(_) => texts::ROWS_BY_SHAPE,
    };
    let text = known.and_then(|rows| serde_json::to_string_pretty(rows).ok()).unwrap_or_default();
    given.then(|| RowsPanel { origin: origin.to_owned(), about, text, misfit, open: !built_in })
}

/// Whether the site in view can be switched off: its match pattern, its host, and whether it is
/// off. A place that a person gave is taken back instead ([`PlaceAct::Leave`]).
#[must_use]
pub fn switch(knows: &Knows) -> Option<(String, String, bool)> {
    let (status, url) = (knows.status.as_ref()?, knows.url.as_deref()?);
    let own = |(place, given): &&(String, bool)| !given && origin::covers(place, url);
    let (pattern, _) = status.places.iter().find(own)?;
    let off = status.settings.off.contains(pattern);
    Some((pattern.clone(), origin::host(url).to_owned(), off))
}

/// Switches the site in view off, or on again.
pub fn flip(knows: &Knows, settings: &mut Settings) {
    let Some((pattern, _, off)) = switch(knows) else { return };
    settings.off.retain(|known| *known != pattern);
    if !off {
        settings.off.push(pattern);
    }
}

/// Whether the site of the chat in view may be asked for what its page does not show: the match
/// pattern, the host, and whether it may. None: it has no such call, or there is no chat.
#[must_use]
pub fn deep(knows: &Knows) -> Option<(String, String, bool)> {
    let (status, url) = (knows.status.as_ref()?, knows.url.as_deref()?);
    let (_, session) = status.tabs.iter().find(|(tab, _)| Some(*tab) == knows.tab)?;
    status.callable.contains(session).then_some(())?;
    let (pattern, _) = status.places.iter().find(|(place, _)| origin::covers(place, url))?;
    let on = status.settings.deep.contains(pattern);
    Some((pattern.clone(), origin::host(url).to_owned(), on))
}

/// Lets the site of the chat in view be asked, or not any more.
pub fn flip_deep(knows: &Knows, settings: &mut Settings) {
    let Some((pattern, _, on)) = deep(knows) else { return };
    settings.deep.retain(|known| *known != pattern);
    if !on {
        settings.deep.push(pattern);
    }
}

/// The place in view. None: there is nothing to say of it, or nothing to do there.
#[must_use]
pub fn panel(knows: &Knows) -> Option<PlacePanel> {
    let (status, url) = (knows.status.as_ref()?, knows.url.as_deref()?);
    let pattern = origin::pattern(url)?;
    let host = origin::host(url);
    let place = status.places.iter().find(|(place, _)| origin::covers(place, url));
    let has_chat = status.tabs.iter().any(|(tab, _)| Some(*tab) == knows.tab);
    let (text, label, act) = match place {
        None => (format!("SHIM does not look at {host}."), texts::WATCH, PlaceAct::Watch(pattern)),
        Some((_, false)) => return None,
        Some((place, true)) => {
            let found = if has_chat { "." } else { ": no chat found in this page yet." };
            let text = format!("You let SHIM watch {host}{found}");
            (text, texts::LEAVE, PlaceAct::Leave(place.clone()))
        }
    };
    Some(PlacePanel { text, label, act })
}
