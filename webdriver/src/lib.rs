//! Local chat pages, and whole-extension runs in real browsers on them.

pub mod apps;
pub mod bench;
pub mod browser;
pub mod cli;
pub mod dump;
pub mod lab;
pub mod play;
pub mod stored;
pub mod torture;
pub mod watch;
