//! What kind of page this is, where its address does not say.
//!
//! First by the marks of the applications that people host themselves. A page that takes text and
//! has none of those is told to the background whole: it finds a conversation by its shape.

use super::{Chat, Engine, Traces};
use crate::base::{Moment, Span};
use crate::sites::{self, Site, shape};
use crate::wire::chat::Reading;
use crate::wire::page::{PageEffect, PageFlush, Plan, SlotPlan};
use crate::wire::rows::SiteRows;
use crate::wire::session::{SessionEffect, ToBackground};

/// How long a page takes text and shows no marks before it is taken for one that nobody listed:
/// applications draw their parts one after the other.
const UNMARKED: Span = Span(1_500);
/// Between two tellings of a whole page at first, and at most: most pages never show a chat.
const FIRST_PAUSE: Span = Span(1_000);
const LONGEST_PAUSE: Span = Span(60_000);
/// Tellings after which the pause doubles.
const TRIES: u32 = 10;
/// Turns with which a chat that is read by its shape is looked at whole again when its answer has
/// ended.
const AGAIN: [usize; 3] = [2, 4, 12];
/// The same of one with a single answer, so long after it began: its frame may come first. Each
/// next look waits three times as long.
const YOUNG: Span = Span(1_500);
const YOUNG_LOOKS: u32 = 4;
/// How long rows of no built-in table find no turn before the page is looked at whole: a chat may
/// just not have begun. The next look waits twice as long, and so on so many times.
const UNFIT: Span = Span(5_000);
const UNFIT_DOUBLED: u32 = 4;
/// Where a page takes text.
const FIELD: &str = "field";
const FIELDS: &str = "textarea, [contenteditable]:not([contenteditable=false])";

/// How far the finding out is.
#[derive(Default)]
pub(super) struct Scout {
    /// The marks do not count.
    by_shape: bool,
    /// The whole page is looked at.
    whole: bool,
    /// Since when the page takes text.
    field_at: Option<Moment>,
    /// When the page was last told, how often so far, and whether it changed since.
    told_at: Option<Moment>,
    tries: u32,
    changed: bool,
    /// Which of [`AGAIN`] is next.
    again: usize,
    /// Since when two turns are there, and how often they were looked at since.
    begun_at: Option<Moment>,
    young: u32,
    /// When rows that find no turn are doubted next, and how often they were.
    doubt_at: Option<Moment>,
    doubts: u32,
    /// The page is to be told once although nothing is to be found out.
    shown: bool,
    /// No chat of this place had an address so far.
    unaddressed: bool,
}

impl Scout {
    fn plan(&self) -> Plan {
        let mut plan = if self.whole { shape::plan() } else { Plan::default() };
        let marks = sites::marks_plan();
        plan.flush_ms = plan.flush_ms.max(marks.flush_ms);
        if !self.by_shape {
            plan.slots.extend(marks.slots);
        }
        let field = SlotPlan { css: vec![FIELDS.to_owned()], ..SlotPlan::default() };
        plan.slots.insert(FIELD.to_owned(), field);
        plan
    }

    /// When the next telling may come.
    fn next_telling(&self) -> Moment {
        let doubled = FIRST_PAUSE.0 << (self.tries / TRIES).min(8);
        let pause = Span(doubled.min(LONGEST_PAUSE.0));
        self.told_at.map_or(Moment(0), |told| told.after(pause))
    }

    /// When there is something to do although nothing happens.
    pub(super) fn next_wake(&self) -> Option<Moment> {
        let whole = self.field_at.filter(|_| !self.whole).map(|since| since.after(UNMARKED));
        let telling = self.changed.then(|| self.next_telling());
        whole.into_iter().chain(telling).min()
    }

    /// When rows are doubted next.
    pub(super) fn next_doubt(&self) -> Option<Moment> {
        self.doubt_at
    }
}

impl Engine {
    /// Looks at what tells pages apart.
    pub(super) fn scout(&self, out: &mut Vec<SessionEffect>) {
        out.push(SessionEffect::Page(PageEffect::Watch { plan: self.scout.plan() }));
    }

    /// A look at a page of which it is not known yet what it is.
    pub(super) fn scouted(&mut self, at: Moment, flush: &PageFlush, out: &mut Vec<SessionEffect>) {
        self.url.clone_from(&flush.url);
        if let Some(site) = sites::for_marks(flush) {
            return self.read_as(site, out);
        }
        if let Some(view) = flush.slots.get(FIELD) {
            let since = self.scout.field_at.unwrap_or(at);
            self.scout.field_at = (!view.nodes.is_empty()).then_some(since);
        }
        let is_whole = flush.slots.contains_key(shape::PAGE);
        if is_whole && std::mem::take(&mut self.scout.shown) {
            out.push(SessionEffect::Back(ToBackground::Scout { page: Box::new(flush.clone()) }));
            return self.scout(out);
        }
        if !self.scout.whole || !is_whole {
            return;
        }
        // What is not told now is looked at again when it may be.
        self.scout.changed = at < self.scout.next_telling();
        if !self.scout.changed && self.scout.field_at.is_some() {
            self.scout.told_at = Some(at);
            self.scout.tries = self.scout.tries.saturating_add(1);
            let page = Box::new(flush.clone());
            out.push(SessionEffect::Back(ToBackground::Scout { page }));
        }
    }

    /// The time has come to look at more, or again.
    pub(super) fn scout_on(&mut self, at: Moment, out: &mut Vec<SessionEffect>) {
        if self.site.is_some() || self.scout.next_wake().is_none_or(|when| when > at) {
            return;
        }
        self.scout.whole = true;
        self.scout.changed = false;
        self.scout(out);
    }

