//! What the scripted model writes when it is not told word for word.

use super::store::sha256_hex;

/// From this many characters on, a message is taken for a prompt that resumes earlier work.
const RESUME_MIN_CHARS: usize = 400;
/// Lines of the prompt that the model quotes back.
const QUOTED_MAX_LINES: usize = 4;
/// Characters of a plain message that the answer repeats.
const ECHO_MAX_CHARS: usize = 60;

const LOREM: [&str; 16] = [
    "lorem",
    "ipsum",
    "dolor",
    "sit",
    "amet",
    "consectetur",
    "adipiscing",
    "elit",
    "sed",
    "do",
    "eiusmod",
    "tempor",
    "incididunt",
    "ut",
    "labore",
    "magna",
];

/// `words` words in sentences of eleven and paragraphs of five sentences.
pub(super) fn lorem(words: usize) -> String {
    let mut text = String::new();
    for (index, word) in LOREM.iter().cycle().take(words).enumerate() {
        let begins = index % 11 == 0;
        if begins && index > 0 {
            text.push_str(if index % 55 == 0 { ".\n\n" } else { ". " });
        } else if index > 0 {
            text.push(' ');
        }
        let mut letters = word.chars();
        match letters.next() {
            Some(first) if begins => text.extend(first.to_uppercase()),
            Some(first) => text.push(first),
            None => {}
        }
        text.push_str(letters.as_str());
    }
    text.push('.');
    text
}

/// Everything that the pages' Markdown can show.
pub(super) const MARKDOWN_SAMPLE: &str = r#"# A heading

A paragraph with **bold**, *emphasis*, `inline code`, ~~struck~~ words and a
[link](https://example.org/guide?a=1&b=2). Bare addresses such as https://example.org/plain too.

## Lists

- first
- second with `code`
  - nested one
  - nested two
- third

1. one
2. two
3. three

- [x] finished
- [ ] still open

### Code

```rust
fn main() {
    println!("a < b && c > d");
}
```

```diff
-let limit = 30;
+let limit = 40;
```

| file | lines | note |
| --- | ---: | :--- |
| src/main.rs | 120 | entry |
| src/limiter.rs | 88 | `TokenBucket` |

> A quotation
> of two lines.

---

The end: naïve café, 漢字, 🙂."#;

/// The answer to a message that holds no command.
pub(super) fn plain(message: &str) -> String {
    if message.contains("```") || message.chars().count() > RESUME_MIN_CHARS {
        return resumed(message);
    }
    let line = message.lines().find(|line| !line.trim().is_empty()).unwrap_or_default().trim();
    let mut start: String = line.chars().take(ECHO_MAX_CHARS).collect();
    if start.len() < line.len() {
        start.push('…');
    }
    format!(
        "Happy to help with “{start}”.\n\nHere is how I would go about it:\n\n\
         1. Look at what is there and write down what must not change.\n\
         2. Make the smallest change that does the job.\n\
         3. Check it with a test, then tidy up.\n\n\
         Tell me which part you would like first."
    )
}

fn resumed(message: &str) -> String {
    let quoted = lines_about_what_is_next(message);
    let quotation: Vec<String> = quoted.iter().map(|line| format!("> {line}")).collect();
    format!(
        "Understood. Continuing from:\n\n{}\n\nI have read the {} characters you sent and will \
         carry on from there.",
        quotation.join("\n"),
        message.chars().count(),
    )
}

/// The first lines that tell what comes next; a heading brings the lines under it.
fn lines_about_what_is_next(message: &str) -> Vec<&str> {
    let lines: Vec<&str> = message.lines().map(str::trim).filter(|line| !line.is_empty()).collect();
    for word in ["next", "remaining", "continue", "progress", "goal"] {
        let found = lines.iter().position(|line| line.to_lowercase().contains(word));
        let Some(at) = found else { continue };
        let after = lines.iter().skip(at);
        let heading =
            lines.get(at).is_some_and(|line| line.starts_with('#') || line.ends_with([':', '*']));
        return after.take(if heading { QUOTED_MAX_LINES } else { 1 }).copied().collect();
    }
    lines.into_iter().take(1).collect()
}

/// The answer to `!count`. `earlier` are the messages before the one that asks.
pub(super) fn count(earlier: &[String]) -> String {
    let chars: usize = earlier.iter().map(|message| message.chars().count()).sum();
    format!("Messages received: {}\n\nCharacters received: {chars}", earlier.len())
}

/// The answer to `!recall`.
pub(super) fn recall(word: &str, earlier: &[String]) -> String {
    let lines: Vec<&str> = earlier
        .iter()
        .flat_map(|message| message.lines())
        .filter(|line| line.contains(word))
        .collect();
    let block =
        if lines.is_empty() { String::new() } else { format!("\n\n{}", fenced(&lines.join("\n"))) };
    format!("Lines with “{word}”: {}{block}", lines.len())
}

/// The answer to `!last`.
pub(super) fn last(earlier: &[String]) -> String {
    match earlier.last() {
        Some(message) => format!(
            "sha256: `{}`\n\nlength: {} characters",
            sha256_hex(message),
            message.chars().count()
        ),
        None => "No message came before this one.".to_owned(),
    }
}

/// A code block around any text.
pub(super) fn fenced(text: &str) -> String {
    // A fence must be longer than any run of backticks that it encloses.
    let mut fence = "```".to_owned();
    while text.contains(&fence) {
        fence.push('`');
    }
    format!("{fence}text\n{text}\n{fence}")
}
