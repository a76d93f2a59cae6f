//! A progressive MP4 writer: one H.264 track, one AAC-LC track, one of subtitles, `moov` before `mdat`.
//!
//! The AAC encoder's priming, and the delay of pictures that are shown in another order than they are decoded, are cut
//! by edit lists (ISO/IEC 14496-12 8.6.6), so that sound and picture both start at exactly zero; the movie's time scale
//! divides both the frame and the sample period, so that no duration is rounded. Refuses everything else: no fragments,
//! no metadata.

use std::io::Write;

use super::{
    super::{MediaError, subtitles::text_samples},
    entry::{aac_entry, avc_entry, bx, full, text_entry, words},
    track::{AudioTrack, Samples, TextTrack, VideoTrack, unwritable},
};

/// Ticks of a frame's time, as is usual: players that round to ticks stay well under a frame.
const FRAME_TICKS: u32 = 512;
/// Sound samples in one AAC-LC block.
pub const AAC_BLOCK: u32 = 1024;

/// The tracks of one film. At least one of the first two is wanted.
#[derive(Debug, Default)]
pub struct Tracks {
    /// The pictures.
    pub video: Option<VideoTrack>,
    /// The sound.
    pub audio: Option<AudioTrack>,
    /// The subtitles, of a film with pictures.
    pub text: Option<TextTrack>,
}

/// Writes a whole film to `out`.
///
/// # Errors
/// [`MediaError::Encode`] where the tracks are empty, or so long that a 32-bit duration cannot hold them;
/// [`MediaError::StorageFull`].
pub fn write_mp4(tracks: Tracks, out: &mut dyn Write) -> Result<(), MediaError> {
    let movie = Movie::plan(&tracks)?;
    let ftyp = file_type(tracks.video.is_some());
    // The offsets' values do not change the size of `moov`, only their width does.
    let mut header = movie.header(0, false)?;
    let payload = movie.payload_bytes();
    let mut wide = false;
    if ftyp.len() as u64 + header.len() as u64 + 16 + payload > u64::from(u32::MAX) {
        wide = true;
        header = movie.header(0, wide)?;
    }
    let mdat = if payload + 8 > u64::from(u32::MAX) {
        [words(&[1]), b"mdat".to_vec(), (payload + 16).to_be_bytes().to_vec()].concat()
    } else {
        [words(&[(payload + 8) as u32]), b"mdat".to_vec()].concat()
    };
    let header = movie.header((ftyp.len() + header.len() + mdat.len()) as u64, wide)?;
    for part in [ftyp, header, mdat] {
        out.write_all(&part).map_err(|error| unwritable(&error))?;
    }
    // In the order of the plans.
    let (video, audio) = (tracks.video.map(|v| v.samples), tracks.audio.map(|a| a.samples));
    let mut sources: Vec<Samples> = [video, audio, movie.text].into_iter().flatten().collect();
    for source in &mut sources {
        source.rewind()?;
    }
    for &(track, chunk) in &movie.order {
        let bytes = movie.tracks[track].chunk(chunk).iter().map(|&size| u64::from(size)).sum();
        sources[track].copy_to(bytes, out)?;
    }
    Ok(())
}

/// One track as all kinds look to the sample tables.
struct Plan {
    sizes: Vec<u32>,
    durations: Durations,
    per_chunk: usize,
    timescale: u32,
    /// In the movie's time scale.
    presented: u64,
    /// Where the presentation starts, in the track's time scale.
    media_time: u32,
    /// The sample entry.
    entry: Vec<u8>,
    kind: Kind,
}

/// How long samples last, in the track's time scale.
enum Durations {
    All(u32),
    Each(Vec<u32>),
}

enum Kind {
    Video { width: u16, height: u16, keys: Vec<u32>, offsets: Vec<u32> },
    Audio,
    Text { width: u16, height: u16, top: u16, language: [u8; 3] },
}

impl Plan {
    fn chunks(&self) -> usize {
        self.sizes.len().div_ceil(self.per_chunk)
    }

    fn chunk(&self, index: usize) -> &[u32] {
        let start = index * self.per_chunk;
        &self.sizes[start..self.sizes.len().min(start + self.per_chunk)]
    }

