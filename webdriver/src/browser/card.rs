//! The card in the page, and what is shown while a person points: they stand in closed shadow
//! roots, which a page cannot open and the driver can.

use super::{Browser, Done, until};
use serde_json::{Value, json};
use thirtyfour::common::command::FormatRequestData;
use thirtyfour::{By, RequestData, SessionId};

/// The card's host, and the one of pointing: SHIM adds no other element to a page.
const CARD: &str = "shim-card";
const PICK: &str = "shim-pick";

/// A command that thirtyfour lacks or reads wrongly (0.38 does not know the key under which a
/// shadow root comes).
#[derive(Debug)]
pub(super) struct Raw {
    pub method: http::Method,
    /// Below the session, with a slash in front.
    pub path: String,
    pub body: Option<Value>,
}

impl FormatRequestData for Raw {
    fn format_request(&self, session: &SessionId) -> RequestData {
        let request =
            RequestData::new(self.method.clone(), format!("/session/{session}{}", self.path));
        match &self.body {
            Some(body) => request.add_body(body.clone()),
            None => request,
        }
    }
}

impl Browser {
    /// Whether a card is shown in the tab in view.
    ///
    /// # Errors
    /// When the page does not answer.
    pub async fn card_shown(&self) -> Done<bool> {
        Ok(!self.driver.find_all(By::Css(CARD)).await?.is_empty())
    }

    /// Clicks the card's button with this label.
    ///
    /// # Errors
    /// When there is no such button.
    pub async fn press_card(&self, label: &str) -> Done<()> {
        until(&format!("the card's button {label:?}"), async || {
            for button in self.inside(CARD, "button").await? {
                if self.get(format!("/element/{button}/text")).await? == label {
                    self.post(format!("/element/{button}/click"), json!({})).await?;
                    return Ok(Some(()));
                }
            }
            Err(self.card_text().await?.into())
        })
        .await
    }

    /// The card's whole text.
    ///
    /// # Errors
    /// When there is no card.
    pub async fn card_text(&self) -> Done<String> {
        let card = self.inside(CARD, ".card").await?;
        let card = card.first().ok_or("no card is shown")?;
        let text = self.get(format!("/element/{card}/text")).await?;
        Ok(text.as_str().unwrap_or_default().to_owned())
    }

    /// What a person who points is told. None: nobody points.
    ///
    /// # Errors
    /// When the page does not answer.
    pub async fn pointing(&self) -> Done<Option<String>> {
        if self.driver.find_all(By::Css(PICK)).await?.is_empty() {
            return Ok(None);
        }
        let bar = self.inside(PICK, ".bar p").await?;
        let line = bar.first().ok_or("nothing is said of pointing")?;
        let text = self.get(format!("/element/{line}/text")).await?;
        Ok(text.as_str().map(str::to_owned))
    }

    /// Clicks what takes away what is said of pointing.
    ///
    /// # Errors
    /// When it is not there.
    pub async fn end_pointing(&self) -> Done<()> {
        let close = self.inside(PICK, "button").await?;
        let close = close.first().ok_or("nothing ends the pointing")?;
        self.post(format!("/element/{close}/click"), json!({})).await?;
        Ok(())
    }

    /// Turns the wheel of the pointer by so many pixels, at this place of the page in view.
    ///
    /// # Errors
    /// When the driver refuses.
    pub async fn turn_wheel(&self, (x, y): (i64, i64), by_px: i64) -> Done<()> {
        let turn = json!({ "type": "scroll", "origin": "viewport", "duration": 0, "x": x, "y": y,
            "deltaX": 0, "deltaY": by_px });
        let wheel = json!({ "type": "wheel", "id": "wheel", "actions": [turn] });
        self.post("/actions".to_owned(), json!({ "actions": [wheel] })).await?;
        Ok(())
    }

    /// Numbers of the elements inside a host that match.
    async fn inside(&self, host: &str, css: &str) -> Done<Vec<String>> {
        let host = self.driver.find(By::Css(host)).await?;
        let root = first_value(&self.get(format!("/element/{}/shadow", host.element_id())).await?)?;
        let by = json!({ "using": "css selector", "value": css });
        let found = self.post(format!("/shadow/{root}/elements"), by).await?;
        found.as_array().ok_or("no list of elements came")?.iter().map(first_value).collect()
    }

    async fn get(&self, path: String) -> Done<Value> {
        self.raw(Raw { method: http::Method::GET, path, body: None }).await
    }

    async fn post(&self, path: String, body: Value) -> Done<Value> {
        self.raw(Raw { method: http::Method::POST, path, body: Some(body) }).await
    }

    async fn raw(&self, command: Raw) -> Done<Value> {
        Ok(self.driver.handle().cmd(command).await?.value()?)
    }
}

/// The number in `{"shadow-6066-…": number}` or `{"element-6066-…": number}`.
fn first_value(reference: &Value) -> Done<String> {
    let values = reference.as_object().and_then(|map| map.values().next());
    Ok(values.and_then(Value::as_str).ok_or("no reference to an element came")?.to_owned())
}
