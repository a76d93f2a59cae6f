//! H.264 written: frames in groups that begin with a key frame, with reordered pictures between, by `rusty_h264`.
//!
//! A group is encoded at once, on a thread of its own, while the next one is gathered. Memory is bounded by the size of
//! a group, whatever the size of the film.

use std::{
    sync::mpsc::{Receiver, SyncSender, sync_channel},
    thread::JoinHandle,
};

use image::RgbImage;
use rusty_h264_common::YuvFrame;
use rusty_h264_encoder::{EncoderConfig, Preset};

use super::{
    FilmFormat, MediaError, Samples, VideoTrack,
    bitstream::{Sequence, complete_sequence, read_order, read_sequence, split_annex_b},
    yuv::Planes,
};

/// The quantiser: visually clean on faces and renders.
const QP: u8 = 27;
/// Pictures between two that they are both predicted from.
const BETWEEN: u32 = 2;
/// How many pictures are decoded before one that is shown earlier: the later of those two.
const REORDERED: u32 = 1;
/// Seconds of a group at most: how far a player must go back to show any moment.
const GROUP_SECONDS: u32 = 4;
/// The picture order count has 8 bits and goes by twos.
const GROUP_FRAMES_MAX: usize = 120;
/// Bytes of a group's frames; there are two groups at a time.
const GROUP_BYTES: usize = 40 << 20;
/// Short groups cost bytes, so that large films have at least this many frames in one.
const GROUP_FRAMES_MIN: usize = 12;

/// Encodes the frames of one film.
pub(super) struct Encoder {
    format: FilmFormat,
    group: Vec<YuvFrame>,
    group_frames: usize,
    planes: Planes,
    queue: Option<SyncSender<Vec<YuvFrame>>>,
    thread: Option<JoinHandle<Result<VideoTrack, MediaError>>>,
}

impl Encoder {
    /// An encoder whose frames go into `samples`.
    pub(super) fn new(format: FilmFormat, samples: Samples) -> Result<Self, MediaError> {
        let FilmFormat { width, height, fps } = format;
        let (columns, rows) = (width as usize, height as usize);
        let most = (GROUP_BYTES / (columns * rows * 3 / 2)).clamp(GROUP_FRAMES_MIN, GROUP_FRAMES_MAX);
        let group_frames = most.min((fps * GROUP_SECONDS) as usize).max(1);
        let (queue, groups) = sync_channel(0);
        let track = VideoTrack { width: width as u16, height: height as u16, fps, samples, ..VideoTrack::default() };
        let config = configure(format, group_frames);
        let thread = std::thread::Builder::new()
            .name("film-encoder".into())
            .spawn(move || encode_groups(&config, track, &groups))
            .map_err(|error| MediaError::Encode(format!("no thread for the encoder: {error}")))?;
        let planes = Planes::new(columns, rows);
        Ok(Self { format, group: Vec::new(), group_frames, planes, queue: Some(queue), thread: Some(thread) })
    }

    pub(super) fn push(&mut self, frame: &RgbImage) -> Result<(), MediaError> {
        self.planes.fill(frame);
        let (y, u, v) = (self.planes.y.clone(), self.planes.u.clone(), self.planes.v.clone());
        let (width, height) = (self.format.width as usize, self.format.height as usize);
        self.group.push(YuvFrame { width, height, y, u, v });
        if self.group.len() == self.group_frames { self.send() } else { Ok(()) }
    }

    /// Hands the group over; waits until the one before it is encoded.
    fn send(&mut self) -> Result<(), MediaError> {
        let group = std::mem::take(&mut self.group);
        match &self.queue {
            Some(queue) if queue.send(group).is_ok() => Ok(()),
            _ => Err(self.join().err().unwrap_or_else(stopped)),
        }
    }

    pub(super) fn finish(mut self) -> Result<VideoTrack, MediaError> {
        if !self.group.is_empty() {
            self.send()?;
        }
        self.join()
    }