    fn media_duration(&self) -> u64 {
        match &self.durations {
            Durations::All(duration) => self.sizes.len() as u64 * u64::from(*duration),
            Durations::Each(each) => each.iter().map(|&duration| u64::from(duration)).sum(),
        }
    }
}

struct Movie {
    timescale: u32,
    tracks: Vec<Plan>,
    /// The samples of the subtitles.
    text: Option<Samples>,
    /// Chunks in file order: track and chunk index.
    order: Vec<(usize, usize)>,
}

impl Movie {
    fn plan(all: &Tracks) -> Result<Self, MediaError> {
        let fps = all.video.as_ref().map_or(1, |v| v.fps);
        let rate = all.audio.as_ref().map_or(1, |a| a.rate);
        if fps == 0 || rate == 0 {
            return Err(MediaError::Encode("a track without a rate".into()));
        }
        let mut timescale = lcm(u64::from(fps), u64::from(rate));
        while timescale < 1000 {
            timescale *= 10;
        }
        let timescale =
            u32::try_from(timescale).map_err(|_| MediaError::Encode("the rates have no common time scale".into()))?;
        let mut tracks = Vec::new();
        if let Some(video) = &all.video {
            tracks.push(plan_video(video, timescale));
        }
        if let Some(audio) = &all.audio {
            tracks.push(Plan {
                sizes: audio.samples.sizes().to_vec(),
                durations: Durations::All(AAC_BLOCK),
                per_chunk: (rate / (2 * AAC_BLOCK)).max(1) as usize,
                timescale: rate,
                presented: audio.length * u64::from(timescale / rate),
                media_time: audio.priming,
                entry: aac_entry(audio),
                kind: Kind::Audio,
            });
        }
        if tracks.is_empty() || tracks.iter().any(|t| t.sizes.is_empty()) {
            return Err(MediaError::Encode("a film needs at least one frame, a sound at least one block".into()));
        }
        let mut text = None;
        if let (Some(track), Some(video)) = (&all.text, &all.video) {
            let duration = tracks.iter().map(|t| t.presented).max().unwrap_or(0);
            let (plan, samples) = plan_text(track, video, timescale, duration)?;
            tracks.push(plan);
            text = Some(samples);
        }
        let mut order = Vec::new();
        for chunk in 0..tracks.iter().map(Plan::chunks).max().unwrap_or(0) {
            order.extend((0..tracks.len()).filter(|&t| chunk < tracks[t].chunks()).map(|t| (t, chunk)));
        }
        Ok(Self { timescale, tracks, text, order })
    }

    fn payload_bytes(&self) -> u64 {
        self.tracks.iter().flat_map(|t| &t.sizes).map(|&size| u64::from(size)).sum()
    }

    /// The `moov` box, for sample data that starts at byte `base` of the file.
    fn header(&self, base: u64, wide: bool) -> Result<Vec<u8>, MediaError> {
        let mut offsets = vec![Vec::new(); self.tracks.len()];
        let mut position = base;
        for &(track, chunk) in &self.order {
            offsets[track].push(position);
            position += self.tracks[track].chunk(chunk).iter().map(|&size| u64::from(size)).sum::<u64>();
        }
        let duration = self.tracks.iter().map(|t| t.presented).max().unwrap_or(0);
        let mut moov = movie_header(self.timescale, ticks(duration)?, self.tracks.len() as u32 + 1);
        for (index, track) in self.tracks.iter().enumerate() {
            moov.extend(track_box(index as u32 + 1, track, &offsets[index], wide)?);
        }
        Ok(bx(*b"moov", &moov))
    }
}

fn plan_video(video: &VideoTrack, timescale: u32) -> Plan {
    let frames = video.samples.sizes().len() as u64;
    // Nothing is shown before it is decoded: all wait for the one that is decoded latest.
    let late = |(decoded, shown): (usize, &u32)| (decoded as u32).saturating_sub(*shown);
    let delay = video.shown.iter().enumerate().map(late).max().unwrap_or(0);
    let offset = |(decoded, shown): (usize, &u32)| (shown + delay - decoded as u32) * FRAME_TICKS;
    Plan {
        sizes: video.samples.sizes().to_vec(),
        durations: Durations::All(FRAME_TICKS),
        per_chunk: (video.fps / 2).max(1) as usize,
        timescale: video.fps * FRAME_TICKS,
        presented: frames * u64::from(timescale / video.fps),
        media_time: delay * FRAME_TICKS,
        entry: avc_entry(video),
        kind: Kind::Video {
            width: video.width,
            height: video.height,
            keys: video.keys.clone(),
            offsets: video.shown.iter().enumerate().map(offset).collect(),
        },
    }
}

