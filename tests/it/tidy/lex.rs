//! Tells code, comments and literals of a Rust file apart: as much of a lexer as the rules need.

#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Code,
    Comment,
    Literal,
}

/// The code alone; all else is spaces, so that every place stays where it was.
pub fn code(text: &str) -> String {
    only(text, Kind::Code)
}

/// The comments alone, likewise.
pub fn comments(text: &str) -> String {
    only(text, Kind::Comment)
}

fn only(text: &str, wanted: Kind) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while !rest.is_empty() {
        let (kind, length) = token(rest);
        let (piece, after) = rest.split_at(length);
        if kind == wanted {
            out.push_str(piece);
        } else {
            let blank = |byte: u8| if byte == b'\n' { '\n' } else { ' ' };
            out.extend(piece.bytes().map(blank));
        }
        rest = after;
    }
    out
}

/// What begins here, and its bytes. Never 0.
fn token(rest: &str) -> (Kind, usize) {
    if rest.starts_with("//") {
        return (Kind::Comment, rest.find('\n').unwrap_or(rest.len()));
    }
    if rest.starts_with("/*") {
        return (Kind::Comment, block_comment(rest));
    }
    if let Some(length) = raw_string(rest) {
        return (Kind::Literal, length);
    }
    let word = rest.find(|c: char| !c.is_alphanumeric() && c != '_').unwrap_or(rest.len());
    if word > 0 {
        return (Kind::Code, word);
    }
    let mut letters = rest.chars();
    match (letters.next(), letters.next(), letters.next()) {
        (Some('"'), ..) => (Kind::Literal, quoted(rest, '"')),
        // A lifetime has no quote after its first letter.
        (Some('\''), Some('\\'), _) | (Some('\''), _, Some('\'')) => {
            (Kind::Literal, quoted(rest, '\''))
        }
        (first, ..) => (Kind::Code, first.map_or(1, char::len_utf8)),
    }
}

fn block_comment(rest: &str) -> usize {
    let (mut depth, mut at) = (0, 0);
    while at < rest.len() {
        let here = &rest[at..];
        if here.starts_with("/*") {
            (depth, at) = (depth + 1, at + 2);
        } else if here.starts_with("*/") {
            (depth, at) = (depth - 1, at + 2);
            if depth == 0 {
                return at;
            }
        } else {
            at += here.chars().next().map_or(1, char::len_utf8);
        }
    }
    rest.len()
}

fn raw_string(rest: &str) -> Option<usize> {
    let marks = rest.strip_prefix('b').or_else(|| rest.strip_prefix('c')).unwrap_or(rest);
    let marks = marks.strip_prefix('r')?;
    let text = marks.trim_start_matches('#');
    let end = format!("\"{}", "#".repeat(marks.len() - text.len()));
    let inside = text.strip_prefix('"')?;
    let begin = rest.len() - inside.len();
    Some(inside.find(&end).map_or(rest.len(), |at| begin + at + end.len()))
}

fn quoted(rest: &str, end: char) -> usize {
    let mut escaped = false;
    for (at, letter) in rest.char_indices().skip(1) {
        if escaped {
            escaped = false;
        } else if letter == '\\' {
            escaped = true;
        } else if letter == end {
            return at + 1;
        }
    }
    rest.len()
}

#[test]
fn code_comments_and_literals_are_told_apart() {
    let text =
        "let a = '{'; // }\nlet b: &'static str = \"}\\\"\"; /* { /* { */ */ r#\"\"}\"# + 'x'";
    let code = code(text);
    assert_eq!(code.len(), text.len());
    assert!(!code.contains(['{', '}', '"']), "{code}");
    assert!(code.contains("&'static str") && code.contains("let b"), "{code}");
    assert_eq!(comments(text).split_whitespace().collect::<String>(), "//}/*{/*{*/*/");
}

#[test]
fn what_never_ends_ends_with_the_file() {
    for text in ["\"abc", "/* abc", "r#\"abc\"", "'\\", "'", "r#type"] {
        assert_eq!(code(text).len(), text.len(), "{text}");
    }
}
