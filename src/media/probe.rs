//! Is this upload usable, and what is it? Decides by content, decodes far enough to be sure, holds only pictures in
//! memory whole.

use std::io::{Read, Seek, SeekFrom};

use matroska_demuxer::{Frame, MatroskaFile, TrackType};

use super::{
    MediaError, audio, image,
    limits::guarded,
    mp4::read::{TrackKind, read_movie},
    sniff::{Format, SNIFF_BYTES, sniff},
};
use crate::domain::asset::AssetKind;

pub use super::limits::Limits;

/// What an upload is.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Probe {
    /// The file's format.
    pub format: Format,
    /// What it holds.
    pub kind: AssetKind,
    /// The canonical media type.
    pub content_type: &'static str,
    /// The usual file name extension, without the dot.
    pub extension: &'static str,
    /// Width in pixels, upright; of pictures and films.
    pub width: Option<u32>,
    /// Height in pixels, upright; of pictures and films.
    pub height: Option<u32>,
    /// Length in seconds; of sounds and films.
    pub duration_seconds: Option<f64>,
    /// Whether there is sound in it that can be decoded.
    pub has_audio: bool,
}

impl Probe {
    fn of(format: Format, kind: AssetKind) -> Self {
        Self {
            format,
            kind,
            content_type: format.content_type(kind),
            extension: format.extension(kind),
            width: None,
            height: None,
            duration_seconds: None,
            has_audio: kind == AssetKind::Audio,
        }
    }
}

/// Probes the file in `reader`, from its start.
///
/// Pictures are decoded whole; of a sound all packets are read and the first are decoded; of a film the structure is
/// checked and its sound is treated like a sound, its pictures are not decoded.
///
/// # Errors
/// [`MediaError`], never a panic, for whatever the bytes are.
pub fn probe<R: Read + Seek + Send + Sync>(mut reader: R, limits: &Limits) -> Result<Probe, MediaError> {
    reader.seek(SeekFrom::Start(0)).map_err(unreadable)?;
    let mut head = Vec::with_capacity(SNIFF_BYTES);
    reader.by_ref().take(SNIFF_BYTES as u64).read_to_end(&mut head).map_err(unreadable)?;
    let format = sniff(&head)?;
    reader.seek(SeekFrom::Start(0)).map_err(unreadable)?;
    match format {
        Format::Png | Format::Jpeg | Format::WebP | Format::Gif | Format::Bmp => probe_image(&mut reader, limits),
        Format::Wav | Format::Mp3 | Format::Adts | Format::Ogg | Format::Flac => {
            probe_sound(&mut reader, format, limits)
        }
        Format::M4a | Format::Mp4 | Format::Mov => probe_mp4(&mut reader, format, limits),
        Format::WebM | Format::Mkv => probe_matroska(&mut reader, format, limits),
    }
}

#[expect(clippy::needless_pass_by_value, reason = "as map_err hands it over")]
fn unreadable(error: std::io::Error) -> MediaError {
    MediaError::Damaged(format!("cannot be read: {error}"))
}

fn probe_image<R: Read>(reader: &mut R, limits: &Limits) -> Result<Probe, MediaError> {
    let mut bytes = Vec::new();
    // One byte more than is allowed tells that there are too many.
    reader.take(limits.max_image_bytes.saturating_add(1)).read_to_end(&mut bytes).map_err(unreadable)?;
    let header = image::read_header(&bytes, limits)?;
    let picture = image::decode(&bytes, limits)?;
    let (width, height) = picture.dimensions();
    Ok(Probe { width: Some(width), height: Some(height), ..Probe::of(header.format, AssetKind::Image) })
}

fn probe_sound<R: Read + Seek + Send + Sync>(
    reader: &mut R,
    format: Format,
    limits: &Limits,
) -> Result<Probe, MediaError> {
    let survey = audio::survey(reader, limits)?;
    check_length(survey.duration_seconds)?;
    Ok(Probe { duration_seconds: Some(survey.duration_seconds), ..Probe::of(format, AssetKind::Audio) })
}

fn check_length(seconds: f64) -> Result<(), MediaError> {
    if seconds > 0.0 { Ok(()) } else { Err(MediaError::Damaged("it has no length".into())) }
}

