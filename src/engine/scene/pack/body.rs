//! The bytes behind a pack's head: in memory, as those of the binary are, or left in the file that they were brought
//! in. A file is held open, so what is read stays what was opened when its name goes.

use std::{borrow::Cow, fs::File, os::unix::fs::FileExt as _};

use crate::engine::EngineError;

/// Where the bytes are.
#[derive(Debug)]
pub(super) enum Body<'a> {
    Memory(&'a [u8]),
    File {
        file: File,
        /// Where the body begins in the file.
        start: u64,
        bytes: usize,
    },
}

impl<'a> Body<'a> {
    /// Whether `bytes` bytes from `offset` on lie inside.
    pub(super) fn holds(&self, offset: usize, bytes: usize) -> bool {
        let whole = match self {
            Self::Memory(data) => data.len(),
            Self::File { bytes, .. } => *bytes,
        };
        offset.checked_add(bytes).is_some_and(|end| end <= whole)
    }

    /// Those bytes; `None` where they lie outside.
    pub(super) fn slice(&self, offset: usize, bytes: usize) -> Result<Option<Cow<'a, [u8]>>, EngineError> {
        if !self.holds(offset, bytes) {
            return Ok(None);
        }
        match self {
            Self::Memory(data) => Ok(data.get(offset..offset + bytes).map(Cow::Borrowed)),
            Self::File { file, start, .. } => {
                let mut read = vec![0; bytes];
                file.read_exact_at(&mut read, start + offset as u64)
                    .map_err(|e| EngineError::Model(format!("a scene pack can't be read: {e}")))?;
                Ok(Some(Cow::Owned(read)))
            }
        }
    }
}
