//! What stands in a turn is stored as its place there, and read from it again: whatever the texts
//! are, whatever becomes of the turns, and whatever a record claims.

use crate::codec::{a_checkpoint, a_turn, session};
use shim::base::chance::Chance;
use shim::base::limits::SECTION_BYTES;
use shim::session::quotes::{Chat, name};
use shim::session::{checkpoints, codec, copy, extract};
use shim::wire::chat::{ToolCall, Turn, TurnState};
use shim::wire::records::{SessionHead, StoreName, Stored};
use shim::wire::state::{Checkpoint, Measured, Noted};
use std::collections::BTreeSet;

/// Pieces that are hard to take apart and to find.
const PIECES: [&str; 12] = [
    "a sentence that is long enough to be found again in a turn",
    "漢字 😀 漢字 😀 漢字 😀 漢字 😀",
    "\n",
    "\u{7f}",
    "\n\u{7f}\u{7f}",
    "\u{7f}abcdEFG0.40",
    "    let one = \"two\\n\";\n    let three = four(five, six);\n\n}",
    "éèéèéèéèéèéèéèéèéèéèéèéèéèéèéèéè",
    "/path/to/a/file/with/a/long/name.rs",
    " ",
    "- [x] a step of the plan that is done by now and stays done",
    "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
];

fn text(dice: &mut Chance, pieces: u64) -> String {
    let pick = |dice: &mut Chance| PIECES[usize::try_from(dice.below(12)).unwrap()];
    (0..dice.below(pieces + 1)).map(|_| format!("{}{}", pick(dice), dice.below(30))).collect()
}

fn turn(dice: &mut Chance, number: u32) -> Turn {
    let call = ToolCall {
        name: "Edit".into(),
        args: serde_json::json!({"file_path": "src/a.rs", "old_string": text(dice, 4),
            "new_string": text(dice, 4)})
        .to_string(),
        result: text(dice, 4),
        ..ToolCall::default()
    };
    Turn {
        // Some share a key: then the text tells which is meant.
        key: format!("t{}", number % 17).as_str().into(),
        position: number,
        markdown: text(dice, 12),
        calls: vec![call],
        ..Turn::default()
    }
}

fn checkpoint(dice: &mut Chance, turns: &[Turn]) -> Checkpoint {
    let mut state = extract::state(turns, Measured::default(), "Work");
    // What the extraction never makes is stored, too.
    let some = turns.get(usize::try_from(dice.below(turns.len() as u64)).unwrap());
    let said = some.map(|turn| turn.markdown.clone()).unwrap_or_default();
    let texts = [said.replace('\n', " "), said.replace('\n', "\n-"), text(dice, 5) + &said];
    let noted = |text: &String| Noted { text: text.clone(), turn: "t1".into() };
    state.conversation.decisions.extend(texts.iter().map(noted));
    state.task.completed_steps.extend(texts);
    state.conversation.summary += &said;
    state.task.progress = Some(2.0 / 3.0);
    Checkpoint { state, ..a_checkpoint() }
}

fn record(whole: &Checkpoint, turns: &[Turn]) -> Stored {
    checkpoints::record(whole, 0, (String::new(), 0), turns)
}

#[test]
fn every_checkpoint_is_read_as_it_was_stored() {
    let mut quoted = 0;
    for seed in 0..80 {
        let mut dice = Chance::new(seed);
        let mut turns: Vec<Turn> =
            (0..=dice.below(25)).map(|n| turn(&mut dice, u32::try_from(n).unwrap())).collect();
        if dice.percent(30) {
            turns.last_mut().unwrap().state = TurnState::Streaming;
        }
        let whole = checkpoint(&mut dice, &turns);
        let record = record(&whole, &turns);
        // The chat goes on.
        let mut later = turns.clone();
        let open = turns.last().unwrap().state.is_open();
        later.extend((100..103).map(|number| turn(&mut dice, 20 * number)));
        if open {
            later[turns.len() - 1] = turn(&mut dice, 9_999);
        }
        later.iter_mut().skip(turns.len()).for_each(|new| new.key = "new".into());
        let read = checkpoints::open(&record, &later).unwrap().1;
        let recent = |one: &Checkpoint| {
            let mut one = one.clone();
            one.state.conversation.recent.clear();
            one.state.tools.recent.clear();
            one
        };
        assert_eq!(recent(&read), recent(&whole), "seed {seed}");
        let unchanged = checkpoints::open(&record, &turns).unwrap().1;
        // Turns of one key are told apart by quotes alone.
        assert_eq!(recent(&unchanged), recent(&whole), "seed {seed}");
        let full = checkpoints::in_full(&record, &turns);
        assert_eq!(
            recent(&checkpoints::open(&full, &[]).unwrap().1),
            recent(&whole),
            "seed {seed}"
        );
        quoted += checkpoints::named(&checkpoints::upward(&record, &[]).unwrap()).len();
    }
    assert!(quoted > 500, "{quoted}");
}