/// The subtitles over the lowest part of the picture, from its first to its last moment.
fn plan_text(
    track: &TextTrack,
    video: &VideoTrack,
    timescale: u32,
    duration: u64,
) -> Result<(Plan, Samples), MediaError> {
    let mut samples = Samples::default();
    let mut durations = Vec::new();
    for (length, bytes) in text_samples(&track.cues, timescale, ticks(duration)?) {
        samples.push(&bytes)?;
        durations.push(length);
    }
    let font_size = (video.height / 18).clamp(10, 72);
    // Room for two lines.
    let height = (font_size * 3).min(video.height);
    let plan = Plan {
        sizes: samples.sizes().to_vec(),
        durations: Durations::Each(durations),
        per_chunk: samples.sizes().len().max(1),
        timescale,
        presented: duration,
        media_time: 0,
        entry: text_entry(video.width, height, font_size as u8),
        kind: Kind::Text { width: video.width, height, top: video.height - height, language: track.language },
    };
    Ok((plan, samples))
}

fn lcm(a: u64, b: u64) -> u64 {
    let (mut x, mut y) = (a, b);
    while y != 0 {
        (x, y) = (y, x % y);
    }
    a / x * b
}

fn ticks(duration: u64) -> Result<u32, MediaError> {
    u32::try_from(duration).map_err(|_| MediaError::Encode("the film is too long for its time scale".into()))
}

/// The identity transformation of a track or movie header: 16.16 fixed point, the last column 2.30.
const UNITY_MATRIX: [u32; 9] = [0x10000, 0, 0, 0, 0x10000, 0, 0, 0, 0x4000_0000];

fn file_type(video: bool) -> Vec<u8> {
    if video {
        bx(*b"ftyp", b"isom\0\0\x02\0isomiso2avc1mp41")
    } else {
        bx(*b"ftyp", b"M4A \0\0\x02\0M4A isomiso2mp42")
    }
}

fn movie_header(timescale: u32, duration: u32, next_track: u32) -> Vec<u8> {
    let mut body = words(&[0, 0, timescale, duration, 0x10000, 0x0100_0000, 0, 0]);
    body.extend(words(&UNITY_MATRIX));
    body.extend(words(&[0, 0, 0, 0, 0, 0, next_track]));
    full(*b"mvhd", 0, 0, &body)
}

fn track_box(id: u32, plan: &Plan, offsets: &[u64], wide: bool) -> Result<Vec<u8>, MediaError> {
    let presented = ticks(plan.presented)?;
    let mut mdhd = words(&[0, 0, plan.timescale, ticks(plan.media_duration())?]);
    mdhd.extend_from_slice(&language(plan));
    let (handler, header) = match plan.kind {
        Kind::Video { .. } => {
            (&b"\0\0\0\0vide\0\0\0\0\0\0\0\0\0\0\0\0VideoHandler\0"[..], full(*b"vmhd", 0, 1, &[0; 8]))
        }
        Kind::Audio => (&b"\0\0\0\0soun\0\0\0\0\0\0\0\0\0\0\0\0SoundHandler\0"[..], full(*b"smhd", 0, 0, &[0; 4])),
        Kind::Text { .. } => (&b"\0\0\0\0sbtl\0\0\0\0\0\0\0\0\0\0\0\0SubtitleHandler\0"[..], full(*b"nmhd", 0, 0, &[])),
    };
    let mut dref = words(&[1]);
    dref.extend(full(*b"url ", 0, 1, &[]));
    let minf = [header, bx(*b"dinf", &full(*b"dref", 0, 0, &dref)), sample_table(plan, offsets, wide)].concat();
    let mdia = [full(*b"mdhd", 0, 0, &mdhd), full(*b"hdlr", 0, 0, handler), bx(*b"minf", &minf)].concat();
    let edit = full(*b"elst", 0, 0, &words(&[1, presented, plan.media_time, 0x10000]));
    let trak = [full(*b"tkhd", 0, 3, &track_header(id, plan, presented)), bx(*b"edts", &edit), bx(*b"mdia", &mdia)];
    Ok(bx(*b"trak", &trak.concat()))
}

