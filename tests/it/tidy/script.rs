//! What may stand in a script of the extension, and in its manifest.

use super::{File, finds, hold, words};

/// Ways for a text to become markup or code.
const DANGEROUS: &[&str] = &[
    "innerHTML",
    "outerHTML =",
    "outerHTML=",
    "outerHTML +",
    "outerHTML\"",
    "insertAdjacentHTML",
    "createContextualFragment",
    "setHTMLUnsafe",
    "document.write",
    "eval(",
    "new Function",
];
/// Sites and their makers: a content script knows none, the tables in Rust do.
const SITES: &[&str] = &[
    "claude",
    "anthropic",
    "chatgpt",
    "openai",
    "gemini",
    "bard",
    "copilot",
    "deepseek",
    "grok",
    "mistral",
    "perplexity",
];

fn no_markup(file: &File) -> Vec<String> {
    let inside = file.path.starts_with("extension/") && file.ends(&["js", "html"]);
    let used = DANGEROUS.iter().filter(|_| inside);
    used.flat_map(|name| words(&file.text, name).map(move |place| (place, name)))
        .map(|(at, name)| file.at(at, &format!("`{name}` runs what a page wrote: build elements")))
        .collect()
}

fn no_site(file: &File) -> Vec<String> {
    let inside = file.path.starts_with("extension/content/") && file.ends(&["js"]);
    let text = file.text.to_lowercase();
    let named = SITES.iter().filter(|_| inside);
    named
        .flat_map(|name| text.match_indices(name))
        .map(|(at, name)| {
            let at = at.min(file.text.len());
            file.at(at, &format!("`{name}` is the tables' to know: src/sites/"))
        })
        .collect()
}

fn not_probed(file: &File) -> Vec<String> {
    let word = "web_accessible_resources";
    let inside = file.path == "manifest.json" || file.path.starts_with("extension/");
    let named = words(&file.text, word).filter(|_| inside);
    named.map(|at| file.at(at, "a page could probe for these files: leave them out")).collect()
}

#[test]
fn no_text_becomes_markup_or_code() {
    for name in DANGEROUS {
        finds(no_markup, 1, "extension/content/a.js", &format!("ok;\nx = {name};"));
    }
    finds(no_markup, 0, "extension/ui.js", "element.textContent = medieval(1);");
    finds(no_markup, 0, "extension/content/a.js", "const markup = element.outerHTML;");
    hold(no_markup);
}

#[test]
fn content_scripts_know_no_site() {
    finds(no_site, 1, "extension/content/a.js", "if (host === \"Claude.ai\") {}");
    finds(no_site, 0, "extension/background.js", "// claude");
    hold(no_site);
}

#[test]
fn no_page_can_probe_for_the_extension() {
    finds(not_probed, 1, "manifest.json", "{\"web_accessible_resources\": []}");
    finds(not_probed, 0, "manifest.json", "{\"permissions\": []}");
    hold(not_probed);
}
