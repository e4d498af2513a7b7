//! SHIM: saves AI chats as they happen and resumes them after a crash.
//!
//! Rooms, lower first; a lower room never imports a higher one:
//! `base ← wire ← sites ← session ← background ← shell`, and `view`, which sees only `base` and
//! `wire`. Everything that decides is plain Rust: events in, effects out, time as an argument.
//! Absent from every room but `shell`: the browser.

pub mod background;
pub mod base;
pub mod session;
#[cfg(target_arch = "wasm32")]
pub mod shell;
pub mod sites;
pub mod view;
pub mod wire;
