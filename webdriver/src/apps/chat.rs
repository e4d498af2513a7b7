//! A chat with a real application in a real browser.

use std::path::Path;

use serde_json::{Value, json};
use thirtyfour::{By, WebElement};

use super::face::{Face, face};
use super::model::{MODEL, Sent};
use super::{App, Kind};
use crate::browser::{Browser, Done, until};

/// An application in a browser.
pub struct Chat {
    /// The application and its model.
    pub app: App,
    /// The browser.
    pub browser: Browser,
    /// The application's marks.
    pub face: Face,
}

impl Chat {
    /// An application in a browser that runs already.
    #[must_use]
    pub fn new(app: App, browser: Browser) -> Self {
        let face = face(app.kind);
        Self { app, browser, face }
    }

    /// Makes the application ready as a person does once: clicks away what greets a new visitor,
    /// and gives the model its tools where that is a setting.
    ///
    /// # Errors
    /// When a step of it is refused.
    pub async fn prepare(&self) -> Done<()> {
        self.browser.open(&format!("{}{}", self.app.origin, self.face.fresh)).await?;
        if !self.face.welcome.is_empty() {
            self.click(self.face.welcome).await?;
        }
        if self.app.kind == Kind::OpenWebUi {
            let script = "const [model, done] = arguments; fetch('/api/v1/models/create', { \
                method: 'POST', headers: { 'Content-Type': 'application/json', \
                Authorization: `Bearer ${localStorage.token}` }, body: JSON.stringify({ id: model, \
                name: model, meta: { toolIds: ['server:lab'] }, params: {} }) }) \
                .then((answer) => done(answer.status), (why) => done(String(why)));";
            let arguments = vec![MODEL.into()];
            let status = self.browser.driver.execute_async(script, arguments).await?;
            if *status.json() != json!(200) {
                return Err(format!("Open WebUI gave the model no tools: {}", status.json()).into());
            }
        }
        Ok(())
    }

    /// Opens a fresh chat in the tab in view.
    ///
    /// # Errors
    /// When its composer does not come.
    pub async fn fresh(&self) -> Done<()> {
        self.browser.driver.goto(format!("{}{}", self.app.origin, self.face.fresh)).await?;
        self.ready().await?;
        until(&format!("a page that says {:?}", self.face.started), async || {
            let script = "return document.body.textContent.includes(arguments[0]);";
            let says = self.browser.driver.execute(script, vec![self.face.started.into()]).await?;
            Ok((*says.json() == json!(true)).then_some(()))
        })
        .await
    }

    /// Waits until a person could type.
    ///
    /// # Errors
    /// When that does not come.
    pub async fn ready(&self) -> Done<()> {
        self.click(self.face.composer).await
    }

    /// Types a message, sends it as a person does, and waits until the model has it.
    ///
    /// # Errors
    /// When the page does not take it.
    pub async fn say(&self, text: &str) -> Done<()> {
        let before = self.app.model.sent().len();
        self.click(self.face.composer).await?;
        self.element(self.face.composer).await?.send_keys(text).await?;
        let send = until("the control that sends", async || {
            let send = self.browser.driver.find(By::Css(self.face.send)).await?;
            Ok(send.is_enabled().await?.then_some(send))
        })
        .await?;
        send.click().await?;
        until("the model to have the message", async || {
            Ok((self.app.model.sent().len() > before).then_some(()))
        })
        .await
    }

    /// The last answer that the model sent, when it has ended.
    ///
    /// # Errors
    /// When it does not end in time.
    pub async fn answer(&self) -> Done<Sent> {
        until("the model's answer to end", async || {
            Ok(self.app.model.sent().pop().filter(|sent| sent.ended.is_some()))
        })
        .await
    }

    /// Waits until the page shows this text, white space aside.
    ///
    /// # Errors
    /// When it does not.
    pub async fn shows(&self, text: &str) -> Done<()> {
        until(&format!("the page to show {text:?}"), async || {
            Ok(self.is_shown(text).await?.then_some(()))
        })
        .await
    }

    /// Whether the page shows this text now, white space aside.
    ///
    /// # Errors
    /// When the driver refuses.
    pub async fn is_shown(&self, text: &str) -> Done<bool> {
        let script = "const bare = (text) => text.replace(/\\s+/g, ''); \
            return bare([...document.querySelectorAll(arguments[0])] \
            .map((turn) => turn.textContent).join('')).includes(bare(arguments[1]));";
        let arguments = vec![self.face.turn.into(), text.into()];
        Ok(*self.browser.driver.execute(script, arguments).await?.json() == json!(true))
    }

    /// Waits until the page shows no answer in the making.
    ///
    /// # Errors
    /// When it goes on showing one.
    pub async fn idle(&self) -> Done<()> {
        if self.face.stop.is_empty() {
            return Ok(());
        }
        until("the page to show that the answer ended", async || {
            Ok(self.browser.driver.find(By::Css(self.face.stop)).await.is_err().then_some(()))
        })
        .await
    }

    /// Waits for an element.
    ///
    /// # Errors
    /// When it does not come.
    pub async fn element(&self, css: &str) -> Done<WebElement> {
        until(&format!("`{css}`"), async || Ok(self.browser.driver.find(By::Css(css)).await.ok()))
            .await
    }

    /// Clicks an element when it is there.
    ///
    /// # Errors
    /// When it does not come, or takes no click.
    pub async fn click(&self, css: &str) -> Done<()> {
        until(&format!("a click on `{css}`"), async || {
            self.browser.driver.find(By::Css(css)).await?.click().await?;
            Ok(Some(()))
        })
        .await
    }

    /// How many messages are in the page.
    ///
    /// # Errors
    /// When the driver refuses.
    pub async fn mounted(&self) -> Done<usize> {
        let script = "return document.querySelectorAll(arguments[0]).length;";
        let count = self.browser.driver.execute(script, vec![self.face.turn.into()]).await?;
        Ok(usize::try_from(count.json().as_u64().unwrap_or_default())?)
    }

    /// Saves the page in view as it stands, where `SHIM_APP_PAGES` names a folder: what a table
    /// is made from.
    ///
    /// # Errors
    /// When the disk refuses.
    pub async fn keep_page(&self, scene: &str) -> Done<()> {
        let Some(folder) = std::env::var_os("SHIM_APP_PAGES") else { return Ok(()) };
        let script = "return [location.href, document.documentElement.outerHTML];";
        let page = self.browser.driver.execute(script, Vec::new()).await?;
        let part = |at| page.json().get(at).and_then(Value::as_str).unwrap_or_default().to_owned();
        let file = Path::new(&folder).join(format!("{}-{scene}.html", self.app.kind.name()));
        std::fs::create_dir_all(&folder)?;
        Ok(std::fs::write(file, format!("{}\n<!-- {} -->\n", part(1), part(0)))?)
    }
}
