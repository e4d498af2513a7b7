//! Keys, tokens and passwords in a text: found by how their makers write them, by the name before
//! them, and by where a URL or a key file puts them.
//!
//! What is found is surely none of a chat's content that the next chat needs; what is missed is no
//! worse than before. So a commit's hash, an identifier or a placeholder must not be taken for one:
//! a value that only its name gives away counts where it looks like nothing that people write.
//! Sources: the issuers' own pages on the form of their keys, as of 2026; RFC 3986, 3.2.1;
//! RFC 7468.

mod stored;

use std::ops::Range;

pub use stored::{masked_but, notes, stored, stored_json, stored_turn};

/// A secret in a text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Secret {
    /// Where, bytes.
    pub at: Range<usize>,
    /// What it is, as it is called in a sentence.
    pub kind: &'static str,
}

/// How keys begin, the fewest characters of one, and what it is.
const FORMS: [(&str, usize, &str); 31] = [
    ("sk-ant-", 40, "an Anthropic key"),
    ("sk-or-", 40, "an OpenRouter key"),
    ("sk-", 32, "an API key"),
    ("sk_live_", 24, "a Stripe key"),
    ("sk_test_", 24, "a Stripe key"),
    ("rk_live_", 24, "a Stripe key"),
    ("whsec_", 24, "a webhook secret"),
    ("ghp_", 36, "a GitHub token"),
    ("gho_", 36, "a GitHub token"),
    ("ghu_", 36, "a GitHub token"),
    ("ghs_", 36, "a GitHub token"),
    ("ghr_", 36, "a GitHub token"),
    ("github_pat_", 40, "a GitHub token"),
    ("glpat-", 20, "a GitLab token"),
    ("xoxb-", 24, "a Slack token"),
    ("xoxp-", 24, "a Slack token"),
    ("xoxa-", 24, "a Slack token"),
    ("xoxs-", 24, "a Slack token"),
    ("xapp-", 24, "a Slack token"),
    ("AKIA", 20, "an AWS key"),
    ("ASIA", 20, "an AWS key"),
    ("AIza", 39, "a Google key"),
    ("ya29.", 40, "a Google token"),
    ("npm_", 36, "an npm token"),
    ("pypi-", 50, "a PyPI token"),
    ("hf_", 30, "a Hugging Face token"),
    ("gsk_", 40, "a Groq key"),
    ("xai-", 40, "an xAI key"),
    ("dop_v1_", 60, "a DigitalOcean token"),
    ("shpat_", 32, "a Shopify token"),
    ("SG.", 50, "a SendGrid key"),
];

/// Words in the name of what is secret, lower case.
const NAMES: [&str; 12] = [
    "password",
    "passwd",
    "passphrase",
    "pwd",
    "secret",
    "token",
    "apikey",
    "api_key",
    "api-key",
    "accesskey",
    "access_key",
    "credential",
];
/// What stands before a token in a header.
const SCHEMES: [&str; 2] = ["bearer ", "basic "];
/// The fewest characters of a value that its name gives away.
const NAMED_CHARS: usize = 8;
/// Characters of a name, and between it and its value.
const NAME_CHARS: usize = 40;

const KEY_BEGIN: &str = "-----BEGIN ";
const KEY_KIND: &str = "PRIVATE KEY-----";
const KEY_END: &str = "-----END ";

/// Every secret of a text, in order; none overlaps another.
#[must_use]
pub fn find(text: &str) -> Vec<Secret> {
    let mut found = Vec::new();
    let mut from = 0;
    while let Some(run) = next_run(text, from) {
        let secret = key_file(text, &run)
            .or_else(|| in_address(text, &run))
            .or_else(|| by_form(text, &run))
            .or_else(|| by_name(text, &run));
        from = secret.as_ref().map_or(run.end, |secret| secret.at.end.max(run.end));
        found.extend(secret);
    }
    found
}

