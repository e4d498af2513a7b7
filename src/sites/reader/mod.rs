//! The generic reader: what the eyes send becomes a conversation. It knows no site.
//!
//! Pages mount a window of a chat, so turns are kept by key: what scrolled out stays known. What
//! was read does not depend on how the page was split into looks.

mod around;
mod banners;
mod composer;
mod growth;
mod labels;
mod memory;
mod order;
mod resets;
mod scan;
mod steps;
mod table;
mod turns;
mod unnamed;

use crate::base::order::Set;
use crate::base::{AccountId, ChatId, Moment, TurnKey, limits, text};
use crate::sites::{Site, markup};
use crate::wire::chat::{BannerClass, Reading, Role};
use crate::wire::page::{Element, Node, PageFlush, SlotView};
use banners::{Clock, Known};
use growth::Growth;
use memory::{Around, Memory};
use order::Unit;
use std::collections::BTreeMap;
use table::Table;
use turns::{Parsed, Side};
use unnamed::Unnamed;

/// The slot whose elements are turns.
pub const TURN: &str = "turn";

/// 2026-01-01: places of turns are counted from the seconds since then, where a page tells none.
const COUNTING_SINCE: Moment = Moment(1_767_225_600_000);
/// More than anybody sends in a second; the largest place is reached in 2034.
const PLACES_A_SECOND: u64 = 8;
/// An exchange has two turns: twice this still is a position.
const PLACES_MAX: u32 = u32::MAX / 2;
/// Characters kept of a title and of a model's name.
const NAME_CHARS: usize = 300;

/// Reads one document. Make a new one for a new document.
#[derive(Debug)]
pub struct Reader {
    site: &'static Site,
    table: Table,
    rules: banners::Rules,
    /// The attributes that matter.
    wanted: Vec<String>,
    url: String,
    title: String,
    account: AccountId,
    chat: Option<ChatId>,
    /// Names of chats that have no address of their own.
    unnamed: Unnamed,
    private: bool,
    /// Whether the chat was without an id when it was first seen.
    fresh_start: bool,
    slots: BTreeMap<String, SlotView>,
    /// The banners of the page, as they were first read: a time of day means the next one then.
    banners: Vec<Known>,
    order: Vec<u64>,
    elements: BTreeMap<u64, Mounted>,
    memory: Memory,
    growth: Growth,
}

/// A turn element in the page.
#[derive(Debug)]
struct Mounted {
    parsed: Parsed,
    /// The key under which the memory has it as it is now: a place may become another one.
    taken: Option<String>,
    /// Whether an order ever named it.
    placed: bool,
}

impl Reader {
    /// A reader that has seen nothing.
    #[must_use]
    pub fn new(site: &'static Site) -> Self {
        Self {
            site,
            table: Table::of(site),
            rules: banners::Rules::of(site),
            wanted: site.plan().attrs,
            url: String::new(),
            title: String::new(),
            account: AccountId::default(),
            chat: None,
            unnamed: Unnamed::default(),
            private: false,
            fresh_start: true,
            slots: BTreeMap::new(),
            banners: Vec::new(),
            order: Vec::new(),
            elements: BTreeMap::new(),
            memory: Memory::default(),
            growth: Growth::default(),
        }
    }

    /// A reader by this table that has seen nothing, in the same document as this one.
    #[must_use]
    pub fn anew(self, site: &'static Site) -> Self {
        Self { unnamed: self.unnamed, ..Self::new(site) }
    }

    /// Takes one look in and says what is to be seen now. Any input is fine; what cannot be read
    /// is a gap.
    pub fn read(&mut self, at: Moment, flush: &PageFlush) -> Reading {
        self.take_address(flush);
        for (slot, view) in &flush.slots {
            self.slots.insert(slot.clone(), view.clone());
        }
        let clock = Clock { at, zone_min: flush.zone_min };
        if let Some(view) = flush.slots.get("banner") {
            self.banners = self.rules.read(view, clock);
        }
        self.take_turns(flush, clock);
        if flush.stopped {
            self.growth.stop();
        }
        let mounted = self.mounted();
        self.memory.place(self.first_place(at), &mounted);
        self.name_chat(at, &mounted);
        self.take_mounted(at, &mounted);
        self.reading(at, &mounted)
    }

    /// What is to be seen now although nothing happened: time alone ends an answer that grew.
    pub fn settle(&mut self, at: Moment) -> Reading {
        let mounted = self.mounted();
        self.name_chat(at, &mounted);
        self.reading(at, &mounted)
    }

    /// Turns of the conversation that were read so far.
    #[must_use]
    pub fn turn_count(&self) -> u32 {
        self.memory.count()
    }

