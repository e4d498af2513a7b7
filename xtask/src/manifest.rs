//! The one `manifest.json`, and what each browser's copy of it looks like.

use serde_json::{Map, Value, json};

use crate::args::Browser;

/// The add-on id in Firefox, where the manifest names none. Storage hangs on it: keep it.
const GECKO_ID: &str = "shim@shim-extension.org";

/// The first Firefox, on Android too, that knows `data_collection_permissions`: the linter
/// asks for at least it.
const GECKO_MIN_VERSION: &str = "142.0";

/// Keys that only Firefox knows; Chromium warns about some and uses none.
const FIREFOX_ONLY: &[&str] = &["applications", "browser_specific_settings", "sidebar_action"];

/// Keys and permissions that only Chromium knows; Firefox and its linter warn about them.
const CHROMIUM_ONLY: &[&str] =
    &["key", "message_serialization", "minimum_chrome_version", "side_panel", "update_url"];
const CHROMIUM_ONLY_PERMISSIONS: &[&str] = &["offscreen", "sidePanel"];

/// The copy of `manifest` that is loaded in `browser`.
#[must_use]
pub fn derive(manifest: &Map<String, Value>, browser: Browser) -> Map<String, Value> {
    let mut copy = manifest.clone();
    match browser {
        Browser::Chromium => {
            drop_keys(&mut copy, FIREFOX_ONLY);
            if let Some(background) = object_mut(&mut copy, "background") {
                // Both may stand in one file, but the other browser's line is noise here.
                if background.contains_key("service_worker") {
                    drop_keys(background, &["scripts", "page", "preferred_environment"]);
                }
            }
        }
        Browser::Firefox => {
            drop_keys(&mut copy, CHROMIUM_ONLY);
            if let Some(background) = object_mut(&mut copy, "background") {
                drop_keys(background, &["service_worker", "preferred_environment"]);
            }
            for list in ["permissions", "optional_permissions"] {
                if let Some(Value::Array(names)) = copy.get_mut(list) {
                    names.retain(|name| {
                        !name.as_str().is_some_and(|n| CHROMIUM_ONLY_PERMISSIONS.contains(&n))
                    });
                }
            }
            name_for_firefox(&mut copy);
        }
    }
    copy
}

/// Fills in what Firefox asks of an add-on, keeping what the manifest says itself.
fn name_for_firefox(copy: &mut Map<String, Value>) {
    let settings =
        copy.entry("browser_specific_settings").or_insert_with(|| Value::Object(Map::new()));
    let Value::Object(settings) = settings else { return };
    let gecko = settings.entry("gecko").or_insert_with(|| Value::Object(Map::new()));
    let Value::Object(gecko) = gecko else { return };
    gecko.entry("id").or_insert_with(|| json!(GECKO_ID));
    gecko.entry("strict_min_version").or_insert_with(|| json!(GECKO_MIN_VERSION));
    gecko.entry("data_collection_permissions").or_insert_with(|| json!({"required": ["none"]}));
}

/// Every file that the manifest names, as written there, once each and in order.
///
/// Patterns (`*`) of `web_accessible_resources` are left out: they name no one file.
#[must_use]
pub fn files(manifest: &Map<String, Value>) -> Vec<String> {
    let whole = Value::Object(manifest.clone());
    let mut found = Vec::new();
    let single = [
        "/background/service_worker",
        "/background/page",
        "/action/default_popup",
        "/options_page",
        "/options_ui/page",
        "/side_panel/default_path",
        "/sidebar_action/default_panel",
        "/devtools_page",
        "/storage/managed_schema",
    ];
    let lists_or_maps = [
        "/background/scripts",
        "/icons",
        "/action/default_icon",
        "/sidebar_action/default_icon",
        "/chrome_url_overrides",
        "/sandbox/pages",
    ];
    for place in single.iter().chain(&lists_or_maps) {
        if let Some(value) = whole.pointer(place) {
            strings(value, &mut found);
        }
    }
    for (list, keys) in
        [("content_scripts", &["js", "css"][..]), ("web_accessible_resources", &["resources"][..])]
    {
        for entry in whole.get(list).and_then(Value::as_array).into_iter().flatten() {
            keys.iter().filter_map(|key| entry.get(key)).for_each(|v| strings(v, &mut found));
        }
    }
    if let Some(locale) = manifest.get("default_locale").and_then(Value::as_str) {
        found.push(format!("_locales/{locale}/messages.json"));
    }
    let mut seen = std::collections::BTreeSet::new();
    found.retain(|name| !name.contains('*') && seen.insert(name.clone()));
    found
}

