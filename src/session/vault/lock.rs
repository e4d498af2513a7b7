//! What stands between a passphrase and the secret key, as it is stored: the public key, and the
//! secret one sealed with a key that is made of the passphrase.

use super::{KEY_BYTES, Key, of_hex, random, shut, to_hex, unshut};
use crypto_box::SecretKey;
use crypto_box::aead::OsRng;
use serde::{Deserialize, Serialize};

/// Bytes of the salt that a passphrase is made into a key with.
pub const SALT_BYTES: usize = 16;
/// Form of what is stored.
const FORM: u32 = 1;
/// Rounds of PBKDF2 with HMAC-SHA-256: what OWASP's cheat sheet on storing passwords asks for.
const ROUNDS: u32 = 600_000;

/// How far encryption is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Stage {
    /// It is on, and what was stored before is being sealed.
    #[default]
    Sealing,
    /// It is on, and everything is sealed.
    Sealed,
    /// It is off, and what was sealed is being opened.
    Opening,
}

/// The lock. Nothing in it is secret but by the passphrase.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Lock {
    /// Form of this.
    form: u32,
    /// How far.
    pub stage: Stage,
    /// What records are sealed to, hexadecimal as all that follows.
    public: String,
    /// What the passphrase is made into a key with.
    salt: String,
    /// How often.
    pub rounds: u32,
    /// The secret key, sealed with that key.
    secret: String,
}

impl Lock {
    /// Salt and rounds for a new passphrase.
    #[must_use]
    pub fn fresh() -> ([u8; SALT_BYTES], u32) {
        (random(), ROUNDS)
    }

    /// A new pair of keys behind a passphrase, which these bytes were made of with this salt and
    /// so many rounds; and its secret key.
    #[must_use]
    pub fn make(by: &Key, salt: &[u8], rounds: u32) -> Option<(Self, Key)> {
        let secret = SecretKey::generate(&mut OsRng);
        let lock = Self {
            form: FORM,
            stage: Stage::Sealing,
            public: to_hex(secret.public_key().as_bytes()),
            salt: to_hex(salt),
            rounds,
            secret: String::new(),
        };
        let secret = secret.to_bytes();
        Some((lock.behind(&secret, by, salt, rounds)?, secret))
    }

    /// The same keys behind another passphrase.
    #[must_use]
    pub fn behind(&self, secret: &Key, by: &Key, salt: &[u8], rounds: u32) -> Option<Self> {
        let secret = to_hex(&shut(by, secret)?);
        Some(Self { salt: to_hex(salt), rounds, secret, ..self.clone() })
    }

    /// What is stored; none: it is no lock, or of a newer SHIM.
    #[must_use]
    pub fn read(text: &str) -> Option<Self> {
        let lock: Self = serde_json::from_str(text).ok()?;
        (lock.form == FORM && lock.public().is_some()).then_some(lock)
    }

    /// What records are sealed to.
    #[must_use]
    pub fn public(&self) -> Option<Key> {
        key(&self.public)
    }

    /// The salt.
    #[must_use]
    pub fn salt(&self) -> Vec<u8> {
        of_hex(&self.salt).unwrap_or_default()
    }

    /// The secret key; none: these bytes are of another passphrase.
    #[must_use]
    pub fn unlock(&self, by: &Key) -> Option<Key> {
        let secret: Key = unshut(by, &of_hex(&self.secret)?)?.try_into().ok()?;
        let fits = SecretKey::from(secret).public_key().as_bytes() == &self.public()?;
        fits.then_some(secret)
    }
}

fn key(hex: &str) -> Option<Key> {
    of_hex(hex).filter(|bytes| bytes.len() == KEY_BYTES)?.try_into().ok()
}
