//! The token estimate against two real tokenizers.

use shim::session::meter::tokens;
use std::fmt::Write as _;
use tiktoken_rs::CoreBPE;

/// Characters that are counted at once: about a message. A shorter rest says little.
const CHARS: usize = 400;

/// Texts by kind: of this repository, and samples that were written for it.
const TEXTS: [(&str, &[&str]); 5] = [
    ("English", &[include_str!("../../../ARCHITECTURE.md"), include_str!("../../../README.md")]),
    ("Chinese", &[include_str!("../texts/chinese.txt")]),
    (
        "code",
        &[
            include_str!("../../../src/background/index.rs"),
            include_str!("../../../src/session/meter/count.rs"),
            include_str!("../../../extension/content/eyes.js"),
            include_str!("../texts/code.py"),
        ],
    ),
    ("JSON", &[include_str!("../texts/data.json")]),
    ("logs", &[include_str!("../texts/server.log"), include_str!("../texts/build.log")]),
];

/// How far the estimate is off in one kind of text.
#[derive(Clone, Debug)]
pub struct Row {
    /// The kind.
    pub kind: &'static str,
    /// Pieces that were counted.
    pub pieces: usize,
    /// Median of the error's size against `o200k`, `cl100k`, and both taken together, 0-1.
    pub errors: [f64; 3],
    /// The same of a token for every four characters.
    pub by_length: f64,
}

/// Every kind.
#[must_use]
pub fn rows() -> Vec<Row> {
    let Ok(all) = tiktoken_rs::o200k_base().and_then(|a| Ok([a, tiktoken_rs::cl100k_base()?]))
    else {
        return Vec::new();
    };
    TEXTS.iter().map(|(kind, texts)| row(kind, texts, &all)).collect()
}

#[expect(clippy::cast_precision_loss, reason = "counts of tokens of short texts")]
fn row(kind: &'static str, texts: &[&str], [one, two]: &[CoreBPE; 2]) -> Row {
    let mut errors = [const { Vec::new() }; 4];
    for text in texts {
        let chars: Vec<char> = text.chars().collect();
        // A rest says little.
        for piece in chars.chunks(CHARS).filter(|piece| piece.len() > CHARS / 2) {
            let piece: String = piece.iter().collect();
            let count = |bpe: &CoreBPE| bpe.encode_ordinary(&piece).len() as f64;
            let real = [count(one), count(two)];
            let told = tokens(&piece) as f64;
            let off = |told: f64, real: f64| (told - real).abs() / real;
            let mean = f64::midpoint(real[0], real[1]);
            let each = [off(told, real[0]), off(told, real[1]), off(told, mean)];
            for (into, error) in errors.iter_mut().zip(each) {
                into.push(error);
            }
            errors[3].push(off(piece.chars().count() as f64 / 4.0, mean));
        }
    }
    let pieces = errors[0].len();
    let [a, b, both, by_length] = errors.map(median);
    Row { kind, pieces, errors: [a, b, both], by_length }
}

fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values.get(values.len() / 2).copied().unwrap_or_default()
}

/// The table, and the median of the kinds.
#[must_use]
pub fn table() -> String {
    let rows = rows();
    let percent = |error: f64| format!("{:.1} %", error * 100.0);
    let mut out = "| text | pieces | o200k | cl100k | both | chars/4 |\n".to_owned();
    out.push_str("| --- | --- | --- | --- | --- | --- |\n");
    for row in &rows {
        let [a, b, both] = row.errors.map(percent);
        let by_length = percent(row.by_length);
        let _ =
            writeln!(out, "| {} | {} | {a} | {b} | {both} | {by_length} |", row.kind, row.pieces);
    }
    let each: Vec<f64> = rows.iter().map(|row| row.errors[2]).collect();
    let worst = each.iter().copied().fold(0.0, f64::max);
    let _ = write!(
        out,
        "both: median of the kinds {}, worst {}",
        percent(median(each)),
        percent(worst)
    );
    out
}