/// Every string within a string, a list or a map of strings.
fn strings(value: &Value, into: &mut Vec<String>) {
    match value {
        // A fragment or a query is no part of a file's name.
        Value::String(text) => {
            let name = text.split(['?', '#']).next().unwrap_or_default();
            into.push(name.trim_start_matches('/').to_owned());
        }
        Value::Array(items) => items.iter().for_each(|item| strings(item, into)),
        Value::Object(items) => items.values().for_each(|item| strings(item, into)),
        _ => {}
    }
}

fn object_mut<'a>(
    map: &'a mut Map<String, Value>,
    key: &str,
) -> Option<&'a mut Map<String, Value>> {
    map.get_mut(key).and_then(Value::as_object_mut)
}

fn drop_keys(map: &mut Map<String, Value>, keys: &[&str]) {
    for key in keys {
        map.remove(*key);
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::panic, reason = "a test may stop at the first surprise")]
mod tests {
    use super::*;

    fn object(value: Value) -> Map<String, Value> {
        let Value::Object(map) = value else { panic!("not an object: {value}") };
        map
    }

    fn sample() -> Map<String, Value> {
        object(json!({
            "manifest_version": 3,
            "name": "SHIM",
            "default_locale": "en",
            "key": "AAAA",
            "permissions": ["storage", "sidePanel", "alarms"],
            "background": {"service_worker": "background.js", "scripts": ["background.js"],
                           "type": "module"},
            "content_scripts": [{"matches": ["https://claude.ai/*"],
                                 "js": ["content_wasm.js", "content/boot.js"], "css": ["a.css"]}],
            "action": {"default_popup": "popup.html#top", "default_icon": {"16": "icons/16.png"}},
            "sidebar_action": {"default_panel": "/side.html"},
            "web_accessible_resources": [{"resources": ["img/*", "one.png"], "matches": []}],
        }))
    }

    #[test]
    fn chromium_keeps_its_worker_and_loses_what_only_firefox_knows() {
        let copy = derive(&sample(), Browser::Chromium);
        assert_eq!(
            copy.get("background"),
            Some(&json!({"service_worker": "background.js", "type": "module"}))
        );
        assert!(!copy.contains_key("sidebar_action"));
        assert_eq!(copy.get("key"), Some(&json!("AAAA")));
        assert_eq!(copy.get("permissions"), sample().get("permissions"));
    }

    #[test]
    fn chromium_keeps_scripts_where_they_are_the_only_background() {
        let only = object(json!({"background": {"scripts": ["b.js"]}}));
        assert_eq!(derive(&only, Browser::Chromium), only);
    }

    #[test]
    fn firefox_has_no_worker_and_declares_that_it_collects_nothing() {
        let copy = derive(&sample(), Browser::Firefox);
        assert_eq!(
            copy.get("background"),
            Some(&json!({"scripts": ["background.js"], "type": "module"}))
        );
        assert_eq!(copy.get("permissions"), Some(&json!(["storage", "alarms"])));
        assert!(!copy.contains_key("key"));
        let gecko = copy.get("browser_specific_settings").unwrap().get("gecko").unwrap();
        assert_eq!(gecko.get("id"), Some(&json!(GECKO_ID)));
        assert_eq!(gecko.get("data_collection_permissions"), Some(&json!({"required": ["none"]})));
    }

    #[test]
    fn firefox_keeps_the_id_that_the_manifest_names() {
        let mut manifest = sample();
        let own = json!({"gecko": {"id": "a@b.c", "strict_min_version": "150.0"}});
        manifest.insert("browser_specific_settings".to_owned(), own);
        let copy = derive(&manifest, Browser::Firefox);
        let gecko = copy.get("browser_specific_settings").unwrap().get("gecko").unwrap();
        assert_eq!(gecko.get("id"), Some(&json!("a@b.c")));
        assert_eq!(gecko.get("strict_min_version"), Some(&json!("150.0")));
        assert!(gecko.get("data_collection_permissions").is_some());
    }

    #[test]
    fn every_named_file_is_found_once_and_patterns_are_not() {
        assert_eq!(
            files(&sample()),
            [
                "background.js",
                "popup.html",
                "side.html",
                "icons/16.png",
                "content_wasm.js",
                "content/boot.js",
                "a.css",
                "one.png",
                "_locales/en/messages.json",
            ]
        );
    }
}
