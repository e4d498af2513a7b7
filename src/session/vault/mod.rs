//! Records sealed at rest: whole, under a key that is drawn for each start of the browser and that
//! stands in every record, sealed to a public key. So writing needs no passphrase, and a record
//! needs nothing but the secret key to be read.
//!
//! Sealed boxes are libsodium's (X25519, `XSalsa20`, Poly1305), of the crates `crypto_box` and
//! `crypto_secretbox`, which Cure53 audited in 2022. What stays readable: the record's key (site,
//! account, chat and turn as their site numbers them) and how large it is. Absent from here: where
//! the keys are kept and how a passphrase becomes one (`shell`).

mod lock;

pub use lock::{Lock, SALT_BYTES, Stage};

use crate::session::codec;
use crate::wire::records::{Part, Stored};
use crypto_box::aead::rand_core::RngCore;
use crypto_box::aead::{Aead, KeyInit, OsRng};
use crypto_box::{PublicKey, SecretKey};
use crypto_secretbox::{Nonce, XSalsa20Poly1305};
use std::cell::RefCell;
use std::collections::BTreeMap;

/// Bytes of every key.
pub const KEY_BYTES: usize = 32;
/// Bytes of a nonce, which goes before what it sealed.
const NONCE_BYTES: usize = 24;
/// Form of a sealed record: above every form of an open one, so that a SHIM that does not know
/// sealed records leaves them alone.
const SEALED: u16 = 1_000;

/// A key.
pub type Key = [u8; KEY_BYTES];

/// The keys at hand while the browser runs.
pub struct Keys {
    /// What records are sealed to.
    public: Key,
    secret: Option<SecretKey>,
    /// The key of this start, and the same as it stands in records.
    day: (Key, Vec<u8>),
    /// Keys of other starts that were met, by how they stand in records.
    met: RefCell<BTreeMap<Vec<u8>, Key>>,
}

impl Keys {
    /// Keys that write, and with `secret` read everything. None: the browser gives no key.
    #[must_use]
    pub fn new(public: &Key, secret: Option<&Key>) -> Option<Self> {
        let day = random::<KEY_BYTES>();
        let sealed = PublicKey::from(*public).seal(&mut OsRng, &day).ok()?;
        Some(Self::with(*public, (day, sealed), secret))
    }

    /// The same as they were before the worker ended ([`Keys::day`]). None: they were of another
    /// lock, whose secret key would be needed to read what they seal.
    #[must_use]
    pub fn again(day: &[u8], public: &Key, secret: Option<&Key>) -> Option<Self> {
        let (of, rest) = day.split_first_chunk::<KEY_BYTES>()?;
        let (key, sealed) = rest.split_first_chunk::<KEY_BYTES>()?;
        (of == public).then(|| Self::with(*public, (*key, sealed.to_vec()), secret))
    }

    fn with(public: Key, day: (Key, Vec<u8>), secret: Option<&Key>) -> Self {
        let secret = secret.map(|key| SecretKey::from(*key));
        Self { public, secret, day, met: RefCell::default() }
    }

    /// Whether these two are a pair.
    #[must_use]
    pub fn fits(public: &Key, secret: &Key) -> bool {
        SecretKey::from(*secret).public_key().as_bytes() == public
    }

    /// The key of this start, for as long as the browser runs.
    #[must_use]
    pub fn day(&self) -> Vec<u8> {
        [&self.public[..], &self.day.0, &self.day.1].concat()
    }

    /// The record sealed, at the same address. One that is sealed stays as it is.
    #[must_use]
    pub fn seal(&self, record: &Stored) -> Stored {
        if is_sealed(record) {
            return record.clone();
        }
        let Some(boxed) = shut(&self.day.0, &framed(record)) else { return record.clone() };
        let parts = vec![Part(self.day.1.clone()), Part(boxed)];
        codec::outer(Stored { version: SEALED, head: String::new(), parts, ..record.clone() })
    }

