//! Wasm entry of the dashboard.

#[cfg(target_arch = "wasm32")]
mod entry {
    use wasm_bindgen::prelude::*;

    /// Draws the dashboard and keeps it fresh.
    #[wasm_bindgen]
    pub fn start() {
        shim::shell::ui::dashboard();
    }
}

fn main() {}
