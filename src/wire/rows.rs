//! A site's table as data: what a page's shape told, or what a person wrote by pointing.

use super::fields::{names, read_fields};
use serde::Serialize;

/// How many elements a row should find.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Expect {
    /// One, on every page with turns or in every turn it belongs to; its absence is a gap.
    One,
    /// At least one, likewise; all count.
    Many,
    /// None or one: its absence tells something, or nothing.
    #[default]
    Maybe,
    /// Any number; all count.
    Any,
}

names!(Expect { One = "one", Many = "many", Maybe = "maybe", Any = "any" });

/// Where a row is looked for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Scope {
    /// In the whole document, by the eyes.
    Page,
    /// In the tree of one turn, by the reader.
    #[default]
    Turn,
}

names!(Scope { Page = "page", Turn = "turn" });

/// The rows of one site. `sites::Site::of_rows` checks them and makes a table of them.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct SiteRows {
    /// The table's name.
    pub name: String,
    /// A turn element has no key that stays: turns are known by their place in the chat.
    pub keyless: bool,
    /// Each step of an answer stands in a turn element of its own: those that follow each other
    /// are one turn.
    pub stepwise: bool,
    /// One turn element holds the prompt and its answer.
    pub exchange: bool,
    /// A person wrote or loaded them: no shape replaces them.
    pub by_hand: bool,
    /// Bytes of answers in the page whose shape told them: a page with less teaches less.
    pub seen_bytes: usize,
    /// What is where.
    pub rows: Vec<RowText>,
}

read_fields!(SiteRows { name, keyless, stepwise, exchange, by_hand, seen_bytes, rows });

impl SiteRows {
    /// The row of a slot.
    #[must_use]
    pub fn row(&self, slot: &str) -> Option<&RowText> {
        self.rows.iter().find(|row| row.slot == slot)
    }
}

/// One row: a slot and where it is found.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct RowText {
    /// The slot's name; the reader's own word, the same on every site.
    pub slot: String,
    /// Selectors, preferred first: the first that finds anything counts.
    pub css: Vec<String>,
    /// The attribute that holds the value; empty: the element's text, or the element itself.
    pub attr: String,
    /// How many there should be.
    pub expect: Expect,
    /// Where it is looked for.
    pub scope: Scope,
}

read_fields!(RowText { slot, css, attr, expect, scope });
