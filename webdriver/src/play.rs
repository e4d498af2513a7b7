//! The main job, played through in a real browser: a chat is saved, its process killed, and the
//! work carried on in a fresh chat.

mod face;
mod options;
mod report;

pub use face::{Face, face};
pub use options::PlayOptions;
pub use report::Report;

use crate::browser::{Browser, Done, Dump, End, Options, until};
use crate::lab::{Lab, LabOptions, demo};
use shim::base::SessionId;
use shim::wire::chat::Role;
use shim::wire::records::SessionHead;
use shim::wire::session::ResumeStage;
use std::time::Instant;
use thirtyfour::{By, Key, WebElement};

/// One play under way.
pub struct Play {
    /// The lab.
    pub lab: Lab,
    /// The browser.
    pub browser: Browser,
    /// The site's marks.
    pub face: Face,
    /// What was wanted.
    pub options: PlayOptions,
    /// What came of it so far.
    pub report: Report,
}

impl Play {
    /// Starts lab and browser.
    ///
    /// # Errors
    /// When one of them does not start.
    pub async fn start(options: PlayOptions) -> Done<Self> {
        let lab = Lab::start(LabOptions {
            csp: options.csp,
            site: options.site,
            composer: options.composer,
            token_ms: options.token_ms,
            renderer: options.renderer,
            ..LabOptions::default()
        })
        .await?;
        let mut how = Options::from_env(options.kind, lab.port)?;
        how.headless = options.headless;
        how.profile.clone_from(&options.profile);
        how.dist = options.dist.clone().unwrap_or(how.dist);
        let browser = Browser::start(&how).await?;
        let face = face(options.site, options.renderer);
        let report = Report {
            browser: options.kind.name().into(),
            site: face.host.into(),
            csp: format!("{:?}", options.csp).to_lowercase(),
            ..Report::default()
        };
        Ok(Self { lab, browser, face, options, report })
    }

    /// Ends the whole browser and starts it again on the same profile.
    ///
    /// # Errors
    /// When it does not end or start.
    pub async fn restart(&mut self, end: End) -> Done<()> {
        let mut how = Options::from_env(self.options.kind, self.lab.port)?;
        how.headless = self.options.headless;
        how.dist = self.options.dist.clone().unwrap_or(how.dist);
        self.browser.restart(&how, end).await
    }

    fn tell(&self, text: &str) {
        if self.options.tell {
            println!("  {text}");
        }
    }

    fn check(&mut self, what: &str, holds: bool) {
        if !holds {
            self.report.failures.push(what.to_owned());
        }
    }

    async fn picture(&mut self, name: &str) -> Done<()> {
        if let Some(folder) = &self.options.pictures {
            std::fs::create_dir_all(folder)?;
            let path = folder.join(format!("{}-{name}.png", self.report.browser));
            self.browser.picture(&path).await?;
            self.report.pictures.push(path);
        }
        Ok(())
    }

    /// The address of a fresh chat.
    #[must_use]
    pub fn fresh_url(&self) -> String {
        format!("https://{}{}", self.face.host, self.face.fresh)
    }

    /// Text that stands in the composer, as a page reads it.
    ///
    /// # Errors
    /// When there is no composer.
    pub async fn composer_text(&self) -> Done<String> {
        let script = "const c = document.querySelector(arguments[0]); \
            return c ? [...c.children].map((p) => p.textContent).join('\\n') : null;";
        let text = self.browser.driver.execute(script, vec![self.face.composer.into()]).await?;
        Ok(text.json().as_str().ok_or("there is no composer")?.to_owned())
    }

    /// Types a message and sends it with Enter, as a person does.
    ///
    /// # Errors
    /// When the page does not take it.
    pub async fn say(&self, text: &str) -> Done<()> {
        let composer = self.type_text(text).await?;
        composer.send_keys(Key::Enter + "").await?;
        Ok(())
    }

    /// Types into the composer, and sends nothing.
    ///
    /// # Errors
    /// When the page does not take it.
    pub async fn type_text(&self, text: &str) -> Done<WebElement> {
        let composer = until("the composer", async || {
            Ok(self.browser.driver.find(By::Css(self.face.composer)).await.ok())
        })
        .await?;
        composer.click().await?;
        composer.send_keys(text).await?;
        until("the typed text", async || Ok((self.composer_text().await? == text).then_some(())))
            .await?;
        Ok(composer)
    }

    /// Waits until the model received `count` messages and the last answer is done.
    ///
    /// # Errors
    /// When that does not happen in time.
    pub async fn answered(&self, count: usize) -> Done<()> {
        until("the answer", async || {
            let log = self.lab.log();
            let Some(last) = log.last().filter(|_| log.len() >= count) else { return Ok(None) };
            // The page shows a message only after the model took it, and its stop control later
            // still: so the message must be there, and what follows it must be done.
            let script = "const [stop, turn, message, done, said] = arguments; \
                const bare = (text) => (text ?? '').replace(/\\s+/g, ''); \
                const all = (css) => [...document.querySelectorAll(css)] \
                .filter((e) => e.checkVisibility()); \
                return bare(all(message).at(-1)?.textContent) === bare(said) && \
                document.querySelector(stop) === null && \
                all(done).some((mark) => all(turn).at(-1)?.contains(mark));";
            let face = &self.face;
            let marks = [face.stop, face.turn, face.message, face.done, last.text.as_str()];
            let marks = marks.map(Into::into).to_vec();
            let seen = self.browser.driver.execute(script, marks).await?;
            Ok((seen.json() == &serde_json::json!(true)).then_some(()))
        })
        .await
    }