/// The next run of what keys are written with.
fn next_run(text: &str, from: usize) -> Option<Range<usize>> {
    let part = |c: char| c.is_ascii_alphanumeric() || "-_.~+/=%:@!#$^&*".contains(c);
    let start = from + text.get(from..)?.find(part)?;
    let rest = text.get(start..)?;
    Some(start..start + rest.find(|c| !part(c)).unwrap_or(rest.len()))
}

/// A private key in its file's own form, to its end or to that of the text.
fn key_file(text: &str, run: &Range<usize>) -> Option<Secret> {
    let rest = text.get(run.start..)?.strip_prefix(KEY_BEGIN)?;
    let line = rest.lines().next()?;
    if !line.trim_end().ends_with(KEY_KIND) {
        return None;
    }
    let end = rest.find(KEY_END).map_or(rest.len(), |at| {
        let tail = rest.get(at..).unwrap_or_default();
        at + tail.find('\n').unwrap_or(tail.len())
    });
    let end = run.start + KEY_BEGIN.len() + end;
    Some(Secret { at: run.start..end, kind: "a private key" })
}

/// `scheme://user:password@host`.
fn in_address(text: &str, run: &Range<usize>) -> Option<Secret> {
    let word = text.get(run.clone())?;
    let begins = word.find("://")? + 3;
    let host = word.get(begins..)?;
    let user = host.get(..host.find('@')?)?;
    let colon = user.find(':')? + 1;
    let password = user.get(colon..)?;
    let start = run.start + begins + colon;
    let at = start..start + password.len();
    (!password.is_empty() && !user.contains('/') && !is_placeholder(password))
        .then_some(Secret { at, kind: "a password" })
}

/// A key by how it begins. What stands before it in the run may be its name: `key=sk-…`.
fn by_form(text: &str, run: &Range<usize>) -> Option<Secret> {
    let word = text.get(run.clone())?;
    let starts = word.match_indices(|c: char| !c.is_ascii_alphanumeric() && c != '-' && c != '_');
    for start in std::iter::once(0).chain(starts.map(|(at, mark)| at + mark.len())) {
        let rest = word.get(start..)?;
        let end = rest.find(|c: char| !is_key_char(c)).unwrap_or(rest.len());
        let key = rest.get(..end)?.trim_end_matches(['.', '-', '_']);
        // What a clipped text ends in may be the beginning of one.
        let after = text.get(run.start + start + end..).unwrap_or_default();
        let is_cut = after.is_empty() || after.starts_with('…');
        if let Some(kind) = form_of(key, is_cut) {
            let from = run.start + start;
            return Some(Secret { at: from..from + key.len(), kind });
        }
    }
    None
}

fn form_of(key: &str, is_cut: bool) -> Option<&'static str> {
    let dots = key.matches('.').count();
    let is_token = (key.len() >= 60 && dots == 2) || (is_cut && key.len() >= 20 && dots < 3);
    if key.starts_with("eyJ") && is_token {
        return Some("a signed token");
    }
    let enough =
        |begin: &str, least| key.len() >= least || (is_cut && key.len() >= begin.len() + CUT);
    let mut forms = FORMS.into_iter();
    let (begin, least, kind) =
        forms.find(|(begin, least, _)| key.starts_with(begin) && enough(begin, *least))?;
    let rest = key.get(begin.len()..)?;
    let upper_only = begin.chars().all(|c| c.is_ascii_uppercase());
    let fits = if upper_only { key.len() <= least && is_upper(rest) } else { is_random(rest) };
    fits.then_some(kind)
}

/// So many characters behind its beginning tell a key that was cut.
const CUT: usize = 8;

