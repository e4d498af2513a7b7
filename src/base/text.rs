//! Text helpers that never split a character.

/// The first `chars` characters of `text`.
#[must_use]
pub fn head(text: &str, chars: usize) -> &str {
    text.char_indices().nth(chars).and_then(|(at, _)| text.get(..at)).unwrap_or(text)
}

/// The last `chars` characters of `text`.
#[must_use]
pub fn tail(text: &str, chars: usize) -> &str {
    if chars == 0 {
        return "";
    }
    text.char_indices().rev().nth(chars - 1).and_then(|(at, _)| text.get(at..)).unwrap_or(text)
}

/// `text` in at most `chars` characters, its end replaced by "…" where it was cut.
#[must_use]
pub fn clip(text: &str, chars: usize) -> String {
    let cut = head(text, chars);
    if cut.len() == text.len() {
        return text.to_owned();
    }
    let mut out = head(text, chars.saturating_sub(1)).trim_end().to_owned();
    out.push('…');
    out
}

/// One line: every run of white space is one space.
#[must_use]
pub fn one_line(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for word in text.split_whitespace() {
        if !out.is_empty() {
            out.push(' ');
        }
        out.push_str(word);
    }
    out
}

/// Lower case in the scripts that the sites' words are written in: Latin, Greek and Cyrillic, a
/// letter for a letter; others stay as they are. (The standard library knows all of Unicode, in
/// 15 KB of every chat page's wasm.)
#[must_use]
pub fn lower(text: &str) -> String {
    text.chars().map(lower_letter).collect()
}

fn lower_letter(c: char) -> char {
    let below = match c {
        'A'..='Z' | 'À'..='Ö' | 'Ø'..='Þ' | 'Α'..='Ρ' | 'Σ'..='Ϋ' | 'А'..='Я' => 32,
        'Ѐ'..='Џ' => 80,
        // Pairs, the capital first.
        'Ā'..='į' | 'Ĳ'..='ķ' | 'Ŋ'..='ŷ' if u32::from(c) % 2 == 0 => 1,
        'Ĺ'..='ň' | 'Ź'..='ž' if u32::from(c) % 2 == 1 => 1,
        _ => 0,
    };
    char::from_u32(u32::from(c) + below).unwrap_or(c)
}

/// The length in bytes of the longest common prefix, on a character boundary of both.
#[must_use]
pub fn common_prefix(a: &str, b: &str) -> usize {
    let same = a.bytes().zip(b.bytes()).take_while(|(x, y)| x == y).count();
    (0..=same).rev().find(|&at| a.is_char_boundary(at) && b.is_char_boundary(at)).unwrap_or(0)
}

/// FNV-1a, 64 bits (draft-eastlake-fnv): tells a changed text from an unchanged one. No defence
/// against somebody who looks for collisions, and none is needed: both texts are the page's.
#[must_use]
pub fn hash(text: &str) -> u64 {
    text.bytes()
        .fold(0xcbf2_9ce4_8422_2325, |h, b| (h ^ u64::from(b)).wrapping_mul(0x100_0000_01b3))
}

/// CRC-32 as gzip uses it: tells a damaged record from a whole one.
#[must_use]
pub fn crc32(chunks: &[&[u8]]) -> u32 {
    let mut crc = crc32fast::Hasher::new();
    for chunk in chunks {
        crc.update(chunk);
    }
    crc.finalize()
}

/// Tokens by estimate: four characters of Latin text, one and a half of a wide script. Units:
/// tokens, rounded up.
#[must_use]
pub fn tokens(text: &str) -> u64 {
    let (mut narrow, mut wide) = (0u64, 0u64);
    for c in text.chars() {
        if u32::from(c) < 0x2e80 { narrow += 1 } else { wide += 1 }
    }
    narrow.div_ceil(4) + (wide * 2).div_ceil(3)
}
