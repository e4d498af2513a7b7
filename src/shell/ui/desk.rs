//! What the popup knows, and the one way to change it.

use super::browser;
use crate::base::{Problem, SessionId};
use crate::session::codec;
use crate::shell::{now, store::Store};
use crate::view::list::SessionRow;
use crate::view::popup::{self, Action, Knows, Notice, Outcome, Page};
use crate::view::texts;
use crate::wire::records::{CheckpointHead, Query, SessionHead, Settings, StoreName, Stored};
use crate::wire::ui::{Answer, Ask};
use std::rc::Rc;
use std::sync::Arc;
use sycamore::prelude::*;
use wasm_bindgen_futures::spawn_local;

/// How long the background may take to say how it is, in milliseconds. A cold one boots in 300.
const STATUS_PATIENCE_MS: i32 = 5_000;
/// How long it may take to do something: opening a tab and a durable commit are in it.
const ACTION_PATIENCE_MS: i32 = 30_000;

/// The popup's state: copies of it all point to the same.
#[derive(Clone, Copy)]
pub struct Desk {
    knows: Signal<Knows>,
    notice: Signal<Notice>,
    busy: Signal<bool>,
    page: ReadSignal<Rc<Page>>,
    store: Signal<Option<Rc<Store>>>,
    reading: Signal<Run>,
    asking: Signal<Run>,
    /// Grows when settings begin to change and when they have changed.
    changes: Signal<u32>,
    /// The chosen chat, and the count of checkpoints it had when they were read.
    read_of: Signal<Option<(SessionId, u32)>>,
}

impl Desk {
    /// An empty desk.
    pub fn new() -> Self {
        let knows = create_signal(Knows { now: now(), ..Knows::default() });
        let page = create_selector(move || knows.with(|knows| Rc::new(popup::page(knows))));
        Self {
            knows,
            page,
            notice: create_signal(Notice::default()),
            busy: create_signal(false),
            store: create_signal(None),
            reading: create_signal(Run::Idle),
            asking: create_signal(Run::Idle),
            changes: create_signal(0),
            read_of: create_signal(None),
        }
    }