fn probe_mp4<R: Read + Seek + Send + Sync>(
    reader: &mut R,
    format: Format,
    limits: &Limits,
) -> Result<Probe, MediaError> {
    let length = reader.seek(SeekFrom::End(0)).map_err(unreadable)?;
    let movie = read_movie(reader)?;
    // Cover art in a sound's file is a video track of one picture in a still-picture codec.
    let still = |codec: [u8; 4]| matches!(&codec, b"jpeg" | b"png " | b"mjpa" | b"mjpb");
    let Some(track) = movie.tracks.iter().find(|t| t.kind == TrackKind::Video && !still(t.codec)) else {
        return probe_sound(reader, format, limits);
    };
    let (width, height) = track.size;
    limits.check_size(width, height)?;
    let seconds = movie.tracks.iter().map(|t| t.duration_seconds(&movie)).fold(0.0, f64::max);
    limits.check_duration(seconds)?;
    check_length(seconds)?;
    if let Some(beyond) = track.samples().take(1 << 20).find(|s| s.offset.saturating_add(u64::from(s.size)) > length) {
        return Err(MediaError::Damaged(format!("MP4: a frame at byte {} is cut off", beyond.offset)));
    }
    // A film without usable sound is a film all the same.
    let has_audio = movie.tracks.iter().any(|t| t.kind == TrackKind::Audio) && audio::survey(reader, limits).is_ok();
    let found = Probe::of(format, AssetKind::Video);
    Ok(Probe { width: Some(width), height: Some(height), duration_seconds: Some(seconds), has_audio, ..found })
}

fn probe_matroska<R: Read + Seek + Send + Sync>(
    reader: &mut R,
    format: Format,
    limits: &Limits,
) -> Result<Probe, MediaError> {
    let pictures = guarded("film", || read_matroska(reader, limits))?;
    reader.seek(SeekFrom::Start(0)).map_err(unreadable)?;
    let Some((width, height, seconds)) = pictures else { return probe_sound(reader, format, limits) };
    limits.check_size(width, height)?;
    check_length(seconds)?;
    let has_audio = audio::survey(reader, limits).is_ok();
    let found = Probe::of(format, AssetKind::Video);
    Ok(Probe { width: Some(width), height: Some(height), duration_seconds: Some(seconds), has_audio, ..found })
}

/// Width, height and length of a Matroska film, counted over its frames; `None` where there are no pictures in it.
fn read_matroska<R: Read + Seek>(reader: &mut R, limits: &Limits) -> Result<Option<(u32, u32, f64)>, MediaError> {
    let damaged = |error: matroska_demuxer::DemuxError| MediaError::Damaged(format!("Matroska: {error}"));
    let mut file = MatroskaFile::open(reader).map_err(damaged)?;
    let Some(track) = file.tracks().iter().find(|t| t.track_type() == TrackType::Video) else { return Ok(None) };
    let video = track.video().ok_or_else(|| MediaError::Damaged("Matroska: a film without a size".into()))?;
    let side = |n: u64| u32::try_from(n).unwrap_or(u32::MAX);
    let (width, height) = (side(video.pixel_width().get()), side(video.pixel_height().get()));
    limits.check_size(width, height)?;
    let (number, default) = (track.track_number().get(), track.default_duration().map_or(0, std::num::NonZeroU64::get));
    let scale = file.info().timestamp_scale().get() as f64 / 1e9;
    let stated = file.info().duration().map(|d| d * scale);
    if let Some(seconds) = stated {
        limits.check_duration(seconds)?;
    }
    let (mut frame, mut last, mut frames) = (Frame::default(), 0u64, 0u64);
    // A file that was never finished ends in the middle of a frame: what is there counts.
    while file.next_frame(&mut frame).unwrap_or(false) {
        last = last.max(frame.timestamp.saturating_add(frame.duration.unwrap_or(0)));
        frames += u64::from(frame.track == number);
        limits.check_duration(last as f64 * scale)?;
    }
    if frames == 0 {
        return Err(MediaError::Damaged("Matroska: there is no frame in it".into()));
    }
    let counted = last as f64 * scale + default as f64 / 1e9;
    if stated.is_some_and(|s| counted < s * 0.98 - 0.5) {
        return Err(MediaError::Damaged("Matroska: the film is cut off".into()));
    }
    Ok(Some((width, height, stated.unwrap_or(counted))))
}

#[cfg(test)]
mod tests;
