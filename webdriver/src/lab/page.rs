//! The HTML around the page scripts, with its headers.

use axum::http::header::{CACHE_CONTROL, CONTENT_SECURITY_POLICY, SET_COOKIE};
use axum::http::{HeaderName, StatusCode};
use axum::response::{Html, IntoResponse, Response};

use super::store::random_hex;
use super::{Csp, Panels, Renderer, Site};

/// The packages that ProseMirror is made of, and where each one's module begins.
const MODULES: [(&str, &str); 11] = [
    ("orderedmap", "dist/index.js"),
    ("prosemirror-commands", "dist/index.js"),
    ("prosemirror-history", "dist/index.js"),
    ("prosemirror-keymap", "dist/index.js"),
    ("prosemirror-model", "dist/index.js"),
    ("prosemirror-schema-basic", "dist/index.js"),
    ("prosemirror-state", "dist/index.js"),
    ("prosemirror-transform", "dist/index.js"),
    ("prosemirror-view", "dist/index.js"),
    ("rope-sequence", "dist/index.js"),
    ("w3c-keyname", "index.js"),
];

/// What a page is about.
pub(super) struct Page<'a> {
    pub(super) site: Site,
    pub(super) csp: Csp,
    pub(super) prosemirror: bool,
    pub(super) panels: Panels,
    /// The conversation in the address; `None` on the page of a new chat.
    pub(super) conversation: Option<&'a str>,
    /// The address names a conversation that does not exist.
    pub(super) missing: bool,
    pub(super) renderer: Renderer,
    /// Cookies to set, each ready as a header's value.
    pub(super) cookies: Vec<String>,
}

impl IntoResponse for Page<'_> {
    fn into_response(self) -> Response {
        let nonce = random_hex();
        let mut headers: Vec<(HeaderName, String)> = vec![
            (CONTENT_SECURITY_POLICY, policy(self.csp, &nonce)),
            (CACHE_CONTROL, "no-store".to_owned()),
        ];
        headers.extend(self.cookies.iter().map(|cookie| (SET_COOKIE, cookie.clone())));
        let status = if self.missing { StatusCode::NOT_FOUND } else { StatusCode::OK };
        let mut response = (status, Html(self.html(&nonce))).into_response();
        for (name, value) in headers {
            if let Ok(value) = value.parse() {
                // The headers here come for the first time, but for cookies.
                response.headers_mut().append(name, value);
            }
        }
        response
    }
}

impl Page<'_> {
    fn html(&self, nonce: &str) -> String {
        let (script, title) = match self.site {
            Site::Claude => ("claude", "Claude"),
            Site::ChatGpt => ("chatgpt", "ChatGPT"),
        };
        let look = match (self.site, self.renderer) {
            (Site::Claude, Renderer::Newest) => "claude-hub",
            (Site::Claude, Renderer::July) => "claude-2026-07",
            (Site::ChatGpt, Renderer::Newest) => "chatgpt-turnkey",
            (Site::ChatGpt, Renderer::July) => "chatgpt-2026-07",
        };
        let config = serde_json::json!({
            "site": self.site,
            "look": look,
            "prosemirror": self.prosemirror,
            "panels_open": self.panels == Panels::Open,
            "conversation": self.conversation,
            "missing": self.missing,
        });
        // `<` cannot end the script element early when it is written as an escape.
        let config = config.to_string().replace('<', "\\u003c");
        format!(
            "<!doctype html>\n<html lang=\"en-US\">\n<head>\n<meta charset=\"utf-8\">\n\
             <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
             <title>{title}</title>\n<link rel=\"stylesheet\" href=\"/assets/style.css\">\n\
             {}<script type=\"application/json\" id=\"page-config\">{config}</script>\n\
             <script type=\"module\" nonce=\"{nonce}\" src=\"/assets/{script}.js\"></script>\n\
             </head>\n<body class=\"site-{script}\"></body>\n</html>\n",
            if self.prosemirror { import_map(nonce) } else { String::new() },
        )
    }
}

fn import_map(nonce: &str) -> String {
    let imports: serde_json::Map<String, serde_json::Value> = MODULES
        .iter()
        .map(|(name, file)| ((*name).to_owned(), format!("/npm/{name}/{file}").into()))
        .collect();
    let map = serde_json::json!({ "imports": imports });
    format!("<script type=\"importmap\" nonce=\"{nonce}\">{map}</script>\n")
}

fn policy(csp: Csp, nonce: &str) -> String {
    let wasm = match csp {
        Csp::Permissive => " 'wasm-unsafe-eval'",
        Csp::Strict => "",
    };
    format!(
        "default-src 'self'; script-src 'self' 'nonce-{nonce}'{wasm}; \
         style-src 'self' 'unsafe-inline'; connect-src 'self'"
    )
}

/// Whether the address `/npm/PACKAGE/FILE` is one of the modules that pages load.
pub(super) fn is_module(address: &str) -> bool {
    MODULES.iter().any(|(name, file)| {
        address.strip_prefix(name).and_then(|rest| rest.strip_prefix('/')) == Some(file)
    })
}