    /// When to call [`Self::settle`]; none: nothing changes by time alone.
    #[must_use]
    pub fn next_settle(&self, at: Moment) -> Option<Moment> {
        let grown = self.growth.ends(at).filter(|_| self.grows());
        let stalls = self.growth.stalls().filter(|when| *when > at);
        grown.into_iter().chain(stalls).chain(self.unnamed.due()).min()
    }

    /// Whether growth tells in this page that an answer is being made.
    fn grows(&self) -> bool {
        self.elements.values().any(|element| element.parsed.quirks.growth)
    }

    /// Where counting begins. A chat that was seen fresh begins at 0. One that was opened later
    /// has turns above that nobody mounted yet, and may have been counted by an earlier document:
    /// the later the document, the higher it begins, so that its new turns follow all of those.
    fn first_place(&self, at: Moment) -> u32 {
        if self.fresh_start {
            return 0;
        }
        let seconds = at.since(COUNTING_SINCE).0 / 1_000;
        u32::try_from(seconds.saturating_mul(PLACES_A_SECOND)).unwrap_or(u32::MAX) % PLACES_MAX
    }

    fn take_address(&mut self, flush: &PageFlush) {
        if let Some(account) = &flush.account {
            self.account = AccountId(if account.is_empty() {
                String::new()
            } else {
                format!("{:016x}", text::hash(account))
            });
        }
        self.title.clone_from(&flush.title);
        if flush.url.is_empty() || flush.url == self.url {
            return;
        }
        let named = self.site.chat_of(&flush.url);
        if named.is_some() {
            self.unnamed.left();
        }
        let chat = named.or_else(|| self.unnamed.chat());
        let private = self.site.is_private(&flush.url);
        // A fresh chat that gets its id is the same chat; every other change is another one.
        let another = self.chat.is_some() && chat != self.chat || private != self.private;
        if another || self.url.is_empty() {
            self.fresh_start = chat.is_none();
        }
        if another {
            // What stands in the page is still the old chat's: only what comes from now on counts.
            self.memory = Memory::default();
            self.elements.clear();
        }
        self.url.clone_from(&flush.url);
        self.chat = chat;
        self.private = private;
    }

    /// Hands what the mounted elements show to the memory, where it does not have it yet.
    fn take_mounted(&mut self, at: Moment, mounted: &[(u64, Unit)]) {
        for (number, unit) in mounted {
            let Some(element) = self.elements.get_mut(number) else { continue };
            if element.parsed.quirks.stepwise {
                let whole = self.joined(*number);
                if whole.goes_on() {
                    // One of them may have stood there before what it goes on with.
                    let keys = self.steps_after(*number).filter_map(|step| step.key.clone());
                    let keys: Vec<String> = keys.collect();
                    self.memory.forget(&keys);
                }
                self.memory.take(self.site, at, unit, &whole);
            } else if element.taken.as_ref() != Some(&unit.key) {
                element.taken = Some(unit.key.clone());
                self.memory.take(self.site, at, unit, &element.parsed);
            }
        }
    }

    /// The elements that follow this one and go on with its answer.
    fn steps_after(&self, number: u64) -> impl Iterator<Item = &Parsed> {
        let after = self.order.iter().skip_while(move |n| **n != number).skip(1);
        let parsed = after.map_while(|n| self.elements.get(n).map(|element| &element.parsed));
        parsed.take_while(|parsed| parsed.goes_on())
    }

    /// An answer whose steps stand in elements of their own, as one.
    fn joined(&self, number: u64) -> Parsed {
        let first = self.elements.get(&number).map(|element| element.parsed.clone());
        let mut whole = first.unwrap_or_default();
        if whole.goes_on() {
            for next in self.steps_after(number) {
                for side in whole.sides.iter_mut().take(1) {
                    side.marks.failed |= next.errors.iter().any(|known| known.ends_turn);
                    next.sides.first().cloned().into_iter().for_each(|more| side.join(more));
                }
            }
        }
        whole
    }

    /// Takes new and changed turn elements in.
    fn take_turns(&mut self, flush: &PageFlush, clock: Clock) {
        if let Some(order) = &flush.order {
            self.order.clone_from(order);
            self.order.truncate(limits::MOUNTED_TURNS);
            let here: Set<u64> = order.iter().copied().collect();
            // What came before its place in the order was told may still come into it.
            let before = std::mem::take(&mut self.elements);
            self.elements.extend(before.into_iter().filter_map(|(number, mut element)| {
                let known = std::mem::replace(&mut element.placed, here.contains(&number));
                (element.placed || !known).then_some((number, element))
            }));
        }
        let wanted = self.wanted.iter().map(String::as_str).collect();
        for (number, node) in &flush.turns {
            let read = |tree| turns::parse(self.site, (&self.table, &self.rules), tree, clock);
            let parsed = match node {
                Node::Element(tree) => read(tree),
                Node::Text(written) => read(&markup::tree(written, &wanted)),
            };
            let placed = self.order.contains(number);
            if self.elements.len() < 2 * limits::MOUNTED_TURNS {
                self.elements.insert(*number, Mounted { parsed, taken: None, placed });
            }
        }
    }

