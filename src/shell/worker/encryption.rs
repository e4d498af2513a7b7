//! Encryption at rest: what a person asks of it, and the records that are put into its form.

use super::{Door, Inner, Io, console, feed, queue, restore};
use crate::background::Machine;
use crate::base::Problem;
use crate::session::vault::Stage;
use crate::shell::store::Store;
use crate::shell::vault::{self, Vault};
use crate::wire::background::BackEvent;
use crate::wire::records::StoreName;
use crate::wire::ui::Answer;
use crate::wire::vault::{VaultAsk, VaultView};
use std::cell::RefCell;
use std::rc::Rc;

/// The store is not open, or what was asked does not fit how encryption stands.
const NOT_NOW: &str = "\
    This cannot be done now: encryption stands otherwise, or the store is not open. Look again \
    in a moment.";

/// Something that was saved while it was locked could not be joined.
const APART: &str = "\
    Something that was saved while SHIM was locked is not joined with the rest yet, so that \
    encryption stays on. Make room on the disk, restart the browser and unlock; then try again.";

/// Some records are not in the form that they are to have.
const NOT_DONE: &str = "Not all records could be written anew. The next start goes on with it.";

/// Tells the machine how encryption stands.
pub fn tell(inner: &Rc<RefCell<Inner>>) {
    let view = inner.borrow().vault.view();
    feed(inner, BackEvent::Vault(view));
}

/// Where records are not all in the form that they are written in now, they are put into it.
pub fn go_on(inner: &Rc<RefCell<Inner>>) {
    let mut this = inner.borrow_mut();
    let moves = matches!(this.vault.view(), VaultView::Sealing | VaultView::Opening);
    if moves && !std::mem::replace(&mut this.resealing, true) {
        drop(this);
        queue(inner, Io::Reseal { store: 0, after: None });
    }
}

/// Carries out what a person asked, and answers.
pub async fn asked(inner: &Rc<RefCell<Inner>>, ask: u64, wanted: VaultAsk) {
    if std::mem::replace(&mut inner.borrow_mut().vault_busy, true) {
        return answer(inner, ask, &Answer::Problem(NOT_NOW.into()));
    }
    let outcome = carried_out(inner, wanted).await;
    inner.borrow_mut().vault_busy = false;
    match outcome {
        // Answered once the other store is open.
        Ok(true) => queue(inner, Io::Anew { ask }),
        Ok(false) => {
            tell(inner);
            go_on(inner);
            answer(inner, ask, &Answer::Done);
        }
        Err(problem) => answer(inner, ask, &Answer::Problem(problem.text)),
    }
}

fn answer(inner: &Rc<RefCell<Inner>>, ask: u64, answer: &Answer) {
    if let Ok(text) = serde_json::to_string(answer) {
        #[expect(clippy::cast_precision_loss, reason = "questions are counted from 1")]
        inner.borrow().outside.reply(ask as f64, &text);
    }
}

/// Whether another store is to be used from now on.
async fn carried_out(inner: &Rc<RefCell<Inner>>, wanted: VaultAsk) -> Result<bool, Problem> {
    let (mut vault, door) = {
        let this = inner.borrow();
        (this.vault.clone(), this.store.clone())
    };
    let Door::Open(store) = door else { return Err(Problem::person(NOT_NOW)) };
    let other = match (wanted, vault.view()) {
        (VaultAsk::Make(passphrase), VaultView::Off) => {
            vault = Vault::make(&store, &passphrase.0).await?;
            false
        }
        (VaultAsk::Unlock(passphrase), VaultView::Locked) => {
            vault.unlock(&passphrase.0).await?;
            true
        }
        (VaultAsk::Lock, VaultView::Unlocked) => {
            Vault::forget_keys().await;
            true
        }
        (VaultAsk::Change { old, new }, VaultView::Unlocked) => {
            vault.change(&store, &old.0, &new.0).await?;
            false
        }
        // What could not be taken over yet needs the keys.
        (VaultAsk::Off, VaultView::Unlocked) if vault::has_annexes().await? => {
            return Err(Problem::person(APART));
        }
        (VaultAsk::Off, VaultView::Unlocked) => {
            vault.go_on(&store, Some(Stage::Opening)).await?;
            false
        }
        _ => return Err(Problem::person(NOT_NOW)),
    };
    if !other {
        use_vault(inner, vault);
    }
    Ok(other)
}

/// The store may be another than the one that was open when this was asked.
fn use_vault(inner: &Rc<RefCell<Inner>>, vault: Vault) {
    let writes = vault.lock.as_ref().is_some_and(|lock| lock.stage != Stage::Opening);
    let mut this = inner.borrow_mut();
    if let Door::Open(store) = &this.store {
        store.seal_with(vault.keys(), writes);
    }
    this.vault = vault;
}

/// As if the worker had been ended and started again: pages connect again and say what they show.
pub async fn begin_anew(inner: &Rc<RefCell<Inner>>, ask: u64) {
    {
        let mut this = inner.borrow_mut();
        #[expect(clippy::cast_precision_loss, reason = "questions are counted from 1")]
        this.outside.anew(ask as f64);
        this.machine = Machine::new();
        this.timer = None;
        this.resealing = false;
        // Nothing of it was acknowledged.
        this.io.clear();
        this.store = Door::Shut(Problem::retry("The store is being opened."));
    }
    restore(inner).await;
    answer(inner, ask, &Answer::Done);
}

/// One page, and the next is queued; after the last one the lock says so.
pub async fn reseal(
    inner: &Rc<RefCell<Inner>>,
    store: &Store,
    place: usize,
    after: Option<String>,
) -> Option<BackEvent> {
    let done = match StoreName::ALL.get(place) {
        Some(name) => store.reseal(*name, after).await.map(|last| {
            let place = if last.is_some() { place } else { place + 1 };
            queue(inner, Io::Reseal { store: place, after: last });
        }),
        None => end(inner, store).await,
    };
    if let Err(problem) = done {
        // The next start goes on with it.
        inner.borrow_mut().resealing = false;
        console(&problem.text);
    }
    Some(BackEvent::Vault(inner.borrow().vault.view()))
}

/// All were looked at. Before the lock says so, they are looked at once more: what was encrypted
/// with a key that is gone could never be read again.
async fn end(inner: &Rc<RefCell<Inner>>, store: &Store) -> Result<(), Problem> {
    vault::reseal_copies(store).await?;
    let mut vault = inner.borrow().vault.clone();
    let stage = match vault.view() {
        VaultView::Sealing => Some(Stage::Sealed),
        VaultView::Opening if !vault::has_annexes().await? => None,
        _ => return Err(Problem::retry(NOT_DONE)),
    };
    if store.seal().writes() != stage.is_some() || store.is_mixed().await? {
        return Err(Problem::retry(NOT_DONE));
    }
    vault.go_on(store, stage).await?;
    use_vault(inner, vault);
    inner.borrow_mut().resealing = false;
    Ok(())
}