/// Where the track is shown, and how loud it is.
fn track_header(id: u32, plan: &Plan, presented: u32) -> Vec<u8> {
    let (layer, volume, size, top) = match plan.kind {
        Kind::Video { width, height, .. } => (0, 0, (width, height), 0),
        Kind::Audio => (0, 0x0100_0000, (0, 0), 0),
        // Layer -1 lies before layer 0.
        Kind::Text { width, height, top, .. } => (0xFFFF_0000, 0, (width, height), top),
    };
    let mut matrix = UNITY_MATRIX;
    matrix[7] = u32::from(top) << 16;
    let mut tkhd = words(&[0, 0, id, 0, presented, 0, 0, layer, volume]);
    tkhd.extend(words(&matrix));
    tkhd.extend(words(&[u32::from(size.0) << 16, u32::from(size.1) << 16]));
    tkhd
}

/// Three five-bit letters and two bytes of nothing.
fn language(plan: &Plan) -> [u8; 4] {
    let letters = match &plan.kind {
        Kind::Text { language, .. } => *language,
        _ => *b"und",
    };
    let packed = letters.iter().fold(0u16, |n, letter| n << 5 | u16::from(letter.wrapping_sub(0x60) & 0x1F));
    let [high, low] = packed.to_be_bytes();
    [high, low, 0, 0]
}

fn sample_table(plan: &Plan, offsets: &[u64], wide: bool) -> Vec<u8> {
    let count = plan.sizes.len() as u32;
    let mut out = full(*b"stsd", 0, 0, &[words(&[1]), plan.entry.clone()].concat());
    let times: Vec<[u32; 2]> = match &plan.durations {
        Durations::All(duration) => vec![[count, *duration]],
        Durations::Each(each) => each.iter().map(|&duration| [1, duration]).collect(),
    };
    out.extend(full(*b"stts", 0, 0, &[words(&[times.len() as u32]), words(times.as_flattened())].concat()));
    if let Kind::Video { keys, offsets, .. } = &plan.kind {
        if !offsets.is_empty() {
            let runs: Vec<[u32; 2]> = offsets.chunk_by(|a, b| a == b).map(|run| [run.len() as u32, run[0]]).collect();
            out.extend(full(*b"ctts", 0, 0, &[words(&[runs.len() as u32]), words(runs.as_flattened())].concat()));
        }
        out.extend(full(*b"stss", 0, 0, &[words(&[keys.len() as u32]), words(keys)].concat()));
    }
    // All chunks are of one length but perhaps the last.
    let (chunks, last) = (plan.chunks(), plan.chunk(plan.chunks() - 1).len() as u32);
    let mut runs = vec![[1, plan.per_chunk as u32, 1]];
    if last != plan.per_chunk as u32 {
        if chunks == 1 {
            runs.clear();
        }
        runs.push([chunks as u32, last, 1]);
    }
    out.extend(full(*b"stsc", 0, 0, &[words(&[runs.len() as u32]), words(runs.as_flattened())].concat()));
    out.extend(full(*b"stsz", 0, 0, &[words(&[0, count]), words(&plan.sizes)].concat()));
    let entries: Vec<u8> = if wide {
        offsets.iter().flat_map(|o| o.to_be_bytes()).collect()
    } else {
        offsets.iter().flat_map(|&o| (o as u32).to_be_bytes()).collect()
    };
    let kind = if wide { *b"co64" } else { *b"stco" };
    out.extend(full(kind, 0, 0, &[words(&[offsets.len() as u32]), entries].concat()));
    if let Kind::Audio = plan.kind {
        // Each block needs the one before it for its overlap: a roll distance of -1 (ISO/IEC 14496-12 10.1).
        out.extend(full(*b"sgpd", 1, 0, b"roll\0\0\0\x02\0\0\0\x01\xff\xff"));
        out.extend(full(*b"sbgp", 0, 0, &[b"roll".to_vec(), words(&[1, count, 1])].concat()));
    }
    bx(*b"stbl", &out)
}