    /// The mounted turn elements in order, each as it is counted.
    fn mounted(&self) -> Vec<(u64, Unit)> {
        let mut above = None;
        let shown = self.order.iter().filter_map(|number| {
            let parsed = self.elements.get(number).map(|element| &element.parsed);
            let last = parsed.and_then(|parsed| parsed.sides.last());
            let before = above;
            // A message of the site between two steps parts nothing.
            above = last.map(|side| side.role).or(above.filter(|_| parsed.is_some()));
            let (parsed, side) = (parsed?, last?);
            if parsed.goes_on() && before == Some(Role::Assistant) {
                return None;
            }
            let above = before;
            // One that is only being built gets its key before it gets any words.
            let keyed = parsed.key.is_some() || parsed.quirks.keyless;
            if !keyed && parsed.sides.iter().all(Side::is_frame) {
                return None;
            }
            // Nothing in an answer that follows no prompt: a frame that the page left over.
            let frame = side.is_empty() && parsed.sides.len() == 1 && above != Some(Role::User);
            (side.role == Role::User || !frame).then_some((*number, parsed))
        });
        let shown = shown.enumerate();
        let unit = |(at, (number, parsed)): (usize, (u64, &Parsed))| {
            let place = || format!("{}{}", TurnKey::PLACE, parsed.index.map_or(at, |i| i as usize));
            let key = parsed.key.clone().unwrap_or_else(place);
            (number, Unit { key, told: parsed.index, exchange: parsed.quirks.exchange })
        };
        // While a neighbour is still to come, a turn without a place of its own waits for it.
        let complete = self.order.iter().all(|number| self.elements.contains_key(number));
        let units = shown.map(unit);
        units.filter(|(_, unit)| complete || self.memory.has_place(unit)).collect()
    }

    fn reading(&mut self, at: Moment, mounted: &[(u64, order::Unit)]) -> Reading {
        let banners = self.shown_banners();
        let keys = self.mounted_keys(mounted);
        self.growth.note(at, &self.memory, &keys);
        let busy = self.busy(at, &keys);
        self.growth.note_busy(at, busy.now);
        let around = Around {
            busy: busy.now,
            ended: banners::ended(&banners),
            stopped: self.growth.is_stopped(),
            still: self.growth.stalls().is_some_and(|when| when <= at),
            trouble: banners.iter().any(|known| known.banner.class <= BannerClass::Limit),
        };
        self.memory.settle(at, &keys, around);
        let gaps = self.gaps(mounted);
        let composer = self.element("composer").map(composer::read).unwrap_or_default();
        let can_send = self.element("send").is_some_and(|send| {
            send.attr(":disabled").is_none()
                && send.attr("disabled").is_none()
                && send.attr("aria-disabled") != Some("true")
        });
        let last = mounted.iter().rev().filter_map(|(number, _)| self.elements.get(number));
        let total = last.filter_map(|element| element.parsed.total).next();
        Reading {
            site: self.site.label(&self.url),
            generation: self.generation(),
            chat: self.chat.clone(),
            account: self.account.clone(),
            title: self.title(),
            model: text::clip(&self.model(), NAME_CHARS),
            place: self.place(),
            changed: self.memory.changed(),
            total,
            busy,
            banners: banners.into_iter().map(|known| known.banner).collect(),
            can_send,
            fresh: self.chat.is_none()
                && !self.private
                && composer.present
                && self.order.is_empty(),
            private: self.private,
            gaps,
            composer,
            mounted: keys,
        }
    }

    fn mounted_keys(&self, mounted: &[(u64, Unit)]) -> Vec<TurnKey> {
        let sides = mounted.iter().filter_map(|(number, unit)| {
            let parsed = &self.elements.get(number)?.parsed;
            Some(parsed.sides.iter().map(move |side| unit.turn_key(side.role)))
        });
        sides.flatten().collect()
    }

    fn element(&self, slot: &str) -> Option<&Element> {
        self.slots.get(slot)?.nodes.iter().find_map(|node| match node {
            Node::Element(element) => Some(element),
            Node::Text(_) => None,
        })
    }

    /// The value of a page slot: its attribute where the row names one and the page has it, else
    /// its text.
    fn value(&self, slot: &str) -> Option<String> {
        let element = self.element(slot)?;
        let row = self.site.rows.iter().find(|row| row.slot == slot)?;
        let attr = element.attr(row.attr).map(text::one_line).filter(|value| !value.is_empty());
        attr.or_else(|| Some(table::line(element))).filter(|value| !value.is_empty())
    }
}
