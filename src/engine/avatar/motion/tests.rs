//! Motion without pictures: closures, pauses, blinks, chance.

use super::*;

const SOUND_RATE: u32 = 24_000;

/// Phonemes of even length one after another, and a sound that is loud in all but the pauses.
pub(in crate::engine::avatar) fn spoken(symbols: &str, seconds: f32) -> (Pcm, Vec<TimedPhoneme>) {
    let (mut samples, mut phonemes) = (Vec::new(), Vec::new());
    for (i, symbol) in symbols.chars().enumerate() {
        let level = match symbol {
            ' ' => 0.0,
            'p' | 'b' | 'm' | 't' => 0.05,
            _ => 0.3,
        };
        let count = (seconds * SOUND_RATE as f32) as usize;
        samples.extend((0..count).map(|k| level * (k as f32 * 0.05).sin()));
        let start_seconds = i as f32 * seconds;
        phonemes.push(TimedPhoneme { symbol, start_seconds, end_seconds: start_seconds + seconds });
    }
    (Pcm { samples, rate: SOUND_RATE }, phonemes)
}

fn motion(audio: &Pcm, phonemes: &[TimedPhoneme], seed: u32) -> Motion {
    Motion::new(&Score { audio, phonemes, manner: &Manner::default(), seed, freedom: 1.0, blinks: true })
}

#[test]
fn every_p_b_and_m_shuts_the_lips_in_some_frame_at_any_rate() {
    // Seventy milliseconds a phoneme is fast speech.
    let symbols = "mɑpibuˈbæbOpAmIpətbʌmpɪmps";
    let (audio, phonemes) = spoken(symbols, 0.07);
    let motion = motion(&audio, &phonemes, 1);
    assert_eq!(motion.closures_seconds.len(), symbols.matches(['m', 'p', 'b']).count());
    for fps in [24.0f32, 25.0, 30.0] {
        for middle in &motion.closures_seconds {
            let frame = (middle * fps).round();
            let shut = (-1..=1).map(|d| motion.at((frame + d as f32) / fps).mouth.seal).fold(0.0, f32::max);
            assert!(shut > 0.99, "at {middle} s and {fps} frames a second: {shut}");
        }
    }
}

#[test]
fn vowels_open_and_pauses_close() {
    let (audio, phonemes) = spoken("ɑɑɑɑ     ɑɑɑɑ", 0.1);
    let motion = motion(&audio, &phonemes, 1);
    let (vowel, pause) = (motion.at(0.2).mouth, motion.at(0.62).mouth);
    assert!(vowel.jaw > 0.7, "{vowel:?}");
    assert!(pause.jaw < 0.06 && pause.close > 0.8, "{pause:?}");
    let round = spoken("tututu", 0.15);
    let motion = self::motion(&round.0, &round.1, 1);
    let oo = motion.at(0.15 * 1.5).mouth;
    assert!(oo.pucker > 0.4 && oo.jaw < 0.4, "{oo:?}");
}

#[test]
fn nothing_jumps_from_frame_to_frame() {
    let (audio, phonemes) = spoken("hɛlO wɜɹld ðɪs ɪz ə tɛst", 0.08);
    let motion = motion(&audio, &phonemes, 3);
    let mut before = motion.at(0.0);
    for i in 1..100 {
        let now = motion.at(i as f32 / 50.0);
        assert!((now.mouth.jaw - before.mouth.jaw).abs() < 0.45, "jaw at frame {i}");
        assert!((now.yaw - before.yaw).abs() < 0.02 && (now.pitch - before.pitch).abs() < 0.03, "head at frame {i}");
        before = now;
    }
}

#[test]
fn the_first_frame_is_the_portrait_and_eyes_blink_whole() {
    let (audio, phonemes) = spoken(&"lɑ".repeat(60), 0.1);
    let motion = motion(&audio, &phonemes, 5);
    let first = motion.at(0.0);
    assert_eq!((first.yaw, first.pitch, first.roll, first.blink), (0.0, 0.0, 0.0, 0.0));
    let lids: Vec<f32> = (0..300).map(|i| motion.at(i as f32 / 25.0).blink).collect();
    let mut blinks = 0;
    for run in lids.split(|v| *v == 0.0).filter(|run| !run.is_empty()) {
        let most = run.iter().copied().fold(0.0, f32::max);
        assert!(most > 0.98, "a blink of {most}");
        blinks += 1;
    }
    assert!((2..=6).contains(&blinks), "{blinks} blinks in 12 s");
}

