//! What a person asks for in an extension page.

use super::deletions::{GONE, not_deleted};
use super::history::Read;
use super::{AfterLoad, AfterWrite, Machine, answer};
use crate::base::{Moment, ResumeId, SessionId, origin};
use crate::session::codec;
use crate::sites;
use crate::wire::background::BackEffect;
use crate::wire::metrics::{Group, MetricsView};
use crate::wire::records::{ResumeHead, Settings, Stored};
use crate::wire::session::{EndReason, ResumeStage, SessionEvent};
use crate::wire::ui::{Answer, Ask, Status};

/// Of a chat whose site a person switched off.
const SWITCHED_OFF: &str = "\
    SHIM is switched off on this chat's site, so it cannot place a prompt there. Switch it on in \
    a tab of that site, or copy the prompt.";

impl Machine {
    pub(super) fn asked(&mut self, at: Moment, ask: u64, text: &str, out: &mut Vec<BackEffect>) {
        match serde_json::from_str(text) {
            Ok(Ask::Status) => {
                out.push(answer(ask, Answer::Status(Box::new(self.status()))));
                if self.ready {
                    self.look_through(at, out);
                }
            }
            Ok(Ask::Structure { tab, salt }) => self.structure_asked(at, ask, (tab, salt), out),
            Ok(Ask::Vault(wanted)) => out.push(BackEffect::Vault { ask, wanted }),
            Ok(Ask::Report) => out.push(answer(ask, Answer::Text(self.report()))),
            Ok(Ask::Delete { .. } | Ask::ForgetSite { .. }) if !self.ready => {
                out.push(answer(ask, not_deleted(&self.store_problem)));
            }
            Ok(_) if !self.ready => {
                out.push(answer(ask, Answer::Problem(self.store_problem.clone())));
            }
            Ok(Ask::SaveNow { session }) => self.save_now(at, ask, &session, out),
            Ok(Ask::Gather { session, on }) => self.gather_asked(at, ask, &session, on, out),
            Ok(Ask::Resume { session, checkpoint }) => {
                self.resume_asked(at, Some(ask), &session, checkpoint, out);
            }
            Ok(
                Ask::Prompt { session, .. }
                | Ask::Pin { session, .. }
                | Ask::Secrets { session }
                | Ask::History { session, .. }
                | Ask::Metrics { session: Some(session) },
            ) if !self.can_be_used(&session) => {
                out.push(answer(ask, Answer::Problem(GONE.into())));
            }
            Ok(Ask::Prompt { session, checkpoint }) => {
                let after = AfterLoad::Prompt { ask, session: session.clone(), checkpoint };
                self.load_chat(&session, after, out);
            }
            Ok(Ask::Pin { session, number, pinned }) => {
                self.pin_asked(ask, &session, number, pinned, out);
            }
            Ok(Ask::History { session, wanted }) => {
                self.read_history(session, Read::Asked { ask, wanted }, out);
            }
            Ok(Ask::Metrics { session: Some(session) }) => {
                self.read_history(session, Read::Metrics { ask }, out);
            }
            Ok(Ask::Metrics { session: None }) => out.push(answer(ask, self.metrics(at))),
            Ok(Ask::Delete { session }) => self.delete_asked(at, ask, session, out),
            Ok(Ask::Undelete { session }) => self.undelete_asked(at, ask, session, out),
            Ok(Ask::ForgetSite { site }) => self.forget_asked(ask, site, out),
            Ok(Ask::KeepSite { site }) => self.keep_site_asked(at, ask, &site, out),
            Ok(Ask::Keep(keep)) => self.keep_asked(ask, keep, out),
            Ok(Ask::Import(piece)) => self.import_asked(ask, piece, out),
            Ok(Ask::Secrets { session }) => self.secrets_asked(ask, &session, out),
            Ok(Ask::Draft { key }) => self.draft_asked(ask, key, out),
            Ok(Ask::Discard { key }) => self.discard_asked(ask, &key, out),
            Ok(Ask::Drill) => self.drill_asked(at, ask, out),
            Ok(Ask::Verify(wanted)) => self.check_asked(ask, wanted, out),
            Ok(Ask::Rows { origin, rows }) => self.rows_asked(at, ask, &origin, &rows, out),
            Ok(Ask::Point { tab, part }) => self.point_asked(ask, tab, part, out),
            Ok(Ask::Change(settings)) => self.change_asked(at, ask, settings, out),
            Err(error) => {
                let text = format!("The question was not understood ({error}). Close this page.");
                out.push(answer(ask, Answer::Problem(text)));
            }
        }
    }

    fn change_asked(
        &mut self,
        at: Moment,
        ask: u64,
        settings: Settings,
        out: &mut Vec<BackEffect>,
    ) {
        // Which sites refused the engine, how pages are read and what is owed is told another way.
        let refused = std::mem::take(&mut self.settings.refused);
        let rows = std::mem::take(&mut self.settings.rows);
        let off = std::mem::take(&mut self.settings.off);
        let anew = std::mem::take(&mut self.settings.anew);
        let misfit = std::mem::take(&mut self.settings.misfit);
        let drill = self.settings.drill.take();
        let (keep, owed) = (self.settings.keep, self.settings.owed);
        self.settings = Settings { refused, rows, anew, misfit, drill, owed, ..settings };
        self.write_settings(AfterWrite::Answer { ask }, out);
        if self.settings.off != off {
            self.register_all(at, out);
        }
        if self.settings.keep != keep {
            self.keep_otherwise();
        }
        self.badge_everywhere(out);
    }

    /// Of all chats, and of every group but the chats one by one.
    fn metrics(&self, at: Moment) -> Answer {
        let groups = self.sums(at).metrics(|of| !matches!(of, Group::Session(_)));
        Answer::Metrics(Box::new(MetricsView { groups, ..MetricsView::default() }))
    }

