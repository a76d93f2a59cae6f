//! A progressive MP4 writer: one H.264 track, one AAC-LC track, `moov` before `mdat`.
//!
//! The AAC encoder's priming is cut by an edit list (ISO/IEC 14496-12 8.6.6), so that sound and picture both start at
//! exactly zero; the movie's time scale divides both the frame and the sample period, so that no duration is rounded.
//! Refuses everything else: no fragments, no reordered pictures, no metadata.

use super::super::MediaError;

/// An H.264 track: one access unit a frame, in decoding order, which is also the order of presentation.
#[derive(Debug, Clone, Default)]
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
    pub samples: Vec<Vec<u8>>,
    /// Which frames are key frames, counted from 1.
    pub keys: Vec<u32>,
}

/// An AAC-LC track: one raw data block a sample, each of 1024 sound samples.
#[derive(Debug, Clone, Default)]
pub struct AudioTrack {
    /// Samples a second.
    pub rate: u32,
    /// The `AudioSpecificConfig` (ISO/IEC 14496-3 1.6.2.1).
    pub config: Vec<u8>,
    /// The raw data blocks.
    pub samples: Vec<Vec<u8>>,
    /// Decoded samples before the sound proper.
    pub priming: u32,
    /// Samples of the sound proper.
    pub length: u64,
    /// Bits a second aimed at.
    pub bitrate: u32,
}

/// Sound samples in one AAC-LC block.
pub const AAC_BLOCK: u32 = 1024;

/// Writes a whole film. At least one of the tracks is wanted.
///
/// # Errors
/// [`MediaError::Encode`] where the tracks are empty, or so long that a 32-bit duration cannot hold them.
pub fn write_mp4(video: Option<&VideoTrack>, audio: Option<&AudioTrack>) -> Result<Vec<u8>, MediaError> {
    let movie = Movie::plan(video, audio)?;
    let ftyp = file_type(video.is_some());
    // The offsets' values do not change the size of `moov`, only their width does.
    let mut header = movie.header(0, false)?;
    let payload = movie.payload_bytes();
    let mut wide = false;
    if ftyp.len() as u64 + header.len() as u64 + 16 + payload > u64::from(u32::MAX) {
        wide = true;
        header = movie.header(0, wide)?;
    }
    let mdat_header: usize = if payload + 8 > u64::from(u32::MAX) { 16 } else { 8 };
    let base = (ftyp.len() + header.len() + mdat_header) as u64;
    let header = movie.header(base, wide)?;

    let mut out = Vec::with_capacity(usize::try_from(base + payload).unwrap_or(0));
    out.extend_from_slice(&ftyp);
    out.extend_from_slice(&header);
    if mdat_header == 16 {
        out.extend_from_slice(&1u32.to_be_bytes());
        out.extend_from_slice(b"mdat");
        out.extend_from_slice(&(payload + 16).to_be_bytes());
    } else {
        out.extend_from_slice(&((payload + 8) as u32).to_be_bytes());
        out.extend_from_slice(b"mdat");
    }
    for &(track, chunk) in &movie.order {
        for sample in movie.tracks[track].chunk(chunk) {
            out.extend_from_slice(sample);
        }
    }
    Ok(out)
}

/// One track as both kinds look to the sample tables.
struct Plan<'a> {
    samples: &'a [Vec<u8>],
    per_chunk: usize,
    timescale: u32,
    sample_duration: u32,
    /// In the movie's time scale.
    presented: u64,
    /// Where the presentation starts, in the track's time scale.
    media_time: u32,
    source: Source<'a>,
}

enum Source<'a> {
    Video(&'a VideoTrack),
    Audio(&'a AudioTrack),
}

impl Plan<'_> {
    fn chunks(&self) -> usize {
        self.samples.len().div_ceil(self.per_chunk)
    }

    fn chunk(&self, index: usize) -> &[Vec<u8>] {
        let start = index * self.per_chunk;
        &self.samples[start..self.samples.len().min(start + self.per_chunk)]
    }
}

