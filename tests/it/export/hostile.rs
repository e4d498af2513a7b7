//! Exports of an enemy: text is data, and nothing ends in a panic.

use super::*;
use shim::base::chance::Chance;

#[test]
fn any_bytes_changed_are_refused_or_left_out_and_nothing_else() {
    let all = json!([chatgpt_long(), claude_long()]).to_string();
    let packed = zip(&[("conversations.json", all.as_bytes(), How::Deflated)]);
    let stored = zip(&[("conversations.json", all.as_bytes(), How::Stored)]);
    for seed in 0..900 {
        let mut chance = Chance::new(seed);
        let mut file = [all.as_bytes(), &packed, &stored][(seed % 3) as usize].to_vec();
        for _ in 0..=chance.below(6) {
            let at = usize::try_from(chance.below(file.len() as u64)).unwrap();
            match chance.below(4) {
                0 => file[at] = u8::try_from(chance.below(256)).unwrap(),
                1 => file[at] ^= 1 << chance.below(8),
                2 => drop(file.drain(at..(at + 9).min(file.len()))),
                _ => file.insert(at, b"\"{}[],\\0"[usize::try_from(chance.below(8)).unwrap()]),
            }
        }
        // Whatever is read of it is what an archive may hold, or `read` would say so.
        if let Ok((chats, ..)) = read(&file) {
            assert!(chats.len() <= 2, "seed {seed}");
        }
    }
}

#[test]
fn any_value_anywhere_is_taken_for_what_it_is() {
    let odd = [
        json!(null),
        json!(-1),
        json!(1e300),
        json!(true),
        json!("x/y"),
        json!("#0"),
        json!({}),
        json!([[[]]]),
        json!("\u{0}\u{e200}"),
    ];
    let small = claude(CLAUDE_CHAT, vec![message("u", ROOT, "human", blocks("Hello."))]);
    for sample in [chatgpt_long(), claude_long()] {
        let mut paths = Vec::new();
        walk(&sample, String::new(), &mut paths);
        // Each path gets one or two of them, and each value comes to many kinds of path.
        let all = paths.iter().flat_map(|path| odd.iter().map(move |odd| (path, odd)));
        for (path, odd) in all.step_by(7) {
            let mut changed = sample.clone();
            *changed.pointer_mut(path).unwrap() = odd.clone();
            let all = json!([small, changed]).to_string();
            let (chats, last, _) = read(all.as_bytes()).unwrap();
            assert!((1..=2).contains(&chats.len()) && last.turns >= 1, "{path}");
        }
    }
}

fn walk(value: &Value, path: String, paths: &mut Vec<String>) {
    let children: Vec<(String, &Value)> = match value {
        Value::Array(list) => {
            list.iter().enumerate().map(|(at, value)| (at.to_string(), value)).collect()
        }
        Value::Object(fields) => fields.iter().map(|(name, value)| (name.clone(), value)).collect(),
        _ => Vec::new(),
    };
    for (name, child) in children {
        walk(child, format!("{path}/{name}"), paths);
    }
    paths.push(path);
}

#[test]
fn a_way_that_leads_in_a_circle_and_names_that_come_twice_end_well() {
    let mut circle = chatgpt_long();
    circle["mapping"]["u1"]["parent"] = json!("a2");
    let (chats, _, skipped) = json_of(&json!([circle, claude_long()]));
    assert_eq!((chats.len(), skipped.unknown), (1, 1));
    let turns = (0..4).map(|at| message("same", "", ["human", "assistant"][at % 2], blocks("x")));
    let chat = one(claude(CLAUDE_CHAT, turns.collect()));
    assert_eq!(keys(&chat.turns), ["same", "same-hub-reply", "#2", "#3"]);
    let nameless = (0..2).map(|at| message("", "", ["human", "assistant"][at % 2], blocks("x")));
    assert_eq!(keys(&one(claude(CLAUDE_CHAT, nameless.collect())).turns), ["#0", "#1"]);
}

#[test]
fn what_holds_no_conversations_is_told_so() {
    for text in ["[]", "{}", "[1,2]", "{\"users\":[]}", "[{\"uuid\":1}]"] {
        assert!(why(text.as_bytes()).contains("holds no conversations"), "{text}");
    }
    for text in ["", "hello", "7", "[] []", "{} 7", "<html>"] {
        assert!(why(text.as_bytes()).contains("no archive of SHIM"), "{text}");
    }
    let deep = format!("[{}{}]", "[".repeat(100_000), "]".repeat(100_000));
    assert!(why(deep.as_bytes()).contains("holds no conversations"));
}
