//! Encryption at rest: where its keys are kept, which of the databases is the one to read, and what
//! moves records from one form into the other.
//!
//! The lock (`session::vault::Lock`) lies in the extension's storage and beside the settings in the
//! database: each is written again from the other. The secret key lies in memory only, in storage
//! that the browser empties when it is closed. While SHIM is locked, what is saved goes into a
//! database of its own, an *annexe*; unlocking takes it over (`background::absorb`).

mod kept;
mod moving;

pub use moving::{absorb_annexes, erase_everywhere, has_annexes, reseal_copies};

use super::store::Store;
use crate::base::Problem;
use crate::session::vault::{Key, Keys, Lock, Stage};
use crate::wire::vault::VaultView;
use js_sys::{Array, Reflect, Uint8Array};
use std::rc::Rc;
use wasm_bindgen::prelude::*;

#[wasm_bindgen]
extern "C" {
    #[wasm_bindgen(js_namespace = ["crypto", "subtle"], js_name = importKey, catch)]
    async fn import_key(
        format: &str,
        key: &Uint8Array,
        algorithm: &str,
        extractable: bool,
        usages: &Array,
    ) -> Result<JsValue, JsValue>;
    #[wasm_bindgen(js_namespace = ["crypto", "subtle"], js_name = deriveBits, catch)]
    async fn derive_bits(algorithm: &JsValue, key: &JsValue, bits: u32)
    -> Result<JsValue, JsValue>;
}

/// How encryption stands, and the keys at hand.
#[derive(Clone, Default)]
pub struct Vault {
    /// None: it is off.
    pub lock: Option<Lock>,
    keys: Option<Rc<Keys>>,
    secret: Option<Key>,
    /// The database for what is saved while it is locked.
    annexe: String,
}

impl Vault {
    /// As it was left. `begins`: what is missing of the keys of this start is made, which only the
    /// background does.
    ///
    /// # Errors
    /// Where it cannot be told.
    pub async fn load(main: &Store, begins: bool) -> Result<Self, Problem> {
        let Some(lock) = kept::lock(main, begins).await? else { return Ok(Self::default()) };
        let secret = kept::secret().await.filter(|secret| fits(&lock, secret));
        let day = kept::day().await;
        let public = lock.public().ok_or_else(|| Problem::retry(NO_KEY))?;
        let keys = Keys::again(&day, &public, secret.as_ref());
        let fresh = || Keys::new(&public, secret.as_ref());
        let keys = keys.or_else(|| fresh().filter(|_| begins)).map(Rc::new);
        if begins && let Some(keys) = &keys {
            kept::keep_day(&keys.day()).await;
        }
        let annexe = match secret {
            None => kept::annexe(begins).await?,
            Some(_) => String::new(),
        };
        Ok(Self { lock: Some(lock), keys, secret, annexe })
    }

    /// For a person.
    #[must_use]
    pub fn view(&self) -> VaultView {
        match &self.lock {
            None => VaultView::Off,
            Some(_) if self.secret.is_none() => VaultView::Locked,
            Some(lock) => match lock.stage {
                Stage::Sealing => VaultView::Sealing,
                Stage::Sealed => VaultView::Unlocked,
                Stage::Opening => VaultView::Opening,
            },
        }
    }

    /// The store to use now. `main`: the one that is used without encryption.
    ///
    /// # Errors
    /// As [`Store::open_named`], and where no key could be had.
    pub async fn store(&self, main: Store) -> Result<Store, Problem> {
        let Some(lock) = &self.lock else { return Ok(main) };
        let keys = self.keys.clone().ok_or_else(|| Problem::retry(STARTING))?;
        if self.secret.is_some() {
            main.seal_with(Some(keys), lock.stage != Stage::Opening);
            return Ok(main);
        }
        if self.annexe.is_empty() {
            // The background has not begun yet.
            return Err(Problem::retry(STARTING));
        }
        let annexe = Store::open_named(&self.annexe).await?;
        annexe.seal_with(Some(keys), true);
        Ok(annexe.beside(main))
    }

    /// Switches it on.
    ///
    /// # Errors
    /// `Problem::person` for a person.
    pub async fn make(main: &Store, passphrase: &str) -> Result<Self, Problem> {
        good(passphrase)?;
        let (salt, rounds) = Lock::fresh();
        let by = key_of(passphrase, &salt, rounds).await?;
        let made = Lock::make(&by, &salt, rounds);
        let (lock, secret) = made.ok_or_else(|| Problem::retry(NO_KEY))?;
        if kept::lock(main, false).await?.is_some() {
            return Err(Problem::person(ON));
        }
        // Of an earlier lock.
        kept::forget_keys().await;
        let kept = async {
            kept::keep_lock(main, &lock).await?;
            kept::keep_secret(&secret).await?;
            Self::load(main, true).await
        };
        match kept.await {
            Ok(vault) if vault.secret.is_some() => Ok(vault),
            failed => {
                // Nothing is sealed with it yet.
                kept::drop_lock(main).await?;
                Err(failed.err().unwrap_or_else(|| Problem::retry(NO_KEY)))
            }
        }
    }

