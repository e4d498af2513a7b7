//! Sealed records, and what is stored of their keys.

use super::records::{packed_fields_of, stored_of};
use super::{Decoder, MANY};
use crate::vault::{FROZEN_LOCK, frozen};
use shim::background::absorb;
use shim::base::{Moment, SessionId};
use shim::session::codec;
use shim::session::vault::{Keys, Lock, of_hex};

pub const ALL: &[Decoder] = &[
    Decoder {
        name: "sealed record",
        of: &["src/session/vault/mod.rs"],
        valid: || vec![packed_fields_of(&frozen())],
        read: sealed,
        rounds: MANY,
    },
    Decoder {
        name: "lock",
        of: &["src/session/vault/lock.rs"],
        valid: || vec![vec![FROZEN_LOCK.as_bytes().to_vec()]],
        read: lock,
        rounds: MANY,
    },
    Decoder {
        name: "what was saved apart",
        of: &["src/background/absorb.rs"],
        valid: super::records::everything,
        read: apart,
        rounds: MANY,
    },
];

fn sealed(fields: &[Vec<u8>]) -> bool {
    let lock = Lock::read(FROZEN_LOCK).unwrap();
    let secret = lock.unlock(&[1; 32]).unwrap();
    let keys = Keys::new(&lock.public().unwrap(), Some(&secret)).unwrap();
    let day = fields.iter().skip(6).flatten().copied().collect::<Vec<u8>>();
    drop(Keys::again(&day, &lock.public().unwrap(), Some(&secret)));
    codec::open_turn(&keys.open(stored_of(fields))).is_ok()
}

fn lock(fields: &[Vec<u8>]) -> bool {
    let text = String::from_utf8_lossy(&fields.concat()).into_owned();
    let _ = of_hex(&text);
    Lock::read(&text).is_some_and(|lock| lock.unlock(&[1; 32]).is_some())
}

/// On either side, beside what is whole.
fn apart(fields: &[Vec<u8>]) -> bool {
    let record = stored_of(fields);
    let whole = crate::codec::records();
    let mut all = whole.clone();
    all.push(record.clone());
    for (old, new) in [(&all, &whole), (&whole, &all)] {
        let change = absorb(&SessionId::default(), old, new, Moment(1_790_000_000_000));
        drop(change);
    }
    true
}
