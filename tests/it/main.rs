//! Native tests, one binary: it links once.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    missing_docs,
    reason = "a test that panics is a test that fails, which is what it is for"
)]

mod archive;
mod background;
mod base;
mod calls;
mod chat;
mod codec;
#[path = "../contract/mod.rs"]
mod contract;
mod contrast;
mod css;
mod ending;
mod engine;
mod export;
mod eyes;
mod fuzz;
mod gather;
mod history;
mod keeping;
mod machine;
mod markdown;
mod markup;
mod meter;
mod metrics;
mod pages;
mod prompt;
mod quotes;
mod risk;
mod rows;
mod secrets;
mod segments;
mod shape;
mod state;
mod structure;
mod tidy;
mod triggers;
mod vault;
mod view;
mod wire;
mod world;