    /// A part of the page that changes only when it differs.
    pub fn part<T: PartialEq + 'static>(self, of: impl Fn(&Page) -> T + 'static) -> ReadSignal<T> {
        create_selector(move || self.page.with(|page| of(page)))
    }

    /// What was last done, in words.
    pub fn notice(self) -> Signal<Notice> {
        self.notice
    }

    /// Whether something is being done.
    pub fn busy(self) -> bool {
        self.busy.get()
    }

    /// Reads everything again, unless nobody looks.
    pub fn refresh(self) {
        if browser::hidden() {
            return;
        }
        run(self.reading, move || self.read());
        run(self.asking, move || self.ask_status());
    }

    async fn read(self) {
        let outcome = self.read_sessions().await;
        let outcome = if outcome.is_ok() { self.read_checkpoints().await } else { outcome };
        self.knows.update(|knows| {
            knows.now = now();
            knows.store_problem = outcome.err().map(|problem| problem.text).unwrap_or_default();
        });
    }

    async fn read_sessions(self) -> Result<(), Problem> {
        let stored = self.query(Query::All(StoreName::Sessions)).await?;
        let (heads, unreadable) = open_all::<SessionHead>(&stored);
        self.knows.update(|knows| {
            knows.now = now();
            knows.heads = Some(Arc::new(heads));
            knows.unreadable.0 = unreadable;
        });
        Ok(())
    }

    /// Reads the chosen chat's checkpoints where their count changed: they are large.
    async fn read_checkpoints(self) -> Result<(), Problem> {
        let wanted = self.knows.with_untracked(|knows| {
            let id = knows.chosen.clone()?;
            let head = knows.heads.iter().flat_map(|heads| heads.iter()).find(|h| h.id == id)?;
            Some((id, head.last_checkpoint))
        });
        if wanted == self.read_of.get_clone_untracked() {
            return Ok(());
        }
        let Some((id, _)) = wanted.clone() else {
            self.read_of.set(None);
            return Ok(());
        };
        let query = Query::OfSession(vec![StoreName::Checkpoints], id.clone());
        let stored = self.query(query).await?;
        let (heads, unreadable) = open_all::<CheckpointHead>(&stored);
        self.knows.update(|knows| {
            if knows.chosen.as_ref() == Some(&id) {
                knows.checkpoints = Some(Arc::new(heads));
                knows.unreadable.1 = unreadable;
            }
        });
        self.read_of.set(wanted);
        Ok(())
    }

    /// Reads from the store. A failed read drops the connection: the next one opens a new one.
    async fn query(self, query: Query) -> Result<Vec<Stored>, Problem> {
        let store = match self.store.get_clone_untracked() {
            Some(store) => store,
            None => {
                let store = Rc::new(Store::open().await?);
                self.store.set(Some(Rc::clone(&store)));
                store
            }
        };
        let outcome = store.query(&query).await;
        if outcome.is_err() {
            self.store.set(None);
        }
        outcome
    }

    async fn ask_status(self) {
        let changes = self.changes.get();
        let tab = browser::tab_in_view().await;
        let answer = browser::ask(&Ask::Status, STATUS_PATIENCE_MS).await;
        let changed = self.changes.get() != changes;
        self.knows.update(|knows| {
            knows.now = now();
            knows.tab = tab;
            knows.background_problem = match answer {
                Ok(Answer::Status(mut status)) => {
                    // Asked before a change, it tells of settings that are no more.
                    let known = knows.status.take().filter(|_| changed);
                    status.settings = known.map_or(status.settings, |known| known.settings);
                    knows.status = Some(status);
                    String::new()
                }
                Ok(Answer::Problem(text)) => text,
                Ok(_) => texts::ODD_ANSWER.to_owned(),
                Err(problem) => problem.text,
            };
        });
    }

    /// Looks at one chat, or at all of them again.
    pub fn choose(self, id: Option<SessionId>) {
        self.notice.set(Notice::default());
        self.knows.update(|knows| {
            knows.chosen = id;
            knows.checkpoints = None;
            knows.unreadable.1 = 0;
        });
        self.read_of.set(None);
        self.refresh();
    }

    /// Does something with a chat, once: further clicks wait for the answer.
    pub fn act(self, row: ReadSignal<SessionRow>, action: Action) {
        if self.busy.replace(true) {
            return;
        }
        // Read to its end first: sycamore refuses a change while any signal is being read.
        let session = row.with_untracked(|row| row.id.clone());
        self.notice.set(Notice::default());
        spawn_local(async move {
            let notice = match browser::ask(&action.ask(session), ACTION_PATIENCE_MS).await {
                Ok(answer) => said(action.outcome(answer)).await,
                Err(problem) => Notice::bad(problem.text),
            };
            self.notice.set(notice);
            self.busy.set(false);
            self.read_of.set(None);
            self.refresh();
        });
    }

    /// Stores changed settings.
    pub fn change(self, edit: impl FnOnce(&mut Settings)) {
        let known = self.knows.with_untracked(|knows| knows.status.clone());
        let Some(mut settings) = known.map(|status| status.settings) else {
            return;
        };
        edit(&mut settings);
        self.knows.update(|knows| {
            if let Some(status) = &mut knows.status {
                status.settings = settings.clone();
            }
        });
        self.changes.update(|count| *count += 1);
        spawn_local(async move {
            match browser::ask(&Ask::Change(settings), ACTION_PATIENCE_MS).await {
                Ok(Answer::Done) => self.notice.set(Notice::default()),
                Ok(Answer::Problem(text)) => self.notice.set(Notice::bad(text)),
                Ok(_) => self.notice.set(Notice::bad(texts::ODD_ANSWER)),
                Err(problem) => self.notice.set(Notice::bad(problem.text)),
            }
            self.changes.update(|count| *count += 1);
            self.refresh();
        });
    }
}

/// How far a piece of work is that must not run twice at once.
#[derive(Clone, Copy, PartialEq)]
enum Run {
    Idle,
    Running,
    /// Running, and asked for again meanwhile: what it read may be old by now.
    Again,
}

/// Runs `work`, and once more where it was asked for meanwhile.
fn run<F: Future<Output = ()> + 'static>(state: Signal<Run>, work: impl Fn() -> F + 'static) {
    if state.get_untracked() != Run::Idle {
        state.set(Run::Again);
        return;
    }
    state.set(Run::Running);
    spawn_local(async move {
        loop {
            work().await;
            if state.replace(Run::Running) != Run::Again {
                break;
            }
        }
        state.set(Run::Idle);
    });
}

async fn said(outcome: Outcome) -> Notice {
    match outcome {
        Outcome::Said(text) => Notice::good(text),
        Outcome::Trouble(text) => Notice::bad(text),
        Outcome::Copy(prompt) if browser::copy(&prompt).await => Notice::good(texts::COPIED),
        Outcome::Copy(prompt) => Notice::by_hand(prompt),
    }
}

/// The heads of these records, and how many could not be read.
fn open_all<H: serde::de::DeserializeOwned>(stored: &[Stored]) -> (Vec<H>, usize) {
    let heads: Vec<H> = stored.iter().filter_map(|record| codec::open(record).ok()).collect();
    let unreadable = stored.len() - heads.len();
    (heads, unreadable)
}