struct Movie<'a> {
    timescale: u32,
    tracks: Vec<Plan<'a>>,
    /// Chunks in file order: track and chunk index.
    order: Vec<(usize, usize)>,
}

impl<'a> Movie<'a> {
    fn plan(video: Option<&'a VideoTrack>, audio: Option<&'a AudioTrack>) -> Result<Self, MediaError> {
        let fps = video.map_or(1, |v| v.fps);
        let rate = audio.map_or(1, |a| a.rate);
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
        if let Some(v) = video {
            tracks.push(Plan {
                samples: &v.samples,
                per_chunk: (fps / 2).max(1) as usize,
                // 512 ticks a frame, as is usual: players that round to ticks stay well under a frame.
                timescale: fps * 512,
                sample_duration: 512,
                presented: v.samples.len() as u64 * u64::from(timescale / fps),
                media_time: 0,
                source: Source::Video(v),
            });
        }
        if let Some(a) = audio {
            tracks.push(Plan {
                samples: &a.samples,
                per_chunk: (rate / (2 * AAC_BLOCK)).max(1) as usize,
                timescale: rate,
                sample_duration: AAC_BLOCK,
                presented: a.length * u64::from(timescale / rate),
                media_time: a.priming,
                source: Source::Audio(a),
            });
        }
        if tracks.is_empty() || tracks.iter().any(|t| t.samples.is_empty()) {
            return Err(MediaError::Encode("a film needs at least one frame, a sound at least one block".into()));
        }
        let mut order = Vec::new();
        for chunk in 0..tracks.iter().map(Plan::chunks).max().unwrap_or(0) {
            order.extend((0..tracks.len()).filter(|&t| chunk < tracks[t].chunks()).map(|t| (t, chunk)));
        }
        Ok(Self { timescale, tracks, order })
    }

    fn payload_bytes(&self) -> u64 {
        self.tracks.iter().flat_map(|t| t.samples).map(|s| s.len() as u64).sum()
    }

