//! One look at a saved page as the conversation that a person sees in it, as JSON.

use scraper::Html;
use serde_json::{Value, json};
use shim::base::{Moment, Problem};
use shim::sites::reader::Reader;
use shim::sites::{self, Site, shape};
use shim::wire::chat::{Banner, Reading, Role, ToolCall, Turn};
use shim::wire::page::PageFlush;
use shim::wire::rows::SiteRows;

/// Reads a page with one site's table.
#[must_use]
pub fn read(
    site: &'static Site,
    document: &Html,
    url: &str,
    (at, zone_min): (Moment, i32),
) -> Reading {
    let flush =
        PageFlush { zone_min: Some(zone_min), ..crate::look_at(&site.plan(), document, url) };
    Reader::new(site).read(at, &flush)
}

/// The table for a page: by its address, else by the marks of applications that people host
/// themselves.
#[must_use]
pub fn table_for(document: &Html, url: &str) -> Option<&'static Site> {
    let marked = || sites::for_marks(&crate::look_at(&sites::marks_plan(), document, url));
    sites::for_url(url).or_else(marked)
}

/// A table made of a page's shape alone. None: it shows no conversation.
#[must_use]
///
/// # Errors
/// The rows that were found are no table.
pub fn table_by_shape(document: &Html, url: &str) -> Option<Result<&'static Site, Problem>> {
    rows_by_shape(document, url).map(|rows| Site::of_rows(&rows))
}

/// The rows that a page's shape tells. None: it shows no conversation.
#[must_use]
pub fn rows_by_shape(document: &Html, url: &str) -> Option<SiteRows> {
    shape::rows(&crate::look_at(&shape::plan(), document, url))
}

/// What a reading says, in the form that `read --help` tells.
#[must_use]
pub fn told(reading: &Reading) -> Value {
    let gaps = reading.gaps.iter().map(|gap| json!({ "slot": gap.slot, "what": gap.what }));
    json!({
        "site": reading.site.split('@').next(),
        "generation": reading.generation,
        "chat_id": reading.chat.as_ref().map(|chat| chat.as_str()),
        "title": reading.title,
        "model": reading.model,
        "place": reading.place,
        "busy": reading.busy.now,
        "busy_signal": reading.busy.signal,
        "composer": reading.composer.present.then_some(&reading.composer.text),
        "banners": reading.banners.iter().map(banner).collect::<Vec<_>>(),
        "turns": reading.changed.iter().map(turn).collect::<Vec<_>>(),
        "turns_in_all": reading.total,
        "gaps": gaps.collect::<Vec<_>>(),
    })
}

fn turn(turn: &Turn) -> Value {
    json!({
        "key": turn.key.as_str(),
        "role": match turn.role {
            Role::User => "user",
            Role::Assistant => "assistant",
        },
        "state": turn.state,
        "markdown": turn.markdown,
        "thinking": turn.thinking,
        "attachments": turn.attachments,
        "artifacts": turn.artifacts,
        "tool_calls": turn.calls.iter().map(call).collect::<Vec<_>>(),
    })
}

fn call(call: &ToolCall) -> Value {
    json!({
        "name": call.name,
        "args": call.args,
        "result": call.result,
        "error": call.error,
        "state": call.state,
    })
}

fn banner(banner: &Banner) -> Value {
    json!({
        "class": banner.class,
        "text": banner.text,
        "resets_at": banner.resets_at,
        "left_percent": banner.left_percent,
    })
}
