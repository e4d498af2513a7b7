//! Exports and imports in words.

use super::amount::{bytes, count};
use super::popup::Notice;
use crate::base::Problem;
use crate::wire::archive::{Imported, Last, Merged, Skipped};

/// The file that was to be saved was not.
const REFUSED: &str = "The browser did not save the file. Try again.";

/// An import found nothing to do.
const NOTHING_NEW: &str = "All of it was there already.";

/// What a chat is saved as.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    /// A transcript to read.
    Markdown,
    /// Data for other programs.
    Json,
    /// An archive, which can be imported.
    Archive,
}

/// What became of an export of one chat for people. `saved`: whether the browser took the file.
#[must_use]
pub fn exported_one(saved: bool) -> Notice {
    if saved {
        Notice::good("The chat is saved with your downloads.")
    } else {
        Notice::bad(REFUSED)
    }
}

/// What became of an archive that was to be saved.
#[must_use]
pub fn exported(saved: bool, sums: &Last, left_out: u32) -> Notice {
    if !saved {
        return Notice::bad(REFUSED);
    }
    let what = amounts(sums.chats, sums.turns, sums.checkpoints);
    let mut text = format!("{what}: saved with your downloads.");
    match left_out {
        0 => return Notice::good(text),
        1 => text.push_str(" One record does not open or is too large, and is not in it."),
        _ => text.push_str(&format!(
            " {} do not open or are too large, and are not in it.",
            count(left_out.into(), "record")
        )),
    }
    Notice::bad(text)
}

/// How far an export is.
#[must_use]
pub fn exporting(done: usize, all: usize) -> String {
    format!("Exporting: {done} of {}.", count(all as u64, "chat"))
}

/// How far an import is. `checked`: the whole file was looked at, and chats are being merged.
#[must_use]
pub fn importing(checked: bool, done: u64, all: u64) -> String {
    let what = if checked { "Importing" } else { "Checking" };
    format!("{what}: {} of {}.", bytes(done.min(all)), bytes(all))
}

/// What an import came to so far.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Carried {
    merged: Merged,
    left_out: u32,
    why: String,
    stopped: bool,
    checked: bool,
    skipped: Skipped,
}

impl Carried {
    /// All of the file was looked at: from now on something may change. `skipped`: what of an
    /// export is no chat to import.
    pub fn checked(&mut self, skipped: Skipped) {
        (self.checked, self.skipped) = (true, skipped);
    }

    /// A person wants no more of it.
    pub fn stop(&mut self) {
        self.stopped = true;
    }

    /// Adds what came of one chat.
    pub fn add(&mut self, of_one: Imported) {
        match of_one {
            Imported::Merged(one) => {
                let sum = &mut self.merged;
                for (sum, one) in [
                    (&mut sum.new_chats, one.new_chats),
                    (&mut sum.turns, one.turns),
                    (&mut sum.checkpoints, one.checkpoints),
                    (&mut sum.unfit, one.unfit),
                ] {
                    *sum = sum.saturating_add(one);
                }
            }
            Imported::LeftOut(why) => {
                self.left_out = self.left_out.saturating_add(1);
                self.why = why;
            }
            Imported::Again => {}
        }
    }

    /// What to say at the end. `problem`: why it ended early.
    #[must_use]
    pub fn notice(&self, problem: Option<&Problem>) -> Notice {
        let rest = match (self.checked, self.merged == Merged::default()) {
            (false, _) | (true, true) => "Nothing was changed.",
            (true, false) => "What was imported before stays; import the file again for the rest.",
        };
        if let Some(problem) = problem {
            return Notice::bad(format!("{} {rest}", problem.text));
        }
        if self.stopped {
            return Notice::good(format!("Stopped. {rest}"));
        }
        let Merged { new_chats, turns, checkpoints, unfit } = self.merged;
        let mut text = match (new_chats, turns, checkpoints) {
            (0, 0, 0) if self.left_out == 0 => NOTHING_NEW.to_owned(),
            _ => format!("Imported: {} (new).", amounts(new_chats, turns, checkpoints)),
        };
        if unfit > 0 {
            let some = count(unfit.into(), "checkpoint");
            let words = "left out: others that are there have their places.";
            text.push_str(&format!(" {some} {words}"));
        }
        let is_whole = left_out_of(self.skipped, &mut text);
        if self.left_out == 0 {
            return if is_whole { Notice::good(text) } else { Notice::bad(text) };
        }
        let some = count(self.left_out.into(), "chat");
        text.push_str(&format!(" {some} left as before. {}", self.why));
        Notice::bad(text)
    }
}

/// Adds what of an export is left out, and why. Returns whether nothing is missing for that.
fn left_out_of(skipped: Skipped, text: &mut String) -> bool {
    let Skipped { empty, unknown, large, twice } = skipped;
    for (number, why) in [
        (empty, "nothing is said there"),
        (twice, "already in this export once"),
        (unknown, "built in a way that SHIM does not know"),
        (large, "larger than a chat may be"),
    ] {
        if number > 0 {
            let some = count(number.into(), "conversation");
            text.push_str(&format!(" {some} left out: {why}."));
        }
    }
    unknown == 0 && large == 0
}

fn amounts(chats: u32, turns: u32, checkpoints: u32) -> String {
    let [chats, turns, checkpoints] =
        [(chats, "chat"), (turns, "turn"), (checkpoints, "checkpoint")]
            .map(|(number, what)| count(number.into(), what));
    format!("{chats}, {turns}, {checkpoints}")
}
