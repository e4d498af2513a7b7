//! The steps of a script, made in a browser.

use super::script::{Chord, Step};
use crate::browser::{Browser, Done, until_within};
use crate::stored::{Held, HeldTurn, Session};
use serde_json::Value;
use shim::base::text::hash;
use shim::sites::{self, Site};
use shim::wire::chat::{Role, Turn, TurnState};
use std::path::Path;
use std::time::{Duration, Instant};
use thirtyfour::{By, WebElement, WindowHandle};

/// How long nothing new must have been stored until a page counts as idle: several times as long
/// as a change takes from the page into the store.
const SETTLED: Duration = Duration::from_millis(2500);

/// How long an answer may take to begin on a page of which nothing else tells that one comes.
const ANSWERED: Duration = Duration::from_secs(15);

/// What can be typed into on a page that no table describes.
const ANY_INPUT: &str = "textarea, [contenteditable]:not([contenteditable=false]), \
    input:not([type]), input[type=text], input[type=search]";

/// The browser with the page that the script is about.
pub(super) struct Stage<'b> {
    browser: &'b Browser,
    patience: Duration,
    page: Option<Page>,
    /// Turns stored when something was last sent.
    sent_after: Option<usize>,
    /// Crashes on record when a process was last killed.
    killed_after: usize,
}

struct Page {
    tab: WindowHandle,
    site: Option<&'static Site>,
    /// The tab that stands before it.
    before: Option<WindowHandle>,
}

impl<'b> Stage<'b> {
    pub(super) fn new(browser: &'b Browser, patience: Duration) -> Self {
        Self { browser, patience, page: None, sent_after: None, killed_after: 0 }
    }

    pub(super) async fn make(&mut self, step: &Step) -> Done<()> {
        match step {
            Step::Type(text) => self.type_text(text).await,
            Step::Press(chord) => self.press(chord).await,
            Step::Send => self.send().await,
            Step::WaitText(text) => self.wait_text(text).await,
            Step::WaitIdle => self.wait_idle().await,
            Step::WaitTurns(count) => self.wait_turns(*count).await,
            Step::WaitStored(text) => self.wait_stored(text).await,
            Step::WaitCrash => self.wait_crash().await,
            Step::Card(label) => {
                self.in_view()?;
                self.browser.press_card(label).await
            }
            Step::Open(url) => self.open(url).await,
            Step::Hide => self.hide().await,
            Step::Show => self.show().await,
            Step::Crash => self.crash().await,
            Step::Reload => {
                self.in_view()?;
                Ok(self.browser.driver.refresh().await?)
            }
            Step::Close => self.close().await,
            Step::Picture(file) => self.picture(file).await,
        }
    }

    /// The page, which must be in view.
    fn in_view(&self) -> Done<&Page> {
        match &self.page {
            None => Err("no page is open: `open URL` comes first".into()),
            Some(page) if page.before.is_some() => {
                Err("the page is hidden: `show` comes first".into())
            }
            Some(page) => Ok(page),
        }
    }

    async fn until<T>(&self, what: &str, look: impl AsyncFnMut() -> Done<Option<T>>) -> Done<T> {
        until_within(self.patience, what, look).await
    }

    async fn held(&self) -> Done<Held> {
        Ok(Held::of(&self.browser.dump().await?))
    }

    async fn in_page(&self, script: &str, arguments: Vec<Value>) -> Done<Value> {
        Ok(self.browser.driver.execute(script, arguments).await?.json().clone())
    }

    /// The first element of these that a person sees.
    async fn shown(&self, what: &str, css: &str) -> Done<WebElement> {
        self.until(what, async || {
            for element in self.browser.driver.find_all(By::Css(css)).await? {
                if element.is_displayed().await? && element.is_enabled().await? {
                    return Ok(Some(element));
                }
            }
            Ok(None)
        })
        .await
    }

    async fn open(&mut self, url: &str) -> Done<()> {
        // Known before it is loaded: a page that loads badly is still the one in view.
        let tab = self.browser.driver.new_tab().await?;
        self.browser.show(&tab).await?;
        self.page = Some(Page { tab, site: sites::for_url(url), before: None });
        Ok(self.browser.driver.goto(url).await?)
    }