#[test]
fn the_seed_is_the_only_chance_and_manner_acts() {
    let (audio, phonemes) = spoken(&"lɑ".repeat(40), 0.1);
    let yaw = |seed: u32, manner: Manner| -> Vec<f32> {
        let score = Score { audio: &audio, phonemes: &phonemes, manner: &manner, seed, freedom: 1.0, blinks: true };
        let motion = Motion::new(&score);
        (0..200).map(|i| motion.at(i as f32 / 25.0).yaw).collect()
    };
    let reach = |values: &[f32]| values.iter().fold(0.0f32, |most, v| most.max(v.abs()));
    let usual = yaw(1, Manner::default());
    assert_eq!(usual, yaw(1, Manner::default()));
    assert_ne!(usual, yaw(2, Manner::default()));
    assert!(reach(&yaw(1, Manner { energy: 1.6, ..Manner::default() })) > 1.4 * reach(&usual));
    assert!(reach(&yaw(1, Manner { stillness: 0.9, ..Manner::default() })) < 0.2 * reach(&usual));
}

#[test]
fn a_sound_without_phonemes_moves_the_mouth_where_it_sounds() {
    // Vowels are buzzes with formants: harmonics of 120 Hz, strongest at the formants.
    let vowel = |first: f32, second: f32, seconds: f32| -> Vec<f32> {
        let peak = |hz: f32, at: f32| (-((hz - at) / 120.0).powi(2)).exp();
        (0..(seconds * SOUND_RATE as f32) as usize)
            .map(|i| {
                let t = i as f32 / SOUND_RATE as f32;
                (1..28)
                    .map(|k| {
                        let hz = 120.0 * k as f32;
                        (peak(hz, first) + 0.5 * peak(hz, second) + 0.01) * (std::f32::consts::TAU * hz * t).sin()
                    })
                    .sum::<f32>()
                    * 0.1
            })
            .collect()
    };
    let mut samples = Vec::new();
    for (first, second) in [(800.0, 1200.0), (300.0, 2300.0), (320.0, 900.0)] {
        samples.extend(vowel(first, second, 0.4));
        samples.extend(vec![0.0; (0.1 * SOUND_RATE as f32) as usize]);
        samples.extend(vowel(first, second, 0.4));
        samples.extend(vec![0.0; (0.5 * SOUND_RATE as f32) as usize]);
    }
    let audio = Pcm { samples, rate: SOUND_RATE };
    let motion = motion(&audio, &[], 1);
    let at = |seconds: f32| motion.at(seconds).mouth;
    let (ah, ee, oo) = (at(0.2), at(1.6), at(3.0));
    assert!(ah.jaw > 0.6 && ee.jaw < 0.55 * ah.jaw, "{ah:?} {ee:?}");
    assert!(ee.wide > 0.12 && ee.pucker < 0.1, "{ee:?}");
    assert!(oo.pucker > 0.3 && oo.wide < 0.08, "{oo:?}");
    assert!(at(1.15).jaw < 0.05, "a pause closes: {:?}", at(1.15));
    assert!(at(0.45).seal > 0.9, "a short gap between vowels is a closure: {:?}", at(0.45));
}

#[test]
fn silence_noise_and_tiny_sounds_are_survived() {
    for samples in [vec![], vec![0.0; 48_000], vec![0.5; 10], vec![f32::NAN; 4800], vec![1e-9; 24_000]] {
        let audio = Pcm { samples, rate: SOUND_RATE };
        let motion = motion(&audio, &[], 1);
        for i in 0..60 {
            let mouth = motion.at(i as f32 / 25.0).mouth;
            assert!(mouth.to_array().iter().all(|v| v.is_finite()));
            assert!(mouth.jaw < 0.1, "{mouth:?}");
        }
    }
}
