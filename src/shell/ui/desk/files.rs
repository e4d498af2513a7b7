//! Chats saved as files, and archives read again. Both go chat by chat, so that memory is bounded
//! by one, and end where the person says so.
//!
//! An export only reads, so the page reads the store by itself. An import is checked here from
//! beginning to end before the background is asked for anything.

use super::{ACTION_PATIENCE_MS, Desk, open_all};
use crate::background::archive::{self, Source, Writer};
use crate::base::{Problem, SessionId};
use crate::shell::{now, ui::browser};
use crate::view::carry::{self, Carried, Form};
use crate::view::popup::Notice;
use crate::view::texts;
use crate::wire::archive::Imported;
use crate::wire::records::{Query, SessionHead, StoreName, Stored};
use crate::wire::ui::{Answer, Ask};
use js_sys::Array;
use wasm_bindgen_futures::spawn_local;

/// How often a chat is sent again where the background was ended meanwhile.
const TRIES: u32 = 5;
/// Where that lies of which a file is made.
const CHAT: [StoreName; 3] = [StoreName::Turns, StoreName::Streams, StoreName::Checkpoints];

/// An export or an import under way.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Work {
    /// How far it is; empty: nothing is under way.
    pub line: String,
    /// Whether it is to end.
    stop: bool,
}

impl Desk {
    /// Saves the chosen chat as a file.
    pub fn export(self, session: SessionId, form: Form) {
        self.work_on(async move {
            let outcome = self.export_one(session, form).await;
            outcome.unwrap_or_else(|problem| Notice::bad(problem.text))
        });
    }

    /// Saves all chats as one archive.
    pub fn export_all(self) {
        self.work_on(async move {
            let heads = self.heads_to_export().await;
            let outcome = match heads {
                Ok(heads) => self.write_archive(heads, texts::ALL_FILE).await,
                Err(problem) => Err(problem),
            };
            outcome.unwrap_or_else(|problem| Notice::bad(problem.text))
        });
    }

    /// Merges the chats of an archive, or of a site's own export, into what is stored.
    pub fn import(self, file: web_sys::File) {
        self.work_on(async move {
            let mut carried = Carried::default();
            let outcome = self.read_archive(&file, &mut carried).await;
            carried.notice(outcome.err().as_ref())
        });
    }

    /// Ends what is under way, as soon as the chat it is at is done with.
    pub fn stop(self) {
        self.work.update(|work| work.stop = true);
    }

    /// Does it, unless something is being done already, and says what came of it.
    pub(super) fn work_on(self, work: impl Future<Output = Notice> + 'static) {
        if self.busy.replace(true) {
            return;
        }
        self.notice.set(Notice::default());
        self.work.set(Work::default());
        spawn_local(async move {
            let notice = work.await;
            self.work.set(Work::default());
            self.busy.set(false);
            self.notice.set(notice);
            self.refresh();
        });
    }

    /// Tells how far it is. False: it is to end here.
    pub(super) fn goes_on(self, line: String) -> bool {
        self.work.update(|work| work.line = line);
        !self.work.with_untracked(|work| work.stop)
    }

    async fn heads_to_export(self) -> Result<Vec<SessionHead>, Problem> {
        let stored = self.query(Query::All(StoreName::Sessions)).await?;
        let (mut heads, _) = open_all::<SessionHead>(&stored);
        heads.retain(|head| head.deleted_at.is_none());
        Ok(heads)
    }

    async fn records_of(self, session: &SessionId) -> Result<Vec<Stored>, Problem> {
        self.query(Query::OfSession(CHAT.to_vec(), session.clone())).await
    }

    async fn export_one(self, session: SessionId, form: Form) -> Result<Notice, Problem> {
        let mut heads = self.heads_to_export().await?;
        heads.retain(|head| head.id == session);
        let [markdown, json, archive] = texts::CHAT_FILES;
        if form == Form::Archive {
            return self.write_archive(heads, archive).await;
        }
        let Some(head) = heads.first() else { return Ok(carry::exported_one(false)) };
        let records = self.records_of(&session).await?;
        let saved = match form {
            Form::Json => browser::save(json, &archive::transcript(head, &records)),
            _ => browser::save(markdown, &archive::markdown(head, &records)),
        };
        Ok(carry::exported_one(saved))
    }

    async fn write_archive(
        self,
        heads: Vec<SessionHead>,
        file: &'static str,
    ) -> Result<Notice, Problem> {
        let (mut writer, parts) = (Writer::new(now()), Array::new());
        for (done, head) in heads.iter().enumerate() {
            if !self.goes_on(carry::exporting(done, heads.len())) {
                return Ok(Notice::default());
            }
            let records = self.records_of(&head.id).await?;
            browser::add_bytes(&parts, &writer.chat(head, &records));
        }
        let (rest, sums, left_out) = writer.end();
        browser::add_bytes(&parts, &rest);
        Ok(carry::exported(browser::save_parts(file, &parts), &sums, left_out))
    }

    async fn read_archive(
        self,
        file: &web_sys::File,
        carried: &mut Carried,
    ) -> Result<(), Problem> {
        for checked in [false, true] {
            let mut source = Source::new(whole(file.size()), checked);
            while let Some(range) = source.next() {
                let (done, all) = source.progress();
                if !self.goes_on(carry::importing(checked, done, all)) {
                    carried.stop();
                    return Ok(());
                }
                let [from, to] = [range.start, range.end].map(place);
                source.push(&browser::read_bytes(file, from, to).await?)?;
                for chat in source.take() {
                    carried.add(self.import_chat(&chat).await?);
                }
            }
            let (_, skipped) = source.end()?;
            carried.checked(skipped);
        }
        Ok(())
    }

    /// Has one chat merged. The background may be ended at any moment: then the chat begins again.
    async fn import_chat(self, lines: &str) -> Result<Imported, Problem> {
        for _ in 0..TRIES {
            match self.send_chat(lines).await? {
                Imported::Again => browser::wait(browser::SHORT_WHILE_MS).await,
                done => return Ok(done),
            }
        }
        Err(Problem::person(texts::NO_ANSWER))
    }

    async fn send_chat(self, lines: &str) -> Result<Imported, Problem> {
        for piece in archive::pieces(browser::random(), lines) {
            match browser::ask(&Ask::Import(piece), ACTION_PATIENCE_MS).await {
                Ok(Answer::Done) => {}
                Ok(Answer::Imported(came)) => return Ok(came),
                Ok(Answer::Problem(text)) => return Err(Problem::person(text)),
                Ok(_) => return Err(Problem::person(texts::ODD_ANSWER)),
                Err(_) => return Ok(Imported::Again),
            }
        }
        Ok(Imported::Again)
    }
}

fn whole(size: f64) -> u64 {
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "the browser counts bytes in whole numbers from 0"
    )]
    let size = size as u64;
    size
}

fn place(at: u64) -> f64 {
    #[expect(clippy::cast_precision_loss, reason = "no file of a browser is larger than 2^53")]
    let at = at as f64;
    at
}
