//! How the lab's pages are: their policy and their shape.

use std::fmt;
use std::str::FromStr;

/// The lab's content security policy.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Csp {
    /// With `'wasm-unsafe-eval'`: the engine runs in the page.
    Permissive,
    /// Without it: Chromium refuses, and the engine runs in the worker.
    Strict,
}

impl fmt::Display for Csp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Permissive => "permissive",
            Self::Strict => "strict",
        })
    }
}

impl FromStr for Csp {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match text {
            "permissive" => Ok(Self::Permissive),
            "strict" => Ok(Self::Strict),
            _ => Err(format!("takes permissive or strict, not `{text}`")),
        }
    }
}

/// Which of a site's renderers the pages have the shape of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Renderer {
    /// The newest there is.
    Newest,
    /// The one before.
    July,
}

impl fmt::Display for Renderer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Newest => "newest",
            Self::July => "2026-07",
        })
    }
}

impl FromStr for Renderer {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match text {
            "newest" => Ok(Self::Newest),
            "2026-07" => Ok(Self::July),
            _ => Err(format!("takes newest or 2026-07, not `{text}`")),
        }
    }
}
