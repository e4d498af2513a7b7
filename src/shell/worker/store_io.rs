//! Reads and writes, one after the other, and the way to the store.

use super::{Inner, console, encryption, feed};
use crate::base::{Problem, SessionId};
use crate::shell::copies;
use crate::shell::store::Store;
use crate::shell::vault;
use crate::wire::background::BackEvent;
use crate::wire::records::{Change, Query, Stored};
use std::cell::RefCell;
use std::rc::Rc;
use wasm_bindgen_futures::spawn_local;

/// What is to be done with the store.
pub enum Io {
    Write {
        batch: u64,
        change: Change,
        strict: bool,
    },
    Load {
        load: u64,
        query: Query,
    },
    Copy {
        session: SessionId,
        records: Vec<Stored>,
    },
    /// Put a page of this store into the form that records are written in now.
    Reseal {
        store: usize,
        after: Option<String>,
    },
    /// Begin anew, with the store that is to be used now, and answer this question.
    Anew {
        ask: u64,
    },
}

/// The way to the store.
#[derive(Clone)]
pub enum Door {
    Open(Rc<Store>),
    /// It could not be opened at the start. The machine stands on nothing, so nothing may be
    /// written over what is there.
    Shut(Problem),
    /// A write or a read failed, and the browser may have closed the database: it is opened again
    /// when it is needed next.
    Lost(Problem),
}

pub fn queue(inner: &Rc<RefCell<Inner>>, io: Io) {
    let idle = {
        let mut this = inner.borrow_mut();
        this.io.push_back(io);
        !std::mem::replace(&mut this.io_running, true)
    };
    if idle {
        let inner = Rc::clone(inner);
        spawn_local(async move { drain(&inner).await });
    }
}

async fn drain(inner: &Rc<RefCell<Inner>>) {
    loop {
        let next = {
            let mut this = inner.borrow_mut();
            let next = this.io.pop_front();
            this.io_running = next.is_some();
            next
        };
        let Some(io) = next else { return };
        if let Io::Anew { ask } = io {
            encryption::begin_anew(inner, ask).await;
            continue;
        }
        let event = match through(inner).await {
            Ok(store) => run(inner, &store, io).await,
            Err(problem) => refused(io, problem),
        };
        let Some(event) = event else { continue };
        match &event {
            BackEvent::Written { problem: Some(why), .. } => lost(inner, why),
            BackEvent::LoadFailed { .. } => lost(inner, "The store could not be read."),
            _ => {}
        }
        feed(inner, event);
    }
}

/// The open store; one that was lost is opened again.
async fn through(inner: &Rc<RefCell<Inner>>) -> Result<Rc<Store>, Problem> {
    let door = inner.borrow().store.clone();
    match door {
        Door::Open(store) => Ok(store),
        Door::Shut(problem) => Err(problem),
        Door::Lost(problem) => {
            // What made it fail first says more than that it still cannot be opened.
            let vault = inner.borrow().vault.clone();
            let main = Store::open().await.map_err(|_| problem)?;
            let store = Rc::new(vault.store(main).await?);
            inner.borrow_mut().store = Door::Open(Rc::clone(&store));
            Ok(store)
        }
    }
}

fn lost(inner: &Rc<RefCell<Inner>>, why: &str) {
    let mut this = inner.borrow_mut();
    if matches!(this.store, Door::Open(_)) {
        this.store = Door::Lost(Problem::retry(why));
    }
}

/// What a person deleted must not come back from its copy: that goes first.
async fn write(store: &Store, change: &Change, strict: bool) -> Result<(), Problem> {
    if let Some(session) = &change.erased {
        copies::forget(session).await?;
        vault::erase_everywhere(session).await?;
    }
    store.write(change, strict).await
}

async fn run(inner: &Rc<RefCell<Inner>>, store: &Store, io: Io) -> Option<BackEvent> {
    Some(match io {
        Io::Copy { session, records } => {
            let kept = copies::keep(&session, &records, &store.seal()).await;
            BackEvent::Copied { problem: kept.err().map(|problem| problem.text) }
        }
        Io::Write { batch, change, strict } => {
            let done = write(store, &change, strict).await;
            BackEvent::Written { batch, problem: done.err().map(|problem| problem.text) }
        }
        Io::Load { load, query } => match store.query(&query).await {
            Ok(records) => BackEvent::Loaded { load, records },
            Err(problem) => {
                console(&problem.text);
                BackEvent::LoadFailed { load }
            }
        },
        Io::Reseal { store: place, after } => {
            return encryption::reseal(inner, store, place, after).await;
        }
        Io::Anew { .. } => return None,
    })
}

fn refused(io: Io, problem: Problem) -> Option<BackEvent> {
    Some(match io {
        Io::Write { batch, .. } => BackEvent::Written { batch, problem: Some(problem.text) },
        Io::Load { load, .. } => BackEvent::LoadFailed { load },
        Io::Copy { .. } => BackEvent::Copied { problem: Some(problem.text) },
        // The next start goes on with it.
        Io::Reseal { .. } | Io::Anew { .. } => return None,
    })
}
