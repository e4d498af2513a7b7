//! What a person sees, as data: every sentence, label and colour name of the program.
//!
//! State goes in, words come out; a page only draws them. Times are told relative to the moment
//! passed in, so no time zone and no clock is needed.
//!
//! Absent from here: the browser, the store, decisions about a chat. It sees `base` and `wire`.

pub mod action;
pub mod amount;
pub mod badge;
pub mod banner;
pub mod card;
pub mod carry;
pub mod chart;
pub mod detail;
pub mod drafts;
pub mod drill;
pub mod gather;
pub mod keeping;
pub mod list;
pub mod metrics;
pub mod place;
pub mod pointing;
pub mod popup;
pub mod risk;
pub mod sieve;
pub mod store;
pub mod texts;
pub mod vault;
pub mod verify;
