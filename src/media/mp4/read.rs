//! A reader of MP4 and `QuickTime` files that trusts nothing: tables are read where they lie, no count is believed
//! before the bytes behind it are there, and only `moov` and `moof` boxes are ever held in memory.
//!
//! Gives what a probe and a poster need (tracks, durations, edits, where samples lie); it decodes nothing.

use std::io::{Read, Seek, SeekFrom};

use super::super::MediaError;

/// The most a `moov` or `moof` box may weigh: hours of film stay under a few megabytes.
const MAX_HEADER_BYTES: u64 = 64 << 20;
/// The most top-level boxes; a fragmented film has two a fragment.
const MAX_BOXES: usize = 200_000;

/// What a track carries.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TrackKind {
    /// Pictures.
    Video,
    /// Sound.
    Audio,
    /// Text, time codes, hints.
    Other,
}

/// One entry of an edit list.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Edit {
    /// How long it is shown, in the movie's time scale; zero means to the end.
    pub duration: u64,
    /// Where in the track it starts, in the track's time scale; -1 is a pause.
    pub media_time: i64,
}

/// A sample: one frame or one block of sound.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Sample {
    /// Where it lies, from the start of the file.
    pub offset: u64,
    /// Its size in bytes.
    pub size: u32,
    /// When it is decoded, in the track's time scale.
    pub time: u64,
    /// Whether decoding can start here.
    pub key: bool,
}

/// One track of a film.
#[derive(Debug, Clone)]
pub struct Track {
    /// Its number.
    pub id: u32,
    /// What it carries.
    pub kind: TrackKind,
    /// The four-character code of its codec, `avc1` or `mp4a` for instance.
    pub codec: [u8; 4],
    /// Width and height in pixels as it is shown, so turned where the file says so.
    pub size: (u32, u32),
    /// Quarter turns clockwise that the pictures need to stand upright.
    pub quarter_turns: u8,
    /// Ticks a second.
    pub timescale: u32,
    /// The media's length in ticks, of a fragmented film the sum over its fragments.
    pub duration: u64,
    /// Its edit list, empty where there is none.
    pub edits: Vec<Edit>,
    /// The codec's configuration: the body of `avcC`.
    pub avcc: Option<Vec<u8>>,
    /// Colour as `colr` says: matrix coefficients (ISO/IEC 23091-2) and whether the range is full.
    pub colour: Option<(u16, bool)>,
    tables: Tables,
}

#[derive(Debug, Clone, Default)]
struct Tables {
    times: Vec<u8>,
    sizes: Vec<u8>,
    chunks: Vec<u8>,
    offsets: Vec<u8>,
    wide: bool,
    keys: Option<Vec<u8>>,
}

/// A film's structure.
#[derive(Debug, Clone)]
pub struct Movie {
    /// The kinds of the top-level boxes in file order, at most the first 32.
    pub boxes: Vec<[u8; 4]>,
    /// Ticks a second of the movie.
    pub timescale: u32,
    /// The movie's length in ticks as its header says.
    pub duration: u64,
    /// The tracks.
    pub tracks: Vec<Track>,
}

/// Reads the structure of the film in `reader`.
///
/// # Errors
/// [`MediaError::Damaged`] where a box reaches beyond the file or what every film has is missing.
pub fn read_movie<R: Read + Seek>(reader: &mut R) -> Result<Movie, MediaError> {
    let length = reader.seek(SeekFrom::End(0)).map_err(io)?;
    let (mut position, mut boxes, mut movie, mut count) = (0u64, Vec::new(), None, 0);
    while length - position >= 8 {
        count += 1;
        if count > MAX_BOXES {
            return Err(damaged("too many boxes"));
        }
        let (kind, header, size) = read_box_header(reader, position, length)?;
        if boxes.len() < 32 {
            boxes.push(kind);
        }
        match &kind {
            b"moov" if movie.is_none() => {
                movie = Some(parse_movie(&read_body(reader, position + header, size - header)?)?);
            }
            b"moof" => {
                let Some(movie) = movie.as_mut() else { return Err(damaged("a fragment before the movie header")) };
                add_fragment(movie, &read_body(reader, position + header, size - header)?);
            }
            _ => {}
        }
        position += size;
    }
    let mut movie = movie.ok_or_else(|| damaged("no movie header: the file is cut off, or was never finished"))?;
    movie.boxes = boxes;
    Ok(movie)
}

