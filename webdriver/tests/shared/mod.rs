//! What all flows share.

use shim_webdriver::browser::Kind;

/// The browser that this run is about.
pub fn kind() -> Kind {
    let name = std::env::var("SHIM_BROWSER")
        .expect("SHIM_BROWSER is not set: run this through `cargo xtask test`");
    Kind::from_name(&name).expect("SHIM_BROWSER is chromium or firefox")
}
