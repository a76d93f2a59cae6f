//! The tracks of a film as they come from the encoders: encoded samples in a spool, and what a player must know.

use std::{
    fmt,
    io::{self, Cursor, Read, Seek, SeekFrom, Write},
};

use super::super::{MediaError, subtitles::Cue};

/// Where encoded samples wait until the film is written: a file, or memory.
pub trait Spool: Read + Write + Seek + Send {}

impl<T: Read + Write + Seek + Send> Spool for T {}

/// Encoded samples one after another. Only their sizes are kept beside the spool.
pub struct Samples {
    sizes: Vec<u32>,
    spool: Box<dyn Spool>,
}

impl Default for Samples {
    /// Samples in memory.
    fn default() -> Self {
        Self::new(Box::new(Cursor::new(Vec::new())))
    }
}

impl fmt::Debug for Samples {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Samples").field("count", &self.sizes.len()).finish_non_exhaustive()
    }
}

impl Samples {
    /// Samples in `spool`, which is empty.
    pub const fn new(spool: Box<dyn Spool>) -> Self {
        Self { sizes: Vec::new(), spool }
    }

    /// Adds one.
    ///
    /// # Errors
    /// [`MediaError::StorageFull`], [`MediaError::Encode`] where the spool fails otherwise.
    pub fn push(&mut self, sample: &[u8]) -> Result<(), MediaError> {
        self.spool.write_all(sample).map_err(|error| unwritable(&error))?;
        self.sizes.push(sample.len() as u32);
        Ok(())
    }

    /// The sizes in bytes, in order.
    pub fn sizes(&self) -> &[u32] {
        &self.sizes
    }

    /// Goes back to the first one, to be copied out.
    pub(super) fn rewind(&mut self) -> Result<(), MediaError> {
        self.spool.seek(SeekFrom::Start(0)).map(drop).map_err(|error| unwritable(&error))
    }

    /// Copies the next `bytes` bytes to `out`.
    pub(super) fn copy_to(&mut self, bytes: u64, out: &mut dyn Write) -> Result<(), MediaError> {
        let copied = io::copy(&mut (&mut self.spool).take(bytes), out).map_err(|error| unwritable(&error))?;
        if copied == bytes { Ok(()) } else { Err(MediaError::Encode("the spool lost a part of the film".into())) }
    }
}

/// Why bytes could not be written.
pub(super) fn unwritable(error: &io::Error) -> MediaError {
    match error.kind() {
        io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => MediaError::StorageFull,
        _ => MediaError::Encode(format!("the film cannot be written: {error}")),
    }
}

/// An H.264 track: one access unit a frame, in decoding order.
#[derive(Debug, Default)]
pub struct VideoTrack {
    /// Width in pixels.
    pub width: u16,
    /// Height in pixels.
    pub height: u16,
    /// Frames a second.
    pub fps: u32,
    /// The sequence parameter set, without start code.
    pub sps: Vec<u8>,
    /// The picture parameter set, without start code.
    pub pps: Vec<u8>,
    /// The frames: NAL units, each after its length as a 32-bit big-endian number.
    pub samples: Samples,
    /// Which frames are key frames, counted from 1.
    pub keys: Vec<u32>,
    /// How many frames are shown before each one. Empty where they are shown in the order of decoding.
    pub shown: Vec<u32>,
}

/// An AAC-LC track: one raw data block a sample, each of 1024 sound samples.
#[derive(Debug, Default)]
pub struct AudioTrack {
    /// Samples a second.
    pub rate: u32,
    /// The `AudioSpecificConfig` (ISO/IEC 14496-3 1.6.2.1).
    pub config: Vec<u8>,
    /// The raw data blocks.
    pub samples: Samples,
    /// Decoded samples before the sound proper.
    pub priming: u32,
    /// Samples of the sound proper.
    pub length: u64,
    /// Bits a second aimed at.
    pub bitrate: u32,
}

/// A track of subtitles.
#[derive(Debug, Clone, Default)]
pub struct TextTrack {
    /// What is shown when.
    pub cues: Vec<Cue>,
    /// ISO 639-2/T, three lower-case letters; `und` where it is not known.
    pub language: [u8; 3],
}
