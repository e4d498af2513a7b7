//! Category 1: what was talked about. All of it is quoted, none of it is written anew.

use super::cues::Cues;
use super::lines::{Chat, ITEM_CHARS, Mark, Said, key, mark, squeeze};
use super::notes;
use crate::base::limits::{CONTEXT_CHARS, RECENT_MESSAGE_CHARS, RECENT_MESSAGES, SUMMARY_CHARS};
use crate::base::text::{clip, one_line};
use crate::wire::chat::TurnState;
use crate::wire::state::{Conversation, RecentMessage};

/// Characters of the summary that the goal may take.
const GOAL_CHARS: usize = 420;
/// Characters of one later request and of one answer's first sentence.
const PART_CHARS: usize = 130;

/// The first category.
pub fn conversation(chat: &Chat<'_>) -> Conversation {
    let mut recent: Vec<RecentMessage> =
        chat.said.iter().rev().filter_map(message).take(RECENT_MESSAGES).collect();
    recent.reverse();
    Conversation {
        summary: summary(chat),
        decisions: notes::decisions(chat),
        current_context: context(chat),
        recent,
        turn_count: u32::try_from(chat.said.len()).unwrap_or(u32::MAX),
    }
}

/// A message, or what its calls were where it has no words.
pub fn message(said: &Said<'_>) -> Option<RecentMessage> {
    let mut text = match said.record {
        Some(_) => said.prose().collect::<Vec<_>>().join("\n"),
        None => said.turn.markdown.trim().to_owned(),
    };
    if text.is_empty() {
        let calls = said.turn.calls.iter().rev().take(4).rev();
        let calls: Vec<String> =
            calls.map(|c| format!("{} {}", c.name, one_line(&clip(&c.args, 200)))).collect();
        text = calls.join("\n");
    }
    (!text.trim().is_empty())
        .then(|| RecentMessage { role: said.turn.role, text: squeeze(&text, RECENT_MESSAGE_CHARS) })
}

/// The prose of a message in one line; code stands as "[code]".
pub fn prose(said: &Said<'_>, chars: usize) -> String {
    let mut out = String::new();
    let mut in_code = false;
    for line in &said.lines {
        let word = match (line.code, in_code) {
            (true, true) => "",
            (true, false) => "[code]",
            (false, _) => match mark(line.text) {
                (Mark::Heading, rest) => rest,
                _ => line.text.trim(),
            },
        };
        in_code = line.code;
        if !word.is_empty() {
            out.push_str(word);
            out.push(' ');
        }
        if out.len() > chars * 4 + 64 {
            break;
        }
    }
    clip(&one_line(&out), chars)
}

/// Whether a message asks for something, rather than saying go on, yes or thanks.
pub fn asks(said: &Said<'_>) -> bool {
    static NODS: Cues = Cues::new(
        "\
        yes|y|ok|okay|no|sure|thanks|thank|you|continue|go|on|ahead|proceed|great|good|nice|\
        perfect|please|done|looks|sounds|keep|going|next|do|it|that|yep|cool|fine|alright|and|well",
    );
    let words = match said.record {
        Some(_) => key(&said.prose().collect::<Vec<_>>().join(" ")),
        None => key(&said.turn.markdown),
    };
    words.split(' ').count() > 6 || words.split(' ').any(|w| !w.is_empty() && !NODS.is(w))
}

/// The person's requests, in order: turns that ask, without standing instructions.
pub fn requests<'c, 'a>(chat: &'c Chat<'a>) -> Vec<&'c Said<'a>> {
    let all: Vec<_> = chat.of_user().filter(|s| asks(s)).collect();
    let asked: Vec<_> = all.iter().copied().filter(|s| !notes::only_instructions(s)).collect();
    if asked.is_empty() { all } else { asked }
}

fn summary(chat: &Chat<'_>) -> String {
    let requests = requests(chat);
    let mut out = String::new();
    if let Some(first) = requests.first() {
        out = format!("Goal: {}", request(first, GOAL_CHARS));
    }
    let mut said: Vec<String> = Vec::new();
    for answer in chat.of_model().rev() {
        if let Some(first) =
            answer.sentences.iter().map(|s| &s.text).find(|s| s.split(' ').count() > 2)
            && !said.contains(first)
        {
            said.push(clip(first, PART_CHARS));
        }
        if said.len() == 3 {
            break;
        }
    }
    said.reverse();
    let came =
        if said.is_empty() { String::new() } else { format!(" So far: {}", said.join(" / ")) };
    let mut room = SUMMARY_CHARS.saturating_sub(out.chars().count() + came.chars().count() + 16);
    let mut then: Vec<String> = Vec::new();
    // The last request is the current context's.
    for later in requests.iter().skip(1).rev().skip(1) {
        let text = request(later, PART_CHARS);
        let cost = text.chars().count() + 3;
        if cost > room {
            break;
        }
        room -= cost;
        then.push(text);
    }
    then.reverse();
    if !then.is_empty() {
        out.push_str(" Then asked: ");
        out.push_str(&then.join(" / "));
    }
    out.push_str(&came);
    clip(out.trim(), SUMMARY_CHARS)
}

/// A request in one line: the part that is not a standing instruction.
pub fn request(said: &Said<'_>, chars: usize) -> String {
    let block = notes::instruction_lines(said);
    if block.is_empty() {
        return prose(said, chars);
    }
    let mut rest = said.clone();
    rest.lines = said
        .lines
        .iter()
        .enumerate()
        .filter(|(i, _)| !block.contains(i))
        .map(|(_, line)| *line)
        .collect();
    let text = prose(&rest, chars);
    if text.is_empty() { prose(said, chars) } else { text }
}

fn context(chat: &Chat<'_>) -> String {
    let mut out = String::new();
    if chat.said.is_empty() {
        return out;
    }
    if let Some(last) = chat.of_user().rev().find(|s| !s.lines.is_empty()) {
        out.push_str("Asked: ");
        out.push_str(&request(last, 200));
    }
    let Some(answer) = chat.said.last().filter(|s| !s.by_user()) else {
        out.push_str(" (no answer yet)");
        return clip(out.trim(), CONTEXT_CHARS);
    };
    out.push_str(match answer.turn.state {
        state if state.is_open() => " Answer under way: ",
        state if state.is_cut() => " Answer cut off: ",
        _ => " Answered: ",
    });
    let pick = match answer.turn.state {
        TurnState::Done => answer.sentences.first(),
        _ => answer.sentences.last(),
    };
    if let Some(words) = pick {
        out.push_str(&clip(&words.text, ITEM_CHARS.min(180)));
    }
    if let Some(call) = answer.turn.calls.iter().rev().find(|c| !c.state.has_ended()) {
        out.push_str(&format!(" Running: {} {}", call.name, one_line(&clip(&call.args, 120))));
    }
    clip(out.trim(), CONTEXT_CHARS)
}