fn damaged(what: &str) -> MediaError {
    MediaError::Damaged(format!("MP4: {what}"))
}

#[expect(clippy::needless_pass_by_value, reason = "as map_err hands it over")]
fn io(error: std::io::Error) -> MediaError {
    MediaError::Damaged(format!("cannot be read: {error}"))
}

/// Kind, header size and whole size of the box at `position`, which lies wholly inside the file.
fn read_box_header<R: Read + Seek>(
    reader: &mut R,
    position: u64,
    length: u64,
) -> Result<([u8; 4], u64, u64), MediaError> {
    let mut head = [0u8; 16];
    let there = (length - position).min(16) as usize;
    reader.seek(SeekFrom::Start(position)).map_err(io)?;
    reader.read_exact(&mut head[..there]).map_err(io)?;
    let kind = [head[4], head[5], head[6], head[7]];
    let (header, size) = match be32(&head, 0).unwrap_or(0) {
        0 => (8, length - position),
        1 if there == 16 => (16, be64(&head, 8).unwrap_or(0)),
        n => (8, u64::from(n)),
    };
    if size < header || size > length - position {
        return Err(damaged("a box reaches beyond the end: the file is cut off"));
    }
    Ok((kind, header, size))
}

fn read_body<R: Read + Seek>(reader: &mut R, position: u64, size: u64) -> Result<Vec<u8>, MediaError> {
    if size > MAX_HEADER_BYTES {
        return Err(damaged("its header is larger than any film needs"));
    }
    reader.seek(SeekFrom::Start(position)).map_err(io)?;
    let mut body = vec![0; size as usize];
    reader.read_exact(&mut body).map_err(io)?;
    Ok(body)
}

fn be16(data: &[u8], at: usize) -> Option<u16> {
    Some(u16::from_be_bytes(data.get(at..at.checked_add(2)?)?.try_into().ok()?))
}

fn be32(data: &[u8], at: usize) -> Option<u32> {
    Some(u32::from_be_bytes(data.get(at..at.checked_add(4)?)?.try_into().ok()?))
}

fn be64(data: &[u8], at: usize) -> Option<u64> {
    Some(u64::from_be_bytes(data.get(at..at.checked_add(8)?)?.try_into().ok()?))
}

/// The boxes inside `data`; ends at the first that does not fit.
fn children(mut data: &[u8]) -> impl Iterator<Item = ([u8; 4], &[u8])> {
    std::iter::from_fn(move || {
        let size = be32(data, 0)? as usize;
        let kind = data.get(4..8)?.try_into().ok()?;
        let (header, size) = match size {
            0 => (8, data.len()),
            1 => (16, usize::try_from(be64(data, 8)?).ok()?),
            n => (8, n),
        };
        let body = data.get(header..size)?;
        data = &data[size..];
        Some((kind, body))
    })
}

fn find<'a>(data: &'a [u8], path: &[[u8; 4]]) -> Option<&'a [u8]> {
    path.iter().try_fold(data, |inside, wanted| children(inside).find(|(kind, _)| kind == wanted).map(|(_, body)| body))
}

/// Time scale and duration of an `mvhd` or `mdhd` body.
fn scale_and_duration(body: &[u8]) -> Option<(u32, u64)> {
    if *body.first()? == 1 {
        Some((be32(body, 20)?, be64(body, 24)?))
    } else {
        let duration = be32(body, 16)?;
        Some((be32(body, 12)?, if duration == u32::MAX { 0 } else { u64::from(duration) }))
    }
}

fn parse_movie(moov: &[u8]) -> Result<Movie, MediaError> {
    let header = find(moov, &[*b"mvhd"]).and_then(scale_and_duration);
    let (timescale, duration) = header.filter(|h| h.0 > 0).ok_or_else(|| damaged("no usable movie header"))?;
    let tracks: Vec<Track> =
        children(moov).filter(|(kind, _)| kind == b"trak").filter_map(|(_, trak)| parse_track(trak)).take(64).collect();
    if tracks.is_empty() {
        return Err(damaged("no usable track"));
    }
    Ok(Movie { boxes: Vec::new(), timescale, duration, tracks })
}