    /// The `moov` box, for sample data that starts at byte `base` of the file.
    fn header(&self, base: u64, wide: bool) -> Result<Vec<u8>, MediaError> {
        let mut offsets = vec![Vec::new(); self.tracks.len()];
        let mut position = base;
        for &(track, chunk) in &self.order {
            offsets[track].push(position);
            position += self.tracks[track].chunk(chunk).iter().map(|s| s.len() as u64).sum::<u64>();
        }
        let duration = self.tracks.iter().map(|t| t.presented).max().unwrap_or(0);
        let mut moov = movie_header(self.timescale, ticks(duration)?, self.tracks.len() as u32 + 1);
        for (index, track) in self.tracks.iter().enumerate() {
            moov.extend(track_box(index as u32 + 1, track, &offsets[index], wide)?);
        }
        Ok(bx(*b"moov", &moov))
    }
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

fn bx(kind: [u8; 4], body: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(body.len() + 8);
    out.extend_from_slice(&((body.len() + 8) as u32).to_be_bytes());
    out.extend_from_slice(&kind);
    out.extend_from_slice(body);
    out
}

fn full(kind: [u8; 4], version: u8, flags: u32, body: &[u8]) -> Vec<u8> {
    let mut out = (u32::from(version) << 24 | flags).to_be_bytes().to_vec();
    out.extend_from_slice(body);
    bx(kind, &out)
}

fn words(values: &[u32]) -> Vec<u8> {
    values.iter().flat_map(|v| v.to_be_bytes()).collect()
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

fn track_box(id: u32, plan: &Plan<'_>, offsets: &[u64], wide: bool) -> Result<Vec<u8>, MediaError> {
    let presented = ticks(plan.presented)?;
    let (volume, width, height) = match plan.source {
        Source::Video(v) => (0u32, u32::from(v.width) << 16, u32::from(v.height) << 16),
        Source::Audio(_) => (0x0100_0000, 0, 0),
    };
    let mut tkhd = words(&[0, 0, id, 0, presented, 0, 0, 0, volume]);
    tkhd.extend(words(&UNITY_MATRIX));
    tkhd.extend(words(&[width, height]));
    let media_duration = ticks(plan.samples.len() as u64 * u64::from(plan.sample_duration))?;
    let mut mdhd = words(&[0, 0, plan.timescale, media_duration]);
    // The language "und", packed as three five-bit letters.
    mdhd.extend_from_slice(&[0x55, 0xC4, 0, 0]);
    let (handler, header) = match plan.source {
        Source::Video(_) => (&b"\0\0\0\0vide\0\0\0\0\0\0\0\0\0\0\0\0VideoHandler\0"[..], full(*b"vmhd", 0, 1, &[0; 8])),
        Source::Audio(_) => (&b"\0\0\0\0soun\0\0\0\0\0\0\0\0\0\0\0\0SoundHandler\0"[..], full(*b"smhd", 0, 0, &[0; 4])),
    };
    let mut dref = words(&[1]);
    dref.extend(full(*b"url ", 0, 1, &[]));
    let minf = [header, bx(*b"dinf", &full(*b"dref", 0, 0, &dref)), sample_table(plan, offsets, wide)].concat();
    let mdia = [full(*b"mdhd", 0, 0, &mdhd), full(*b"hdlr", 0, 0, handler), bx(*b"minf", &minf)].concat();
    let edit = full(*b"elst", 0, 0, &words(&[1, presented, plan.media_time, 0x10000]));
    let trak = [full(*b"tkhd", 0, 3, &tkhd), bx(*b"edts", &edit), bx(*b"mdia", &mdia)].concat();
    Ok(bx(*b"trak", &trak))
}

fn sample_table(plan: &Plan<'_>, offsets: &[u64], wide: bool) -> Vec<u8> {
    let count = plan.samples.len() as u32;
    let mut out = match plan.source {
        Source::Video(v) => full(*b"stsd", 0, 0, &[words(&[1]), avc_entry(v)].concat()),
        Source::Audio(a) => full(*b"stsd", 0, 0, &[words(&[1]), aac_entry(a)].concat()),
    };
    out.extend(full(*b"stts", 0, 0, &words(&[1, count, plan.sample_duration])));
    if let Source::Video(v) = plan.source {
        out.extend(full(*b"stss", 0, 0, &[words(&[v.keys.len() as u32]), words(&v.keys)].concat()));
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
    let sizes: Vec<u32> = plan.samples.iter().map(|s| s.len() as u32).collect();
    out.extend(full(*b"stsz", 0, 0, &[words(&[0, count]), words(&sizes)].concat()));
    let entries: Vec<u8> = if wide {
        offsets.iter().flat_map(|o| o.to_be_bytes()).collect()
    } else {
        offsets.iter().flat_map(|&o| (o as u32).to_be_bytes()).collect()
    };
    let kind = if wide { *b"co64" } else { *b"stco" };
    out.extend(full(kind, 0, 0, &[words(&[offsets.len() as u32]), entries].concat()));
    if let Source::Audio(_) = plan.source {
        // Each block needs the one before it for its overlap: a roll distance of -1 (ISO/IEC 14496-12 10.1).
        out.extend(full(*b"sgpd", 1, 0, b"roll\0\0\0\x02\0\0\0\x01\xff\xff"));
        out.extend(full(*b"sbgp", 0, 0, &[b"roll".to_vec(), words(&[1, count, 1])].concat()));
    }
    bx(*b"stbl", &out)
}

/// The `avc1` sample entry (ISO/IEC 14496-15 5.4.2.1).
fn avc_entry(video: &VideoTrack) -> Vec<u8> {
    let mut out = vec![0, 0, 0, 0, 0, 0, 0, 1];
    out.extend_from_slice(&[0; 16]);
    out.extend_from_slice(&video.width.to_be_bytes());
    out.extend_from_slice(&video.height.to_be_bytes());
    // 72 dpi both ways, one frame a sample, no compressor name, depth 24.
    out.extend(words(&[0x0048_0000, 0x0048_0000, 0]));
    out.extend_from_slice(&[0, 1]);
    out.extend_from_slice(&[0; 32]);
    out.extend_from_slice(&[0, 24, 0xFF, 0xFF]);
    let profile: Vec<u8> = video.sps.get(1..4).map_or_else(|| vec![66, 0, 30], <[u8]>::to_vec);
    let mut avcc = vec![1, profile[0], profile[1], profile[2], 0xFF, 0xE1];
    avcc.extend_from_slice(&(video.sps.len() as u16).to_be_bytes());
    avcc.extend_from_slice(&video.sps);
    avcc.push(1);
    avcc.extend_from_slice(&(video.pps.len() as u16).to_be_bytes());
    avcc.extend_from_slice(&video.pps);
    if !matches!(profile[0], 66 | 77 | 88) {
        // High profiles: chroma format 4:2:0, 8 bits of luma and chroma, no extension.
        avcc.extend_from_slice(&[0xFD, 0xF8, 0xF8, 0]);
    }
    out.extend(bx(*b"avcC", &avcc));
    // BT.709 primaries, transfer and matrix, limited range: what `video::yuv` makes and the VUI says.
    out.extend(bx(*b"colr", b"nclx\0\x01\0\x01\0\x01\0"));
    out.extend(bx(*b"pasp", &words(&[1, 1])));
    let total: u64 = video.samples.iter().map(|s| s.len() as u64).sum();
    out.extend(bit_rate(
        video.samples.iter().map(|s| s.len() as u32).max().unwrap_or(0),
        total * 8 * u64::from(video.fps) / video.samples.len().max(1) as u64,
    ));
    bx(*b"avc1", &out)
}

/// The `btrt` box: the decoder's buffer in bytes, the highest and the average rate in bits a second.
fn bit_rate(buffer: u32, average: u64) -> Vec<u8> {
    let average = u32::try_from(average).unwrap_or(u32::MAX);
    bx(*b"btrt", &words(&[buffer, average, average]))
}

/// The `mp4a` sample entry with its elementary stream descriptor (ISO/IEC 14496-1 7.2.6.5).
fn aac_entry(audio: &AudioTrack) -> Vec<u8> {
    let mut out = vec![0, 0, 0, 0, 0, 0, 0, 1];
    out.extend_from_slice(&[0; 8]);
    out.extend_from_slice(&[0, 1, 0, 16, 0, 0, 0, 0]);
    // 16.16 fixed point: rates above 65,535 Hz do not fit and are left to the configuration.
    out.extend(words(&[audio.rate.checked_mul(0x10000).unwrap_or(0)]));
    let buffer = audio.samples.iter().map(Vec::len).max().unwrap_or(0) as u32;
    let mut decoder = vec![0x40, 0x15];
    decoder.extend_from_slice(&buffer.to_be_bytes()[1..]);
    decoder.extend(words(&[audio.bitrate, audio.bitrate]));
    decoder.extend(descriptor(5, &audio.config));
    let stream = [vec![0, 0, 0], descriptor(4, &decoder), descriptor(6, &[2])].concat();
    out.extend(full(*b"esds", 0, 0, &descriptor(3, &stream)));
    out.extend(bit_rate(buffer, u64::from(audio.bitrate)));
    bx(*b"mp4a", &out)
}

/// An MPEG-4 descriptor: a tag and a size of four seven-bit groups.
fn descriptor(tag: u8, body: &[u8]) -> Vec<u8> {
    let n = body.len() as u32;
    let mut out = vec![tag, (n >> 21) as u8 | 0x80, (n >> 14) as u8 | 0x80, (n >> 7) as u8 | 0x80, n as u8 & 0x7F];
    out.extend_from_slice(body);
    out
}
