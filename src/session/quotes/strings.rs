//! JSON as SHIM writes it, taken to pieces at its strings, without being read.

/// A piece of JSON: what stands between the quotes of a string that is a value, or anything else.
pub enum Piece<'a> {
    /// A string as JSON writes it.
    Text(&'a str),
    /// Anything else, the quotes around strings included.
    Other(&'a str),
}

/// Takes JSON without spaces to pieces; none: a string of it has no end.
pub fn each_string<'a>(text: &'a str, mut take: impl FnMut(Piece<'a>)) -> Option<()> {
    let mut rest = text;
    while let Some(start) = rest.find('"') {
        let (before, inside) = (rest.get(..=start)?, rest.get(start + 1..)?);
        take(Piece::Other(before));
        let end = end_of_string(inside)?;
        let (string, after) = (inside.get(..end)?, inside.get(end..)?);
        let is_key = after.starts_with("\":");
        take(if is_key { Piece::Other(string) } else { Piece::Text(string) });
        take(Piece::Other("\""));
        rest = after.get(1..)?;
    }
    take(Piece::Other(rest));
    Some(())
}

/// Where a string ends, whose quote was read.
fn end_of_string(text: &str) -> Option<usize> {
    let mut bytes = text.bytes().enumerate();
    while let Some((at, byte)) = bytes.next() {
        match byte {
            b'"' => return Some(at),
            b'\\' => drop(bytes.next()),
            _ => {}
        }
    }
    None
}

/// What a string of JSON says; none: it is none.
pub fn unescaped(raw: &str) -> Option<String> {
    serde_json::from_str(&format!("\"{raw}\"")).ok()
}

/// A text as it stands between the quotes of JSON.
pub fn escaped(text: &str) -> String {
    let json = serde_json::to_string(text).unwrap_or_default();
    json.get(1..json.len().saturating_sub(1)).unwrap_or_default().to_owned()
}