    pub(super) fn write_settings(&mut self, after: AfterWrite, out: &mut Vec<BackEffect>) {
        let record = codec::settings_record(&self.settings);
        self.write(&SessionId::default(), vec![record], Vec::new(), after, out);
    }

    fn can_be_used(&self, session: &SessionId) -> bool {
        self.sessions.contains_key(session) && !self.is_deleted(session)
    }

    fn status(&self) -> Status {
        let tabs = self.ports.values().filter_map(|port| Some((port.tab.0, port.session.clone()?)));
        // A store that is shut says why nothing is written.
        let shut = Some(&self.store_problem).filter(|text| !text.is_empty());
        let store = shut.or(self.unsaved.as_ref());
        Status {
            live: self.ports.values().filter_map(|port| port.session.clone()).collect(),
            tabs: tabs.collect(),
            problems: store.into_iter().chain(&self.problems).cloned().collect(),
            settings: self.settings.clone(),
            damaged: self.damage.by_session(),
            places: self.places(),
            gathering: self.gatherings(),
            callable: self.callable(),
            room: self.room.view(),
            settings_lost: self.damage.holds(&codec::settings_key()),
            drafts: self.draft_notes(),
            vault: self.vault,
        }
    }

    fn save_now(&mut self, at: Moment, ask: u64, session: &SessionId, out: &mut Vec<BackEffect>) {
        let Some(port) = self.port_of(session) else {
            let text = "This chat is not open in a tab now. Its last state is saved.";
            return out.push(answer(ask, Answer::Problem(text.into())));
        };
        self.saving.entry(session.clone()).or_default().push(ask);
        self.tell(at, port, SessionEvent::SaveNow, out);
    }

    /// A person wants a chat carried on: in the popup, which is answered, or in its page.
    pub(super) fn resume_asked(
        &mut self,
        at: Moment,
        ask: Option<u64>,
        session: &SessionId,
        checkpoint: Option<u32>,
        out: &mut Vec<BackEffect>,
    ) {
        let site = sites::by_label(session.site());
        let url = self.sessions.get(session).map(|head| head.url.as_str()).unwrap_or_default();
        // A page that no table knows begins anew at its origin.
        let by_rows = || origin::of(url).filter(|_| session.site().contains('@'));
        let fresh = site.map(|site| site.fresh_beside(url));
        let fresh = fresh.or_else(|| by_rows().map(|origin| format!("{origin}/")));
        let refuse = |why: &str| ask.map(|ask| answer(ask, Answer::Problem(why.into())));
        let (Some(url), true) = (fresh, self.can_be_used(session)) else {
            return out.extend(refuse(GONE));
        };
        if self.settings.off.iter().any(|pattern| origin::covers(pattern, &url)) {
            return out.extend(refuse(SWITCHED_OFF));
        }
        let ended = self.sessions.get(session).and_then(|head| head.ended);
        let head = ResumeHead {
            id: ResumeId(format!("{session}@{}+{}", at.0, ask.unwrap_or(0))),
            from: session.clone(),
            checkpoint: checkpoint.unwrap_or(0),
            reason: ended.map_or(EndReason::Asked, |(reason, _)| reason),
            crashed_at: ended.map_or(at, |(_, when)| when),
            stage: Some(ResumeStage::Waiting),
            stage_at: at,
            asked: true,
            ..ResumeHead::default()
        };
        let resume = head.id.clone();
        let heads = [Some(head), self.no_other_resume(session, at)];
        let mut puts = Vec::new();
        let mut resumes = Vec::new();
        for head in heads.into_iter().flatten() {
            puts.push(codec::resume_record(&head, ""));
            resumes.push(head.id.clone());
            self.resumes.insert(head.id.clone(), head);
        }
        let after = AfterWrite::OpenTab { resume, resumes, url, ask };
        self.write(session, puts, Vec::new(), after, out);
    }

    /// A person resumes a crashed chat by hand: it is not offered by itself as well.
    fn no_other_resume(&self, session: &SessionId, at: Moment) -> Option<ResumeHead> {
        let (reason, crashed_at) = self.sessions.get(session).and_then(|head| head.ended)?;
        let id = ResumeId(format!("{session}@{}", crashed_at.0));
        if self.resumes.contains_key(&id) {
            return None;
        }
        Some(ResumeHead {
            id,
            from: session.clone(),
            reason,
            crashed_at,
            stage: Some(ResumeStage::Declined),
            stage_at: at,
            ..ResumeHead::default()
        })
    }

    pub(super) fn prompt_loaded(
        &mut self,
        ask: u64,
        session: &SessionId,
        checkpoint: Option<u32>,
        records: &[Stored],
        out: &mut Vec<BackEffect>,
    ) {
        let Some(head) = self.sessions.get(session) else {
            return out.push(answer(ask, Answer::Problem(GONE.into())));
        };
        // Asked twice of the same state, the same text comes: what is shown is what is copied.
        let resume = ResumeHead {
            id: ResumeId(format!("{session}@{}+copy", head.updated_at.0)),
            from: session.clone(),
            reason: head.ended.map_or(EndReason::Asked, |(reason, _)| reason),
            crashed_at: head.ended.map_or(head.updated_at, |(_, when)| when),
            asked: true,
            ..ResumeHead::default()
        };
        let reply = match self.make_prompt(&resume, checkpoint, records) {
            Some(made) => Answer::Text(made.text),
            None if checkpoint.is_some() => {
                Answer::Problem("This checkpoint cannot be read. Choose another one.".into())
            }
            None => Answer::Problem("Nothing of this chat can be read.".into()),
        };
        out.push(answer(ask, reply));
    }
}