/// Of what is not there any more nothing but itself is lost.
#[test]
fn a_lost_or_changed_turn_takes_only_what_it_said() {
    for seed in 0..60 {
        let mut dice = Chance::new(seed);
        let mut turns: Vec<Turn> = (0..16).map(|number| turn(&mut dice, number)).collect();
        let whole = checkpoint(&mut dice, &turns).state;
        let record = record(&Checkpoint { state: whole.clone(), ..a_checkpoint() }, &turns);
        for _ in 0..=dice.below(4) {
            let at = usize::try_from(dice.below(turns.len() as u64)).unwrap();
            match dice.below(3) {
                0 => drop(turns.remove(at)),
                1 => turns[at].markdown.insert(0, 'é'),
                _ => turns[at].markdown = text(&mut dice, 12),
            }
        }
        let read = checkpoints::open(&record, &turns).unwrap().1.state;
        let (talk, old) = (&read.conversation, &whole.conversation);
        assert!(talk.decisions.iter().all(|one| old.decisions.contains(one)), "seed {seed}");
        assert!(old.summary.starts_with(&talk.summary), "seed {seed}");
        assert!(whole.files.diff.starts_with(&read.files.diff), "seed {seed}");
        let mut steps = whole.task.completed_steps.iter();
        let in_order = |step| steps.any(|other| other == step);
        assert!(read.task.completed_steps.iter().all(in_order), "seed {seed}");
        let mut files = whole.files.active.iter();
        assert!(read.files.active.iter().all(|file| files.any(|other| other == file)));
        assert!(read.files.active.contains(&"src/a.rs".to_owned()), "a short one is copied");
    }
}

fn of_decisions(texts: &[&str]) -> Checkpoint {
    let mut whole = a_checkpoint();
    let noted = |text: &&str| Noted { text: (*text).to_owned(), turn: "t".into() };
    whole.state.conversation.decisions = texts.iter().map(noted).collect();
    whole
}

fn saying(markdown: &str) -> Turn {
    Turn { key: "t".into(), markdown: markdown.to_owned(), ..Turn::default() }
}

fn decisions(record: &Stored, turns: &[Turn]) -> Vec<String> {
    let state = checkpoints::open(record, turns).unwrap().1.state;
    state.conversation.decisions.into_iter().map(|one| one.text).collect()
}

#[test]
fn what_is_still_being_written_is_not_quoted() {
    let said = "We decided to keep the old form of the file as it is.";
    let whole = of_decisions(&[said, "Short."]);
    let done = saying(said);
    let coming = Turn { state: TurnState::Streaming, ..done.clone() };
    assert_eq!(decisions(&record(&whole, &[coming]), &[]), [said, "Short."]);
    let quoted = record(&whole, std::slice::from_ref(&done));
    assert_eq!(decisions(&quoted, &[]), ["Short."]);
    assert_eq!(decisions(&quoted, &[saying("Something else by now.")]), ["Short."]);
    assert_eq!(decisions(&quoted, &[done]), [said, "Short."]);
}

/// A turn that is quoted and gone is missed, like one whose message is named.
#[test]
fn quoted_turns_are_named() {
    let said = "We decided to keep the old form of the file as it is.";
    let record = record(&of_decisions(&[said, "\u{7f}abcdEFG0.40"]), &[saying(said)]);
    let quoted = checkpoints::upward(&record, &[]).unwrap();
    assert_eq!(checkpoints::named(&quoted), BTreeSet::from([name(&"t".into())]));
}

/// The second copy holds only some of the turns.
#[test]
fn the_second_copy_quotes_nothing() {
    let said = "We decided to keep the old form of the file as it is.";
    let turns = [saying(said)];
    let record = record(&of_decisions(&[said]), &turns);
    let copied = copy::records(&SessionHead::default(), Some(&record), &turns);
    let one = copied.iter().find(|one| one.at.store == StoreName::Checkpoints).unwrap();
    assert_eq!((decisions(one, &[]), &one.at), (vec![said.to_owned()], &record.at));
}

