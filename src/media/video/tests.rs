use std::io::Cursor;

use image::Rgb;

use super::{super::audio::decode, *};
use crate::media::{
    mp4::read::{Movie, Sample},
    subtitles::Cue,
};

/// A soundtrack of near silence with a click of 2 ms at each of `at` seconds.
fn clicks(rate: u32, seconds: f64, at: &[f64]) -> Pcm {
    let mut samples = vec![0.0f32; (seconds * f64::from(rate)) as usize];
    for &time in at {
        let start = (time * f64::from(rate)) as usize;
        for (i, sample) in samples[start..].iter_mut().take(rate as usize / 500).enumerate() {
            *sample = 0.9 * if i % 2 == 0 { 1.0 } else { -1.0 };
        }
    }
    Pcm { samples, rate }
}

/// A face-like frame: smooth shading, some texture, a disc that moves with `t`.
fn frame(width: u32, height: u32, t: usize) -> RgbImage {
    RgbImage::from_fn(width, height, |x, y| {
        let (cx, cy) = (width as f32 * (0.5 + 0.2 * (t as f32 * 0.2).sin()), height as f32 * 0.5);
        let near = ((height as f32 * 0.25 - (x as f32 - cx).hypot(y as f32 - cy)) / 3.0).clamp(0.0, 1.0);
        let grain = ((x * 7 + y * 13) % 11) as f32;
        let back = [x as f32 * 200.0 / width as f32, y as f32 * 180.0 / height as f32, 90.0];
        Rgb([0, 1, 2].map(|c| (back[c] * (1.0 - near) + [215.0, 160.0, 130.0][c] * near + grain) as u8))
    })
}

fn start(width: u32, height: u32, fps: u32, sound: &Pcm) -> Result<FilmWriter, MediaError> {
    FilmWriter::new(FilmFormat { width, height, fps }, sound, Box::new(Cursor::new(Vec::new())))
}

fn finish(writer: FilmWriter, subtitles: Option<TextTrack>) -> Result<Vec<u8>, MediaError> {
    let mut out = Vec::new();
    writer.finish(subtitles, &mut out).map(|()| out)
}

fn make_film(width: u32, height: u32, fps: u32, sound: &Pcm) -> Vec<u8> {
    let mut writer = start(width, height, fps, sound).unwrap();
    for t in 0..writer.wanted_frames() {
        writer.push(&frame(width, height, t)).unwrap();
    }
    finish(writer, None).unwrap()
}

fn read(bytes: &[u8]) -> Movie {
    read_movie(&mut Cursor::new(bytes)).unwrap()
}

fn psnr(a: &[u8], b: &[u8]) -> f64 {
    assert_eq!(a.len(), b.len());
    let squares: f64 = a.iter().zip(b).map(|(a, b)| f64::from(a.abs_diff(*b)).powi(2)).sum();
    10.0 * (255.0f64.powi(2) * a.len() as f64 / squares.max(1e-9)).log10()
}

#[test]
fn the_structure_is_a_progressive_film_of_exact_lengths() {
    let sound = clicks(24_000, 2.03, &[1.0]);
    let bytes = make_film(128, 96, 25, &sound);
    let movie = read(&bytes);
    assert_eq!(movie.boxes, [*b"ftyp", *b"moov", *b"mdat"]);
    assert_eq!(movie.tracks.len(), 2);
    let (video, audio) = (&movie.tracks[0], &movie.tracks[1]);
    assert_eq!((video.kind, &video.codec, video.size), (TrackKind::Video, b"avc1", (128, 96)));
    assert_eq!((audio.kind, &audio.codec), (TrackKind::Audio, b"mp4a"));
    assert_eq!(video.colour, Some((1, false)));
    // 2.03 s at 25 frames a second are 51 frames, which is 2.04 s.
    assert_eq!(video.sample_count(), 51);
    assert!((video.duration_seconds(&movie) - 2.04).abs() < 1e-9);
    assert!((audio.duration_seconds(&movie) - sound.duration_seconds()).abs() < 1e-9);
    assert!((movie.duration as f64 / f64::from(movie.timescale) - 2.04).abs() < 1e-9);
    assert_eq!(audio.edits[0].media_time, 1024, "the priming of AAC-LC, one block, is cut");
    // Samples fill the mdat box from end to end without gaps, in both tracks together.
    let mut samples: Vec<Sample> = movie.tracks.iter().flat_map(Track::samples).collect();
    samples.sort_by_key(|s| s.offset);
    assert!(samples.windows(2).all(|w| w[0].offset + u64::from(w[0].size) == w[1].offset));
    assert_eq!(samples.last().map(|s| s.offset + u64::from(s.size)), Some(bytes.len() as u64));
}

