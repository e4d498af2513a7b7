//! Decisions (category 1) and what the person wants kept to (category 6).

use super::cues::{Cues, lower};
use super::lines::{Chat, Latest, Mark, Said, key, mark, plain};
use crate::base::limits::{DECISIONS, INSTRUCTIONS_CHARS, PREFERENCES};
use crate::base::text::clip;
use crate::wire::state::{Noted, Preferences};
use std::ops::Range;

/// Words that name a decision wherever they stand in a sentence.
static DECIDED: Cues = Cues::new(
    "\
    we decided|i decided|decided to|decided on|decided against|let's use|let's go with|\
    let's stick|let's keep|go with option|i'll go with|going with|we'll go with|we will go with|\
    we'll use|we will use|we chose|i chose|we settled|settled on|agreed on|we agreed|opted for|\
    rejected|ruled out|we won't use|we will not use|stick with|we're using|decision is|\
    let's go for|we'll take|we'll keep|we'll stay with|i've chosen|we've chosen",
);
/// Words that name a decision only beside a verb of choosing.
static RATHER: Cues = Cues::new("instead of|rather than|in favour of");
static CHOOSING: Cues = Cues::new(
    "\
    use|using|used|go|keep|choose|switch|switched|store|prefer|pick|picked|write|replaced",
);
/// Ways that were tried and given up: a fresh chat must not try them again.
static FAILED_WAY: Cues = Cues::new(
    "\
    didn't work|did not work|doesn't work because|does not work because|tried that|gave up on|\
    dead end|reverted because",
);
/// Labels that make what follows a decision.
static LABELS: Cues =
    Cues::new("decision|decided|chosen|rejected|decisions|key decision|choice|agreed");
/// A sentence with one of these only weighs.
static WEIGHING: Cues =
    Cues::new("should we|could we|we could|might|would you|do you want|which|if you");

/// Every decision, the last said of each, oldest first.
pub fn decisions(chat: &Chat<'_>) -> Vec<Noted> {
    let mut found = Latest::new();
    for said in &chat.said {
        let mut under = false;
        let mut at = 0;
        for (i, line) in said.lines.iter().enumerate().filter(|(_, l)| !l.code) {
            let from = at;
            at += said.sentences.iter().skip(from).take_while(|s| s.line == i).count();
            let here = said.sentences.get(from..at).unwrap_or_default();
            let Some(first) = here.first() else { continue };
            let (mark, rest) = mark(line.text);
            if let Some(label) = label(mark, &plain(rest)) {
                under = LABELS.is(&label);
                continue;
            }
            under &= matches!(mark, Mark::Bullet | Mark::Number(_) | Mark::Check(_));
            if under || labelled(&first.text) {
                keep(&mut found, said, plain(rest));
                continue;
            }
            for sentence in here.iter().filter(|s| decides(&s.words)) {
                keep(&mut found, said, sentence.text.clone());
            }
        }
    }
    found.last(DECISIONS)
}

fn keep(found: &mut Latest<Noted>, said: &Said<'_>, text: String) {
    let key = key(&text);
    if !key.is_empty() {
        found.push(key, Noted { text, turn: said.turn.key.clone() });
    }
}

/// The key of a line that names what follows: a heading, or a short line that ends in a colon.
pub fn label(mark: Mark, text: &str) -> Option<String> {
    let short = text.chars().count() <= 80;
    let heads =
        mark == Mark::Heading || (matches!(mark, Mark::None | Mark::Bullet) && text.ends_with(':'));
    (heads && short).then(|| key(text))
}

/// Whether a line begins with a label such as "Decision:".
fn labelled(text: &str) -> bool {
    text.split_once(':').is_some_and(|(head, rest)| {
        head.len() <= 24 && !rest.trim().is_empty() && LABELS.is(&key(head))
    })
}

fn decides(sentence: &str) -> bool {
    if sentence.ends_with('?') || sentence.split(' ').count() < 3 {
        return false;
    }
    if FAILED_WAY.inside(sentence) {
        return true;
    }
    if WEIGHING.inside(sentence) {
        return false;
    }
    DECIDED.inside(sentence) || (RATHER.inside(sentence) && CHOOSING.inside(sentence))
}

