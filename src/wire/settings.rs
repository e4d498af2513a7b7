//! What a person chose, and what was learned of sites: one record.

use super::drill::Drilled;
use super::fields::read_fields;
use super::keeping::Keeping;
use super::rows::SiteRows;
use super::secrets::SecretsKept;
use crate::base::Moment;
use serde::Serialize;
use std::collections::{BTreeMap, BTreeSet};

/// Settings of a person.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Settings {
    /// Only offer a resume; never place it by itself.
    pub offer_only: bool,
    /// Watch nothing.
    pub paused: bool,
    /// Sites that a person switched off, as match patterns of the manifest.
    pub off: Vec<String>,
    /// Sites whose own conversation call may be used (deep capture), as match patterns.
    pub deep: Vec<String>,
    /// Sites whose pages refused the engine: site name, and when.
    pub refused: BTreeMap<String, Moment>,
    /// Origins whose pages are read by their shape, whatever the built-in tables say.
    pub by_shape: Vec<String>,
    /// How to read pages that no built-in table knows, by origin.
    pub rows: BTreeMap<String, SiteRows>,
    /// Rows found anew for origins whose own fit no more, until they read as much.
    pub anew: BTreeMap<String, SiteRows>,
    /// Origins whose rows a person gave and whose pages they fit no more.
    pub misfit: Vec<String>,
    /// How long checkpoints are kept.
    pub keep: Keeping,
    /// What becomes of keys and passwords that are to be stored.
    pub secrets: SecretsKept,
    /// Secrets that may stand in a prompt, by their ids.
    pub allowed: BTreeSet<u64>,
    /// What the last restore drill came to.
    pub drill: Option<Drilled>,
    /// The store was lost, and some chats still have to be put back from their second copies.
    pub owed: bool,
}

read_fields!(Settings {
    offer_only,
    paused,
    off,
    deep,
    refused,
    by_shape,
    rows,
    anew,
    misfit,
    keep,
    secrets,
    allowed,
    drill,
    owed,
});
