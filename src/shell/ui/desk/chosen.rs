//! What is read and asked for of the chosen chat.

use super::{ACTION_PATIENCE_MS, Course, Desk, STATUS_PATIENCE_MS, Source, open_all};
use crate::base::Problem;
use crate::session::segments;
use crate::shell::ui::browser;
use crate::view::popup::{Action, Prompt};
use crate::view::sieve::Sieve;
use crate::wire::records::{Query, ResumeHead, SessionHead, StoreName};
use crate::wire::ui::{Answer, Ask};
use std::sync::Arc;

impl Desk {
    /// Reads the chosen chat's resumes, and its checkpoints where its head tells other ones: those
    /// are large.
    pub(super) async fn read_past(self) -> Result<(), Problem> {
        let wanted = self.with_chosen(|head| (head.id.clone(), head.last_checkpoint, head.keep));
        let Some((id, ..)) = wanted.clone() else {
            self.read_of.set(None);
            return Ok(());
        };
        let query = |store| Query::OfSession(vec![store], id.clone());
        let stored = self.query(query(StoreName::Resumes)).await?;
        let (resumes, _) = open_all::<ResumeHead>(&stored);
        let checkpoints = if wanted == self.read_of.get_clone_untracked() {
            None
        } else {
            let stored = self.query(query(StoreName::Checkpoints)).await?;
            let all = segments::checkpoints_of(&stored).found;
            Some(all.into_iter().map(|one| one.head).collect())
        };
        self.knows.update(|knows| {
            if knows.chosen.as_ref() == Some(&id) {
                knows.resumes = resumes;
                knows.checkpoints = checkpoints.map(Arc::new).or(knows.checkpoints.take());
            }
        });
        self.read_of.set(wanted);
        Ok(())
    }

    fn with_chosen<T>(self, of: impl Fn(&SessionHead) -> T) -> Option<T> {
        self.knows.with_untracked(|knows| {
            let id = knows.chosen.as_ref()?;
            knows.heads.iter().flat_map(|heads| heads.iter()).find(|head| head.id == *id).map(of)
        })
    }

    /// Lists another part of the chosen chat's past.
    pub fn sift(self, change: impl FnOnce(&mut Sieve)) {
        self.knows.update(|knows| change(&mut knows.sieve));
    }

    /// Pins a checkpoint of the chosen chat, or pins it no more.
    pub fn pin(self, number: u32, pinned: bool) {
        if let Some(session) = self.with_chosen(|head| head.id.clone()) {
            self.act(session, Action::Pin(number, pinned));
        }
    }

    /// Has the prompt made that is looked at, where it is not at hand.
    pub(super) async fn ask_prompt(self) {
        let point = self.knows.with_untracked(|knows| knows.point);
        let wanted: Option<Source> = self.with_chosen(|head| {
            let newest = point.is_none().then_some((head.turn_count, head.last_checkpoint));
            (head.id.clone(), point, newest)
        });
        if wanted == self.prompt_of.get_clone_untracked() {
            return;
        }
        self.prompt_of.set(wanted.clone());
        let Some((session, checkpoint, _)) = wanted else { return };
        let ask = Ask::Prompt { session: session.clone(), checkpoint };
        let prompt = match browser::ask(&ask, ACTION_PATIENCE_MS).await {
            Ok(answer) => Prompt::of(answer),
            Err(problem) => {
                // The next reading asks again.
                self.prompt_of.set(None);
                Prompt { trouble: problem.text, ..Prompt::default() }
            }
        };
        self.knows.update(|knows| {
            if knows.chosen.as_ref() == Some(&session) && knows.point == checkpoint {
                knows.prompt = Some(prompt);
            }
        });
    }

    /// What the prompt is made of changed otherwise than by what is stored.
    pub fn prompt_anew(self) {
        self.prompt_of.set(None);
    }

    /// Has the measures told anew where more was measured: of the chosen chat, and in the
    /// dashboard of all of them.
    pub(super) async fn ask_course(self) {
        let all = || {
            self.knows.with_untracked(|knows| {
                let heads = knows.heads.iter().flat_map(|heads| heads.iter());
                heads.fold(0, |sum: u32, head| sum.saturating_add(head.history.last_number))
            })
        };
        let chosen = self.with_chosen(|head| (Some(head.id.clone()), head.history.last_number));
        let wanted: Option<Course> = chosen.or_else(|| self.wide.map(|_| (None, all())));
        if wanted == self.course_of.get_clone_untracked() {
            return;
        }
        self.course_of.set(wanted.clone());
        let Some((session, _)) = wanted else { return };
        let ask = Ask::Metrics { session: session.clone() };
        match browser::ask(&ask, STATUS_PATIENCE_MS).await {
            Ok(Answer::Metrics(course)) => self.knows.update(|knows| {
                if knows.chosen == session {
                    knows.course = Some(Arc::new(*course));
                }
            }),
            // What is wrong with the background is told above; the next reading asks again.
            _ => self.course_of.set(None),
        }
    }
}
