//! What is done with the store as a whole. A check or a repair goes step by step: the background
//! does a step when it is asked to, so that a page that is closed ends it.

use super::{ACTION_PATIENCE_MS, Desk};
use crate::base::Problem;
use crate::shell::ui::browser;
use crate::view::popup::Notice;
use crate::view::{keeping, texts, verify};
use crate::wire::ui::{Answer, Ask};
use crate::wire::vault::VaultAsk;
use crate::wire::verify::{Checked, Wanted};

/// How often it begins anew where the background was ended meanwhile.
const TRIES: u32 = 5;

impl Desk {
    /// Looks through the whole store, and puts back what can be where `repair` says so.
    pub fn check(self, repair: bool) {
        self.outcome.set(verify::Outcome::default());
        self.work_on(async move {
            match self.checked(repair).await {
                Ok(Some(checked)) => {
                    let heads = self.knows.with_untracked(|knows| knows.heads.clone());
                    let heads = heads.as_deref().map(Vec::as_slice).unwrap_or_default();
                    let outcome = verify::outcome(&checked, heads, repair);
                    self.outcome.set(outcome.clone());
                    outcome.notice
                }
                Ok(None) => Notice::good(verify::STOPPED),
                Err(problem) => Notice::bad(problem.text),
            }
        });
    }

    /// Tries now whether a chat could be carried on. The line of the last drill tells.
    pub fn try_restore(self) {
        self.want(Ask::Drill, Notice::default());
    }

    /// Deletes every chat of a site. The list shows it, with the way back.
    pub fn forget_site(self, site: String) {
        self.work_on(async move {
            let said = asked(Ask::ForgetSite { site }, Notice::default()).await;
            // The chat that was looked at is gone with it.
            if !said.warning && self.knows.with_untracked(|knows| knows.chosen.is_some()) {
                self.choose(None);
            }
            said
        });
    }

    /// Takes that back.
    pub fn keep_site(self, site: String) {
        self.want(Ask::KeepSite { site }, Notice::default());
    }

    /// Encrypts, unlocks or locks.
    pub fn vault(self, ask: VaultAsk, done: &'static str) {
        self.want(Ask::Vault(ask), Notice::good(done));
    }

    /// Says why nothing is done.
    pub fn refuse(self, why: &'static str) {
        self.notice.set(Notice::bad(why));
    }

    /// Keeps checkpoints and chats as a person wrote it.
    pub fn keep(self, fields: &[String; 4]) {
        match keeping::read(fields) {
            Ok(keep) => self.want(Ask::Keep(keep), Notice::good(keeping::USED)),
            Err(why) => self.notice.set(Notice::bad(why)),
        }
    }

    fn want(self, ask: Ask, done: Notice) {
        self.work_on(asked(ask, done));
    }

    /// None: a person ended it.
    async fn checked(self, repair: bool) -> Result<Option<Checked>, Problem> {
        for _ in 0..TRIES {
            let run = browser::random();
            for step in 0.. {
                let checked = check_step(Wanted { run, step, repair }).await?;
                if checked.done {
                    return Ok(Some(checked));
                }
                if checked.again {
                    break;
                }
                if !self.goes_on(verify::checking(&checked, repair)) {
                    return Ok(None);
                }
            }
        }
        Err(Problem::person(texts::NO_ANSWER))
    }
}

async fn asked(ask: Ask, done: Notice) -> Notice {
    match browser::ask(&ask, ACTION_PATIENCE_MS).await {
        Ok(Answer::Done) => done,
        Ok(Answer::Problem(text)) => Notice::bad(text),
        Ok(_) => Notice::bad(texts::ODD_ANSWER),
        Err(problem) => Notice::bad(problem.text),
    }
}

async fn check_step(wanted: Wanted) -> Result<Checked, Problem> {
    match browser::ask(&Ask::Verify(wanted), ACTION_PATIENCE_MS).await? {
        Answer::Checked(checked) => Ok(*checked),
        Answer::Problem(text) => Err(Problem::person(text)),
        _ => Err(Problem::person(texts::ODD_ANSWER)),
    }
}
