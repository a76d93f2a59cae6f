use std::io::Cursor;

use super::{
    super::{audio::Pcm, video},
    *,
};

macro_rules! fixture {
    ($name:literal) => {
        include_bytes!(concat!("../fixtures/", $name)) as &[u8]
    };
}

fn probed(bytes: &[u8]) -> Result<Probe, MediaError> {
    probe(Cursor::new(bytes), &Limits::default())
}

fn tone() -> Pcm {
    Pcm { samples: (0..26_460).map(|i| 0.4 * (i as f32 * 0.125).sin()).collect(), rate: 22_050 }
}

fn picture() -> ::image::RgbaImage {
    ::image::RgbaImage::from_fn(40, 30, |x, y| ::image::Rgba([(x * 6) as u8, (y * 8) as u8, 77, 255]))
}

fn written(format: ::image::ImageFormat) -> Vec<u8> {
    let mut out = Cursor::new(Vec::new());
    ::image::DynamicImage::ImageRgba8(picture()).to_rgb8().write_to(&mut out, format).unwrap();
    out.into_inner()
}

fn film() -> Vec<u8> {
    let format = video::FilmFormat { width: 64, height: 48, fps: 10 };
    let mut writer = video::FilmWriter::new(format, &tone(), Box::new(Cursor::new(Vec::new()))).unwrap();
    for t in 0..12u32 {
        let frame = ::image::RgbImage::from_fn(64, 48, |x, y| ::image::Rgb([(x * 4) as u8, (y * 5 + t * 8) as u8, 90]));
        writer.push(&frame).unwrap();
    }
    let mut out = Vec::new();
    writer.finish(None, &mut out).unwrap();
    out
}

/// One file of every format that is taken.
fn samples() -> Vec<(&'static str, Vec<u8>)> {
    use ::image::ImageFormat::{Bmp, Gif, Jpeg, Png, WebP};
    vec![
        ("png", written(Png)),
        ("jpeg", written(Jpeg)),
        ("webp", written(WebP)),
        ("gif", written(Gif)),
        ("bmp", written(Bmp)),
        ("wav", audio::encode_wav(&tone(), &[("ISFT", "test")]).unwrap()),
        ("mp3", fixture!("tone.mp3").to_vec()),
        ("adts", fixture!("tone.aac").to_vec()),
        ("m4a", fixture!("tone.m4a").to_vec()),
        ("ogg", fixture!("tone.ogg").to_vec()),
        ("opus", fixture!("tone.opus").to_vec()),
        ("flac", fixture!("tone.flac").to_vec()),
        ("mov", fixture!("film.mov").to_vec()),
        ("fragmented", fixture!("fragmented.mp4").to_vec()),
        ("webm", fixture!("film.webm").to_vec()),
        ("mkv", fixture!("film.mkv").to_vec()),
        ("our own film", film()),
        ("our own m4a", video::encode_m4a(&tone()).unwrap()),
    ]
}

#[test]
fn every_format_is_known_for_what_it_is() {
    let wanted = [
        ("image/png", "png"),
        ("image/jpeg", "jpg"),
        ("image/webp", "webp"),
        ("image/gif", "gif"),
        ("image/bmp", "bmp"),
        ("audio/wav", "wav"),
        ("audio/mpeg", "mp3"),
        ("audio/aac", "aac"),
        ("audio/mp4", "m4a"),
        ("audio/ogg", "ogg"),
        ("audio/ogg", "ogg"),
        ("audio/flac", "flac"),
        ("video/quicktime", "mov"),
        ("video/mp4", "mp4"),
        ("video/webm", "webm"),
        ("video/x-matroska", "mkv"),
        ("video/mp4", "mp4"),
        ("audio/mp4", "m4a"),
    ];
    for ((name, bytes), (content_type, extension)) in samples().into_iter().zip(wanted) {
        let found = probed(&bytes).unwrap_or_else(|error| panic!("{name}: {error}"));
        assert_eq!((found.content_type, found.extension), (content_type, extension), "{name}");
        assert!(content_type.starts_with(found.kind.as_str()), "{name}");
        match found.kind {
            AssetKind::Image => assert_eq!((found.width, found.height), (Some(40), Some(30)), "{name}"),
            AssetKind::Audio => assert_eq!((found.width, found.height), (None, None), "{name}"),
            AssetKind::Video => assert_eq!((found.width, found.height), (Some(64), Some(48)), "{name}"),
        }
        assert_eq!(found.has_audio, found.kind != AssetKind::Image, "{name}");
        if found.kind == AssetKind::Image {
            assert_eq!(found.duration_seconds, None);
        } else {
            let seconds = found.duration_seconds.unwrap();
            // ADTS and MP3 streams carry the encoder's priming and padding, the fragmented film 0.2 s of delay.
            assert!((1.19..1.41).contains(&seconds), "{name}: {seconds}");
        }
    }
}

#[test]
fn sounds_decode_to_the_tone_they_are() {
    for (name, bytes) in samples() {
        if probed(&bytes).unwrap().kind == AssetKind::Image {
            assert!(audio::decode(Cursor::new(&bytes), &Limits::default()).is_err());
            continue;
        }
        let sound = audio::decode(Cursor::new(&bytes), &Limits::default()).unwrap_or_else(|e| panic!("{name}: {e}"));
        assert!((1.19..1.31).contains(&sound.duration_seconds()), "{name}: {}", sound.duration_seconds());
        // 440 Hz crosses zero upwards 440 times a second, ffmpeg's sine as well as ours.
        let middle = &sound.samples[sound.samples.len() / 4..sound.samples.len() * 3 / 4];
        let crossings = middle.windows(2).filter(|w| w[0] < 0.0 && w[1] >= 0.0).count() as f64;
        let hz = crossings / (middle.len() as f64 / f64::from(sound.rate));
        assert!((hz - 440.0).abs() < 8.0, "{name}: {hz} Hz");
    }
}