#[test]
fn a_key_frame_comes_every_four_seconds_and_none_is_shown_before_it_is_decoded() {
    let bytes = make_film(64, 48, 10, &clicks(24_000, 9.0, &[]));
    let movie = read(&bytes);
    let keys: Vec<usize> = movie.tracks[0].samples().enumerate().filter(|(_, s)| s.key).map(|(i, _)| i).collect();
    assert_eq!(keys, [0, 40, 80]);
    let theirs = re_mp4::Mp4::read_bytes(&bytes).unwrap();
    let samples = &theirs.tracks().values().next().unwrap().samples;
    // That parser counts from the first picture that is shown, as players do after the edit list.
    assert!(samples.iter().all(|s| s.composition_timestamp >= s.decode_timestamp));
    assert!(samples.iter().any(|s| s.composition_timestamp != s.decode_timestamp + 512), "pictures are reordered");
    assert_eq!(movie.tracks[0].edits[0].media_time, 512, "by the one picture that the parameter set tells");
    let mut shown: Vec<i64> = samples.iter().map(|s| s.composition_timestamp).collect();
    shown.sort_unstable();
    assert_eq!(shown, (0..90).map(|i| i * 512).collect::<Vec<i64>>());
}

#[test]
fn another_parser_reads_the_same() {
    let bytes = make_film(64, 64, 30, &clicks(44_100, 1.0, &[0.5]));
    let (ours, theirs) = (read(&bytes), re_mp4::Mp4::read_bytes(&bytes).unwrap());
    for (mine, other) in ours.tracks.iter().zip(theirs.tracks().values()) {
        assert_eq!((mine.timescale as u64, mine.duration), (other.timescale, other.duration));
        // It shifts the times of decoding so that the first picture is shown at zero.
        let delay = if mine.kind == TrackKind::Video { mine.edits[0].media_time } else { 0 };
        let mine: Vec<_> = mine.samples().map(|s| (s.offset, u64::from(s.size), s.time as i64 - delay)).collect();
        let other: Vec<_> = other.samples.iter().map(|s| (s.offset, s.size, s.decode_timestamp)).collect();
        assert_eq!(mine, other);
    }
    assert_eq!(theirs.moov.mvhd.duration, ours.duration);
    let elst = theirs.moov.traks[1].edts.as_ref().unwrap().elst.as_ref().unwrap();
    assert_eq!(elst.entries[0].media_time, 1024);
}

/// Every frame of a film in the order in which it is shown, by a decoder that is not the appliance's.
fn decode_all(bytes: &[u8]) -> Vec<RgbImage> {
    let movie = read(bytes);
    let track = &movie.tracks[0];
    let mut stream = h264::parse_avcc(track.avcc.as_deref().unwrap()).unwrap().0;
    for sample in track.samples() {
        let unit = &bytes[sample.offset as usize..][..sample.size as usize];
        stream.extend_from_slice(&[0, 0, 0, 1]);
        stream.extend_from_slice(&unit[4..]);
    }
    let pictures = rusty_h264_decoder::Decoder::new().decode_stream(&stream).unwrap();
    let convert = |picture: &rusty_h264_common::YuvFrame| {
        yuv::i420_to_rgb(&yuv::Yuv {
            planes: (&picture.y, &picture.u, &picture.v),
            size: (picture.width, picture.height),
            strides: (picture.width, picture.width / 2),
            matrix: yuv::Matrix::Bt709,
            full_range: false,
        })
    };
    pictures.iter().map(|picture| convert(picture).unwrap()).collect()
}

