//! The product's packing as wasm of its own, so that a benchmark can hold it against others.
#![cfg(target_arch = "wasm32")]

use shim::base::SessionId;
use shim::session::codec;
use shim::wire::records::StoreName;
use wasm_bindgen::prelude::*;

/// A text as the one part of a record: packed, with the record's checksum over it.
#[must_use]
#[wasm_bindgen]
pub fn pack(text: &str) -> Vec<u8> {
    let record = codec::seal(StoreName::Turns, String::new(), &SessionId::default(), &(), &[text]);
    record.parts.into_iter().next().map(|part| part.0).unwrap_or_default()
}
