//! Decoding uploads: any container and codec that `symphonia` reads, mixed to mono.
//!
//! Memory is bounded by the allowed length, not by the file: packets are read one by one. MP4's edit lists, which
//! `symphonia` leaves aside, are applied here, so that encoder priming is gone and the sound starts where it should.

use std::{
    io::{Read, Seek, SeekFrom},
    sync::LazyLock,
};

use symphonia::core::{
    codecs::{
        audio::{AudioDecoder, AudioDecoderOptions, well_known::CODEC_ID_OPUS},
        registry::CodecRegistry,
    },
    errors::Error,
    formats::{FormatOptions, FormatReader, TrackType, probe::Hint},
    io::{MediaSource, MediaSourceStream, MediaSourceStreamOptions},
    meta::MetadataOptions,
};

use super::{
    super::{
        MediaError,
        limits::{Limits, guarded},
        mp4::read::{Movie, TrackKind, read_movie},
    },
    Pcm,
    opus::OpusStream,
};

/// More channels than this are no recording.
const MAX_CHANNELS: usize = 32;
/// Rates a decoder may report.
const RATES: std::ops::RangeInclusive<u32> = 1000..=384_000;
/// The most samples that are held: 256 MiB, more than 20 minutes at 48 kHz.
const MAX_SAMPLES: usize = 64 << 20;
/// How many packets [`survey`] decodes before it believes the rest.
const SURVEYED_PACKETS: usize = 64;
/// Packets that may fail in a row before the sound is given up.
const MAX_BROKEN_PACKETS: usize = 200;

/// What is known of a sound without decoding all of it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Survey {
    /// Length, counted over all packets.
    pub duration_seconds: f64,
    /// Samples a second.
    pub rate: u32,
    /// Channels.
    pub channels: usize,
}

/// Decodes the sound in `reader`, of a film its soundtrack, to mono.
///
/// # Errors
/// [`MediaError::Unsupported`] for a codec that is not taken or where there is no sound, [`MediaError::TooLarge`] as
/// soon as it is longer than `limits` allow, [`MediaError::Damaged`] for the rest.
pub fn decode<R: Read + Seek + Send + Sync>(mut reader: R, limits: &Limits) -> Result<Pcm, MediaError> {
    let trim = trim_of(&mut reader)?;
    let sound = guarded("sound", || {
        let mut samples: Vec<f32> = Vec::new();
        let mut open = Opened::open(&mut reader)?;
        let mut interleaved = Vec::new();
        let mut rate = 0;
        open.for_each_packet(usize::MAX, |packet| {
            let Some(found) = packet.sound else { return Ok(()) };
            if rate != 0 && rate != found.rate {
                return Err(MediaError::Unsupported("the sample rate changes on the way".into()));
            }
            rate = found.rate;
            found.copy(&mut interleaved);
            let gain = 1.0 / found.channels as f32;
            samples.extend(interleaved.chunks_exact(found.channels).map(|frame| frame.iter().sum::<f32>() * gain));
            if samples.len() > MAX_SAMPLES {
                return Err(MediaError::TooLarge(format!(
                    "at {rate} Hz the sound has more than {MAX_SAMPLES} samples"
                )));
            }
            limits.check_duration(samples.len() as f64 / f64::from(rate))
        })?;
        samples.drain(..open.delay_frames.min(samples.len()));
        if samples.is_empty() {
            return Err(MediaError::Damaged("there is no sound in it that can be decoded".into()));
        }
        Ok(Pcm { samples, rate })
    })?;
    Ok(match trim {
        Some(trim) => trim.apply(sound),
        None => sound,
    })
}

/// Reads all packets of the sound in `reader` and decodes the first of them: enough to know that it is usable.
///
/// # Errors
/// As [`decode`]; also [`MediaError::Damaged`] where the file ends well before the length it states.
pub fn survey<R: Read + Seek + Send + Sync>(mut reader: R, limits: &Limits) -> Result<Survey, MediaError> {
    let trim = trim_of(&mut reader)?;
    guarded("sound", || {
        let mut open = Opened::open(&mut reader)?;
        let stated = open.stated_seconds();
        if let Some(seconds) = stated.filter(|s| *s > 0.0) {
            limits.check_duration(seconds)?;
        }
        let (mut rate, mut channels, mut decoded) = (0, 0, 0usize);
        let mut counted = 0.0;
        open.for_each_packet(SURVEYED_PACKETS, |packet| {
            counted += packet.seconds;
            if packet.seconds <= 0.0 {
                // Matroska may leave durations out: then the next packet's time tells.
                counted = f64::max(counted, packet.start_seconds);
            }
            if let Some(found) = packet.sound {
                (rate, channels) = (found.rate, found.channels);
                decoded += found.frames;
            }
            limits.check_duration(counted)
        })?;
        if decoded == 0 {
            return Err(MediaError::Damaged("there is no sound in it that can be decoded".into()));
        }
        counted -= open.delay_frames as f64 / f64::from(rate);
        // Containers round; half a second and two percent are more than any of them is off.
        if stated.is_some_and(|s| counted < s * 0.98 - 0.5) {
            return Err(MediaError::Damaged(format!(
                "it is cut off: {counted:.1} of {:.1} seconds are there",
                stated.unwrap_or(0.0)
            )));
        }
        let duration_seconds = trim.map_or(counted, |t| t.length_seconds.unwrap_or(counted - t.start_seconds).max(0.0));
        // A sum of many parts is off by a hair; a price by the second begun must not be.
        let duration_seconds = (duration_seconds * 1e6).round() / 1e6;
        Ok(Survey { duration_seconds, rate, channels })
    })
}