#[test]
fn a_film_that_is_to_be_turned_stands_upright() {
    let found = probed(fixture!("turned.mp4")).unwrap();
    assert_eq!((found.width, found.height), (Some(48), Some(64)));
    let poster = video::read_poster(&mut Cursor::new(fixture!("turned.mp4")), &Limits::default()).unwrap().unwrap();
    assert_eq!(poster.dimensions(), (48, 64));
    let flat = video::read_poster(&mut Cursor::new(fixture!("film.mov")), &Limits::default()).unwrap().unwrap();
    assert_eq!(flat.dimensions(), (64, 48));
}

#[test]
fn lengths_over_the_limit_are_refused() {
    let limits = Limits { max_duration_seconds: 1.0, ..Limits::default() };
    for (name, bytes) in samples().into_iter().skip(5) {
        assert!(matches!(probe(Cursor::new(&bytes), &limits), Err(MediaError::TooLarge(_))), "{name}");
        assert!(matches!(audio::decode(Cursor::new(&bytes), &limits), Err(MediaError::TooLarge(_))), "{name}");
    }
    let limits = Limits { max_side: 20, ..Limits::default() };
    for (name, bytes) in samples() {
        let refused = matches!(probe(Cursor::new(&bytes), &limits), Err(MediaError::TooLarge(_)));
        assert_eq!(refused, probed(&bytes).unwrap().width.is_some(), "{name}");
    }
}

#[test]
fn what_is_not_taken_says_so() {
    for (bytes, name) in [("%PDF-1.4 ....", "PDF"), ("hello world", "plain text")] {
        let Err(MediaError::Unsupported(message)) = probed(bytes.as_bytes()) else { panic!("{name} was taken") };
        assert!(message.contains(name), "{message}");
    }
    assert!(matches!(probed(b""), Err(MediaError::Damaged(_))));
}

#[test]
fn half_a_file_is_damaged() {
    for (name, bytes) in samples() {
        let cut = &bytes[..bytes.len() / 2];
        match probed(cut) {
            Err(MediaError::Damaged(_)) => assert_ne!(name, "adts"),
            // A stream of ADTS frames states no length: half of it is a shorter sound.
            Ok(found) if name == "adts" => assert!(found.duration_seconds.unwrap() < 0.9),
            other => panic!("{name}: {other:?}"),
        }
    }
}

/// Everything that reads an upload, on bytes that may be anything.
fn read_all(bytes: &[u8], limits: &Limits) {
    let _ = probe(Cursor::new(bytes), limits);
    let _ = audio::decode(Cursor::new(bytes), limits);
    let _ = audio::decode_wav(bytes);
    let _ = image::decode(bytes, limits);
    let _ = image::normalise_upload(bytes, limits);
    let _ = video::read_poster(&mut Cursor::new(bytes), limits);
}

/// Truncations and damage of every format: any answer will do, but no panic. `FUZZ_ROUNDS` asks for more.
#[test]
fn hostile_files_are_survived() {
    let limits = Limits { max_pixels: 1 << 20, max_side: 2048, max_duration_seconds: 30.0, max_image_bytes: 1 << 20 };
    let rounds = std::env::var("FUZZ_ROUNDS").ok().and_then(|rounds| rounds.parse().ok()).unwrap_or(48);
    for (index, (_, bytes)) in samples().into_iter().enumerate() {
        for part in 0..24 {
            read_all(&bytes[..bytes.len() * part / 24], &limits);
        }
        let mut chance = 0x9E37_79B9_7F4A_7C15u64 ^ index as u64;
        let mut next = || {
            chance ^= chance << 13;
            chance ^= chance >> 7;
            chance ^= chance << 17;
            chance as usize
        };
        for round in 0..rounds {
            let mut damaged = bytes.clone();
            for _ in 0..=round % 4 {
                // Headers are where lies matter: half of the damage goes to the first 256 bytes.
                let reach = if round % 2 == 0 { damaged.len().min(256) } else { damaged.len() };
                let at = next() % reach;
                damaged[at] = match round % 3 {
                    0 => damaged[at] ^ (1 << (next() % 8)),
                    1 => 0xFF,
                    _ => next() as u8,
                };
            }
            read_all(&damaged, &limits);
        }
    }
}

/// Every 32-bit number of an MP4's header replaced by the largest: counts, sizes and offsets that lie.
#[test]
fn films_with_absurd_tables_are_survived() {
    let limits = Limits { max_duration_seconds: 30.0, ..Limits::default() };
    for bytes in [film(), fixture!("film.mov").to_vec(), fixture!("fragmented.mp4").to_vec()] {
        let header = bytes.windows(4).position(|w| w == b"moov").unwrap();
        for at in (header..(header + 1800).min(bytes.len() - 4)).step_by(4) {
            for lie in [0xFFFF_FFFFu32, 0x7FFF_FFFF, 0] {
                let mut damaged = bytes.clone();
                damaged[at..at + 4].copy_from_slice(&lie.to_be_bytes());
                let _ = probe(Cursor::new(&damaged), &limits);
                let _ = video::read_poster(&mut Cursor::new(&damaged), &limits);
            }
        }
    }
}
