//! Parts of a zip file (APPNOTE 6.3.10), found by its directory and unpacked while they come. What
//! a part is called matters only for which parts are read: nothing is written anywhere.

use super::Why;
use super::inflate::{BROKEN, Inflate};
use crate::base::limits::{
    ARCHIVE_BYTES, ZIP_DIRECTORY_BYTES, ZIP_PARTS, ZIP_RATIO, ZIP_SMALL_BYTES,
};
use std::ops::Range;

const CUT: Why = Why::Export(
    "This zip file is cut short or damaged: its directory is missing. Download it again, then \
     import that file.",
);
const LOCKED: Why = Why::Export(
    "This zip file is encrypted. Unpack it with its password, then import the conversations.json \
     in it.",
);
const UNREADABLE: Why = Why::Export(
    "This zip file is split, or packed in a way that SHIM does not read. Unpack it, then import \
     the conversations.json in it.",
);
const BOMB: Why = Why::Export(
    "This zip file unpacks to more than an export can hold, or its parts lie over each other. No \
     site made it like that: do not trust it, and download the export again.",
);
const DAMAGED: Why = Why::Export(
    "This zip file is damaged: a part of it is not what its directory says. Download it again, \
     then import that file.",
);
const NONE: Why = Why::Export(
    "This zip file holds no conversations.json. Choose the zip file as ChatGPT or Claude sent it, \
     or the conversations.json that was in it.",
);

/// Bytes of the directory's end, and those with a comment of any length and the larger form's
/// locator around it.
const END_BYTES: usize = 22;
const TAIL_BYTES: u64 = 22 + 65_535 + 20;
const END: u32 = 0x0605_4b50;
const LOCATOR: u32 = 0x0706_4b50;
const LOCATOR_BYTES: usize = 20;
const LARGE_END: u32 = 0x0606_4b50;
const LARGE_END_BYTES: u64 = 56;
const ENTRY: u32 = 0x0201_4b50;
const ENTRY_BYTES: usize = 46;
const LOCAL: u32 = 0x0403_4b50;
const LOCAL_BYTES: u64 = 30;
/// The field of an entry that holds what does not fit into 32 bits.
const LARGE_FIELD: u16 = 1;
const STORED: u16 = 0;
const DEFLATED: u16 = 8;
/// Encrypted, patched, or encrypted in another way.
const ODD_FLAGS: u16 = 1 | 1 << 5 | 1 << 6 | 1 << 13;

fn le16(bytes: &[u8], at: usize) -> Option<u16> {
    Some(u16::from_le_bytes(bytes.get(at..)?.first_chunk().copied()?))
}

fn le32(bytes: &[u8], at: usize) -> Option<u32> {
    Some(u32::from_le_bytes(bytes.get(at..)?.first_chunk().copied()?))
}

fn le64(bytes: &[u8], at: usize) -> Option<u64> {
    Some(u64::from_le_bytes(bytes.get(at..)?.first_chunk().copied()?))
}

/// A part, as the directory tells it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Part {
    name: Vec<u8>,
    flags: u16,
    method: u16,
    crc: u32,
    packed: u64,
    size: u64,
    at: u64,
    /// Where the next part or the directory begins.
    end: u64,
}

/// Where the last bytes of a file of this size lie that tell of its directory.
pub(super) fn tail(size: u64) -> Range<u64> {
    size.saturating_sub(TAIL_BYTES)..size
}

/// Where the directory is, or the record that tells it, and whether it is that.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Found {
    Directory(Range<u64>),
    Record(Range<u64>),
}

/// Reads the last bytes of a file of this size.
pub(super) fn find(tail: &[u8], size: u64) -> Result<Found, Why> {
    let is_end = |at: &usize| {
        let comment = le16(tail, at + 20).map(usize::from);
        le32(tail, *at) == Some(END) && comment == tail.len().checked_sub(at + END_BYTES)
    };
    let last = tail.len().checked_sub(END_BYTES).ok_or(CUT)?;
    let at = (0..=last).rev().find(is_end).ok_or(CUT)?;
    let locator = at.checked_sub(LOCATOR_BYTES).and_then(|from| tail.get(from..at));
    if let Some(locator) = locator.filter(|locator| le32(locator, 0) == Some(LOCATOR)) {
        let from = le64(locator, 8).ok_or(CUT)?;
        let end = from.checked_add(LARGE_END_BYTES).filter(|end| *end <= size).ok_or(CUT)?;
        return Ok(Found::Record(from..end));
    }
    let (disk, length, from) = (le16(tail, at + 4), le32(tail, at + 12), le32(tail, at + 16));
    if disk != Some(0) {
        return Err(UNREADABLE);
    }
    directory(length.map(u64::from), from.map(u64::from), size).map(Found::Directory)
}

/// Where the directory is by its larger record.
pub(super) fn find_by(record: &[u8], size: u64) -> Result<Range<u64>, Why> {
    if le32(record, 0) != Some(LARGE_END) {
        return Err(CUT);
    }
    if le32(record, 16) != Some(0) {
        return Err(UNREADABLE);
    }
    directory(le64(record, 40), le64(record, 48), size)
}

fn directory(length: Option<u64>, from: Option<u64>, size: u64) -> Result<Range<u64>, Why> {
    let (length, from) = length.zip(from).ok_or(CUT)?;
    if length > ZIP_DIRECTORY_BYTES {
        return Err(BOMB);
    }
    let end = from.checked_add(length).filter(|end| *end <= size).ok_or(CUT)?;
    Ok(from..end)
}