    fn join(&mut self) -> Result<VideoTrack, MediaError> {
        self.queue = None;
        self.thread.take().ok_or_else(stopped)?.join().map_err(|_| stopped())?
    }
}

fn stopped() -> MediaError {
    MediaError::Encode("the encoder has stopped".into())
}

fn configure(format: FilmFormat, group_frames: usize) -> EncoderConfig {
    let FilmFormat { width, height, fps } = format;
    let mut config = EncoderConfig::new(width as usize, height as usize);
    config.preset = Preset::Balanced;
    config.qp = QP;
    config.framerate = fps as f32;
    config.level_idc = level(format);
    config.gop_size = group_frames as u32;
    config.bframes = BETWEEN;
    // One film, one scene, no fades.
    config.scenecut = 0;
    config.weightp = false;
    config
}

/// The level that so many macroblocks a second need (table A-1); the encoder raises it where the size needs more.
fn level(format: FilmFormat) -> u8 {
    let FilmFormat { width, height, fps } = format;
    let rate = width.div_ceil(16) * height.div_ceil(16) * fps;
    let table = [
        (40_500, 30),
        (108_000, 31),
        (216_000, 32),
        (245_760, 40),
        (522_240, 42),
        (589_824, 50),
        (983_040, 51),
        (2_073_600, 52),
        (4_177_920, 60),
    ];
    table.iter().find(|(most, _)| rate <= *most).map_or(61, |&(_, level)| level)
}

fn encode_groups(
    config: &EncoderConfig,
    mut track: VideoTrack,
    groups: &Receiver<Vec<YuvFrame>>,
) -> Result<VideoTrack, MediaError> {
    while let Ok(group) = groups.recv() {
        let frames = group.len();
        let refused = |error| MediaError::Encode(format!("H.264: {error}"));
        let encoder = rusty_h264_encoder::Encoder::new(config.clone()).map_err(refused)?;
        let units = encoder.encode_all(&group).map_err(refused)?;
        drop(group);
        if units.len() != frames {
            return Err(MediaError::Encode("H.264: a frame was left out".into()));
        }
        add_group(&mut track, &units)?;
    }
    Ok(track)
}

/// Adds the access units of one group, which come in decoding order.
fn add_group(track: &mut VideoTrack, units: &[Vec<u8>]) -> Result<(), MediaError> {
    let unreadable = || MediaError::Encode("H.264: an access unit cannot be read".into());
    let first = track.samples.sizes().len() as u32;
    let mut sequence: Option<Sequence> = None;
    let mut orders = Vec::with_capacity(units.len());
    for unit in units {
        let mut sample = Vec::with_capacity(unit.len() + 8);
        for nal in split_annex_b(unit) {
            match nal[0] & 0x1F {
                7 => {
                    sequence = Some(read_sequence(nal).ok_or_else(unreadable)?);
                    if track.sps.is_empty() {
                        track.sps = complete_sequence(nal, REORDERED).ok_or_else(unreadable)?;
                    }
                }
                8 if track.pps.is_empty() => track.pps = nal.to_vec(),
                kind @ (1 | 5) => {
                    if sample.is_empty() {
                        orders.push(sequence.and_then(|sequence| read_order(nal, sequence)).ok_or_else(unreadable)?);
                        if kind == 5 {
                            track.keys.push(track.samples.sizes().len() as u32 + 1);
                        }
                    }
                    sample.extend_from_slice(&(nal.len() as u32).to_be_bytes());
                    sample.extend_from_slice(nal);
                }
                _ => {}
            }
        }
        if sample.is_empty() {
            return Err(unreadable());
        }
        track.samples.push(&sample)?;
    }
    // A picture is shown after as many as have a lower count.
    let shown = orders.iter().map(|order| first + orders.iter().filter(|other| *other < order).count() as u32);
    track.shown.extend(shown);
    Ok(())
}
