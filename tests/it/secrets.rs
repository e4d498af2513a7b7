//! Keys, tokens and passwords: what is one, and what looks like one and is none.

use shim::base::chance::Chance;
use shim::session::secrets::{find, masked_but, notes, stored, stored_json};
use shim::wire::chat::Turn;
use shim::wire::secrets::SecretsKept;
use std::borrow::Cow;
use std::collections::BTreeSet;

fn masked(text: &str) -> Cow<'_, str> {
    masked_but(text, &BTreeSet::new())
}

/// Made up here; put together so that no file holds a whole key.
fn key(begin: &str, chars: usize) -> String {
    let mut chance = Chance::new(chars as u64);
    let letters = b"ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz23456789";
    let mut out = begin.to_owned();
    while out.len() < chars {
        out.push(char::from(letters[chance.below(letters.len() as u64) as usize]));
    }
    out
}

#[test]
fn keys_are_known_by_their_makers_form() {
    let token = format!("{}.{}.{}", key("eyJ", 36), key("eyJ", 60), key("", 43));
    for (secret, kind) in [
        (key("sk-ant-api03-", 100), "an Anthropic key"),
        (key("sk-proj-", 60), "an API key"),
        (key("ghp_", 40), "a GitHub token"),
        (key("github_pat_", 80), "a GitHub token"),
        (key("xoxb-", 50), "a Slack token"),
        (format!("AKIA{}", "7XQ2ZP4MRT6WKJ3D"), "an AWS key"),
        (key("AIza", 39), "a Google key"),
        (key("npm_", 40), "an npm token"),
        (token, "a signed token"),
    ] {
        for around in ["KEY", "`KEY`", "key=KEY", "see \"KEY\".", "(KEY)", "a KEY b\nc"] {
            let text = around.replace("KEY", &secret);
            let found = find(&text);
            assert_eq!(found.len(), 1, "{text}");
            assert_eq!((&text[found[0].at.clone()], found[0].kind), (secret.as_str(), kind));
            let wanted = around.replace("KEY", &format!("[{kind} was here]"));
            assert_eq!(masked(&text), wanted);
        }
    }
}

#[test]
fn a_key_that_was_cut_is_known_at_the_end() {
    let secret = format!("ghp_{}", "a8Kd93LmQz71XcVb20TyUi56OpWe48RtYn3H");
    for chars in [12, 16, 30] {
        let cut = &secret[..chars];
        assert_eq!(masked(&format!("it is {cut}")), "it is [a GitHub token was here]");
        assert_eq!(masked(&format!("it is {cut}…")), "it is [a GitHub token was here]…");
        assert_eq!(masked(&format!("it is {cut} or so")), format!("it is {cut} or so"));
    }
    assert_eq!(masked("AKIA7XQ2ZP4MR"), "[an AWS key was here]");
    assert_eq!(masked("we use sk-learn"), "we use sk-learn");
}

#[test]
fn what_a_name_or_a_place_gives_away_is_secret() {
    for (text, wanted) in [
        ("password: hunter2!Xy9", "password: [a secret was here]"),
        ("DB_PASSWORD=\"s3cr3t-Pa55w0rd\"", "DB_PASSWORD=\"[a secret was here]\""),
        ("API_KEY=9f8e7d6c5b4a39281706", "API_KEY=[a secret was here]"),
        (
            "{\"client_secret\": \"q8Zt0-pLk2_9wXv\"}",
            "{\"client_secret\": \"[a secret was here]\"}",
        ),
        (
            "Authorization: Bearer a8f5f167f44f4964e6c998de",
            "Authorization: Bearer [a secret was here]",
        ),
        (
            "postgres://shop:t0p-Secret@db.internal/shop",
            "postgres://shop:[a password was here]@db.internal/shop",
        ),
    ] {
        assert_eq!(masked(text), wanted);
    }
    let file = "so:\n-----BEGIN RSA PRIVATE KEY-----\nMIIEow\nIBAAKC\n\
        -----END RSA PRIVATE KEY-----\nand on";
    assert_eq!(masked(file), "so:\n[a private key was here]\nand on");
    let open = "-----BEGIN PRIVATE KEY-----\nMIIEow\nIBAAKC";
    assert_eq!(masked(open), "[a private key was here]", "cut off");
}

