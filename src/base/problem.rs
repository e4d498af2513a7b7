//! Problems, classed by what the loop does next.

use serde::{Deserialize, Serialize};
use std::fmt;

/// What to do about a problem.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Class {
    /// The same thing may work in a moment: try again.
    Retry,
    /// The input is bad and stays bad: keep it aside, go on with the rest.
    Skip,
    /// A person must do something; the text says what.
    Person,
}

/// One problem in words.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Problem {
    /// What to do next.
    pub class: Class,
    /// What happened and, for `Person`, what to do. One sentence, no page text.
    pub text: String,
}

impl Problem {
    /// A problem that may pass.
    #[must_use]
    pub fn retry(text: impl Into<String>) -> Self {
        Self { class: Class::Retry, text: text.into() }
    }

    /// Bad input, to be set aside.
    #[must_use]
    pub fn skip(text: impl Into<String>) -> Self {
        Self { class: Class::Skip, text: text.into() }
    }

    /// There is no room to store anything.
    #[must_use]
    pub fn no_room() -> Self {
        Self::person(
            "There is no room left on the disk or in the browser's quota. Free some space: then \
             SHIM saves again by itself, and chats that are being deleted go as well.",
        )
    }

    /// Something for a person.
    #[must_use]
    pub fn person(text: impl Into<String>) -> Self {
        Self { class: Class::Person, text: text.into() }
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl std::error::Error for Problem {}
