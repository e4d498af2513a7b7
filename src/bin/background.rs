//! Wasm entry of the background worker: every room.

#[cfg(target_arch = "wasm32")]
mod entry {
    use shim::shell::worker::{Outside, Worker};
    use wasm_bindgen::prelude::*;

    /// What `background.js` drives.
    #[wasm_bindgen]
    pub struct Background(Worker);

    #[wasm_bindgen]
    impl Background {
        /// Opens the store, gives its records to the machine, and begins.
        pub async fn start(outside: Outside) -> Self {
            Self(Worker::start(outside).await)
        }

        /// A content script connected.
        pub fn connected(&self, port: f64, tab: f64, origin: String) {
            self.0.connected(port, tab, origin);
        }

        /// A content script's port closed.
        pub fn disconnected(&self, port: f64) {
            self.0.disconnected(port);
        }

        /// A content script spoke.
        pub fn message(&self, port: f64, text: String) {
            self.0.message(port, text);
        }

        /// A tab that shows a watched site begins to load a page.
        pub fn tab_loads(&self, tab: f64) {
            self.0.tab_loads(tab);
        }

        /// A person gave the extension a place to look, or took one back.
        pub fn granted(&self) {
            self.0.granted();
        }

        /// A tab was closed.
        pub fn tab_removed(&self, tab: f64) {
            self.0.tab_removed(tab);
        }

        /// An extension page asks.
        pub fn asked(&self, ask: f64, text: String) {
            self.0.asked(ask, text);
        }

        /// Time passed.
        pub fn wake(&self) {
            self.0.wake();
        }
    }
}

fn main() {}