    /// Rows that find no turn for a while may be those of a page that is made anew.
    pub(super) fn doubt(&mut self, at: Moment, empty: bool) {
        let unlisted = self.site.is_some_and(|site| sites::by_name(site.name).is_none());
        if unlisted && empty {
            self.scout.doubt_at.get_or_insert(at.after(UNFIT));
        } else {
            (self.scout.doubt_at, self.scout.doubts) = (None, 0);
        }
    }

    /// Looks at the whole page where its rows are doubted and the time has come.
    pub(super) fn doubt_on(&mut self, at: Moment, out: &mut Vec<SessionEffect>) {
        let due = self.scout.doubt_at.is_some_and(|when| when <= at);
        let Some(site) = self.site.filter(|_| due) else { return };
        self.scout.doubts = (self.scout.doubts + 1).min(UNFIT_DOUBLED);
        self.scout.doubt_at = Some(at.after(Span(UNFIT.0 << self.scout.doubts)));
        out.push(with_whole(site.plan()));
    }

    fn read_as(&mut self, site: &'static Site, out: &mut Vec<SessionEffect>) {
        self.site = Some(site);
        self.watch_anew(out);
    }

    /// A chat that is read by its shape is looked at whole again when more of it is there: its
    /// first turns may have had no calls and no thinking.
    pub(super) fn scout_again(
        &mut self,
        at: Moment,
        (turns, busy): (usize, bool),
        out: &mut Vec<SessionEffect>,
    ) {
        let unlisted = |site: &&'static Site| sites::by_name(site.name).is_none();
        let (Some(site), true) = (self.site.filter(unlisted), turns >= AGAIN[0]) else { return };
        let scout = &mut self.scout;
        let since = at.since(*scout.begun_at.get_or_insert(at));
        let is_young = turns < AGAIN[1] && scout.young < YOUNG_LOOKS;
        let young = is_young && since.0 >= YOUNG.0 * 3_u64.pow(scout.young);
        let next = AGAIN.get(scout.again).is_some_and(|wanted| turns >= *wanted);
        let more = next && !busy && (scout.again > 0 || scout.young > 0 || turns >= AGAIN[1]);
        scout.young += u32::from(young);
        if more {
            scout.again = AGAIN.iter().filter(|wanted| turns >= **wanted).count();
        }
        if young || more {
            out.push(with_whole(site.plan()));
        }
    }

    /// Shows the whole page once, whatever is known of it.
    pub(super) fn show_whole(&mut self, out: &mut Vec<SessionEffect>) {
        self.scout.shown = true;
        let plan = self.site.map_or_else(|| self.scout.plan(), Site::plan);
        out.push(with_whole(plan));
    }

    /// The whole page, of a chat that is read already. What the page shows is read as ever.
    pub(super) fn told_whole(&mut self, flush: &PageFlush, out: &mut Vec<SessionEffect>) {
        let (Some(site), Some(view)) = (self.site, flush.slots.get(shape::PAGE)) else { return };
        let slots = [(shape::PAGE.to_owned(), view.clone())].into();
        let page = Box::new(PageFlush { slots, url: flush.url.clone(), ..PageFlush::default() });
        out.push(SessionEffect::Back(ToBackground::Scout { page }));
        out.push(SessionEffect::Page(PageEffect::Watch { plan: site.plan() }));
    }

    /// How to read this page, where no built-in table is in use. None: that is to be found out.
    pub(super) fn take_rows(&mut self, rows: &SiteRows, out: &mut Vec<SessionEffect>) {
        let built_in = self.site.is_some_and(|site| sites::by_name(site.name).is_some());
        if rows.rows.is_empty() && !built_in {
            return self.look_anew(self.scout.by_shape, out);
        }
        let site = Site::of_checked_rows(rows);
        let same = self.site.is_some_and(|known| std::ptr::eq(known, site));
        if built_in || same {
            return;
        }
        // Under another name it is another chat: nothing that was read before is of it.
        if self.site.is_some_and(|known| known.name != site.name) {
            self.forget();
        }
        self.read_as(site, out);
    }

    /// No chat of this place had an address so far.
    pub(super) fn no_addresses(&mut self) {
        self.scout.unaddressed = true;
        self.expect_addresses();
    }

    /// Tells the reader whether chats of this place have addresses, as far as is known.
    pub(super) fn expect_addresses(&mut self) {
        if let Some(reader) = self.reader.as_mut().filter(|_| self.scout.unaddressed) {
            reader.expect_no_address();
        }
    }

    /// The tables do not count in this page.
    pub(super) fn read_by_shape(&mut self, out: &mut Vec<SessionEffect>) {
        if !self.scout.by_shape {
            self.look_anew(true, out);
        }
    }

    fn look_anew(&mut self, by_shape: bool, out: &mut Vec<SessionEffect>) {
        let unaddressed = self.scout.unaddressed;
        self.scout = Scout { by_shape, whole: true, unaddressed, ..Scout::default() };
        self.site = None;
        self.forget();
        self.scout(out);
    }

    /// Of what was read so far, nothing counts.
    fn forget(&mut self) {
        (self.reader, self.hello) = (None, None);
        (self.chat, self.last) = (Chat::default(), Reading::default());
        (self.before, self.seen) = (Traces::default(), Traces::default());
    }
}

/// The same plan, and the whole page beside it.
fn with_whole(mut plan: Plan) -> SessionEffect {
    let whole = shape::plan();
    plan.slots.extend(whole.slots);
    plan.attrs.extend(whole.attrs);
    (plan.deep, plan.max_depth) = (true, whole.max_depth);
    (plan.max_nodes, plan.max_chars) = (whole.max_nodes, whole.max_chars);
    SessionEffect::Page(PageEffect::Watch { plan })
}
