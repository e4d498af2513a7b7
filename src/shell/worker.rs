//! The background worker: events of `background.js` into the machine, its effects out.
//!
//! Reads and writes go one after the other, in the order the machine asked for them, so that a
//! read sees every write before it.

mod encryption;
mod store_io;

use super::browser;
use super::now;
use super::store::Store;
use super::vault::{self, Vault};
use crate::background::Machine;
use crate::base::{Moment, PortId, Problem, TabId};
use crate::wire::background::{BackEffect, BackEvent, RESTORED};
use crate::wire::records::{Query, Stored};
use crate::wire::vault::VaultView;
use futures_util::future::{join, try_join4};
use gloo_timers::callback::Timeout;
use std::cell::RefCell;
use std::collections::{BTreeMap, VecDeque};
use std::rc::Rc;
use store_io::{Door, Io, queue};
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::spawn_local;

#[wasm_bindgen]
extern "C" {
    /// What `background.js` does for the worker.
    pub type Outside;

    #[wasm_bindgen(method)]
    fn post(this: &Outside, port: f64, text: &str);
    #[wasm_bindgen(method)]
    fn reply(this: &Outside, ask: f64, text: &str);
    #[wasm_bindgen(method)]
    fn anew(this: &Outside, ask: f64);
}

struct Inner {
    machine: Machine,
    outside: Rc<Outside>,
    store: Door,
    io: VecDeque<Io>,
    io_running: bool,
    timer: Option<Timeout>,
    /// Registrations as the machine wants them, for pages that are open already.
    sites: BTreeMap<String, (Vec<String>, bool)>,
    vault: Vault,
    /// Something is being done with it, or with the form of records.
    vault_busy: bool,
    resealing: bool,
}

/// The worker. The entry exports it to JavaScript: an export here would stand in every entry's
/// wasm, and bring the whole machine with it.
pub struct Worker(Rc<RefCell<Inner>>);

impl Worker {
    /// Opens the store, gives its records to the machine, and begins.
    pub async fn start(outside: Outside) -> Self {
        let inner = Inner {
            machine: Machine::new(),
            outside: Rc::new(outside),
            store: Door::Shut(Problem::retry("The store is being opened.")),
            io: VecDeque::new(),
            io_running: false,
            timer: None,
            sites: BTreeMap::new(),
            vault: Vault::default(),
            vault_busy: false,
            resealing: false,
        };
        let this = Self(Rc::new(RefCell::new(inner)));
        restore(&this.0).await;
        this
    }

    /// A content script connected.
    pub fn connected(&self, port: f64, tab: f64, origin: String) {
        let event = BackEvent::Connected { port: port_id(port), tab: tab_id(tab), origin };
        feed(&self.0, event);
    }

    /// A content script's port closed.
    pub fn disconnected(&self, port: f64) {
        feed(&self.0, BackEvent::Disconnected { port: port_id(port) });
    }

    /// A content script spoke.
    pub fn message(&self, port: f64, text: String) {
        feed(&self.0, BackEvent::Message { port: port_id(port), text });
    }

    /// A tab that shows a watched site begins to load a page.
    pub fn tab_loads(&self, tab: f64) {
        feed(&self.0, BackEvent::TabLoads { tab: tab_id(tab) });
    }

    /// A person gave the extension a place to look, or took one back.
    pub fn granted(&self) {
        spawn(&self.0, async move |inner| {
            let before: Vec<String> = inner.borrow().sites.keys().cloned().collect();
            tell_granted(&inner).await;
            enter_open_pages(&inner, |site| !before.contains(site));
        });
    }

    /// A tab was closed.
    pub fn tab_removed(&self, tab: f64) {
        feed(&self.0, BackEvent::TabRemoved { tab: tab_id(tab) });
    }

    /// An extension page asks.
    pub fn asked(&self, ask: f64, text: String) {
        feed(&self.0, BackEvent::Asked { ask: whole(ask), text });
    }

    /// Time passed.
    pub fn wake(&self) {
        feed(&self.0, BackEvent::Wake);
    }
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "background.js counts from 1 in whole numbers"
)]
fn whole(number: f64) -> u64 {
    number as u64
}

fn port_id(port: f64) -> PortId {
    PortId(whole(port))
}

#[expect(clippy::cast_possible_truncation, reason = "the browser's tab numbers are whole")]
fn tab_id(tab: f64) -> TabId {
    TabId(tab as i64)
}

async fn open(inner: &Rc<RefCell<Inner>>) -> Result<(Store, Vec<Stored>), Problem> {
    let main = Store::open().await?;
    let vault = Vault::load(&main, true).await?;
    let store = vault.store(main).await?;
    if !matches!(vault.view(), VaultView::Locked | VaultView::Off)
        && let Err(problem) = vault::absorb_annexes(&vault, &store).await
    {
        console(&problem.text);
    }
    inner.borrow_mut().vault = vault;
    let [settings, sessions, resumes, drafts] = RESTORED.map(Query::All);
    let read = |query| store.query(query);
    let (mut records, sessions, resumes, drafts) =
        try_join4(read(&settings), read(&sessions), read(&resumes), read(&drafts)).await?;
    records.extend(sessions);
    records.extend(resumes);
    records.extend(drafts);
    Ok((store, records))
}

