//! Recorded sessions, played through the engine.
//!
//! Each message becomes what a chat page would show of it: markup of one turn, given to the engine
//! as the eyes give it, at the time when it was said. What the engine then says of risk and
//! context is written down after every message.

pub mod left;
mod page;
mod play;
mod sessions;
pub mod storage;
pub mod tokens;

pub use play::{Played, Wanted, play};
pub use sessions::{Choice, Message, Session, ToolCall, read};
