//! Addresses: which origin, which chat, and how a session names its site.
//!
//! A site that its makers host is named by its table. An application that people host themselves
//! is named by its table and where it stands, `openwebui@chat.example.org:8080`: the chats of two
//! servers never mix.

use super::{Site, by_name};
use crate::base::origin::{self, authority};

/// The table behind a site as sessions name it.
#[must_use]
pub fn by_label(label: &str) -> Option<&'static Site> {
    by_name(label.split('@').next().unwrap_or_default())
}

/// Whether pages of this origin can be of the site that is named so.
#[must_use]
pub fn fits(label: &str, origin: &str) -> bool {
    match label.split_once('@') {
        Some((_, place)) => place == authority(origin),
        None => super::for_url(origin).is_some_and(|site| site.name == label),
    }
}

impl Site {
    /// How sessions name this site in a page of this URL.
    #[must_use]
    pub fn label(&self, url: &str) -> String {
        if self.hosts.is_empty() {
            format!("{}@{}", self.name, authority(url))
        } else {
            self.name.to_owned()
        }
    }

    /// Where a new chat is opened, beside the chat of this URL.
    #[must_use]
    pub fn fresh_beside(&self, url: &str) -> String {
        match origin::of(url) {
            Some(origin) if self.hosts.is_empty() => format!("{origin}{}", self.fresh_url),
            _ => self.fresh_url.to_owned(),
        }
    }
}

/// A URL without query and fragment.
#[must_use]
pub fn bare(url: &str) -> &str {
    url.split(['?', '#']).next().unwrap_or_default()
}

/// Host, path and query of an `http` or `https` URL.
pub(super) fn parts(url: &str) -> Option<(&str, &str, &str)> {
    let rest = url.strip_prefix("https://").or_else(|| url.strip_prefix("http://"))?;
    let rest = rest.split('#').next().unwrap_or_default();
    let (before, query) = rest.split_once('?').unwrap_or((rest, ""));
    let at = before.find('/').unwrap_or(before.len());
    let (authority, path) = before.split_at_checked(at)?;
    let host = authority.rsplit('@').next().unwrap_or_default();
    Some((host.split(':').next().unwrap_or_default(), path, query))
}

/// What stands at the `*` of the first of these patterns that fits an address, where that can be an
/// id.
pub(super) fn named<'u>(url: &'u str, patterns: &[&str]) -> Option<&'u str> {
    let (_, path, query) = parts(url)?;
    let fragment = url.split_once('#').map_or("", |(_, fragment)| fragment);
    let id = patterns.iter().find_map(|pattern| {
        if let Some(pattern) = pattern.strip_prefix('#') {
            return id_in(fragment, pattern);
        }
        match pattern.strip_prefix('?').and_then(|pattern| pattern.strip_suffix('*')) {
            Some(name) => query.split('&').find_map(|pair| pair.strip_prefix(name)),
            None => id_in(path, pattern),
        }
    })?;
    let is_id = !id.is_empty()
        && id.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_' | b':'));
    is_id.then_some(id)
}

/// The segment of `path` where `pattern` has its `*`. Further segments do not matter.
fn id_in<'p>(path: &'p str, pattern: &str) -> Option<&'p str> {
    let mut segments = path.split('/');
    let mut id = None;
    for wanted in pattern.split('/') {
        let segment = segments.next()?;
        match wanted {
            "*" => id = Some(segment),
            "_" => {}
            _ if wanted == segment => {}
            _ => return None,
        }
    }
    id
}
