//! Encryption at rest: what a person asks of it, and how it stands.

use serde::{Deserialize, Serialize};
use std::fmt;

/// A passphrase on its way to where a key is made of it. It is shown nowhere and kept nowhere.
#[derive(Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Passphrase(pub String);

impl fmt::Debug for Passphrase {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Passphrase(…)")
    }
}

/// What a person asks.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum VaultAsk {
    /// Encrypt what is stored and what will be.
    Make(Passphrase),
    /// Read it, until the browser is closed.
    Unlock(Passphrase),
    /// Read it no longer.
    Lock,
    /// Have another passphrase.
    Change {
        /// The one in force.
        old: Passphrase,
        /// The other.
        new: Passphrase,
    },
    /// Encrypt no longer, and store what is encrypted as it was.
    Off,
}

/// How encryption stands.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum VaultView {
    /// Records are stored as they are.
    #[default]
    Off,
    /// Records are encrypted, and those of before cannot be read now.
    Locked,
    /// They are encrypted, and can be read.
    Unlocked,
    /// The same, and what was stored before is being encrypted.
    Sealing,
    /// It was switched off, and what is encrypted is being stored as it was.
    Opening,
}