/// The sixth category.
pub fn preferences(chat: &Chat<'_>) -> Preferences {
    let mut wishes = Latest::new();
    let mut blocks: Latest<String> = Latest::new();
    let mut first: Vec<String> = Vec::new();
    for (turn, said) in chat.of_user().enumerate() {
        let range = instruction_lines(said);
        let block: Vec<&str> =
            said.lines.get(range).unwrap_or_default().iter().map(|l| l.text).collect();
        let block = block.join("\n");
        if !block.trim().is_empty() {
            blocks.push(key(&block), block.trim().to_owned());
        }
        for sentence in said.sentences.iter().filter(|s| wishes_for(&s.words)) {
            if turn == 0 {
                first.push(sentence.text.clone());
            }
            keep(&mut wishes, said, sentence.text.clone());
        }
    }
    let mut text = blocks.last(8).join("\n");
    if text.is_empty() {
        text = first.join("\n");
    }
    Preferences {
        custom_instructions: clip(&text, INSTRUCTIONS_CHARS),
        recent: wishes.last(PREFERENCES),
    }
}

/// Starts of a clause that tell how to work from here on.
static STARTS: Cues = Cues::new(
    "\
    always |never |don't |do not |avoid |only use |make sure |be sure |remember to |\
    remember that |stick to |please keep |please use |please don't |please do not |please always |\
    please never |please avoid |please only |please stick |please make sure |please remember |\
    keep the |keep it |keep all |keep every |keep functions |use only |must not |no need to |\
    answer in |reply in |respond in |please answer in |please reply in |please respond in ",
);
/// Words of a wish wherever they stand.
static WISHES: Cues = Cues::new(
    "\
    i prefer|i'd prefer|i would prefer|i'd rather|i want you to|i don't want|i do not want|\
    i'd like you to|from now on|must always|must never|should always|should never|you should not|\
    my preference|i like my|i don't like|i do not like|i dislike",
);
/// Starts that look like a wish and are none.
static NO_WISH: Cues = Cues::new("don't worry|do not worry|never mind|keep going|don't know");

fn wishes_for(sentence: &str) -> bool {
    if sentence.ends_with('?') {
        return false;
    }
    if WISHES.inside(sentence) {
        return true;
    }
    let clauses = sentence.split([',', ';', ':', '–', '—']);
    let clauses = clauses.flat_map(|c| c.split(" but ")).flat_map(|c| c.split(" and "));
    clauses.map(str::trim).any(|clause| STARTS.begin(clause) && !NO_WISH.begin(clause))
}

/// How a standing instruction begins.
static STANDING: Cues = Cues::new(
    "\
    you are |you're a|act as |from now on|rules|instructions|guidelines|ground rules|\
    system prompt|custom instructions|standing instructions|working agreement|house rules|\
    conventions|how we work|house style",
);

/// The lines of a message that are a standing instruction: from "You are …" or a heading such as
/// "Rules:" to the end of its paragraph and the lists that belong to it. Empty: there is none.
pub fn instruction_lines(said: &Said<'_>) -> Range<usize> {
    if !said.by_user() {
        return 0..0;
    }
    let mut first = true;
    for (i, line) in said.lines.iter().enumerate() {
        if line.code || line.text.trim().is_empty() {
            continue;
        }
        let (mark, rest) = mark(line.text);
        let text = lower(&plain(rest));
        let opens = STANDING.begin(&text);
        if opens && (first || label(mark, &text).is_some()) {
            return i..block_end(said, i);
        }
        first = false;
    }
    0..0
}

fn block_end(said: &Said<'_>, start: usize) -> usize {
    let mut end = start + 1;
    let mut blank = false;
    for (i, line) in said.lines.iter().enumerate().skip(start + 1) {
        if line.text.trim().is_empty() {
            blank = true;
            continue;
        }
        let (mark, rest) = mark(line.text);
        let text = lower(&plain(rest));
        let listed = matches!(mark, Mark::Bullet | Mark::Number(_) | Mark::Check(_));
        let standing = label(mark, &text).is_some() && STANDING.begin(&text);
        if blank && !listed && !standing && !wishes_for(&text) {
            break;
        }
        blank = false;
        end = i + 1;
    }
    end
}

/// Whether a message holds nothing but a standing instruction.
pub fn only_instructions(said: &Said<'_>) -> bool {
    let block = instruction_lines(said);
    !block.is_empty()
        && said
            .lines
            .iter()
            .enumerate()
            .all(|(i, l)| block.contains(&i) || l.text.trim().is_empty())
}
