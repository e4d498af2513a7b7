//! Conversations as sites export them for their users: one JSON object each, built much like the
//! answers of their own calls; sources: published importers of 2025 and 2026.
//!
//! Such a conversation gets the names that a page of the site would give it, so that the chat that
//! is opened later is the same one. Which renderer that page will have is not known: turns are
//! called as the newest calls them.

use super::fit::{by_place, named};
use super::forms::{chatgpt_exported, claude_exported, text};
use super::{Form, Told};
use crate::base::limits::{ARCHIVE_LATEST, ARCHIVE_NAME_BYTES};
use crate::base::{ChatId, Moment, TurnKey};
use crate::sites::{self, Site};
use crate::wire::chat::{Turn, TurnState};
use serde_json::Value;
use std::collections::BTreeSet;

/// A conversation of an export.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Conversation {
    /// The site, as sessions name it.
    pub site: String,
    /// The chat, as its address names it.
    pub chat: ChatId,
    /// Its address.
    pub url: String,
    /// Its title.
    pub title: String,
    /// The model that answered last, where it is told.
    pub model: String,
    /// When it was begun; 0: it is not told.
    pub started_at: Moment,
    /// When it was used last; 0: it is not told.
    pub updated_at: Moment,
    /// The thread that was shown last, in order. Nobody read it in a page:
    /// [`Turn::is_exported`].
    pub turns: Vec<Turn>,
}

/// Why an object is not used.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Odd {
    /// It is a conversation in which nothing is said.
    Empty,
    /// It is built in another way than is known.
    Unknown,
}

/// The conversation in this object.
///
/// # Errors
/// Where there is none.
pub fn exported(object: &Value) -> Result<Conversation, Odd> {
    let form = form_of(object).ok_or(Odd::Unknown)?;
    let [id, title, from, to, model] = match form {
        Form::ChatGpt => {
            ["conversation_id", "title", "create_time", "update_time", "default_model_slug"]
        }
        _ => ["uuid", "name", "created_at", "updated_at", "model"],
    };
    let id = if text(object, id).is_empty() { text(object, "id") } else { text(object, id) };
    let (site, url) = address(form, id).ok_or(Odd::Unknown)?;
    let time = |name| {
        let told = object.get(name);
        seconds(told).max(iso(told.and_then(Value::as_str).unwrap_or_default()))
    };
    let told = match form {
        Form::ChatGpt if object.get("mapping").is_some_and(Value::is_object) => {
            chatgpt_exported(object)
        }
        Form::Claude => claude_exported(object),
        _ => Some(Vec::new()),
    };
    let told = told.ok_or(Odd::Unknown)?;
    let says = |turn: &Told| {
        let texts = [&turn.markdown, &turn.thinking, &turn.pasted];
        texts.into_iter().any(|text| !text.is_empty()) || !turn.calls.is_empty()
    };
    if !told.iter().any(says) {
        return Err(Odd::Empty);
    }
    let last_model = told.iter().rev().map(|turn| &turn.model).find(|model| !model.is_empty());
    let started_at = time(from);
    let turns = turns(form, told.clone(), started_at);
    let newest = turns.iter().map(|turn| turn.at).max().unwrap_or_default();
    Ok(Conversation {
        site: site.name.to_owned(),
        chat: ChatId(id.to_owned()),
        url,
        title: text(object, title).to_owned(),
        model: last_model.cloned().unwrap_or_else(|| text(object, model).to_owned()),
        started_at,
        updated_at: if time(to) == Moment(0) { newest } else { time(to) },
        turns,
    })
}

/// By what it holds. A conversation in which nobody ever spoke may lack its messages.
fn form_of(object: &Value) -> Option<Form> {
    let has = |name: &str| object.get(name).is_some();
    if has("mapping") || has("conversation_id") && has("title") {
        Some(Form::ChatGpt)
    } else if object.get("chat_messages").is_some_and(Value::is_array) {
        Some(Form::Claude)
    } else {
        None
    }
}

/// The site and the chat's address, where a page of it would know the chat by it.
fn address(form: Form, id: &str) -> Option<(&'static Site, String)> {
    let site = sites::ALL.iter().find(|site| site.call.is_some_and(|call| call.form == form))?;
    let (host, path) = (site.hosts.first()?, site.urls.chats.first()?);
    let url = format!("https://{host}{}", path.replace('*', id));
    (site.chat_of(&url)? == ChatId(id.to_owned())).then_some((site, url))
}

fn turns(form: Form, told: Vec<Told>, started_at: Moment) -> Vec<Turn> {
    let mut names: BTreeSet<TurnKey> = BTreeSet::new();
    let mut last = started_at;
    let mut turns = Vec::new();
    for (place, one) in told.into_iter().enumerate() {
        let mut key = named(form, place, &one);
        if names.contains(&key) || key.0.len() > ARCHIVE_NAME_BYTES {
            key = by_place(place, &one);
        }
        names.insert(key.clone());
        last = if one.at == Moment(0) { last } else { one.at };
        // A long text that was pasted is a file to the page, and all that was said.
        let markdown = if one.markdown.is_empty() { one.pasted } else { one.markdown };
        turns.push(Turn {
            key,
            position: u32::try_from(place).unwrap_or(u32::MAX),
            role: one.role,
            markdown,
            thinking: one.thinking,
            attachments: one.attachments,
            calls: one.calls,
            state: TurnState::Done,
            at: last,
            found: true,
            ..Turn::default()
        });
    }
    turns
}

/// Seconds since 1970; 0: it is no time.
pub(super) fn seconds(value: Option<&Value>) -> Moment {
    let seconds = value.and_then(Value::as_f64).unwrap_or_default();
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "a number becomes the nearest that there is, and what is none 0"
    )]
    let ms = (seconds * 1_000.0) as u64;
    sane(ms)
}

fn sane(ms: u64) -> Moment {
    Some(Moment(ms)).filter(|at| *at <= ARCHIVE_LATEST).unwrap_or_default()
}

/// `2026-03-29T07:06:34.084721Z`, in any zone; 0: it is no time.
pub(super) fn iso(text: &str) -> Moment {
    iso_ms(text).and_then(|ms| u64::try_from(ms).ok()).map(sane).unwrap_or_default()
}

fn iso_ms(text: &str) -> Option<i64> {
    let number = |from: usize, to: usize| {
        let digits = text.get(from..to)?;
        digits.bytes().all(|byte| byte.is_ascii_digit()).then(|| digits.parse::<i64>().ok())?
    };
    let [year, month, day] = [number(0, 4)?, number(5, 7)?, number(8, 10)?];
    let [hour, minute, second] = [number(11, 13)?, number(14, 16)?, number(17, 19)?];
    let ms = if text.get(19..20) == Some(".") { number(20, 23).unwrap_or_default() } else { 0 };
    let zone = text.get(19..)?.rfind(['+', '-']).map(|at| at + 19);
    let offset = match zone {
        Some(at) => {
            let minutes = number(at + 1, at + 3)? * 60 + number(at + 4, at + 6)?;
            if text.get(at..=at) == Some("-") { -minutes } else { minutes }
        }
        None => 0,
    };
    // Days since 1970, years beginning in March; H. Hinnant, "chrono-compatible date algorithms".
    let years = year - i64::from(month <= 2);
    let (era, of_era) = (years.div_euclid(400), years.rem_euclid(400));
    let of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    let days = era * 146_097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719_468;
    Some((((days * 24 + hour) * 60 + minute - offset) * 60 + second) * 1_000 + ms)
}