    async fn type_text(&self, text: &str) -> Done<()> {
        let site = self.site().await?;
        let css = site.map_or(ANY_INPUT.to_owned(), |site| css(site, &["composer"]));
        let composer = self.shown("something to type into", &css).await?;
        let focused = "return arguments[0].contains(document.activeElement);";
        if self.in_page(focused, vec![composer.to_json()?]).await? != Value::Bool(true) {
            composer.click().await?;
        }
        composer.send_keys(text).await?;
        self.until("the typed text", async || {
            Ok(self.text_in(&composer).await?.contains(&bare(text)).then_some(()))
        })
        .await
    }

    async fn text_in(&self, composer: &WebElement) -> Done<String> {
        let script = "return arguments[0].value ?? arguments[0].textContent;";
        let text = self.in_page(script, vec![composer.to_json()?]).await?;
        Ok(bare(text.as_str().unwrap_or_default()))
    }

    async fn press(&self, chord: &Chord) -> Done<()> {
        self.in_view()?;
        let mut keys = self.browser.driver.action_chain();
        for key in &chord.held {
            keys = keys.key_down(*key);
        }
        keys = keys.key_down(chord.key).key_up(chord.key);
        for key in chord.held.iter().rev() {
            keys = keys.key_up(*key);
        }
        Ok(keys.perform().await?)
    }

    /// Presses the send control, and waits until the page took the text.
    async fn send(&mut self) -> Done<()> {
        let site = self.site().await?;
        self.sent_after = Some(turns(&self.held().await?));
        let Some(site) = site else {
            return self.press(&Chord { held: Vec::new(), key: '\u{e007}' }).await;
        };
        let composer = css(site, &["composer"]);
        let send = self.shown("the send control", &css(site, &["send"])).await?;
        send.click().await?;
        self.until("the page to take what was sent", async || {
            let composer = self.browser.driver.find_all(By::Css(composer.as_str())).await?;
            let Some(composer) = composer.first() else { return Ok(Some(())) };
            Ok(self.text_in(composer).await?.is_empty().then_some(()))
        })
        .await
    }

    async fn wait_text(&self, text: &str) -> Done<()> {
        self.in_view()?;
        let wanted = bare(text);
        // What stands in fields is no text of the page.
        let script = "const fields = [...document.querySelectorAll('input, textarea')]; \
            return [document.body.innerText, ...fields.map((field) => field.value)].join(' ');";
        self.until(&format!("the text {text:?}"), async || {
            let seen = self.in_page(script, Vec::new()).await?;
            Ok(bare(seen.as_str().unwrap_or_default()).contains(&wanted).then_some(()))
        })
        .await
    }

    async fn wait_idle(&mut self) -> Done<()> {
        let page = self.page.as_ref().ok_or("no page is open: `open URL` comes first")?;
        let hidden = page.before.is_some();
        let site = if hidden { None } else { self.site().await? };
        let (mut last, mut since) = (0, Instant::now());
        self.until("the page to be idle and its turns to be stored", async || {
            let mounted = match site {
                Some(site) => self.idle_turns(site).await?,
                None => self.loaded().await?.then_some(0),
            };
            let held = self.held().await?;
            let now = hash(&serde_json::to_string(&held.sessions)?);
            if now != last {
                (last, since) = (now, Instant::now());
            }
            let stored = turns(&held);
            let all = self.sent_after.is_none_or(|before| stored > before)
                && mounted.is_some_and(|mounted| stored >= mounted)
                && !held.sessions.iter().any(is_streaming);
            // No mark of such a page says that an answer is on its way.
            let asked = site.is_none() && held.sessions.iter().any(awaits_answer);
            let settled = if asked { ANSWERED } else { SETTLED };
            Ok((all && since.elapsed() >= settled).then_some(()))
        })
        .await?;
        self.sent_after = None;
        Ok(())
    }

    async fn loaded(&self) -> Done<bool> {
        let ready = "return document.readyState === 'complete';";
        Ok(self.in_page(ready, Vec::new()).await? == Value::Bool(true))
    }

