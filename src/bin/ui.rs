//! Wasm entry of the popup.

#[cfg(target_arch = "wasm32")]
mod entry {
    use wasm_bindgen::prelude::*;

    /// Draws the popup and keeps it fresh.
    #[wasm_bindgen]
    pub fn start() {
        shim::shell::ui::popup();
    }
}

fn main() {}
