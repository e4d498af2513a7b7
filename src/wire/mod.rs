//! All that crosses a boundary, and the only serde types of the program.
//!
//! A boundary is: page script to engine, content script to background, background to store,
//! extension page to background. Every message is JSON text, so that both placements of the
//! engine and the simulator speak the very same words.
//!
//! Absent from here: decisions.

pub mod archive;
pub mod background;
pub mod card;
pub mod chat;
pub mod drafts;
pub mod drill;
pub(crate) mod fields;
pub mod gather;
pub mod history;
pub mod keeping;
pub mod metrics;
pub mod page;
pub mod point;
pub mod records;
pub mod report;
pub mod rows;
pub mod secrets;
pub mod session;
pub mod settings;
pub mod signals;
pub mod state;
pub mod stores;
pub mod tuning;
pub mod ui;
pub mod vault;
pub mod verify;