    /// Holds the demo chat and returns its session.
    ///
    /// # Errors
    /// When a step of it fails.
    pub async fn chat(&mut self) -> Done<SessionId> {
        self.browser.open(&self.fresh_url()).await?;
        let turns = demo::turns();
        let wanted = if self.options.turns == 0 { turns.len() } else { self.options.turns };
        for (at, turn) in turns.iter().take(wanted).enumerate() {
            self.tell(&format!("message {} of {wanted}: {}", at + 1, turn.user));
            self.say(&turn.user).await?;
            self.answered(at + 1).await?;
        }
        self.saved(wanted * 2).await
    }

    /// Waits until `turns` turns of one chat are stored and finished.
    ///
    /// # Errors
    /// When they are not stored in time.
    pub async fn saved(&self, turns: usize) -> Done<SessionId> {
        until(&format!("{turns} turns to be stored"), async || {
            let dump = self.browser.dump().await?;
            let found = dump.sessions().into_iter().find(|head| {
                let whole = dump.whole(&head.id);
                whole.turns.len() >= turns && whole.turns.iter().all(|t| !t.state.is_open())
            });
            Ok(found.map(|head| head.id))
        })
        .await
    }

    /// Reads what is stored of the chat into the report.
    fn read_store(&mut self, dump: &Dump, session: &SessionId) {
        let whole = dump.whole(session);
        self.report.turns = whole.turns.len();
        self.report.calls = whole.calls();
        self.report.stored_bytes = dump.size_bytes();
        self.report.checkpoints = dump
            .checkpoints(session)
            .into_iter()
            .map(|head| (head.number, format!("{:?}", head.trigger), head.risk.score))
            .collect();
        let texts: Vec<&str> = whole
            .turns
            .iter()
            .filter(|t| t.role == Role::User)
            .map(|t| t.markdown.trim())
            .collect();
        let said: Vec<String> = self.lab.log().iter().map(|m| m.text.trim().to_owned()).collect();
        self.check("every message the model received is stored, in order", texts == said);
        self.check("no turn is empty", whole.turns.iter().all(|t| !t.markdown.trim().is_empty()));
        self.check("nothing stored is damaged", whole.damaged == 0);
    }

    /// Plays the whole job. Failures of checks are in the report; an error is a step that could
    /// not be made.
    ///
    /// # Errors
    /// When a step cannot be made.
    pub async fn whole_job(&mut self) -> Done<()> {
        let played = self.steps().await;
        if played.is_err() {
            // Best effort: what was in view says more than the failure's words.
            let _ = self.picture("failed").await;
        }
        played
    }

    async fn steps(&mut self) -> Done<()> {
        let session = self.chat().await?;
        self.tell("waiting for a checkpoint of it");
        let wanted = if self.options.turns == 0 { 3 } else { 1 };
        until("checkpoints to be stored", async || {
            let count = self.browser.dump().await?.checkpoints(&session).len();
            Ok((count >= wanted).then_some(()))
        })
        .await?;
        self.picture("1-chat").await?;
        let dump = self.browser.dump().await?;
        self.read_store(&dump, &session);
        let in_page = self.engine_in_page().await?;
        self.report.placement = if in_page { "page" } else { "background" }.into();
        let old_tab = self.browser.driver.window().await?;

        self.tell("killing the process of the chat's tab");
        let killed_at = Instant::now();
        self.browser.crash_tab(self.face.host).await?;
        if self.options.kill_worker {
            self.crash_is_noticed(&session).await?;
            self.tell("killing the extension's background");
            self.browser.kill_worker().await?;
        }
        self.resume(&session, killed_at).await?;
        self.check("the old tab is left as it was", {
            self.browser.driver.windows().await?.contains(&old_tab)
        });
        Ok(())
    }

    /// Registers the site's scripts without the engine, as after a page's refusal: the engine of
    /// its pages then runs in the background.
    ///
    /// # Errors
    /// When the browser refuses.
    pub async fn force_background(&self) -> Done<()> {
        let script = "const done = arguments[arguments.length - 1]; \
            chrome.scripting.getRegisteredContentScripts().then((all) => \
            chrome.scripting.updateContentScripts(all.map(({ id, js }) => ({ id, \
            js: js.map((file) => file.replace(/^.*\\/(?=content)/, '')) \
            .filter((file) => file.startsWith('content/')) })))) \
            .then(() => done(true), (why) => done(String(why)));";
        let done = self.browser.in_inspector(script, Vec::new()).await?;
        if done == serde_json::json!(true) { Ok(()) } else { Err(done.to_string().into()) }
    }