    /// Keeps the secret key at hand, where this is the passphrase.
    ///
    /// # Errors
    /// `Problem::person` where it is another.
    pub async fn unlock(&self, passphrase: &str) -> Result<(), Problem> {
        kept::keep_secret(&self.secret_by(passphrase).await?).await
    }

    async fn secret_by(&self, passphrase: &str) -> Result<Key, Problem> {
        let lock = self.lock.as_ref().ok_or_else(|| Problem::person(NOT_ON))?;
        let by = key_of(passphrase, &lock.salt(), lock.rounds).await?;
        lock.unlock(&by).ok_or_else(|| Problem::person(WRONG))
    }

    /// Puts the keys behind another passphrase.
    ///
    /// # Errors
    /// As [`Self::unlock`].
    pub async fn change(&mut self, main: &Store, old: &str, new: &str) -> Result<(), Problem> {
        let secret = self.secret_by(old).await?;
        good(new)?;
        let (salt, rounds) = Lock::fresh();
        let by = key_of(new, &salt, rounds).await?;
        let lock = self.lock.as_ref().and_then(|lock| lock.behind(&secret, &by, &salt, rounds));
        let lock = lock.ok_or_else(|| Problem::retry(NO_KEY))?;
        kept::keep_lock(main, &lock).await?;
        self.lock = Some(lock);
        Ok(())
    }

    /// Forgets the keys at hand.
    pub async fn forget_keys() {
        kept::forget_keys().await;
    }

    /// Goes on to another stage; none: it is off, and nothing is sealed any more.
    ///
    /// # Errors
    /// Where the lock could not be stored.
    pub async fn go_on(&mut self, main: &Store, stage: Option<Stage>) -> Result<(), Problem> {
        match (stage, &mut self.lock) {
            (Some(stage), Some(lock)) => {
                lock.stage = stage;
                kept::keep_lock(main, lock).await
            }
            _ => {
                kept::drop_lock(main).await?;
                kept::forget_keys().await;
                *self = Self::default();
                Ok(())
            }
        }
    }

    /// The keys at hand.
    #[must_use]
    pub fn keys(&self) -> Option<Rc<Keys>> {
        self.keys.clone()
    }
}

const NO_KEY: &str = "The browser gave no key to encrypt with. Restart the browser.";
const STARTING: &str = "SHIM is starting. Look again in a moment.";
const ON: &str = "It is encrypted already. Close this page and open it again.";
const NOT_ON: &str = "Nothing is encrypted here.";
const WRONG: &str = "That is not the passphrase. Nothing was changed; try again.";
const SHORT: &str = "Take a passphrase of at least 10 characters: some words that nobody guesses.";
/// Characters of the shortest passphrase.
const LEAST_CHARS: usize = 10;

fn good(passphrase: &str) -> Result<(), Problem> {
    let long = passphrase.chars().count() >= LEAST_CHARS;
    if long { Ok(()) } else { Err(Problem::person(SHORT)) }
}

fn fits(lock: &Lock, secret: &Key) -> bool {
    lock.public().is_some_and(|public| Keys::fits(&public, secret))
}

/// A passphrase as a key: PBKDF2 of the browser (RFC 8018), which works beside this thread.
async fn key_of(passphrase: &str, salt: &[u8], rounds: u32) -> Result<Key, Problem> {
    let failed = |_| Problem::retry(NO_KEY);
    let raw = Uint8Array::from(passphrase.as_bytes());
    let usages = Array::of1(&"deriveBits".into());
    let key = import_key("raw", &raw, "PBKDF2", false, &usages).await.map_err(failed)?;
    let algorithm = js_sys::Object::new();
    let fields: [(&str, JsValue); 4] = [
        ("name", "PBKDF2".into()),
        ("hash", "SHA-256".into()),
        ("salt", Uint8Array::from(salt).into()),
        ("iterations", rounds.into()),
    ];
    for (name, value) in fields {
        Reflect::set(&algorithm, &name.into(), &value).map_err(failed)?;
    }
    let bits = derive_bits(&algorithm, &key, 256).await.map_err(failed)?;
    Uint8Array::new(&bits).to_vec().try_into().map_err(|_| Problem::retry(NO_KEY))
}
