//! Words everyone uses: ids, time, limits, seeded chance, origins, problems, text helpers.
//!
//! Absent from here: anything that knows a browser, a site, a chat or a record.

pub mod chance;
pub mod ids;
pub mod limits;
pub mod order;
pub mod origin;
pub mod problem;
pub mod text;
pub mod time;

pub use ids::{AccountId, ChatId, PortId, ResumeId, SessionId, TabId, TurnKey};
pub use problem::{Class, Problem};
pub use time::{Moment, Span, Steady};