fn parse_track(trak: &[u8]) -> Option<Track> {
    let tkhd = find(trak, &[*b"tkhd"])?;
    let wide = usize::from(*tkhd.first()? == 1);
    let id = be32(tkhd, 12 + 8 * wide)?;
    let matrix = 40 + 12 * wide;
    let (shown_width, shown_height) = (be32(tkhd, matrix + 36)? >> 16, be32(tkhd, matrix + 40)? >> 16);
    let mdia = find(trak, &[*b"mdia"])?;
    let (timescale, duration) = find(mdia, &[*b"mdhd"]).and_then(scale_and_duration)?;
    let kind = match find(mdia, &[*b"hdlr"])?.get(8..12)? {
        b"vide" => TrackKind::Video,
        b"soun" => TrackKind::Audio,
        _ => TrackKind::Other,
    };
    let stbl = find(mdia, &[*b"minf", *b"stbl"])?;
    let (codec, entry) = find(stbl, &[*b"stsd"]).and_then(|stsd| children(stsd.get(8..)?).next())?;
    let (mut size, mut avcc, mut colour, mut quarter_turns) = ((0, 0), None, None, 0);
    if kind == TrackKind::Video {
        let coded = (u32::from(be16(entry, 24)?), u32::from(be16(entry, 26)?));
        let inner = entry.get(78..).unwrap_or_default();
        avcc = find(inner, &[*b"avcC"]).map(<[u8]>::to_vec);
        colour = find(inner, &[*b"colr"]).and_then(parse_colour);
        quarter_turns = parse_rotation(tkhd.get(matrix..)?);
        size = if shown_width > 0 && shown_height > 0 { (shown_width, shown_height) } else { coded };
        if quarter_turns % 2 == 1 {
            size = (size.1, size.0);
        }
    }
    let table = |kind: [u8; 4]| find(stbl, &[kind]).unwrap_or_default().to_vec();
    let wide = find(stbl, &[*b"stco"]).is_none();
    let tables = Tables {
        times: table(*b"stts"),
        sizes: table(*b"stsz"),
        chunks: table(*b"stsc"),
        offsets: table(if wide { *b"co64" } else { *b"stco" }),
        wide,
        keys: find(stbl, &[*b"stss"]).map(<[u8]>::to_vec),
    };
    let edits = find(trak, &[*b"edts", *b"elst"]).map(parse_edits).unwrap_or_default();
    let timescale = Some(timescale).filter(|&t| t > 0)?;
    Some(Track { id, kind, codec, size, quarter_turns, timescale, duration, edits, avcc, colour, tables })
}

fn parse_colour(colr: &[u8]) -> Option<(u16, bool)> {
    match colr.get(..4)? {
        b"nclx" => Some((be16(colr, 8)?, colr.get(10)? & 0x80 != 0)),
        b"nclc" => Some((be16(colr, 8)?, false)),
        _ => None,
    }
}

/// Quarter turns clockwise of a transformation matrix; anything but a pure rotation counts as none.
fn parse_rotation(matrix: &[u8]) -> u8 {
    let entry = |i: usize| be32(matrix, i * 4).unwrap_or(0) as i32;
    match (entry(0).signum(), entry(1).signum(), entry(3).signum(), entry(4).signum()) {
        (0, 1, -1, 0) => 1,
        (-1, 0, 0, -1) => 2,
        (0, -1, 1, 0) => 3,
        _ => 0,
    }
}

fn parse_edits(elst: &[u8]) -> Vec<Edit> {
    let wide = elst.first() == Some(&1);
    let count = be32(elst, 4).unwrap_or(0) as usize;
    let entry = |i: usize| {
        let at = 8 + i * if wide { 20 } else { 12 };
        Some(if wide {
            Edit { duration: be64(elst, at)?, media_time: be64(elst, at + 8)? as i64 }
        } else {
            Edit { duration: u64::from(be32(elst, at)?), media_time: i64::from(be32(elst, at + 4)? as i32) }
        })
    };
    (0..count.min(1024)).map_while(entry).collect()
}