/// What an MP4's edit list leaves of its sound.
#[derive(Debug, Clone, Copy)]
struct Trim {
    start_seconds: f64,
    length_seconds: Option<f64>,
}

impl Trim {
    fn of(movie: &Movie) -> Option<Self> {
        let track = movie.tracks.iter().find(|t| t.kind == TrackKind::Audio)?;
        // One plain edit is what encoders write for priming; anything else is an edited film, and is played through.
        let [edit] = track.edits[..] else { return None };
        let start = u64::try_from(edit.media_time).ok()?;
        Some(Self {
            start_seconds: start as f64 / f64::from(track.timescale),
            length_seconds: Some(edit.duration as f64 / f64::from(movie.timescale)).filter(|s| *s > 0.0),
        })
    }

    fn apply(self, mut sound: Pcm) -> Pcm {
        let rate = f64::from(sound.rate);
        let start = ((self.start_seconds * rate).round() as usize).min(sound.samples.len());
        sound.samples.drain(..start);
        if let Some(seconds) = self.length_seconds {
            sound.samples.truncate((seconds * rate).round() as usize);
        }
        sound
    }
}

/// The trim of an MP4; `None` for every other format. Leaves the reader at its start.
fn trim_of<R: Read + Seek>(reader: &mut R) -> Result<Option<Trim>, MediaError> {
    let broken = |error: std::io::Error| MediaError::Damaged(format!("cannot be read: {error}"));
    reader.seek(SeekFrom::Start(0)).map_err(broken)?;
    let mut head = Vec::new();
    reader.by_ref().take(12).read_to_end(&mut head).map_err(broken)?;
    let is_mp4 = matches!(head.get(4..8), Some(b"ftyp" | b"moov" | b"mdat" | b"wide" | b"free" | b"skip"));
    let trim = if is_mp4 { Trim::of(&read_movie(reader)?) } else { None };
    reader.seek(SeekFrom::Start(0)).map_err(broken)?;
    Ok(trim)
}

/// A reader of known length, as `symphonia` wants it.
struct Source<'a, R> {
    inner: &'a mut R,
    length: u64,
}

impl<R: Read> Read for Source<'_, R> {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        self.inner.read(buffer)
    }
}

impl<R: Seek> Seek for Source<'_, R> {
    fn seek(&mut self, position: SeekFrom) -> std::io::Result<u64> {
        self.inner.seek(position)
    }
}

impl<R: Read + Seek + Send + Sync> MediaSource for Source<'_, R> {
    fn is_seekable(&self) -> bool {
        true
    }

    fn byte_len(&self) -> Option<u64> {
        Some(self.length)
    }
}

/// `symphonia`'s own codecs and Opus.
fn codecs() -> &'static CodecRegistry {
    static CODECS: LazyLock<CodecRegistry> = LazyLock::new(|| {
        let mut registry = CodecRegistry::new();
        symphonia::default::register_enabled_codecs(&mut registry);
        registry.register_audio_decoder::<OpusStream>();
        registry
    });
    &CODECS
}

/// An opened container and the decoder of its sound.
struct Opened<'a> {
    format: Box<dyn FormatReader + 'a>,
    decoder: Box<dyn AudioDecoder>,
    track: u32,
    seconds_a_tick: Option<f64>,
    /// Frames before the sound proper that neither the container nor the decoder takes away.
    delay_frames: usize,
}

/// One packet of the sound.
struct PacketSound<'a> {
    seconds: f64,
    start_seconds: f64,
    sound: Option<Decoded<'a>>,
}

struct Decoded<'a> {
    rate: u32,
    channels: usize,
    frames: usize,
    buffer: symphonia::core::audio::GenericAudioBufferRef<'a>,
}

