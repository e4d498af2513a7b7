//! Colours that people can read, in light and in dark: WCAG 2.2, 1.4.3 and 1.4.11.

use shim::view::badge;
use shim::wire::signals::{Risk, RiskLevel};
use std::collections::BTreeMap;

/// Text on a ground.
const TEXT: f64 = 4.5;
/// A mark or a control on a ground.
const MARK: f64 = 3.0;

fn channel(value: u8) -> f64 {
    let share = f64::from(value) / 255.0;
    if share <= 0.040_45 { share / 12.92 } else { ((share + 0.055) / 1.055).powf(2.4) }
}

fn luminance(color: &str) -> f64 {
    let hex = color.strip_prefix('#').filter(|hex| hex.len() == 6).expect("#rrggbb");
    let part = |at| channel(u8::from_str_radix(&hex[at..at + 2], 16).unwrap());
    0.2126 * part(0) + 0.7152 * part(2) + 0.0722 * part(4)
}

fn contrast(one: &str, other: &str) -> f64 {
    let (a, b) = (luminance(one) + 0.05, luminance(other) + 0.05);
    a.max(b) / a.min(b)
}

#[test]
fn contrast_is_measured_as_the_norm_says() {
    assert!((contrast("#000000", "#ffffff") - 21.0).abs() < 0.01);
    assert!((contrast("#777777", "#ffffff") - 4.48).abs() < 0.01);
}

/// The tokens of the popup's stylesheet: light, and dark over them.
fn tokens() -> [BTreeMap<String, String>; 2] {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/extension/popup.css");
    let css = std::fs::read_to_string(path).unwrap();
    let mut roots = css.split(":root {").skip(1).map(|rest| rest.split('}').next().unwrap());
    let read = |block: &str| -> BTreeMap<String, String> {
        let lines =
            block.lines().filter_map(|line| line.trim().strip_prefix("--")?.split_once(": "));
        lines.map(|(name, value)| (name.into(), value.trim_end_matches(';').into())).collect()
    };
    let light = read(roots.next().expect("light tokens"));
    let mut dark = light.clone();
    dark.extend(read(roots.next().expect("dark tokens")));
    assert!(light != dark && light.len() > 15);
    [light, dark]
}

#[test]
fn the_popup_is_readable_in_light_and_dark() {
    let grounds = ["paper", "card", "hover"];
    let mut pairs: Vec<(&str, &str, f64)> = Vec::new();
    for ground in grounds {
        pairs.extend(["ink", "soft", "accent", "red"].map(|text| (text, ground, TEXT)));
        pairs.extend(["accent", "green", "red"].map(|mark| (mark, ground, MARK)));
    }
    pairs.extend([
        ("on-accent", "accent", TEXT),
        ("green", "green-wash", TEXT),
        ("amber", "amber-wash", TEXT),
        ("red", "red-wash", TEXT),
        // The notice of a deletion is turned round.
        ("paper", "ink", TEXT),
        // A switch that is off, and the dot of a chat that is closed.
        ("grey", "paper", MARK),
        ("grey", "card", MARK),
    ]);
    let mut bad = Vec::new();
    for (scheme, tokens) in ["light", "dark"].into_iter().zip(tokens()) {
        for (front, ground, least) in &pairs {
            let found = contrast(&tokens[*front], &tokens[*ground]);
            if found < *least {
                bad.push(format!("{scheme}: {front} on {ground} is {found:.2}, at least {least}"));
            }
        }
    }
    assert!(bad.is_empty(), "\n{}\n", bad.join("\n"));
}

/// Toolbars as the two browsers draw them, light and dark.
const TOOLBARS: &[&str] = &["#ffffff", "#dee1e6", "#f9f9fb", "#202124", "#35363a", "#2b2a33"];

#[test]
fn a_badge_is_readable_and_stands_out_on_every_toolbar() {
    let of = |level| badge::of(&Risk { level, ..Risk::default() });
    let mut badges: Vec<_> =
        [RiskLevel::Safe, RiskLevel::Warning, RiskLevel::Danger].map(of).to_vec();
    badges.extend([badge::paused(), badge::unsaved()]);
    for badge in badges {
        let text = contrast(&badge.color, &badge.text_color);
        assert!(text >= TEXT, "{badge:?}: its text has {text:.2}");
        for toolbar in TOOLBARS {
            // The text tells it; the patch need only be seen.
            let patch = contrast(&badge.color, toolbar);
            assert!(patch >= 2.0, "{badge:?} on {toolbar}: {patch:.2}");
        }
    }
}
