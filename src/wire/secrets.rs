//! Keys, tokens and passwords of a chat, and what becomes of them.

use serde::{Deserialize, Serialize};

/// What becomes of a secret that is recognised in what is to be stored. In a prompt it is masked in
/// any case, unless a person lets this one pass.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SecretsKept {
    /// It is stored as it stands in the chat.
    #[default]
    Kept,
    /// Its first characters are.
    Masked,
    /// Nothing of it is.
    Dropped,
}

/// A secret that is stored.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct SecretNote {
    /// Names it: a hash, as decimal digits.
    pub id: String,
    /// What it is, and how it begins.
    pub hint: String,
    /// Position of the first turn it stands in.
    pub position: u32,
    /// Whether it may stand in a prompt.
    pub allowed: bool,
}