/// The parts with conversations, in the order of their places, by the directory that begins at
/// `from`.
pub(super) fn parts(mut directory: &[u8], from: u64) -> Result<Vec<Part>, Why> {
    let mut all = Vec::new();
    while !directory.is_empty() {
        let (part, length) = entry(directory).ok_or(CUT)?;
        directory = directory.get(length..).ok_or(CUT)?;
        all.push(part);
    }
    all.sort_by_key(|part| part.at);
    let ends = all.iter().skip(1).map(|part| part.at).chain([from]).collect::<Vec<_>>();
    let mut found = Vec::new();
    let mut sum = 0_u64;
    for (part, end) in all.into_iter().zip(ends) {
        if !is_conversations(&part.name) {
            continue;
        }
        if part.flags & ODD_FLAGS != 0 {
            return Err(LOCKED);
        }
        if !matches!(part.method, STORED | DEFLATED) {
            return Err(UNREADABLE);
        }
        sum = sum.saturating_add(part.size);
        let is_bomb = part.size > ZIP_SMALL_BYTES && part.size / ZIP_RATIO > part.packed;
        // Parts that share bytes make much of little.
        let least = LOCAL_BYTES + part.name.len() as u64;
        let overlaps = part.at.saturating_add(least).saturating_add(part.packed) > end;
        if is_bomb || overlaps || sum > ARCHIVE_BYTES || found.len() >= ZIP_PARTS {
            return Err(BOMB);
        }
        found.push(Part { end, ..part });
    }
    if found.is_empty() { Err(NONE) } else { Ok(found) }
}

/// `conversations.json` or a numbered part of it, in whatever folder.
fn is_conversations(name: &[u8]) -> bool {
    let base = name.rsplit(|byte| matches!(byte, b'/' | b'\\')).next().unwrap_or_default();
    let middle = base.strip_prefix(b"conversations").and_then(|rest| rest.strip_suffix(b".json"));
    middle.is_some_and(|middle| middle.iter().all(|b| b"0123456789-_ ()".contains(b)))
}

/// The first entry of the rest of a directory, and how long it is.
fn entry(bytes: &[u8]) -> Option<(Part, usize)> {
    if le32(bytes, 0)? != ENTRY {
        return None;
    }
    let [name, extra, comment] = [28, 30, 32].map(|at| le16(bytes, at).map(usize::from));
    let (name, extra, comment) = (name?, extra?, comment?);
    let fields = ENTRY_BYTES + name;
    let mut part = Part {
        name: bytes.get(ENTRY_BYTES..fields)?.to_vec(),
        flags: le16(bytes, 8)?,
        method: le16(bytes, 10)?,
        crc: le32(bytes, 16)?,
        packed: le32(bytes, 20)?.into(),
        size: le32(bytes, 24)?.into(),
        at: le32(bytes, 42)?.into(),
        end: 0,
    };
    let mut large = large_field(bytes.get(fields..fields + extra)?);
    for value in [&mut part.size, &mut part.packed, &mut part.at] {
        if *value == u64::from(u32::MAX) {
            (*value, large) = (le64(large, 0)?, large.get(8..)?);
        }
    }
    Some((part, fields + extra + comment))
}

/// The values among an entry's extra fields that do not fit into 32 bits.
fn large_field(mut fields: &[u8]) -> &[u8] {
    while let (Some(id), Some(length)) = (le16(fields, 0), le16(fields, 2)) {
        let (field, rest) =
            fields.get(4..).unwrap_or_default().split_at_checked(length.into()).unwrap_or_default();
        if id == LARGE_FIELD {
            return field;
        }
        fields = rest;
    }
    &[]
}

impl Part {
    /// Where its own head lies.
    pub(super) fn head(&self) -> Range<u64> {
        self.at..self.at.saturating_add(LOCAL_BYTES)
    }

    /// Where its bytes lie, by its own head.
    pub(super) fn data(&self, head: &[u8]) -> Result<Range<u64>, Why> {
        let lengths = le16(head, 26).zip(le16(head, 28));
        let same = le32(head, 0) == Some(LOCAL) && le16(head, 8) == Some(self.method);
        let (name, extra) = lengths.filter(|_| same).ok_or(DAMAGED)?;
        let from = self.head().end.saturating_add(u64::from(name) + u64::from(extra));
        let end = from.saturating_add(self.packed);
        if end > self.end { Err(BOMB) } else { Ok(from..end) }
    }

    /// Bytes that it takes in the file.
    pub(super) fn packed(&self) -> u64 {
        self.packed
    }
}

/// Unpacks a part.
pub(super) struct Unzip {
    part: Part,
    inflate: Inflate,
}

impl Unzip {
    pub(super) fn new(part: Part) -> Self {
        Self { part, inflate: Inflate::new() }
    }

    /// Unpacks the next bytes, and no more than the directory promised.
    pub(super) fn push(
        &mut self,
        bytes: &[u8],
        mut take: impl FnMut(&[u8]) -> Result<(), Why>,
    ) -> Result<(), Why> {
        if self.part.method == STORED {
            self.inflate.crc.update(bytes);
            self.inflate.size = self.inflate.size.saturating_add(bytes.len() as u64);
            return take(bytes);
        }
        let mut left = self.part.size.saturating_sub(self.inflate.size);
        let rest = self.inflate.push(bytes, |out| {
            left = left.checked_sub(out.len() as u64).ok_or(DAMAGED)?;
            take(out)
        });
        let rest = rest.map_err(|why| if why == BROKEN { DAMAGED } else { why })?;
        if rest.is_empty() { Ok(()) } else { Err(DAMAGED) }
    }

    /// Whether all of it was there, as it was packed.
    pub(super) fn end(self) -> Result<(), Why> {
        let Self { part, inflate } = self;
        let ended = inflate.ended || part.method == STORED;
        let same = inflate.size == part.size && inflate.crc.finalize() == part.crc;
        if ended && same { Ok(()) } else { Err(DAMAGED) }
    }
}
