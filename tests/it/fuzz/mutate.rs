//! What is done to a valid input.

use super::json;
use shim::base::chance::Chance;

/// An input, field by field: a text alone, or a record's head and each of its parts.
pub type Fields = Vec<Vec<u8>>;

/// Bytes of a field after a mutation: more than this is what the tests of bombs are for.
const MOST: usize = 256 << 10;

/// Numbers at which types end.
const NUMBERS: &[&str] = &[
    "0",
    "-1",
    "1",
    "255",
    "65536",
    "2147483647",
    "2147483648",
    "4294967295",
    "4294967296",
    "9007199254740993",
    "9223372036854775807",
    "9223372036854775808",
    "18446744073709551615",
    "18446744073709551616",
    "99999999999999999999999999999999",
    "1e308",
    "1e999",
    "-0.5",
];
/// Values of every kind.
const VALUES: &[&str] = &[
    "null",
    "true",
    "{}",
    "[]",
    "\"\"",
    "\"x\"",
    "[[]]",
    "[{}]",
    "{\"a\":1}",
    "7",
    "-7",
    "0.5",
    "\"\\u0000\"",
    "[\"a\",1]",
];
/// What a reader may have to close, to escape or to leave out.
pub const ODD: &[&str] = &[
    "\0",
    "\"",
    "\\",
    "\\u",
    "\\ud800",
    "\u{feff}",
    "\u{202e}",
    "\u{1f914}",
    "\u{fffd}",
    "\r\n",
    "\n",
    "\n\n",
    "#",
    "##",
    "%23",
    "/",
    "..",
    "%",
    "<",
    "</",
    "<!--",
    "]]>",
    "&",
    "&#x",
    "&amp;",
    "`",
    "```",
    "~~~",
    "|",
    ":",
    ",",
    "'",
    "]",
    ")",
    "*",
    "}",
    "{",
    "[",
    ">",
    "~",
    "+",
    "\u{7f}",
];
/// What nests.
const OPENERS: &[(&str, &str)] = &[
    ("[", "]"),
    ("{\"a\":", "}"),
    ("[\"div\",{},", "]"),
    ("<div>", "</div>"),
    ("<b ", ">"),
    (":not(", ")"),
    ("(", ")"),
    ("> ", ""),
    ("- ", ""),
    ("a ", ""),
    ("a>", ""),
    ("<details>", "</details>"),
    ("*", "*"),
    ("\\", ""),
    ("&", ";"),
];
/// Items of a list.
const ITEMS: &[&str] = &["{},", "[],", "0,", "\"\",", "null,", "[{}],"];

/// A number below `limit` that is an index.
pub fn below(dice: &mut Chance, limit: usize) -> usize {
    usize::try_from(dice.below(limit as u64)).unwrap()
}

pub fn pick<'a, T>(dice: &mut Chance, from: &'a [T]) -> &'a T {
    &from[below(dice, from.len())]
}

/// Another input, made of `one` and now and then of a piece of `other`.
pub fn mutated(dice: &mut Chance, one: &Fields, other: &Fields) -> Fields {
    let mut fields = one.clone();
    for _ in 0..=below(dice, 2) {
        if fields.is_empty() || dice.percent(4) {
            rearrange(dice, &mut fields, other);
            continue;
        }
        let at = below(dice, fields.len());
        if dice.percent(60) && json::changed(dice, &mut fields[at]) {
            continue;
        }
        let twin = other.get(at).or(other.last()).cloned().unwrap_or_default();
        change(dice, &mut fields[at], &twin);
    }
    fields.iter_mut().for_each(|field| field.truncate(MOST));
    fields
}

/// A field too few, too many, or in another's place.
fn rearrange(dice: &mut Chance, fields: &mut Fields, other: &Fields) {
    let (a, b) = (below(dice, fields.len()), below(dice, fields.len()));
    match dice.below(4) {
        0 => drop(fields.pop()),
        1 if !fields.is_empty() => fields.swap(a, b),
        2 if !fields.is_empty() => fields.insert(a, fields[b].clone()),
        _ => fields.extend(other.last().cloned()),
    }
}

