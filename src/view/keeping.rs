//! How long things are kept, as a person sets and reads it.

use super::amount::{bytes, count};
use crate::base::limits::{KEEP_COUNT, KEEP_DAYS, KEEP_MB};
use crate::wire::keeping::Keeping;

/// Heading.
pub const HEADING: &str = "How long checkpoints and chats are kept";
/// What the fields mean.
pub const HOW: &str = "\
    0 means without limit; of whole chats, never. A pinned checkpoint, the newest one, and one \
    that a chat was carried on from stay in any case. No turn goes but with its whole chat.";
/// Stores what the fields say.
pub const USE: &str = "Keep it so";
/// It is stored.
pub const USED: &str = "Kept so from now on. What is beyond that goes within some minutes.";

/// Bytes of a megabyte.
const MB: u64 = 1 << 20;

/// A field: its hook, its label, its highest value.
pub const FIELDS: [(&str, &str, u64); 4] = [
    ("keep-days", "Days that a checkpoint is kept", KEEP_DAYS as u64),
    ("keep-count", "Checkpoints of one chat", KEEP_COUNT as u64),
    ("keep-mb", "Megabytes of checkpoints of all chats", KEEP_MB),
    ("keep-chat-days", "Days after which a whole chat that was not used goes", KEEP_DAYS as u64),
];

/// What stands in the fields.
#[must_use]
pub fn fields(keep: Keeping) -> [u64; 4] {
    [keep.days.into(), keep.count.into(), keep.bytes.div_ceil(MB), keep.chat_days.into()]
}

/// What a person wrote into them.
///
/// # Errors
/// Which field is wrong, in words.
pub fn read(fields: &[String; 4]) -> Result<Keeping, String> {
    let mut read = [0; 4];
    for ((value, (_, label, most)), text) in read.iter_mut().zip(FIELDS).zip(fields) {
        let number = text.trim().parse::<u64>().ok().filter(|number| *number <= most);
        *value = number.ok_or_else(|| {
            format!("“{label}” has to be a whole number from 0 to {most}. Nothing was changed.")
        })?;
    }
    let [days, all, mb, chat_days] = read;
    let small = |number| u32::try_from(number).unwrap_or(u32::MAX);
    let (days, all, chat_days) = (small(days), small(all), small(chat_days));
    Ok(Keeping { days, count: all, bytes: mb.saturating_mul(MB), chat_days })
}

/// What goes, and when.
#[must_use]
pub fn words(keep: Keeping) -> Vec<String> {
    let age = match keep.days {
        0 => "Checkpoints do not go by their age.".to_owned(),
        days => format!("Checkpoints go after {}.", count(days.into(), "day")),
    };
    let thin = "Of those behind a chat's newest 50 that are older than a day one an hour stays, \
                after a week one a day.";
    let number = match keep.count {
        0 => "A chat may have any number of checkpoints.".to_owned(),
        most => format!("Beyond {} of a chat the oldest go.", count(most.into(), "checkpoint")),
    };
    let size = match keep.bytes {
        0 => "They may take any room; where a disk is full, none of them goes to make room.".into(),
        most => format!("Where all of them take more than {}, the oldest go.", bytes(most)),
    };
    let chats = match keep.chat_days {
        0 => "No whole chat goes by itself.".to_owned(),
        days => format!(
            "A whole chat that was not used for {} goes, with all its turns, unless something of \
             it is pinned.",
            count(days.into(), "day")
        ),
    };
    vec![age, thin.to_owned(), number, size, chats]
}