#[test]
fn pictures_come_back_as_they_went_in() {
    // Sides of whole macroblocks and others, more than one group, and groups that end between references.
    for (width, height, fps, seconds) in [(320, 240, 25, 0.6), (128, 96, 5, 6.2), (150, 82, 25, 0.2), (16, 16, 25, 0.4)]
    {
        let pictures = decode_all(&make_film(width, height, fps, &clicks(24_000, seconds, &[])));
        assert_eq!(pictures.len(), (seconds * f64::from(fps)).ceil() as usize);
        for (t, picture) in pictures.iter().enumerate() {
            let quality = psnr(picture, &frame(width, height, t));
            // Of one macroblock each, films have no room to spend bits better.
            let least = if width > 16 { 31.0 } else { 29.0 };
            assert!(quality > least, "frame {t} of {width}x{height}: {quality:.1} dB");
        }
    }
}

#[test]
fn sound_is_where_it_was() {
    for (rate, fps) in [(24_000, 25), (44_100, 30), (48_000, 24), (22_050, 25), (16_000, 30), (96_000, 25)] {
        let wanted = [0.1, 0.5, 0.933];
        let bytes = make_film(32, 32, fps, &clicks(rate, 1.2, &wanted));
        let back = decode(Cursor::new(&bytes), &Limits::default()).unwrap();
        assert!((back.duration_seconds() - 1.2).abs() < 1.0 / f64::from(fps), "{rate}: {}", back.duration_seconds());
        for time in wanted {
            let at = |t: f64| ((t * f64::from(back.rate)) as usize).min(back.samples.len());
            let window = at(time - 0.05)..at(time + 0.05);
            let loudest =
                back.samples[window.clone()].iter().enumerate().max_by(|a, b| a.1.abs().total_cmp(&b.1.abs()));
            let found = (window.start + loudest.unwrap().0) as f64 / f64::from(back.rate);
            // The click lasts 2 ms: its loudest sample is within it, give or take the codec's smearing.
            assert!((found - time - 0.001).abs() < 0.004, "{rate} Hz: {found} for {time}");
        }
    }
}

#[test]
fn the_poster_of_a_film_is_its_first_frame() {
    let bytes = make_film(160, 120, 25, &clicks(24_000, 0.2, &[]));
    let poster = read_poster(&mut Cursor::new(&bytes), &Limits::default()).unwrap().unwrap();
    let poster = image::DynamicImage::ImageRgba8(poster).into_rgb8();
    assert!(psnr(&poster, &frame(160, 120, 0)) > 36.0);
    let small = Limits { max_side: 100, ..Limits::default() };
    assert!(matches!(read_poster(&mut Cursor::new(&bytes), &small), Err(MediaError::TooLarge(_))));
    let sound = encode_m4a(&clicks(24_000, 0.2, &[])).unwrap();
    assert_eq!(read_poster(&mut Cursor::new(&sound), &Limits::default()).unwrap(), None);
}

#[test]
fn the_same_film_gives_the_same_bytes() {
    let sound = clicks(24_000, 0.5, &[0.2]);
    assert_eq!(make_film(64, 48, 25, &sound), make_film(64, 48, 25, &sound));
}