    /// Whether the page in view has an engine of its own, as its content script says.
    ///
    /// # Errors
    /// When the browser does not say.
    pub async fn engine_in_page(&self) -> Done<bool> {
        let script = "const [host, done] = arguments; (async () => { \
            const tabs = await chrome.tabs.query({ url: `https://${host}/*` }); \
            const said = []; \
            for (const { id } of tabs) try { said.push(...await chrome.scripting.executeScript({ \
            target: { tabId: id }, func: () => globalThis.shimBoot?.placement })); } catch {} \
            return said.map((one) => one?.result); })().then(done, (why) => done(String(why)));";
        let said = self.browser.in_inspector(script, vec![self.face.host.into()]).await?;
        let list = said.as_array().ok_or_else(|| format!("no placement was told: {said}"))?;
        let known = list.iter().filter_map(|one| one.as_str()).collect::<Vec<_>>();
        if known.is_empty() {
            return Err("no page of the site has a content script".into());
        }
        Ok(known.contains(&"page"))
    }

    /// Waits until the crash is on record.
    ///
    /// # Errors
    /// When it is not noticed.
    pub async fn crash_is_noticed(&self, session: &SessionId) -> Done<SessionHead> {
        until("the crash to be noticed", async || {
            let heads = self.browser.dump().await?.sessions();
            let found = heads.iter().find(|head| head.id == *session && head.ended.is_some());
            match found {
                Some(head) => Ok(Some(head.clone())),
                // What is on record instead tells what went wrong.
                None => Err(format!(
                    "{:?}",
                    heads.iter().map(|h| (&h.live, h.ended)).collect::<Vec<_>>()
                )
                .into()),
            }
        })
        .await
    }

    /// Opens a fresh chat, waits for the prompt, clicks Send on the card, waits for the answer.
    async fn resume(&mut self, session: &SessionId, killed_at: Instant) -> Done<()> {
        self.tell("opening a fresh chat");
        let before = self.lab.log().len();
        self.browser.open(&self.fresh_url()).await?;
        let prompt = self.placed().await?;
        self.report.crash_to_prompt_ms =
            u64::try_from(killed_at.elapsed().as_millis()).unwrap_or(u64::MAX);
        self.report.page_to_prompt_ms = self.page_to_prompt_ms().await?;
        self.report.prompt_chars = prompt.chars().count();
        self.check("nothing was sent by itself", self.lab.log().len() == before);
        self.picture("2-resume-placed").await?;

        self.tell("clicking Send on the card");
        self.browser.press_card("Send").await?;
        self.answered(before + 1).await?;
        let log = self.lab.log();
        let received = log.last().map(|m| m.text.clone()).unwrap_or_default();
        self.report.received_exactly = received == prompt;
        let exactly = self.report.received_exactly;
        self.check("the model received exactly what stood in the composer", exactly);
        self.check("the prompt was sent once", log.len() == before + 1);
        let resume = until("the resume to be recorded as answered", async || {
            let resumes = self.browser.dump().await?.resumes();
            Ok(resumes.into_iter().find(|r| r.stage == Some(ResumeStage::Answered)))
        })
        .await?;
        self.check("the resume is of the chat that crashed", resume.from == *session);
        self.check("the new chat is known", resume.to.as_ref().is_some_and(|to| to != session));
        let count = self.browser.dump().await?.resumes().len();
        self.check("there is one resume of the crash", count == 1);
        self.picture("3-answered").await?;
        self.popup_picture().await
    }

    async fn popup_picture(&mut self) -> Done<()> {
        if self.options.pictures.is_none() {
            return Ok(());
        }
        let shown = self.browser.driver.window().await?;
        self.browser.show_inspector().await?;
        self.browser.driver.goto(format!("{}popup.html", self.browser.pages)).await?;
        until("the popup's list", async || {
            Ok(self.browser.driver.find(By::Css("[data-testid=sessions] *")).await.ok())
        })
        .await?;
        let full = self.browser.driver.get_window_rect().await?;
        self.browser.driver.set_window_rect(0, 0, 500, 620).await?;
        self.picture("4-popup").await?;
        let (width, height) = (full.width.try_into()?, full.height.try_into()?);
        self.browser.driver.set_window_rect(0, 0, width, height).await?;
        self.browser.show(&shown).await
    }

    /// Waits until a prompt stands in the composer and the card says so.
    ///
    /// # Errors
    /// When none is placed.
    pub async fn placed(&self) -> Done<String> {
        until("the prompt to be placed", async || {
            let text = self.composer_text().await?;
            let card = self.browser.card_shown().await?;
            Ok((!text.trim().is_empty() && card).then_some(text))
        })
        .await
    }

    /// How long after its document was ready the page's composer first held text.
    async fn page_to_prompt_ms(&self) -> Done<f64> {
        let script = "const [page] = performance.getEntriesByType('navigation'); \
            const [mark] = performance.getEntriesByName('lab-composer-changed'); \
            return mark ? mark.startTime - page.domContentLoadedEventEnd : null;";
        let ms = self.browser.driver.execute(script, Vec::new()).await?;
        ms.json().as_f64().ok_or_else(|| "the page made no mark when its composer changed".into())
    }
}