impl Decoded<'_> {
    fn copy(&self, out: &mut Vec<f32>) {
        self.buffer.copy_to_vec_interleaved(out);
    }
}

impl<'a> Opened<'a> {
    fn open<R: Read + Seek + Send + Sync>(reader: &'a mut R) -> Result<Self, MediaError> {
        let length = reader
            .seek(SeekFrom::End(0))
            .and_then(|length| reader.seek(SeekFrom::Start(0)).map(|_| length))
            .map_err(|error| MediaError::Damaged(format!("cannot be read: {error}")))?;
        let stream =
            MediaSourceStream::new(Box::new(Source { inner: reader, length }), MediaSourceStreamOptions::default());
        let format = symphonia::default::get_probe()
            .probe(&Hint::new(), stream, FormatOptions::default(), MetadataOptions::default())
            .map_err(|error| MediaError::Damaged(format!("the sound's container: {error}")))?;
        let none = || MediaError::Unsupported("there is no sound in it".into());
        let track = format
            .first_track_known_codec(TrackType::Audio)
            .or_else(|| format.default_track(TrackType::Audio))
            .ok_or_else(none)?;
        let parameters = track.codec_params.as_ref().and_then(|p| p.audio()).ok_or_else(none)?;
        let decoder = codecs()
            .make_audio_decoder(parameters, &AudioDecoderOptions::default())
            .map_err(|error| MediaError::Unsupported(format!("the sound's codec: {error}")))?;
        let seconds_a_tick = track.time_base.map(|base| f64::from(base.numer.get()) / f64::from(base.denom.get()));
        // Of all containers only Ogg tells it, and of all codecs only Opus needs it.
        let delay_frames = track.delay.filter(|_| parameters.codec == CODEC_ID_OPUS).unwrap_or(0) as usize;
        let track = track.id;
        Ok(Self { format, decoder, track, seconds_a_tick, delay_frames })
    }

    /// The length that the container states.
    fn stated_seconds(&self) -> Option<f64> {
        let track = self.format.tracks().iter().find(|t| t.id == self.track)?;
        let rate = track.codec_params.as_ref().and_then(|p| p.audio()).and_then(|a| a.sample_rate);
        match (track.duration, self.seconds_a_tick, track.num_frames, rate) {
            (Some(ticks), Some(tick), ..) => Some(ticks.get() as f64 * tick),
            (_, _, Some(frames), Some(rate)) if rate > 0 => Some(frames as f64 / f64::from(rate)),
            _ => None,
        }
    }

    /// Hands every packet of the track to `each`, the first `decode` of them decoded.
    fn for_each_packet(
        &mut self,
        decode: usize,
        mut each: impl FnMut(PacketSound<'_>) -> Result<(), MediaError>,
    ) -> Result<(), MediaError> {
        let (mut packets, mut broken) = (0usize, 0usize);
        loop {
            let packet = match self.format.next_packet() {
                Ok(Some(packet)) => packet,
                // What follows a reset is another stream; the end of the file shows as an error in some containers.
                Ok(None) | Err(Error::ResetRequired) => return Ok(()),
                Err(Error::IoError(error)) if error.kind() == std::io::ErrorKind::UnexpectedEof => return Ok(()),
                Err(_) if packets > 0 => return Ok(()),
                Err(error) => return Err(MediaError::Damaged(format!("the sound's container: {error}"))),
            };
            if packet.track_id != self.track {
                continue;
            }
            packets += 1;
            let tick = self.seconds_a_tick.unwrap_or(0.0);
            let seconds = packet.dur.get() as f64 * tick;
            let start_seconds = packet.pts.get() as f64 * tick;
            if packets > decode {
                each(PacketSound { seconds, start_seconds, sound: None })?;
                continue;
            }
            match self.decoder.decode(&packet) {
                Ok(buffer) => {
                    broken = 0;
                    let (rate, channels, frames) = (buffer.spec().rate(), buffer.num_planes(), buffer.frames());
                    if frames == 0 {
                        each(PacketSound { seconds, start_seconds, sound: None })?;
                        continue;
                    }
                    if !RATES.contains(&rate) || !(1..=MAX_CHANNELS).contains(&channels) {
                        return Err(MediaError::Damaged(format!("{channels} channels at {rate} Hz make no sense")));
                    }
                    each(PacketSound {
                        seconds,
                        start_seconds,
                        sound: Some(Decoded { rate, channels, frames, buffer }),
                    })?;
                }
                Err(Error::DecodeError(_) | Error::IoError(_)) if broken < MAX_BROKEN_PACKETS => broken += 1,
                Err(error) => return Err(MediaError::Damaged(format!("the sound: {error}"))),
            }
        }
    }
}

#[cfg(test)]
mod tests;