#[test]
fn subtitles_are_a_track_of_their_own() {
    let sound = clicks(24_000, 2.0, &[0.5]);
    let mut writer = start(320, 240, 25, &sound).unwrap();
    for t in 0..writer.wanted_frames() {
        writer.push(&frame(320, 240, t)).unwrap();
    }
    let cue = |start_seconds, end_seconds, text: &str| Cue { start_seconds, end_seconds, text: text.into() };
    let cues = vec![cue(0.1, 0.9, "Grüße"), cue(0.9, 1.5, "two\nlines")];
    let bytes = finish(writer, Some(TextTrack { cues, language: *b"eng" })).unwrap();
    let movie = read(&bytes);
    assert_eq!(movie.tracks.len(), 3);
    let text = &movie.tracks[2];
    assert_eq!((text.kind, &text.codec), (TrackKind::Other, b"tx3g"));
    assert!((text.duration_seconds(&movie) - 2.0).abs() < 1e-9);
    let shown: Vec<(f64, String)> = text
        .samples()
        .map(|s| {
            let body = &bytes[s.offset as usize..][..s.size as usize];
            assert_eq!(usize::from(u16::from_be_bytes([body[0], body[1]])), body.len() - 2);
            (s.time as f64 / f64::from(text.timescale), String::from_utf8(body[2..].to_vec()).unwrap())
        })
        .collect();
    let wanted = [(0.0, ""), (0.1, "Grüße"), (0.9, "two\nlines"), (1.5, "")];
    assert_eq!(shown, wanted.map(|(time, text)| (time, text.to_owned())));
    // The other tracks are what they were.
    assert_eq!(movie.tracks[0].sample_count(), 50);
    let back = decode(Cursor::new(&bytes), &Limits::default()).unwrap();
    assert!((back.duration_seconds() - 2.0).abs() < 1e-3);
}

#[test]
fn a_spool_without_room_ends_the_film() {
    struct Full;
    impl Read for Full {
        fn read(&mut self, _: &mut [u8]) -> std::io::Result<usize> {
            Ok(0)
        }
    }
    impl Write for Full {
        fn write(&mut self, _: &[u8]) -> std::io::Result<usize> {
            Err(std::io::ErrorKind::StorageFull.into())
        }
        fn flush(&mut self) -> std::io::Result<()> {
            Ok(())
        }
    }
    impl Seek for Full {
        fn seek(&mut self, _: SeekFrom) -> std::io::Result<u64> {
            Ok(0)
        }
    }
    let format = FilmFormat { width: 64, height: 64, fps: 25 };
    let mut writer = FilmWriter::new(format, &clicks(24_000, 1.0, &[]), Box::new(Full)).unwrap();
    let pushed: Result<(), MediaError> = (0..500).try_for_each(|t| writer.push(&frame(64, 64, t)));
    assert_eq!(pushed, Err(MediaError::StorageFull), "the encoder's end is noticed while frames are pushed");
}

#[test]
fn what_cannot_be_filmed_is_refused() {
    let silent = Pcm { samples: vec![], rate: 24_000 };
    for (width, height, fps) in
        [(63, 64, 25), (64, 0, 25), (4096, 64, 25), (2400, 2400, 25), (64, 64, 0), (64, 64, 500)]
    {
        assert!(matches!(start(width, height, fps, &silent), Err(MediaError::Encode(_))));
    }
    assert!(start(64, 64, 25, &Pcm { samples: vec![0.0], rate: 0 }).is_err());
    let mut writer = start(64, 64, 25, &silent).unwrap();
    assert!(matches!(writer.push(&RgbImage::new(64, 62)), Err(MediaError::Encode(_))));
    assert!(matches!(finish(writer, None), Err(MediaError::Encode(_))), "a film without frames");
    let mut writer = start(64, 64, 25, &silent).unwrap();
    writer.push(&frame(64, 64, 0)).unwrap();
    let movie = read(&finish(writer, None).unwrap());
    assert_eq!(movie.tracks.len(), 1, "without sound there is no sound track");
}

#[test]
fn a_dropped_film_ends_its_thread() {
    let mut writer = start(64, 64, 25, &clicks(24_000, 10.0, &[])).unwrap();
    writer.push(&frame(64, 64, 0)).unwrap();
    let thread = writer.thread.take().unwrap();
    drop(writer);
    assert!(thread.join().is_ok());
}

#[test]
fn sounds_that_are_no_numbers_are_survived() {
    let mut sound = clicks(24_000, 0.3, &[0.1]);
    sound.samples[100] = f32::NAN;
    sound.samples[200] = f32::INFINITY;
    sound.samples[300] = 40.0;
    let back = decode(Cursor::new(make_film(32, 32, 25, &sound)), &Limits::default()).unwrap();
    assert!(back.samples.iter().all(|s| s.is_finite()));
}
