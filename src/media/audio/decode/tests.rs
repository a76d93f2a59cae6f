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
