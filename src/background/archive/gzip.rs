//! The gzip frame (RFC 1952) around raw deflate, written and read piece by piece.

use super::Why;
use super::inflate::{BROKEN, Inflate};
use crc32fast::Hasher;
use miniz_oxide::deflate::core::{CompressorOxide, create_comp_flags_from_zip_params};
use miniz_oxide::deflate::stream::deflate;
use miniz_oxide::{MZFlush, MZStatus};

/// Magic, deflate, no flags, no time, no level, unknown system.
const HEAD: [u8; 10] = [0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 0xff];
/// Bytes of the head that tell the form; time, level and system may be any.
const FORM: usize = 4;
/// Bytes of checksum and size at the end.
const TAIL: usize = 8;
/// Bytes that are packed at once.
const STEP: usize = 64 << 10;
/// Raw deflate, in the terms of zlib.
const WINDOW: i32 = -15;
/// As records are packed.
const LEVEL: i32 = 6;

/// Packs.
pub(super) struct Pack {
    deflate: Box<CompressorOxide>,
    crc: Hasher,
    size: u32,
    out: Vec<u8>,
}

impl Pack {
    pub(super) fn new() -> Self {
        let flags = create_comp_flags_from_zip_params(LEVEL, WINDOW, 0);
        let deflate = Box::new(CompressorOxide::new(flags));
        Self { deflate, crc: Hasher::new(), size: 0, out: HEAD.to_vec() }
    }

    /// What is packed of it so far.
    pub(super) fn push(&mut self, bytes: &[u8]) -> Vec<u8> {
        self.crc.update(bytes);
        // The frame tells the size as 32 bits, whatever it is.
        #[expect(clippy::cast_possible_truncation, reason = "RFC 1952: modulo 2^32")]
        let size = bytes.len() as u32;
        self.size = self.size.wrapping_add(size);
        self.deflate(bytes, MZFlush::None);
        std::mem::take(&mut self.out)
    }

    /// The rest.
    pub(super) fn end(mut self) -> Vec<u8> {
        self.deflate(&[], MZFlush::Finish);
        self.out.extend(self.crc.finalize().to_le_bytes());
        self.out.extend(self.size.to_le_bytes());
        self.out
    }

    fn deflate(&mut self, mut bytes: &[u8], flush: MZFlush) {
        let mut step = vec![0; STEP];
        loop {
            let done = deflate(&mut self.deflate, bytes, &mut step, flush);
            bytes = bytes.get(done.bytes_consumed..).unwrap_or_default();
            self.out.extend(step.get(..done.bytes_written).unwrap_or_default());
            let goes_on = done.bytes_consumed > 0 || done.bytes_written > 0;
            if !goes_on || !matches!(done.status, Ok(MZStatus::Ok)) {
                return;
            }
        }
    }
}

/// Unpacks.
pub(super) struct Unpack {
    head: Vec<u8>,
    inflate: Inflate,
    tail: Vec<u8>,
}

impl Unpack {
    pub(super) fn new() -> Self {
        Self { head: Vec::new(), inflate: Inflate::new(), tail: Vec::new() }
    }

    /// Unpacks the next bytes, a step at a time.
    pub(super) fn push(
        &mut self,
        bytes: &[u8],
        take: impl FnMut(&[u8]) -> Result<(), Why>,
    ) -> Result<(), Why> {
        let missing = HEAD.len().saturating_sub(self.head.len()).min(bytes.len());
        let (head, mut bytes) = bytes.split_at_checked(missing).unwrap_or_default();
        self.head.extend(head);
        if !self.head.iter().zip(HEAD).take(FORM).all(|(is, should)| *is == should) {
            return Err(Why::Foreign);
        }
        if self.head.len() == HEAD.len() {
            bytes = self.inflate.push(bytes, take)?;
        }
        self.tail.extend(bytes.iter().take(TAIL + 1));
        if self.tail.len() > TAIL { Err(BROKEN) } else { Ok(()) }
    }

    /// Whether all of it was there, as it was packed.
    pub(super) fn is_whole(&self) -> bool {
        let mut tail = self.inflate.crc.clone().finalize().to_le_bytes().to_vec();
        #[expect(clippy::cast_possible_truncation, reason = "RFC 1952: modulo 2^32")]
        let size = self.inflate.size as u32;
        tail.extend(size.to_le_bytes());
        self.inflate.ended && self.tail == tail
    }
}
