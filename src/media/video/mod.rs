//! Film: encoding frames and a soundtrack into MP4 while they are rendered, and taking a poster from an upload.
//!
//! H.264 by `rusty_h264` at a fixed quantiser, AAC-LC by `syom`, wrapped by [`super::mp4::write`].
//! Only encoded samples are kept, those of the pictures in a spool that the caller gives, so that memory doesn't grow
//! with the film. Frames are all of one size; nothing is scaled or dropped.

use std::{
    io::{Read, Seek, SeekFrom, Write},
    sync::mpsc::{Receiver, SyncSender, sync_channel},
    thread::JoinHandle,
};

use image::{RgbImage, RgbaImage};

use super::{
    MediaError,
    audio::{self, Pcm},
    limits::Limits,
    mp4::{
        read::{Track, TrackKind, read_movie},
        track::{AudioTrack, Samples, Spool, TextTrack, VideoTrack},
        write::{Tracks, write_mp4},
    },
};

mod aac;
mod bitstream;
mod encoder;
mod h264;
pub mod yuv;

/// Frames that may wait for the encoder: enough to even out, few enough to keep memory flat.
const QUEUE_FRAMES: usize = 3;
/// What is encoded at most: 3840x2160 either way round.
const MAX_SIDE: u32 = 3840;
const MAX_SHORT_SIDE: u32 = 2160;
const MIN_SIDE: u32 = 16;

/// The frames of a film.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FilmFormat {
    /// Pixels a row, even, 16 to 3840; the shorter side at most 2160.
    pub width: u32,
    /// Rows, even.
    pub height: u32,
    /// Frames a second, 1 to 120.
    pub fps: u32,
}

impl FilmFormat {
    fn check(self) -> Result<(), MediaError> {
        let Self { width, height, fps } = self;
        let (long, short) = (width.max(height), width.min(height));
        let refuse = |what: String| Err(MediaError::Encode(what));
        if !width.is_multiple_of(2) || !height.is_multiple_of(2) || short < MIN_SIDE {
            return refuse(format!("a film of {width}x{height} pixels: even sides from {MIN_SIDE} are wanted"));
        }
        if long > MAX_SIDE || short > MAX_SHORT_SIDE {
            return refuse(format!("a film of {width}x{height} pixels: at most {MAX_SIDE}x{MAX_SHORT_SIDE}"));
        }
        if !(1..=120).contains(&fps) {
            return refuse(format!("a film of {fps} frames a second: 1 to 120 are wanted"));
        }
        Ok(())
    }
}

/// Encodes a film beside its rendering: a thread of its own takes the frames through a short queue.
///
/// Dropping the writer abandons the film and ends the thread.
#[derive(Debug)]
pub struct FilmWriter {
    format: FilmFormat,
    frames: usize,
    wanted_frames: usize,
    queue: Option<SyncSender<RgbImage>>,
    spare: Receiver<RgbImage>,
    thread: Option<JoinHandle<Result<Tracks, MediaError>>>,
}

impl FilmWriter {
    /// Starts a film with `soundtrack` from its very start; an empty soundtrack makes a silent film. Encoded pictures
    /// wait in `spool`, which is empty.
    ///
    /// # Errors
    /// [`MediaError::Encode`] for a size, rate or soundtrack that cannot be encoded.
    pub fn new(format: FilmFormat, soundtrack: &Pcm, spool: Box<dyn Spool>) -> Result<Self, MediaError> {
        format.check()?;
        let soundtrack = aac::prepare(soundtrack)?;
        let wanted_frames = (soundtrack.duration_seconds() * f64::from(format.fps)).ceil() as usize;
        let (queue, incoming) = sync_channel::<RgbImage>(QUEUE_FRAMES);
        let (give_back, spare) = sync_channel::<RgbImage>(QUEUE_FRAMES + 2);
        let encode = move || encode(format, &soundtrack, Samples::new(spool), &incoming, &give_back);
        let thread = std::thread::Builder::new()
            .name("film".into())
            .spawn(encode)
            .map_err(|error| MediaError::Encode(format!("no thread for the encoder: {error}")))?;
        Ok(Self { format, frames: 0, wanted_frames, queue: Some(queue), spare, thread: Some(thread) })
    }

    /// How many frames cover the soundtrack: `ceil(duration * fps)`.
    pub fn wanted_frames(&self) -> usize {
        self.wanted_frames
    }

    /// How many frames were pushed.
    pub fn frames(&self) -> usize {
        self.frames
    }