#[test]
fn what_people_and_programs_write_is_none() {
    for text in [
        "commit 9f86d081884c7d659a2feaa0c55ad015a3bf4f1b",
        "id 0142e74a-8df4-4dcb-88f0-25c2983b22ef",
        "let token = tokens.next().unwrap();",
        "password: string;",
        "const password = getPassword();",
        "PASSWORD=$PASSWORD and TOKEN=${TOKEN}",
        "api_key = os.environ[\"API_KEY\"]",
        "apiKey: process.env.API_KEY_V2",
        "password: your-password-123",
        "the token count is 12345678",
        "secret: xxxxxxxxxxxx",
        "token: Token::new(3)",
        "https://example.org:8080/a/b?c=d@e",
        "https://user@host/path",
        "-----BEGIN CERTIFICATE-----\nMIIEow\n-----END CERTIFICATE-----",
        "use sk-learn and sk-whatever-you-like-to-call-it-here",
        "src/session/secrets.rs:128",
        "",
        "漢字 😀 = :",
    ] {
        assert_eq!(masked(text), text);
    }
}

#[test]
fn no_text_breaks_it_and_what_is_masked_stays_masked() {
    let mut chance = Chance::new(4);
    let parts = [
        "-----BEGIN ",
        "PRIVATE KEY-----",
        "-----END ",
        "password",
        "=",
        ": ",
        "\"",
        "sk-ant-",
        "eyJ",
        ".",
        "://",
        "@",
        "漢",
        "\n",
        "a8f5f167f44f4964",
        "Bearer ",
        "AKIA",
        " ",
        "😀",
    ];
    for _ in 0..20_000 {
        let count = chance.below(12);
        let text: String =
            (0..count).map(|_| parts[chance.below(parts.len() as u64) as usize]).collect();
        let found = find(&text);
        assert!(found.windows(2).all(|pair| pair[0].at.end <= pair[1].at.start), "{text:?}");
        assert!(found.iter().all(|one| text.get(one.at.clone()).is_some_and(|s| !s.is_empty())));
    }
}

#[test]
fn what_is_stored_is_as_the_person_chose() {
    let key = format!("sk-ant-{}", "a8Xf5Q167f44F4964z".repeat(3));
    let said = format!("use {key}, and password = \"hunter2!x9\"");
    assert_eq!(stored(&said, SecretsKept::Kept), said);
    let masked = stored(&said, SecretsKept::Masked).into_owned();
    let told = "use [an Anthropic key was here: sk-a…], and password = \"[a secret was here]\"";
    assert_eq!(masked, told);
    for how in [SecretsKept::Masked, SecretsKept::Dropped] {
        assert_eq!(stored(&masked, how), masked, "a second time nothing is found");
    }
    let dropped = stored(&said, SecretsKept::Dropped);
    assert_eq!(dropped, "use [an Anthropic key was here], and password = \"[a secret was here]\"");
    let json = serde_json::json!({ "a": [said, 7], "b": "-----BEGIN RSA PRIVATE KEY-----\nMIIE" });
    let stored = stored_json(&json.to_string(), SecretsKept::Dropped);
    let stored: serde_json::Value = serde_json::from_str(&stored).expect("still JSON");
    assert_eq!((&stored["a"][0], &stored["a"][1]), (&dropped.into_owned().into(), &7.into()));
    assert_eq!(stored["b"], "[a private key was here]");
}

#[test]
fn a_key_that_a_clipped_text_ends_in_is_the_whole_one_that_stands_elsewhere() {
    let key = format!("sk-ant-{}", "a8Xf5Q167f44F4964z".repeat(3));
    let other = format!("sk-ant-{}", "b7Xf5Q167f44F4964z".repeat(3));
    let listed = |texts: &[&str]| {
        let turns = texts.iter().zip(3..).map(|(text, position)| Turn {
            markdown: (*text).to_owned(),
            position,
            ..Turn::default()
        });
        let notes = notes(turns.collect(), &BTreeSet::new());
        notes.iter().map(|note| (note.id.clone(), note.position)).collect::<Vec<_>>()
    };
    let whole = &format!("use {key} for it");
    let [(id, 3)] = &listed(&[whole])[..] else { panic!("one key") };
    // Wherever the piece stands, and however short: it is the first turn that is told.
    let (short, long) = (&format!("KEY={}…", &key[..20]), &format!("KEY={}", &key[..40]));
    for texts in [[whole, short, long], [short, whole, long], [long, short, whole]] {
        assert_eq!(listed(&texts.map(String::as_str)), [(id.clone(), 3)], "{texts:?}");
    }
    // A piece of which the whole never stood there is one of its own, and so is another key.
    assert_eq!(listed(&[short, long]).len(), 1);
    assert_eq!(listed(&[whole, &format!("use {other} for it")]).len(), 2);
    // What is followed by more text was not cut: two passwords may begin alike.
    let passwords = ["password = \"hunter2!x9\" here", "password = \"hunter2!x9+44\" there"];
    assert_eq!(listed(&passwords).len(), 2);
}
