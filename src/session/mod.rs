//! Phase 1: one chat kept safe. Signals, risk, triggers, checkpoints, endings, resume prompts.
//!
//! Absent from here: the store, the browser, other chats.

pub mod checkpoints;
pub mod codec;
pub mod copy;
pub mod drafts;
pub mod ending;
pub mod engine;
pub mod extract;
pub mod history;
pub mod keeping;
pub mod load;
pub mod meter;
pub mod prompt;
pub mod quotes;
pub mod risk;
pub mod secrets;
pub mod segments;
pub mod triggers;
pub mod vault;