fn change(dice: &mut Chance, field: &mut Vec<u8>, twin: &[u8]) {
    let (a, b) = (below(dice, field.len() + 1), below(dice, field.len() + 1));
    let (from, to) = (a.min(b), a.max(b));
    match dice.below(14) {
        0 => {
            for _ in 0..=dice.below(8) {
                let at = below(dice, field.len());
                if let Some(byte) = field.get_mut(at) {
                    *byte ^= 1 << dice.below(8);
                }
            }
        }
        1 => field.truncate(from),
        2 => drop(field.drain(..from)),
        3 => drop(field.drain(from..to)),
        // The beginning of one, the end of the other.
        4 => {
            field.truncate(from);
            field.extend(&twin[below(dice, twin.len() + 1)..]);
        }
        5 => {
            let (a, b) = (below(dice, twin.len() + 1), below(dice, twin.len() + 1));
            field.splice(from..to, twin[a.min(b)..a.max(b)].iter().copied());
        }
        6 | 7 => blow_up(dice, field),
        8 => set_value(dice, field),
        9 => {
            let noise: Vec<u8> =
                (0..=dice.below(40)).map(|_| dice.bits().to_le_bytes()[0]).collect();
            field.splice(from..(from + noise.len()).min(to), noise);
        }
        10 => drop(field.splice(from..from, pick(dice, ODD).bytes())),
        11 => nest(dice, field),
        12 => widen(dice, field),
        _ => {
            let piece = field[from..to.min(from + 60)].to_vec();
            let times = 1 + below(dice, 2_000);
            field.splice(from..from, piece.repeat(times));
        }
    }
}

/// Another number where one stands; or the bytes of a length, all set.
fn blow_up(dice: &mut Chance, field: &mut Vec<u8>) {
    let is_digit = |at: &usize| field[*at].is_ascii_digit();
    let starts: Vec<usize> =
        (0..field.len()).filter(|at| is_digit(at) && (*at == 0 || !is_digit(&(at - 1)))).collect();
    if starts.is_empty() {
        let at = below(dice, field.len());
        let byte = *pick(dice, &[0, 0x7f, 0x80, 0xff]);
        field.iter_mut().skip(at).take(1 + below(dice, 8)).for_each(|old| *old = byte);
        return;
    }
    let from = *pick(dice, &starts);
    let length = field[from..].iter().take_while(|byte| byte.is_ascii_digit()).count();
    field.splice(from..from + length, pick(dice, NUMBERS).bytes());
}

/// Another value after a colon or a comma.
fn set_value(dice: &mut Chance, field: &mut Vec<u8>) {
    let marks = (0..field.len()).filter(|at| b":,[".contains(&field[*at]));
    let marks: Vec<usize> = marks.collect();
    if marks.is_empty() {
        return field.extend(pick(dice, VALUES).bytes());
    }
    let from = pick(dice, &marks) + 1;
    let length = field[from..].iter().take_while(|byte| !b",}]".contains(byte)).count();
    field.splice(from..from + length, pick(dice, VALUES).bytes());
}

/// One in the other, up to as deep as the field may be long.
fn nest(dice: &mut Chance, field: &mut Vec<u8>) {
    let (open, close) = pick(dice, OPENERS);
    let depth = *pick(dice, &[20, 100, 130, 1_000, 20_000]);
    let closes = if dice.percent(70) { close.repeat(depth) } else { String::new() };
    let starts = (0..field.len()).filter(|at| b":,[>".contains(&field[*at])).map(|at| at + 1);
    let starts: Vec<usize> = starts.chain([0]).collect();
    let at = *pick(dice, &starts);
    let inner = if dice.percent(50) { "1" } else { "" };
    field.splice(at..at, [open.repeat(depth), inner.to_owned(), closes].concat().into_bytes());
}

/// A list of very many.
fn widen(dice: &mut Chance, field: &mut Vec<u8>) {
    let lists: Vec<usize> = (0..field.len()).filter(|at| field[*at] == b'[').collect();
    let Some(at) = (!lists.is_empty()).then(|| *pick(dice, &lists) + 1) else { return };
    let mut many = pick(dice, ITEMS).repeat(*pick(dice, &[50, 3_000, 40_000]));
    if field.get(at) == Some(&b']') {
        many.pop();
    }
    field.splice(at..at, many.into_bytes());
}

#[test]
fn mutations_change_nearly_every_input_and_differ() {
    let one: Fields = vec![b"{\"a\":[1,2,3],\"b\":\"text\"}".to_vec(), vec![1, 2, 3]];
    let other: Fields = vec![b"[7,8]".to_vec(), vec![9; 30]];
    let all: std::collections::BTreeSet<Fields> =
        (0..500).map(|seed| mutated(&mut Chance::new(seed), &one, &other)).collect();
    assert!(all.len() > 400, "{} of 500", all.len());
    assert!(all.iter().all(|fields| fields.iter().all(|field| field.len() <= MOST)));
}
