//! What the popup knows, and the one way to change it.

mod check;
mod chosen;
mod files;

use super::{Wide, browser, parts};
use crate::base::{Problem, SessionId};
use crate::session::codec;
use crate::shell::vault::Vault;
use crate::shell::{now, store::Store};
use crate::view::place;
use crate::view::popup::{self, Action, Knows, Notice, Outcome, Page, Report};
use crate::view::sieve::Sieve;
use crate::view::{texts, verify};
use crate::wire::keeping::KeepNote;
use crate::wire::records::{Query, SessionHead, Settings, StoreName, Stored};
use crate::wire::ui::{Answer, Ask};
use crate::wire::vault::VaultView;
use files::Work;
use std::rc::Rc;
use std::sync::Arc;
use sycamore::prelude::*;
use wasm_bindgen_futures::spawn_local;

/// How long the background may take to say how it is, in milliseconds. A cold one boots in 300.
const STATUS_PATIENCE_MS: i32 = 5_000;
/// How long it may take to do something: opening a tab and a durable commit are in it.
pub(super) const ACTION_PATIENCE_MS: i32 = 30_000;

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
    /// The chosen chat, and what its head told of its checkpoints when they were read.
    read_of: Signal<Option<(SessionId, u32, Option<KeepNote>)>>,
    /// What the prompt at hand was made of.
    prompt_of: Signal<Option<Source>>,
    /// What the measures at hand are of.
    course_of: Signal<Option<Course>>,
    /// The export or import under way.
    work: Signal<Work>,
    /// What the last check of the store came to.
    outcome: Signal<verify::Outcome>,
    /// What the dashboard has; none: this is the popup.
    wide: Option<&'static Wide>,
}

/// What measures are of: a chat with its snapshots so far, or all chats with theirs.
type Course = (Option<SessionId>, u32);

/// What a prompt is made of: a chat, its checkpoint, and its turns and checkpoints so far where
/// it is of the newest state.
type Source = (SessionId, Option<u32>, Option<(u32, u32)>);