/// Opens the store and gives its records to the machine, or says why it could not.
async fn restore(inner: &Rc<RefCell<Inner>>) {
    let (opened, (browser_session, first)) = join(open(inner), browser::browser_session()).await;
    let event = match opened {
        Ok((store, records)) => {
            inner.borrow_mut().store = Door::Open(Rc::new(store));
            BackEvent::Restored { records, browser_session }
        }
        Err(problem) => {
            console(&problem.text);
            inner.borrow_mut().store = Door::Shut(problem.clone());
            BackEvent::StoreClosed { problem: problem.text }
        }
    };
    tell_granted(inner).await;
    encryption::tell(inner);
    feed(inner, event);
    encryption::go_on(inner);
    if first {
        enter_open_pages(inner, |_| true);
    }
}

async fn tell_granted(inner: &Rc<RefCell<Inner>>) {
    if let Some(origins) = browser::granted().await {
        feed(inner, BackEvent::Granted { origins });
    }
}

/// Pages that were open before the extension get their scripts, and those whose scripts lost
/// their extension get new ones. A second time in one page they do nothing.
fn enter_open_pages(inner: &Rc<RefCell<Inner>>, wanted: impl Fn(&String) -> bool) {
    let sites = &inner.borrow().sites;
    for (_, (matches, with_engine)) in sites.iter().filter(|(site, _)| wanted(site)) {
        let (matches, with_engine) = (matches.clone(), *with_engine);
        spawn_local(async move { browser::start_in_open_tabs(&matches, with_engine).await });
    }
}

fn feed(inner: &Rc<RefCell<Inner>>, event: BackEvent) {
    let mut effects = Vec::new();
    let next = {
        let mut this = inner.borrow_mut();
        this.machine.step(now(), event, &mut effects);
        this.machine.next_wake()
    };
    for effect in effects {
        carry_out(inner, effect);
    }
    arm(inner, next);
}

fn arm(inner: &Rc<RefCell<Inner>>, next: Option<Moment>) {
    let timer = next.map(|when| {
        let inner = Rc::clone(inner);
        // At least a little: a moment that has passed must not become a busy loop.
        let delay_ms = u32::try_from(when.since(now()).0).unwrap_or(u32::MAX).max(10);
        Timeout::new(delay_ms, move || feed(&inner, BackEvent::Wake))
    });
    inner.borrow_mut().timer = timer;
}

fn carry_out(inner: &Rc<RefCell<Inner>>, effect: BackEffect) {
    match effect {
        BackEffect::Write { batch, change, strict } => {
            queue(inner, Io::Write { batch, change, strict });
        }
        BackEffect::Load { load, query } => queue(inner, Io::Load { load, query }),
        BackEffect::Copy { session, records } => queue(inner, Io::Copy { session, records }),
        BackEffect::Measure => spawn(inner, async move |inner| {
            if let Some((used_bytes, quota_bytes)) = super::store::measured().await {
                feed(&inner, BackEvent::Measured { used_bytes, quota_bytes });
            }
        }),
        BackEffect::Vault { ask, wanted } => spawn(inner, async move |inner| {
            encryption::asked(&inner, ask, wanted).await;
        }),
        BackEffect::Restore => spawn(inner, async move |inner| restore(&inner).await),
        BackEffect::Send { port, message } => {
            if let Ok(text) = serde_json::to_string(&message) {
                #[expect(clippy::cast_precision_loss, reason = "ports are counted from 1")]
                inner.borrow().outside.post(port.0 as f64, &text);
            }
        }
        BackEffect::Answer { ask, answer } => {
            if let Ok(text) = serde_json::to_string(&answer) {
                #[expect(clippy::cast_precision_loss, reason = "questions are counted from 1")]
                inner.borrow().outside.reply(ask as f64, &text);
            }
        }
        BackEffect::LookAtTab { tab } => spawn(inner, async move |inner| {
            let state = browser::look_at(tab).await;
            feed(&inner, BackEvent::TabSeen { tab, state });
        }),
        BackEffect::OpenTab { request, url } => spawn(inner, async move |inner| {
            let tab = browser::open_tab(&url).await;
            feed(&inner, BackEvent::TabOpened { request, tab });
        }),
        BackEffect::Badge { tab, badge } => {
            spawn_local(async move { browser::show_badge(tab, &badge).await });
        }
        BackEffect::Unregister { site } => {
            inner.borrow_mut().sites.remove(&site);
            spawn_local(async move { browser::unregister(&site).await });
        }
        BackEffect::Register { matches, site, with_engine } => {
            inner.borrow_mut().sites.insert(site.clone(), (matches.clone(), with_engine));
            spawn_local(async move {
                if let Err(why) = browser::register(&site, &matches, with_engine).await {
                    console(&format!("The scripts for {site} were not registered: {why}"));
                }
            });
        }
    }
}

fn spawn<F>(inner: &Rc<RefCell<Inner>>, task: F)
where
    F: AsyncFnOnce(Rc<RefCell<Inner>>) + 'static,
{
    let inner = Rc::clone(inner);
    spawn_local(async move { task(inner).await });
}

fn console(text: &str) {
    web_sys::console::error_1(&JsValue::from_str(text));
}