    /// The table that tells where to type in the page in view: by its address, or by its marks.
    async fn site(&self) -> Done<Option<&'static Site>> {
        let page = self.in_view()?;
        if page.site.is_some() {
            return Ok(page.site);
        }
        let there = "return document.querySelector(arguments[0]) !== null;";
        for site in sites::ALL.iter().filter(|site| !site.marks.is_empty()) {
            if self.in_page(there, vec![site.marks.into()]).await? == Value::Bool(true) {
                return Ok(Some(site));
            }
        }
        Ok(None)
    }

    /// How many elements of turns the page shows; none: an answer is being made.
    async fn idle_turns(&self, site: &Site) -> Done<Option<usize>> {
        let script = "const [busy, turn] = arguments; \
            const seen = (css) => css === '' ? [] : \
            [...document.querySelectorAll(css)].filter((e) => e.checkVisibility()); \
            return seen(busy).length > 0 ? null : seen(turn).length;";
        let marks = [css(site, &["stop", "busy", "streaming"]), css(site, &["turn"])];
        let seen = self.in_page(script, marks.map(Into::into).to_vec()).await?;
        Ok(seen.as_u64().and_then(|count| usize::try_from(count).ok()))
    }

    async fn wait_turns(&self, wanted: usize) -> Done<()> {
        self.until(&format!("{wanted} turns to be stored"), async || {
            let held = self.held().await?;
            let enough = held.sessions.iter().any(|session| {
                let done = |held: &&HeldTurn| held.turn.state != TurnState::Streaming;
                session.turns.iter().filter(done).count() >= wanted
            });
            Ok(enough.then_some(()))
        })
        .await
    }

    async fn wait_stored(&self, text: &str) -> Done<()> {
        let wanted = bare(text);
        self.until(&format!("the text {text:?} to be stored"), async || {
            let held = self.held().await?;
            let mut turns = held.sessions.iter().flat_map(|session| &session.turns);
            let found = turns.any(|held| bare(&held.turn.markdown).contains(&wanted));
            Ok(found.then_some(()))
        })
        .await
    }

    async fn wait_crash(&self) -> Done<()> {
        self.until("a crash to be on record", async || {
            let crashes = self.held().await?.crash_events.len();
            Ok((crashes > self.killed_after).then_some(()))
        })
        .await
    }

    async fn hide(&mut self) -> Done<()> {
        self.in_view()?;
        let before = self.browser.driver.new_tab().await?;
        self.browser.show(&before).await?;
        if let Some(page) = &mut self.page {
            page.before = Some(before);
        }
        Ok(())
    }

    async fn show(&mut self) -> Done<()> {
        let page = self.page.as_mut().ok_or("no page is open: `open URL` comes first")?;
        if let Some(before) = page.before.take() {
            self.browser.show(&before).await?;
            self.browser.driver.close_window().await?;
        }
        let tab = page.tab.clone();
        self.browser.show(&tab).await
    }

    async fn crash(&mut self) -> Done<()> {
        self.in_view()?;
        let url = self.browser.driver.current_url().await?;
        self.killed_after = self.held().await?.crash_events.len();
        self.browser.crash_tab(url.host_str().unwrap_or_default()).await?;
        self.page = None;
        Ok(())
    }

    async fn close(&mut self) -> Done<()> {
        self.in_view()?;
        self.browser.driver.close_window().await?;
        self.page = None;
        self.browser.show_inspector().await
    }

    async fn picture(&self, file: &Path) -> Done<()> {
        self.in_view()?;
        self.browser.picture(file).await
    }
}

/// The selectors of these slots of a site, as one.
fn css(site: &Site, slots: &[&str]) -> String {
    let rows = site.rows.iter().filter(|row| slots.contains(&row.slot));
    let all: Vec<&str> = rows.flat_map(|row| row.css.iter().map(|(css, _)| *css)).collect();
    all.join(", ")
}

/// Without white space: editors and pages put their own.
fn bare(text: &str) -> String {
    text.chars().filter(|letter| !letter.is_whitespace()).collect()
}

/// Whether an answer of this chat is still coming; of one that is not open, none comes any more.
fn is_streaming(session: &Session) -> bool {
    session.head.get("live").is_some_and(|live| !live.is_null())
        && session.turns.iter().any(|held| held.turn.state == TurnState::Streaming)
}

/// Whether the last turn of this chat, which is open, is a person's, or an answer without a word.
fn awaits_answer(session: &Session) -> bool {
    let silent = |turn: &Turn| turn.role == Role::User || turn.markdown.trim().is_empty();
    session.head.get("live").is_some_and(|live| !live.is_null())
        && session.turns.last().is_some_and(|held| silent(&held.turn))
}

fn turns(held: &Held) -> usize {
    held.sessions.iter().map(|session| session.turns.len()).sum()
}