impl Desk {
    /// An empty desk.
    pub fn new(wide: Option<&'static Wide>) -> Self {
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
            prompt_of: create_signal(None),
            course_of: create_signal(None),
            work: create_signal(Work::default()),
            outcome: create_signal(verify::Outcome::default()),
            wide,
        }
    }

    /// A part of the page that changes only when it differs.
    pub fn part<T: PartialEq + 'static>(self, of: impl Fn(&Page) -> T + 'static) -> ReadSignal<T> {
        parts::follow(move || self.page.with(|page| of(page)))
    }

    /// What was last done, in words.
    pub fn notice(self) -> Signal<Notice> {
        self.notice
    }

    /// The export or import under way.
    pub fn work(self) -> ReadSignal<Work> {
        *self.work
    }

    /// What the last check of the store came to.
    pub fn outcome(self) -> ReadSignal<verify::Outcome> {
        *self.outcome
    }

    /// The number of the tab in view.
    pub fn tab(self) -> Option<i64> {
        self.knows.with_untracked(|knows| knows.tab)
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
        let outcome = if outcome.is_ok() { self.read_past().await } else { outcome };
        self.knows.update(|knows| {
            knows.now = now();
            knows.store_problem = outcome.err().map(|problem| problem.text).unwrap_or_default();
        });
        spawn_local(self.ask_prompt());
        spawn_local(self.ask_course());
    }

    /// What the dashboard has; none: this is the popup.
    pub fn wide(self) -> Option<&'static Wide> {
        self.wide
    }

    /// Counts down where there is something to count.
    pub fn tick(self) {
        if self.page.with_untracked(|page| !page.deleted.is_empty()) {
            self.knows.update(|knows| knows.now = now());
        }
    }

    async fn read_sessions(self) -> Result<(), Problem> {
        let stored = self.query(Query::All(StoreName::Sessions)).await?;
        let (heads, unreadable) = open_all::<SessionHead>(&stored);
        self.knows.update(|knows| {
            knows.now = now();
            knows.heads = Some(Arc::new(heads));
            knows.unreadable = unreadable;
        });
        Ok(())
    }

    /// Reads from the store. A failed read drops the connection: the next one opens a new one.
    async fn query(self, query: Query) -> Result<Vec<Stored>, Problem> {
        let store = match self.store.get_clone_untracked() {
            Some(store) => store,
            None => {
                let main = Store::open().await?;
                let vault = Vault::load(&main, false).await?;
                let store = Rc::new(vault.store(main).await?);
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
        let (tab, url) = browser::tab_in_view().await;
        let answer = browser::ask(&Ask::Status, STATUS_PATIENCE_MS).await;
        let changed = self.changes.get() != changes;
        if let Ok(Answer::Status(status)) = &answer {
            self.follow_vault(status.vault);
        }
        self.knows.update(|knows| {
            knows.now = now();
            (knows.tab, knows.url) = (tab, url);
            knows.background_problem = match answer {
                Ok(Answer::Status(mut status)) => {
                    // Asked before a change, it tells of settings that are no more.
                    let known = knows.status.take().filter(|_| changed);
                    status.settings = known.map_or(status.settings, |known| known.settings);
                    knows.status = Some(*status);
                    String::new()
                }
                Ok(Answer::Problem(text)) => text,
                Ok(_) => texts::ODD_ANSWER.to_owned(),
                Err(problem) => problem.text,
            };
        });
    }

    /// Where SHIM was locked or unlocked, another store is the one to read.
    fn follow_vault(self, vault: VaultView) {
        let before = self.knows.with_untracked(|knows| knows.status.as_ref().map(|s| s.vault));
        if before.is_some_and(|before| before != vault) {
            self.store.set(None);
            run(self.reading, move || self.read());
        }
    }

    /// Looks at one chat, or at all of them again.
    pub fn choose(self, id: Option<SessionId>) {
        self.notice.set(Notice::default());
        self.knows.update(|knows| {
            knows.chosen = id;
            knows.checkpoints = None;
            knows.resumes.clear();
            (knows.point, knows.prompt, knows.course) = (None, None, None);
            knows.sieve = Sieve::default();
        });
        self.read_of.set(None);
        self.prompt_of.set(None);
        self.course_of.set(None);
        self.refresh();
    }

    /// Looks at the prompt of a checkpoint of the chosen chat, or of its newest state again.
    pub fn show_prompt(self, point: Option<u32>) {
        self.knows.update(|knows| (knows.point, knows.prompt) = (point, None));
        spawn_local(self.ask_prompt());
    }

    /// Copies the prompt that is shown.
    pub fn copy(self) {
        let Some(prompt) = self.knows.with_untracked(|knows| knows.prompt.clone()) else { return };
        spawn_local(async move {
            let copied = browser::copy(&prompt.text).await;
            let notice =
                if copied { Notice::good(texts::COPIED) } else { Notice::bad(texts::COPY_BY_HAND) };
            self.notice.set(notice);
        });
    }

    /// Saves what the background noted of the last events as a file.
    pub fn report(self) {
        self.save_answer(Ask::Report, texts::REPORT_FILE, texts::REPORTED);
    }

    /// Saves how the page in view is built as a file, without what it says.
    pub fn structure(self) {
        let Some(tab) = self.tab() else { return };
        let ask = Ask::Structure { tab, salt: browser::random() };
        self.save_answer(ask, texts::STRUCTURE_FILE, texts::STRUCTURED);
    }

    fn save_answer(self, ask: Ask, file: &'static str, done: &'static str) {
        spawn_local(async move {
            let answer = browser::ask(&ask, ACTION_PATIENCE_MS).await;
            let notice = match answer.map(Report::of) {
                Ok(Report::Text(text)) if browser::save(file, &text) => Notice::good(done),
                Ok(Report::Text(_)) => Notice::bad(texts::REPORT_REFUSED),
                Ok(Report::Trouble(text)) => Notice::bad(text),
                Err(problem) => Notice::bad(problem.text),
            };
            self.notice.set(notice);
        });
    }

    /// Does something with a chat, once: further clicks wait for the answer.
    pub fn act(self, session: SessionId, action: Action) {
        if self.busy.replace(true) {
            return;
        }
        self.notice.set(Notice::default());
        spawn_local(async move {
            let asked = browser::ask(&action.ask(session.clone()), ACTION_PATIENCE_MS).await;
            let outcome = match asked {
                Ok(answer) => action.outcome(answer),
                Err(problem) => Outcome::Trouble(problem.text),
            };
            self.busy.set(false);
            self.read_of.set(None);
            match outcome {
                Outcome::Said(text) => self.notice.set(Notice::good(text)),
                Outcome::Trouble(text) => self.notice.set(Notice::bad(text)),
                Outcome::Seen => return self.seen(session, action).await,
            }
            self.refresh();
        });
    }

    /// What was done is to be seen: the keyboard goes there.
    async fn seen(self, session: SessionId, action: Action) {
        if action == Action::Delete {
            self.choose(None);
        }
        self.read().await;
        match action {
            Action::Delete => browser::focus_undo(&session.0),
            _ => browser::focus_row(&session.0),
        }
    }

    /// Gives the browser's own question to the person, within the click.
    pub fn place(self) {
        let act = self.page.with(|page| page.place.as_ref().map(|place| place.act.clone()));
        let Some(act) = act else { return };
        let asked = browser::set_place(&act);
        spawn_local(async move {
            let done = asked.await;
            let said = act.outcome(done);
            self.notice.set(if done { Notice::good(said) } else { Notice::bad(said) });
            self.refresh();
        });
    }

    /// Switches the site in view off, or on again.
    pub fn switch_site(self) {
        self.change(move |settings| {
            self.knows.with_untracked(|knows| place::flip(knows, settings));
        });
    }

    /// Lets the site of the chat in view be asked for its turns, or not any more.
    pub fn switch_deep(self) {
        self.change(move |settings| {
            self.knows.with_untracked(|knows| place::flip_deep(knows, settings));
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

/// The heads of these records, and how many could not be read.
fn open_all<H: serde::de::DeserializeOwned>(stored: &[Stored]) -> (Vec<H>, u32) {
    let heads: Vec<H> = stored.iter().filter_map(|record| codec::open(record).ok()).collect();
    let unreadable = u32::try_from(stored.len() - heads.len()).unwrap_or(u32::MAX);
    (heads, unreadable)
}