    /// The record that was sealed. One that was not, or that does not open, comes as it is: then
    /// whoever reads it finds a form that it does not know.
    #[must_use]
    pub fn open(&self, record: Stored) -> Stored {
        if !is_sealed(&record) {
            return record;
        }
        self.opened(&record).unwrap_or(record)
    }

    fn opened(&self, record: &Stored) -> Option<Stored> {
        let [Part(sealed), Part(boxed)] = record.parts.as_slice() else { return None };
        let plain = unshut(&self.key(sealed)?, boxed)?;
        unframed(record, &plain)
    }

    fn key(&self, sealed: &Vec<u8>) -> Option<Key> {
        if *sealed == self.day.1 {
            return Some(self.day.0);
        }
        if let Some(key) = self.met.borrow().get(sealed) {
            return Some(*key);
        }
        let key: Key = self.secret.as_ref()?.unseal(sealed).ok()?.try_into().ok()?;
        self.met.borrow_mut().insert(sealed.clone(), key);
        Some(key)
    }
}

/// Whether a record is a sealed one, also where it does not open.
#[must_use]
pub fn is_sealed(record: &Stored) -> bool {
    record.version == SEALED && record.head.is_empty() && record.parts.len() == 2
}

/// Random bytes of the system.
#[must_use]
pub fn random<const N: usize>() -> [u8; N] {
    let mut bytes = [0; N];
    OsRng.fill_bytes(&mut bytes);
    bytes
}

/// Seals with a key: the nonce, and then what came of it.
fn shut(key: &Key, plain: &[u8]) -> Option<Vec<u8>> {
    let nonce = random::<NONCE_BYTES>();
    let sealed = XSalsa20Poly1305::new(key.into()).encrypt(Nonce::from_slice(&nonce), plain);
    Some([&nonce[..], &sealed.ok()?].concat())
}

fn unshut(key: &Key, boxed: &[u8]) -> Option<Vec<u8>> {
    let (nonce, sealed) = boxed.split_at_checked(NONCE_BYTES)?;
    XSalsa20Poly1305::new(key.into()).decrypt(Nonce::from_slice(nonce), sealed).ok()
}

/// What a record is beside its address: form, checksum, then head and parts, each after its length.
/// The checksum is over the address too: a sealed record that was moved to another does not open.
fn framed(record: &Stored) -> Vec<u8> {
    let mut out = record.version.to_le_bytes().to_vec();
    out.extend(record.check.to_le_bytes());
    let parts = record.parts.iter().map(|part| part.0.as_slice());
    for bytes in std::iter::once(record.head.as_bytes()).chain(parts) {
        // A part is bounded far below the limit of the type.
        out.extend(u32::try_from(bytes.len()).unwrap_or(u32::MAX).to_le_bytes());
        out.extend(bytes);
    }
    out
}

fn unframed(sealed: &Stored, plain: &[u8]) -> Option<Stored> {
    let (version, rest) = plain.split_first_chunk::<2>()?;
    let (check, mut rest) = rest.split_first_chunk::<4>()?;
    let mut pieces = Vec::new();
    while let Some((length, after)) = rest.split_first_chunk::<4>() {
        let length = usize::try_from(u32::from_le_bytes(*length)).ok()?;
        let (piece, after) = after.split_at_checked(length)?;
        pieces.push(piece);
        rest = after;
    }
    let (head, parts) = pieces.split_first()?;
    rest.is_empty().then_some(())?;
    Some(Stored {
        version: u16::from_le_bytes(*version),
        check: u32::from_le_bytes(*check),
        head: String::from_utf8(head.to_vec()).ok()?,
        parts: parts.iter().map(|part| Part(part.to_vec())).collect(),
        ..sealed.clone()
    })
}

/// Bytes as text that JSON and the extension's storage hold.
#[must_use]
pub fn to_hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// The bytes of such a text; none: it is none.
#[must_use]
pub fn of_hex(hex: &str) -> Option<Vec<u8>> {
    let pairs = hex.as_bytes().chunks(2);
    pairs.map(|pair| u8::from_str_radix(std::str::from_utf8(pair).ok()?, 16).ok()).collect()
}
