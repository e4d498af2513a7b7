//! Tests in a real browser: the store in its `IndexedDB`, and the engine as WebAssembly.
#![cfg(target_arch = "wasm32")]
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    missing_docs,
    reason = "a test that panics is a test that fails, which is what it is for"
)]

mod contract;
#[path = "web/engine.rs"]
mod engine;
#[allow(dead_code, reason = "the simulator's pages do more than is needed here")]
#[path = "it/world/page.rs"]
mod page;
#[path = "web/store.rs"]
mod store;

wasm_bindgen_test::wasm_bindgen_test_configure!(run_in_browser);
