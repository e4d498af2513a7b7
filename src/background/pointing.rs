//! A person points at something in a page: what is what there.

use super::{AfterWrite, Machine, answer};
use crate::base::{Moment, PortId};
use crate::sites::{self, Site, shape};
use crate::view::pointing;
use crate::wire::background::{BackEffect, PortDown};
use crate::wire::page::Node;
use crate::wire::point::{Part, PointView, Pointed};
use crate::wire::rows::SiteRows;
use crate::wire::ui::Answer;

const UNWATCHED: &str = "SHIM does not look at the page in this tab: reload it and try again.";
const OFF: &str = "SHIM does not look at this page now: it is paused or switched off here.";
const BUILT_IN: &str = "\
    A table of SHIM's own says how this page is read; pointing does not change it. Report how the \
    page is read, where it is read badly.";

impl Machine {
    /// A person wants to point at a part of the page in a tab.
    pub(super) fn point_asked(
        &mut self,
        ask: u64,
        tab: i64,
        part: Part,
        out: &mut Vec<BackEffect>,
    ) {
        let newest = self.ports.iter().rev().find(|(_, port)| port.tab.0 == tab);
        let Some(port) = newest.map(|(id, _)| *id) else {
            return out.push(answer(ask, Answer::Problem(UNWATCHED.into())));
        };
        if let Err(why) = self.can_point(port) {
            return out.push(answer(ask, Answer::Problem(why.into())));
        }
        show(port, Box::new(pointing::ask(part)), out);
        out.push(answer(ask, Answer::Done));
    }

    /// Whether pointing can change how the page of this port is read.
    fn can_point(&self, id: PortId) -> Result<(), &'static str> {
        let port = self.ports.get(&id).ok_or(UNWATCHED)?;
        self.place_of(&port.origin).ok_or(UNWATCHED)?;
        if self.is_off(id) {
            return Err(OFF);
        }
        let listed = sites::for_url(&port.origin).is_some();
        let by_shape = self.settings.by_shape.contains(&port.origin);
        let by_table = port.hello.as_ref().is_some_and(|(hello, _)| {
            let name = hello.site.split('@').next().unwrap_or_default();
            sites::by_name(name).is_some()
        });
        if by_table || listed && !by_shape { Err(BUILT_IN) } else { Ok(()) }
    }

    /// A person pointed. The page is told what came of it.
    pub(super) fn pointed(
        &mut self,
        at: Moment,
        id: PortId,
        pointed: &Pointed,
        out: &mut Vec<BackEffect>,
    ) {
        let origin = self.ports.get(&id).map(|port| port.origin.clone());
        let (Some(origin), Ok(()), true) = (origin, self.can_point(id), self.ready) else { return };
        let (rows, view) = match self.rows_pointed(&origin, pointed) {
            Ok(made) => made,
            Err(view) => return show(id, view, out),
        };
        if self.settings.rows.get(&origin) == Some(&rows) {
            return show(id, view, out);
        }
        self.forget_doubts(&origin);
        self.settings.rows.insert(origin.clone(), rows.clone());
        self.write_settings(AfterWrite::Show { port: id, view }, out);
        self.tell_rows(at, &origin, Some(&rows), out);
    }

    fn rows_pointed(
        &self,
        origin: &str,
        pointed: &Pointed,
    ) -> Result<(SiteRows, Box<PointView>), Box<PointView>> {
        let Node::Element(page) = &pointed.page else {
            return Err(Box::new(pointing::ask(pointed.part)));
        };
        let trouble = |text: String| Box::new(pointing::trouble(text));
        let known = self.settings.rows.get(origin);
        let made = shape::point(page, pointed.part, known)
            .map_err(|why| Box::new(pointing::unclear(pointed.part, why)))?;
        self.room_for_rows(origin).map_err(trouble)?;
        Site::of_rows(&made.rows).map_err(|problem| trouble(problem.text))?;
        let view = pointing::understood(pointed.part, (made.asked, made.answered));
        Ok((made.rows, Box::new(view)))
    }
}

/// Has a page show this; what the next click tells is asked for with it.
pub(super) fn show(port: PortId, mut view: Box<PointView>, out: &mut Vec<BackEffect>) {
    if view.part.is_some() {
        view.plan = shape::plan();
    }
    out.push(BackEffect::Send { port, message: Box::new(PortDown::Point(view)) });
}
