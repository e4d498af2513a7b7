//! What the scripted model writes.

/// Words of a sentence, and sentences of a paragraph.
const SENTENCE: usize = 12;
const PARAGRAPH: usize = 48;
/// Characters of a message that its answer repeats.
const ECHO_CHARS: usize = 60;

const VOCABULARY: [&str; 16] = [
    "river", "stone", "lantern", "window", "harvest", "signal", "meadow", "anchor", "thread",
    "copper", "garden", "bridge", "winter", "letter", "valley", "candle",
];

/// `count` words. Each has its number, so that one which is lost, doubled or misplaced shows.
pub(super) fn words(count: usize) -> String {
    let mut text = String::new();
    for (index, word) in VOCABULARY.iter().cycle().take(count).enumerate() {
        if index > 0 {
            text.push_str(match index {
                _ if index % PARAGRAPH == 0 => ".\n\n",
                _ if index % SENTENCE == 0 => ". ",
                _ => " ",
            });
        }
        text.push_str(word);
        text.push_str(&(index + 1).to_string());
    }
    text
}

/// What the model thinks when it is told to.
pub(super) const THOUGHTS: &str =
    "The person wants a decision. There are two ways. The first is quick. The second lasts.";

/// Everything that chat pages draw from Markdown.
pub(super) const MARKDOWN: &str = r#"# Plan for the greenhouse

A paragraph with **bold**, *slanted*, ~~struck~~ and `inline code`, a
[link](https://example.org/guide?a=1&b=2), and signs that must stay: 5 < 7 && 7 > 5,
snake_case_name, 2 * 3 * 4.

## Steps

1. Measure the light
   - at noon
   - in the evening
     - with the lamp on
     - with the lamp off
2. Water the plants
3. Write it down

- [x] seeds bought
- [ ] pots cleaned

### Code

```rust
fn main() {
    let limit = 3;
    for i in 0..limit {
        println!("{i} < {limit} && \"quoted\"");
    }
}
```

In a list:

- first run this

  ```bash
  cargo test --quiet | sed 's/a/b/g'
  ```

- then that

```text
  leading spaces,	a tab

and an empty line above
```

| plant | litres | note |
| :--- | ---: | --- |
| tomato | 12 | **thirsty** |
| basil | 3 | `shade` |
| chili | 7 | [see](https://example.org/chili) |

> Nothing grows in a hurry.
>
> > Said the gardener.

Inline $e^{i\pi} + 1 = 0$ and on its own:

$$
\int_0^1 x^2 \, dx = \frac{1}{3}
$$

---

The end: naïve café, 漢字, 🙂."#;

/// The answer to a message that commands nothing.
pub(super) fn plain(message: &str) -> String {
    let line = message.lines().find(|line| !line.trim().is_empty()).unwrap_or_default().trim();
    let start: String = line.chars().take(ECHO_CHARS).collect();
    format!(
        "About “{start}”, in {} characters:\n\n1. See what is there.\n2. Change as little as \
         possible.\n3. Check it.\n\nWhich part comes first?",
        message.chars().count()
    )
}

/// The answer to what an application asks for itself: a title, tags, what to ask next.
pub(super) fn side_task(message: &str) -> Option<String> {
    if !message.trim_start().starts_with("### Task:") {
        return None;
    }
    let answers = [
        (
            "\"follow_ups\"",
            r#"{"follow_ups": ["What comes after that?", "Is there a short way?"]}"#,
        ),
        ("\"tags\"", r#"{"tags": ["Garden", "Planning"]}"#),
        ("\"title\"", r#"{"title": "Greenhouse plan"}"#),
        ("\"queries\"", r#"{"queries": []}"#),
    ];
    let known = answers.iter().find(|(word, _)| message.contains(word));
    Some(known.map_or("{}", |(_, answer)| answer).to_owned())
}

/// The tools that the model knows: name, what it is for, its one argument.
pub(super) const TOOLS: [(&str, &str, &str); 3] = [
    ("get_weather", "Says how the weather is in a city.", "city"),
    ("search_docs", "Searches the documents.", "query"),
    ("broken_tool", "Always fails.", "reason"),
];

/// The name of a tool's argument.
pub(super) fn argument(tool: &str) -> &'static str {
    TOOLS.iter().find(|(name, ..)| *name == tool).map_or("input", |(_, _, argument)| argument)
}

/// What a tool returns. An error: it failed.
pub(super) fn returned(tool: &str, args: &serde_json::Value) -> Result<String, String> {
    let about = args.get(argument(tool)).and_then(serde_json::Value::as_str).unwrap_or_default();
    match tool {
        "get_weather" => Ok(format!("{about}: clear sky, 21 degrees")),
        "search_docs" => Ok(format!("2 documents about {about}: guide.md, notes.md")),
        _ => Err(format!("{tool} is broken")),
    }
}

/// Cuts a text as models write it: a word with the white space before it.
#[must_use]
pub fn tokens(text: &str) -> Vec<String> {
    let mut tokens: Vec<String> = Vec::new();
    let mut in_word = false;
    for letter in text.chars() {
        if tokens.is_empty() || (letter.is_whitespace() && in_word) {
            tokens.push(String::new());
        }
        in_word = !letter.is_whitespace();
        if let Some(last) = tokens.last_mut() {
            last.push(letter);
        }
    }
    tokens
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tokens_lose_nothing_and_are_words() {
        let text = " a bc\n\n  d-e f ";
        assert_eq!(tokens(text).concat(), text);
        assert_eq!(tokens(text).len(), 5);
        assert_eq!(tokens(&words(300)).len(), 300);
    }

    #[test]
    fn no_word_comes_twice() {
        let text = words(500);
        let mut all: Vec<&str> = text.split_whitespace().map(|w| w.trim_matches('.')).collect();
        all.sort_unstable();
        all.dedup();
        assert_eq!(all.len(), 500);
    }
}
