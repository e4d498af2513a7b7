//! Raw deflate, unpacked a step at a time, with what frames around it tell of the result.

use super::Why;
use crc32fast::Hasher;
use miniz_oxide::inflate::stream::{InflateState, inflate};
use miniz_oxide::{DataFormat, MZError, MZFlush, MZStatus};

/// Bytes that are unpacked at once.
const STEP: usize = 64 << 10;
/// What does not unpack is damaged.
pub(super) const BROKEN: Why = Why::Broken("it does not unpack");

/// Unpacks.
pub(super) struct Inflate {
    state: Box<InflateState>,
    step: Vec<u8>,
    /// Whether the end of the packed bytes was there.
    pub ended: bool,
    /// CRC-32 of what was unpacked.
    pub crc: Hasher,
    /// Bytes of it.
    pub size: u64,
}

impl Inflate {
    pub(super) fn new() -> Self {
        let state = InflateState::new_boxed(DataFormat::Raw);
        Self { state, step: vec![0; STEP], ended: false, crc: Hasher::new(), size: 0 }
    }

    /// Unpacks the next bytes, and gives back those that follow the end.
    pub(super) fn push<'b>(
        &mut self,
        mut bytes: &'b [u8],
        mut take: impl FnMut(&[u8]) -> Result<(), Why>,
    ) -> Result<&'b [u8], Why> {
        while !self.ended {
            let done = inflate(&mut self.state, bytes, &mut self.step, MZFlush::None);
            bytes = bytes.get(done.bytes_consumed..).unwrap_or_default();
            let out = self.step.get(..done.bytes_written).unwrap_or_default();
            self.crc.update(out);
            self.size = self.size.saturating_add(out.len() as u64);
            take(out)?;
            match done.status {
                Ok(MZStatus::StreamEnd) => self.ended = true,
                Ok(_) if done.bytes_consumed > 0 || done.bytes_written > 0 => {}
                // It waits for more.
                Ok(_) | Err(MZError::Buf) => break,
                Err(_) => return Err(BROKEN),
            }
        }
        Ok(bytes)
    }
}