/// Adds the durations of a `moof`'s runs to the tracks they belong to.
fn add_fragment(movie: &mut Movie, moof: &[u8]) {
    for (_, traf) in children(moof).filter(|(kind, _)| kind == b"traf") {
        let Some(tfhd) = find(traf, &[*b"tfhd"]) else { continue };
        let (Some(flags), Some(id)) = (be32(tfhd, 0), be32(tfhd, 4)) else { continue };
        let default_at = 8 + if flags & 1 != 0 { 8 } else { 0 } + if flags & 2 != 0 { 4 } else { 0 };
        let default = if flags & 8 != 0 { be32(tfhd, default_at) } else { None };
        let Some(track) = movie.tracks.iter_mut().find(|t| t.id == id) else { continue };
        for (_, trun) in children(traf).filter(|(kind, _)| kind == b"trun") {
            track.duration = track.duration.saturating_add(run_duration(trun, default));
        }
    }
}

/// How long the samples of a `trun` last in ticks; entries that are not there do not count.
fn run_duration(trun: &[u8], default: Option<u32>) -> u64 {
    let (Some(flags), Some(count)) = (be32(trun, 0), be32(trun, 4)) else { return 0 };
    let entries = 8 + if flags & 1 != 0 { 4 } else { 0 } + if flags & 4 != 0 { 4 } else { 0 };
    let stride = 4 * (flags >> 8 & 0xF).count_ones() as usize;
    if flags & 0x100 == 0 {
        return u64::from(default.unwrap_or(0)) * u64::from(count.min(1 << 20));
    }
    (0..count as usize).map_while(|i| be32(trun, entries + i * stride)).map(u64::from).sum()
}

impl Track {
    /// The track's length in seconds as it is presented: its edits where it has some, its media otherwise.
    pub fn duration_seconds(&self, movie: &Movie) -> f64 {
        let edited: u64 = self.edits.iter().fold(0, |sum, e| sum.saturating_add(e.duration));
        let media = self.duration as f64 / f64::from(self.timescale);
        if edited == 0 { media } else { edited as f64 / f64::from(movie.timescale) }
    }

    /// How many samples the tables hold; of a fragmented film only those outside the fragments.
    pub fn sample_count(&self) -> u32 {
        be32(&self.tables.sizes, 8).unwrap_or(0)
    }

    /// The samples in decoding order; ends where the tables do, or where they contradict each other.
    pub fn samples(&self) -> impl Iterator<Item = Sample> + '_ {
        let mut walk =
            Walk { chunk: 1, in_chunk: 0, run: 0, offset: None, time: 0, time_run: 0, in_time_run: 0, key: 0 };
        let count = self.sample_count();
        (0..count).map_while(move |index| self.tables.sample(index, &mut walk))
    }
}

/// Where an iteration over the sample tables stands.
struct Walk {
    chunk: u32,
    in_chunk: u32,
    run: usize,
    offset: Option<u64>,
    time: u64,
    time_run: usize,
    in_time_run: u32,
    key: usize,
}

impl Tables {
    fn chunk_offset(&self, chunk: u32) -> Option<u64> {
        let at = chunk as usize - 1;
        if self.wide { be64(&self.offsets, 8 + at * 8) } else { be32(&self.offsets, 8 + at * 4).map(u64::from) }
    }

    fn sample(&self, index: u32, walk: &mut Walk) -> Option<Sample> {
        let size = match be32(&self.sizes, 4)? {
            0 => be32(&self.sizes, 12 + index as usize * 4)?,
            uniform => uniform,
        };
        let per_chunk = be32(&self.chunks, 8 + walk.run * 12 + 4)?;
        let offset = match walk.offset {
            Some(offset) => offset,
            None => self.chunk_offset(walk.chunk)?,
        };
        let delta = loop {
            if be32(&self.times, 8 + walk.time_run * 8)? > walk.in_time_run {
                break be32(&self.times, 12 + walk.time_run * 8)?;
            }
            walk.time_run += 1;
            walk.in_time_run = 0;
        };
        let key = self.keys.as_ref().is_none_or(|keys| be32(keys, 8 + walk.key * 4) == Some(index + 1));
        let sample = Sample { offset, size, time: walk.time, key };
        walk.key += usize::from(key);
        walk.time = walk.time.checked_add(u64::from(delta))?;
        walk.in_time_run += 1;
        walk.in_chunk += 1;
        walk.offset = Some(offset.checked_add(u64::from(size))?);
        if walk.in_chunk >= per_chunk {
            walk.chunk = walk.chunk.checked_add(1)?;
            walk.in_chunk = 0;
            walk.offset = None;
            if be32(&self.chunks, 8 + (walk.run + 1) * 12) == Some(walk.chunk) {
                walk.run += 1;
            }
        }
        Some(sample)
    }
}
