//! The extension's identities, read from the built manifests.

use super::Done;
use base64::Engine;
use serde_json::Value;
use std::path::Path;

/// How the two browsers call the extension.
#[derive(Clone, Debug)]
pub struct Identity {
    /// Chromium's id: the first half of the key's SHA-256 in letters a to p.
    pub chrome_id: String,
    /// Firefox's id, from the manifest.
    pub firefox_id: String,
    /// The UUID that the tests' profile gives the extension in Firefox.
    pub firefox_uuid: String,
}

/// Reads them from `dist`.
///
/// # Errors
/// When the extension is not built: the command to type is named.
pub fn identity(dist: &Path) -> Done<Identity> {
    let chrome = manifest(dist, "chrome")?;
    let firefox = manifest(dist, "firefox")?;
    let key = chrome.get("key").and_then(Value::as_str).ok_or("the manifest has no key")?;
    let key = base64::prelude::BASE64_STANDARD.decode(key)?;
    let digest = ring::digest::digest(&ring::digest::SHA256, &key);
    let letters = digest.as_ref().iter().take(16).flat_map(|byte| [byte >> 4, byte & 15]);
    let firefox_id = firefox.pointer("/browser_specific_settings/gecko/id").and_then(Value::as_str);
    Ok(Identity {
        chrome_id: letters.map(|half| char::from(b'a' + half)).collect(),
        firefox_id: firefox_id.ok_or("the manifest has no id for Firefox")?.to_owned(),
        firefox_uuid: "5b1d2c64-8c6e-4b53-9d2c-0f4f4a7c5e11".to_owned(),
    })
}

fn manifest(dist: &Path, browser: &str) -> Done<Value> {
    let path = dist.join(browser).join("manifest.json");
    let text = std::fs::read_to_string(&path)
        .map_err(|e| format!("{}: {e}. Type `cargo xtask build` first.", path.display()))?;
    Ok(serde_json::from_str(&text)?)
}
