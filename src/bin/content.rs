//! Wasm entry of a chat page: the engine, and nothing that touches a browser.

#[cfg(target_arch = "wasm32")]
mod entry {
    use serde::Serialize;
    use shim::base::Moment;
    use shim::view::card;
    use shim::wire::page::PageEffect;
    use shim::wire::session::{SessionEffect, SessionEvent};
    use wasm_bindgen::prelude::*;

    /// What one step gives back to `boot.js`.
    #[derive(Default, Serialize)]
    struct Out {
        page: Vec<PageEffect>,
        /// Messages for the background, as text: they hold numbers of 64 bits.
        back: Vec<String>,
        wake_ms: Option<u64>,
    }

    /// The engine of this page.
    #[wasm_bindgen]
    #[derive(Default)]
    pub struct Engine(shim::session::engine::Engine);

    #[wasm_bindgen]
    impl Engine {
        /// An engine that heard nothing yet.
        #[wasm_bindgen(constructor)]
        pub fn new() -> Self {
            Self::default()
        }

        /// Takes one event as JSON at `now_ms`, gives effects as JSON. An event that is not
        /// understood changes nothing.
        pub fn step(&mut self, now_ms: f64, event: &str) -> String {
            #[expect(
                clippy::cast_possible_truncation,
                clippy::cast_sign_loss,
                reason = "milliseconds since 1970 fit"
            )]
            let at = Moment(now_ms as u64);
            let mut effects = Vec::new();
            if let Ok(event) = serde_json::from_str::<SessionEvent>(event) {
                self.0.step(at, event, &mut effects);
            }
            let mut out = Out::default();
            for effect in effects {
                match effect {
                    SessionEffect::Page(effect) => out.page.push(effect),
                    SessionEffect::Card(state) => {
                        let card = state.map(|state| card::describe(&state, at));
                        out.page.push(PageEffect::Card { card });
                    }
                    SessionEffect::Back(message) => {
                        out.back.extend(serde_json::to_string(&message));
                    }
                }
            }
            out.wake_ms = self.0.next_wake().map(|when| when.since(at).0);
            serde_json::to_string(&out).unwrap_or_default()
        }
    }
}

fn main() {}