/// A value that its name gives away: `password = "…"`, `Authorization: Bearer …`.
fn by_name(text: &str, run: &Range<usize>) -> Option<Secret> {
    let word = text.get(run.clone())?;
    // A name and its value may be one run: `API_KEY=…`.
    let cut = word.find(['=', ':']).filter(|at| is_name(word.get(..*at).unwrap_or_default()));
    let start = run.start + cut.map_or(0, |at| at + 1);
    let value = text.get(start..run.end)?.trim_start_matches(['=', ':']);
    let start = run.end - value.len();
    let value = value.trim_end_matches(['.', ':', '=', '%', '&', '*', '!', '#']);
    let named = cut.is_some() || is_named(text.get(..start)?);
    let at = start..start + value.len();
    // What is called, or goes on in brackets, is code.
    let code = text.get(run.end..).is_some_and(|rest| rest.starts_with(['(', '[', '{', '<']));
    let is_value = value.len() >= NAMED_CHARS && !code && !is_placeholder(value);
    (named && is_value && is_random(value)).then_some(Secret { at, kind: "a secret" })
}

/// Whether what stands before a value names it as secret.
fn is_named(before: &str) -> bool {
    let from = before.char_indices().rev().nth(NAME_CHARS - 1).map_or(0, |(at, _)| at);
    let line = before.get(from..).unwrap_or_default().rsplit('\n').next().unwrap_or_default();
    let lower = line.to_ascii_lowercase();
    if SCHEMES.iter().any(|scheme| lower.ends_with(scheme)) {
        return lower.contains("authorization") || lower.trim_start().starts_with("bearer");
    }
    let name = lower.trim_end_matches([' ', '"', '\'', '`', '=', ':', '>']);
    let assigned = lower.get(name.len()..).is_some_and(|mark| mark.contains(['=', ':']));
    assigned && is_name(name)
}

fn is_name(text: &str) -> bool {
    let lower = text.to_ascii_lowercase();
    let word = lower.rsplit(|c: char| !c.is_ascii_alphanumeric() && c != '_' && c != '-').next();
    word.is_some_and(|word| NAMES.iter().any(|name| word.contains(name)))
}

fn is_key_char(c: char) -> bool {
    c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.')
}

fn is_upper(text: &str) -> bool {
    text.bytes().all(|b| b.is_ascii_uppercase() || b.is_ascii_digit())
        && text.bytes().any(|b| b.is_ascii_digit())
}

/// Whether nobody writes such a word: letters and digits mixed, few of them twice. A path, a
/// version, a number or a name in code is none.
fn is_random(text: &str) -> bool {
    let digits = text.bytes().filter(u8::is_ascii_digit).count();
    let letters = text.bytes().filter(u8::is_ascii_alphabetic).count();
    let signs = text.len() - digits - letters;
    let strange = text.bytes().filter(|b| b"!#$^&*%@+".contains(b)).count();
    let mixed = (digits > 0 && letters > 0) || strange > 0;
    let dotted = text.contains('/') || text.matches('.').count() > 1 || text.contains("::");
    mixed && !dotted && signs <= text.len() / 3 && bits(text) >= LEAST_BITS
}

/// Least entropy of a secret, bits a character: eight different characters have 3.
const LEAST_BITS: f64 = 2.75;

/// Shannon entropy of the bytes of a text, bits a character.
fn bits(text: &str) -> f64 {
    let mut counts = [0_u32; 256];
    for byte in text.bytes() {
        if let Some(count) = counts.get_mut(usize::from(byte)) {
            *count += 1;
        }
    }
    #[expect(clippy::cast_precision_loss, reason = "bytes of one word")]
    let all = text.len().max(1) as f64;
    let share = |count: &u32| f64::from(*count) / all;
    counts.iter().filter(|count| **count > 0).map(share).map(|p| -p * p.log2()).sum()
}

/// What stands for a secret and is none.
fn is_placeholder(value: &str) -> bool {
    let lower = value.to_ascii_lowercase();
    let words = ["xxx", "example", "your", "changeme", "redacted", "placeholder", "process.env"];
    value.starts_with(['$', '%', '<', '{', '*'])
        || words.iter().any(|word| lower.contains(word))
        || value.bytes().all(|byte| Some(&byte) == value.as_bytes().first())
}