/// The first category of a record that holds these decisions, written by somebody else.
fn lying(decisions: &[String]) -> Stored {
    let whole = record(&of_decisions(&[]), &[]);
    let mut texts: Vec<String> = (0..6).map(|at| codec::part(&whole, at).unwrap()).collect();
    let items: Vec<_> =
        decisions.iter().map(|text| serde_json::json!({"text": text, "turn": "t"})).collect();
    let list = format!("\"decisions\":{}", serde_json::Value::from(items));
    let start = texts[0].find("\"decisions\":[").unwrap();
    let end = start + texts[0][start..].find(']').unwrap() + 1;
    texts[0].replace_range(start..end, &list);
    let head: shim::wire::records::CheckpointHead = codec::open(&whole).unwrap();
    let texts: Vec<&str> = texts.iter().map(String::as_str).collect();
    codec::seal(StoreName::Checkpoints, whole.at.key, &session(), &head, &texts)
}

/// The quote of this text, which is all that the turn says.
fn quote_of(turn: &Turn) -> String {
    let all = [format!("[\"{}\"]", turn.markdown), String::new(), String::new()];
    let [a, b, c] = all;
    let texts = [a, b, c, String::new(), String::new(), String::new()];
    let [first, ..] = Chat::of(std::slice::from_ref(turn)).quote(&texts);
    first[2..first.len() - 2].to_owned()
}

#[test]
fn a_quote_that_lies_is_left_out() {
    let turn = saying("é, and so much more that it is surely worth a quote.");
    let right = quote_of(&turn);
    assert!(right.starts_with('\u{7f}') && right.len() < 16, "{right:?}");
    let (front, len) = (&right[..8], turn.markdown.len());
    let lies = [
        format!("{front}0.18446744073709551615"),
        format!("{front}18446744073709551615.18446744073709551615"),
        format!("{front}1.{}", len - 1),
        format!("{front}0.{}", len + 1),
        format!("{front}0.1"),
        format!("{front}-1.5"),
        format!("{front}0.0"),
        format!("{front}.."),
        front.to_owned(),
        "\u{7f}".to_owned(),
        "\u{7f}漢字".to_owned(),
        "\u{7f}abé".to_owned(),
        right.replace(&right[4..8], "AAAA"),
        right.replace(&right[1..4], "___"),
    ];
    let mut all = lies.to_vec();
    all.push(format!("and {right}"));
    all.push(format!("So:\n{right}\nat last."));
    let record = lying(&all);
    let turns = [turn.clone()];
    let whole = format!("So:{}at last.", turn.markdown);
    assert_eq!(decisions(&record, &turns), [all[lies.len()].clone(), whole]);
    assert_eq!(decisions(&record, &[]), [all[lies.len()].clone()]);
}

/// Some kilobytes that quote a large turn again and again are refused before they fill the memory.
#[test]
fn a_bomb_of_quotes_is_refused() {
    let turn = saying(&"0123456789abcdef".repeat(1 << 16));
    let right = quote_of(&turn);
    let count = SECTION_BYTES / turn.markdown.len() + 1;
    let turns = [turn];
    let one = lying(&[vec![right.clone(); count].join("\n")]);
    assert!(codec::packed_bytes(&one) < 10_000);
    assert!(checkpoints::open(&one, &turns).is_err());
    let many = lying(&vec![right.clone(); count]);
    assert!(checkpoints::open(&many, &turns).is_err());
    assert!(checkpoints::open(&lying(&[right]), &turns).is_ok());
}

/// A turn with arguments, whose edit is a diff.
#[test]
fn a_diff_is_quoted_from_the_arguments_of_its_call() {
    let lines = |word: &str| (0..40).map(|n| format!("{word} {n} \"of\" \\many\n")).collect();
    let (old, new): (String, String) = (lines("an old line"), lines("\ta new line"));
    let args = serde_json::json!({"file_path": "a.rs", "old_string": old, "new_string": new});
    let call = ToolCall { name: "Edit".into(), args: args.to_string(), ..ToolCall::default() };
    let turns = [Turn { calls: vec![call], ..a_turn() }];
    let state = extract::state(&turns, Measured::default(), "");
    assert!(state.files.diff.len() > 1_000);
    let whole = Checkpoint { state, ..a_checkpoint() };
    let record = record(&whole, &turns);
    let files = codec::part(&record, 2).unwrap();
    assert!(files.len() < 250, "{files:?}");
    assert_eq!(checkpoints::open(&record, &turns).unwrap().1, whole);
}
