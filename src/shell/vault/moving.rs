//! What is moved from one place or form into the other.

use super::{Vault, kept};
use crate::background::{absorb, begins_anew};
use crate::base::{Moment, Problem, SessionId};
use crate::session::vault::is_sealed;
use crate::shell::store::Store;
use crate::shell::{copies, now};
use crate::wire::records::{Change, Query, StoreName, Stored};
use std::collections::BTreeMap;
use wasm_bindgen_futures::spawn_local;

/// A key is missing.
const SEALED: &str = "What was saved while SHIM was locked does not open yet: it stays apart.";

/// Takes over what was saved while SHIM was locked, oldest first, into the store that can be read.
/// What fails stays where it is, for the next start.
///
/// # Errors
/// The first failure.
pub async fn absorb_annexes(vault: &Vault, main: &Store) -> Result<(), Problem> {
    let names = kept::annexes().await?;
    if !names.is_empty() && is_lost(main).await? {
        // It is filled from the second copies first, which is done only where no chat is.
        return Ok(());
    }
    for (place, name) in names.iter().enumerate() {
        let annexe = Store::open_named(name).await?;
        annexe.seal_with(vault.keys(), true);
        let taken = absorb_annexe(&annexe, main, now()).await;
        drop(annexe);
        taken?;
        kept::list_annexes(names.get(place + 1..).unwrap_or_default()).await?;
        let name = name.clone();
        // It is empty. A page that has it open lets it go once it sees that SHIM is unlocked.
        spawn_local(async move { drop(Store::delete_named(&name).await) });
    }
    Ok(())
}

async fn absorb_annexe(annexe: &Store, main: &Store, at: Moment) -> Result<(), Problem> {
    let mut chats: BTreeMap<SessionId, Vec<Stored>> = BTreeMap::new();
    for store in stores() {
        for record in annexe.query(&Query::All(store)).await? {
            if is_sealed(&record) {
                // It stays where the key that is missing can still open it.
                return Err(Problem::retry(SEALED));
            }
            chats.entry(record.session.clone()).or_default().push(record);
        }
    }
    for (session, new) in chats {
        let mut old = main.query(&Query::OfSession(stores().collect(), session.clone())).await?;
        let gone = Change { erased: Some(session.clone()), ..Change::default() };
        if begins_anew(&old, &new) {
            copies::forget(&session).await?;
            main.write(&gone, true).await?;
            old.clear();
        }
        main.write(&absorb(&session, &old, &new, at), true).await?;
        annexe.write(&gone, true).await?;
    }
    Ok(())
}

/// Whether something that was saved while SHIM was locked was not taken over yet.
///
/// # Errors
/// Where the browser does not tell.
pub async fn has_annexes() -> Result<bool, Problem> {
    Ok(!kept::annexes().await?.is_empty())
}

/// Whether the browser lost what was stored: there is no chat, and there are copies of some.
async fn is_lost(main: &Store) -> Result<bool, Problem> {
    let is_empty = main.query(&Query::All(StoreName::Sessions)).await?.is_empty();
    Ok(is_empty && !copies::read(None, &main.seal()).await?.is_empty())
}

/// Settings lie in one place only.
fn stores() -> impl Iterator<Item = StoreName> {
    StoreName::ALL.into_iter().filter(|store| *store != StoreName::Settings)
}

/// Deletes what other annexes hold of a chat as well. Nothing of it needs to be read for that.
///
/// # Errors
/// The first failure.
pub async fn erase_everywhere(session: &SessionId) -> Result<(), Problem> {
    for name in kept::annexes().await? {
        let annexe = Store::open_named(&name).await?;
        let gone = Change { erased: Some(session.clone()), ..Change::default() };
        annexe.write(&gone, true).await?;
    }
    Ok(())
}

/// Writes every second copy in the form of today.
///
/// # Errors
/// The first failure.
pub async fn reseal_copies(store: &Store) -> Result<(), Problem> {
    let mut chats: BTreeMap<SessionId, Vec<Stored>> = BTreeMap::new();
    for record in copies::read(None, &store.seal()).await? {
        chats.entry(record.session.clone()).or_default().push(record);
    }
    for (session, records) in chats {
        copies::keep(&session, &records, &store.seal()).await?;
    }
    Ok(())
}
