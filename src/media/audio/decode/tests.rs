use std::io::Cursor;

use super::{super::encode_wav, *};

#[test]
fn a_sound_is_given_up_as_soon_as_it_is_too_long() {
    let long = Pcm { samples: vec![0.1; 80_000], rate: 8000 };
    let bytes = encode_wav(&long, &[]).unwrap();
    let limits = Limits { max_duration_seconds: 9.0, ..Limits::default() };
    assert!(matches!(decode(Cursor::new(&bytes), &limits), Err(MediaError::TooLarge(_))));
    assert!(matches!(survey(Cursor::new(&bytes), &limits), Err(MediaError::TooLarge(_))));
    let found = survey(Cursor::new(&bytes), &Limits::default()).unwrap();
    assert_eq!((found.rate, found.channels), (8000, 1));
    assert!((found.duration_seconds - 10.0).abs() < 1e-9);
}

#[test]
fn a_wav_comes_back_sample_for_sample() {
    let sound = Pcm { samples: (0..5000).map(|i| ((i * 37 % 2000) as f32 - 1000.0) / 1100.0).collect(), rate: 44_100 };
    let back = decode(Cursor::new(encode_wav(&sound, &[]).unwrap()), &Limits::default()).unwrap();
    assert_eq!((back.rate, back.samples.len()), (44_100, 5000));
    let worst = sound.samples.iter().zip(&back.samples).map(|(a, b)| (a - b).abs()).fold(0.0, f32::max);
    assert!(worst < 1e-4, "{worst}");
}

#[test]
fn what_is_no_sound_is_an_error() {
    for bytes in [&b""[..], b"hello", &[0; 4096], &[0xFF; 4096]] {
        assert!(decode(Cursor::new(bytes), &Limits::default()).is_err());
        assert!(survey(Cursor::new(bytes), &Limits::default()).is_err());
    }
}

#[test]
fn opus_gives_the_tone_from_its_first_sample_on() {
    let bytes = include_bytes!("../../fixtures/tone.opus");
    let sound = decode(Cursor::new(bytes), &Limits::default()).unwrap();
    assert_eq!(sound.rate, 48_000);
    assert!((sound.duration_seconds() - 1.2).abs() < 0.001, "{}", sound.duration_seconds());
    let found = survey(Cursor::new(bytes), &Limits::default()).unwrap();
    assert!((found.duration_seconds - 1.2).abs() < 0.03, "{}", found.duration_seconds);
    // ffmpeg's sine begins at zero and rises, with an eighth of full scale: the pre-skip is gone to a third of a
    // period, and the gain is right.
    let wanted = |i: usize| 0.125 * (i as f32 / 48_000.0 * 440.0 * std::f32::consts::TAU).sin();
    let off = (4800..9600).map(|i| (sound.samples[i] - wanted(i)).abs()).fold(0.0, f32::max);
    assert!(off < 0.02, "off by {off}");
}

#[test]
fn hostile_opus_headers_and_packets_are_survived() {
    let bytes = include_bytes!("../../fixtures/tone.opus");
    let head = bytes.windows(8).position(|w| w == b"OpusHead").unwrap();
    for at in head..head + 19 {
        for value in [0, 1, 2, 3, 127, 255] {
            let mut broken = bytes.to_vec();
            broken[at] = value;
            let _ = decode(Cursor::new(&broken), &Limits::default());
            let _ = survey(Cursor::new(&broken), &Limits::default());
        }
    }
    for at in (head + 19..bytes.len()).step_by(7) {
        let mut broken = bytes.to_vec();
        broken[at] ^= 0xFF;
        let _ = decode(Cursor::new(&broken), &Limits::default());
    }
}