    /// Takes the next frame; waits while the encoder is behind.
    ///
    /// # Errors
    /// [`MediaError::Encode`] for a frame of another size, or once the encoder has failed.
    pub fn push(&mut self, frame: &RgbImage) -> Result<(), MediaError> {
        let FilmFormat { width, height, .. } = self.format;
        if frame.dimensions() != (width, height) {
            let (w, h) = frame.dimensions();
            return Err(MediaError::Encode(format!("a frame of {w}x{h} pixels in a film of {width}x{height}")));
        }
        let copy = match self.spare.try_recv() {
            Ok(mut spare) => {
                spare.copy_from_slice(frame);
                spare
            }
            Err(_) => frame.clone(),
        };
        match &self.queue {
            Some(queue) if queue.send(copy).is_ok() => {
                self.frames += 1;
                Ok(())
            }
            _ => Err(self.join().err().unwrap_or_else(|| MediaError::Encode("the encoder has stopped".into()))),
        }
    }

    /// Waits for the encoder and writes the MP4 to `out`, with `subtitles` where there are any.
    ///
    /// # Errors
    /// [`MediaError::Encode`] where no frame was pushed or an encoder failed, [`MediaError::StorageFull`].
    pub fn finish(mut self, subtitles: Option<TextTrack>, out: &mut dyn Write) -> Result<(), MediaError> {
        let tracks = self.join()?;
        write_mp4(Tracks { text: subtitles, ..tracks }, out)
    }

    fn join(&mut self) -> Result<Tracks, MediaError> {
        self.queue = None;
        let stopped = || MediaError::Encode("the encoder has stopped".into());
        self.thread.take().ok_or_else(stopped)?.join().map_err(|_| stopped())?
    }
}

fn encode(
    format: FilmFormat,
    soundtrack: &Pcm,
    samples: Samples,
    frames: &Receiver<RgbImage>,
    give_back: &SyncSender<RgbImage>,
) -> Result<Tracks, MediaError> {
    let mut encoder = encoder::Encoder::new(format, samples)?;
    while let Ok(frame) = frames.recv() {
        encoder.push(&frame)?;
        // A full or closed channel only means that the buffer is not needed.
        let _ = give_back.try_send(frame);
    }
    // At the end: rendering need not wait for it.
    let audio = if soundtrack.samples.is_empty() { None } else { Some(aac::encode(soundtrack)?) };
    Ok(Tracks { video: Some(encoder.finish()?), audio, text: None })
}

/// Encodes sound as M4A: AAC-LC in MP4 with its priming cut off by an edit list.
///
/// # Errors
/// [`MediaError::Encode`] for sound that is empty or of an impossible rate.
pub fn encode_m4a(sound: &Pcm) -> Result<Vec<u8>, MediaError> {
    let sound = aac::prepare(sound)?;
    let mut out = Vec::new();
    write_mp4(Tracks { audio: Some(aac::encode(&sound)?), ..Tracks::default() }, &mut out)?;
    Ok(out)
}

/// The first key frame of an uploaded MP4 or MOV with H.264 that `openh264` can decode, upright; `None` for others.
///
/// # Errors
/// [`MediaError::Damaged`] or [`MediaError::TooLarge`] where the file itself cannot be used.
pub fn read_poster<R: Read + Seek>(reader: &mut R, limits: &Limits) -> Result<Option<RgbaImage>, MediaError> {
    let movie = read_movie(reader)?;
    let Some(track) = movie.tracks.iter().find(|t| t.kind == TrackKind::Video && t.avcc.is_some()) else {
        return Ok(None);
    };
    limits.check_size(track.size.0, track.size.1)?;
    let Some(picture) = decode_first(reader, track, limits)? else { return Ok(None) };
    let upright = match track.quarter_turns {
        1 => image::imageops::rotate90(&picture),
        2 => image::imageops::rotate180(&picture),
        3 => image::imageops::rotate270(&picture),
        _ => picture,
    };
    Ok(Some(image::DynamicImage::ImageRgb8(upright).to_rgba8()))
}

/// The most bytes one coded frame may have.
const MAX_FRAME_BYTES: u32 = 32 << 20;

fn decode_first<R: Read + Seek>(
    reader: &mut R,
    track: &Track,
    limits: &Limits,
) -> Result<Option<RgbImage>, MediaError> {
    // Some files start with a frame that is no key frame; far in, there is no use in searching.
    let Some(first) = track.samples().take(600).find(|s| s.key && s.size > 0 && s.size <= MAX_FRAME_BYTES) else {
        return Ok(None);
    };
    let mut sample = vec![0; first.size as usize];
    let there = reader.seek(SeekFrom::Start(first.offset)).and_then(|_| reader.read_exact(&mut sample));
    if there.is_err() {
        return Err(MediaError::Damaged("MP4: its first frame is cut off".into()));
    }
    let avcc = track.avcc.as_deref().unwrap_or_default();
    Ok(h264::decode_key_frame(avcc, &sample, track.colour, limits))
}

#[cfg(test)]
mod tests;
