//! Mouth shapes, and which of them each phoneme of the misaki alphabet asks for.

use crate::engine::avatar::expression::Mouth;

/// The shapes that speech is seen as.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Viseme {
    Silence,
    /// p b m
    Lips,
    /// f v
    Teeth,
    /// th
    Tongue,
    /// t d n l
    Ridge,
    /// k g ng h
    Back,
    /// sh zh ch j
    Hush,
    /// s z
    Hiss,
    /// r
    Are,
    Ah,
    /// The short neutral vowel.
    Uh,
    Eh,
    Ee,
    Oh,
    Oo,
}

/// Every shape but silence, by the sounds that show it.
pub(super) const NAMES: [(&str, Viseme); 14] = [
    ("p b m", Viseme::Lips),
    ("f v", Viseme::Teeth),
    ("th", Viseme::Tongue),
    ("t d n l", Viseme::Ridge),
    ("k g ng", Viseme::Back),
    ("sh ch", Viseme::Hush),
    ("s z", Viseme::Hiss),
    ("r", Viseme::Are),
    ("ah", Viseme::Ah),
    ("uh", Viseme::Uh),
    ("eh", Viseme::Eh),
    ("ee", Viseme::Ee),
    ("oh", Viseme::Oh),
    ("oo", Viseme::Oo),
];

impl Viseme {
    /// The mouth in the middle of a long one.
    pub(super) fn mouth(self) -> Mouth {
        let rest = Mouth { close: 1.0, ..Mouth::default() };
        // An open smile stays partly open in vowels, and opens from there.
        let open_vowel = |jaw, upper_lip, lower_lip, close| Mouth { jaw, upper_lip, lower_lip, close, ..rest };
        let open = |jaw, upper_lip, lower_lip| Mouth { jaw, upper_lip, lower_lip, ..rest };
        match self {
            Self::Silence => Mouth::default(),
            Self::Lips => Mouth { press: 0.25, ..rest },
            Self::Teeth => open(0.13, 0.20, -0.12),
            Self::Tongue => Mouth { tongue: 1.0, ..open(0.24, 0.08, 0.10) },
            Self::Ridge => Mouth { tongue: 0.5, wide: 0.04, ..open(0.22, 0.08, 0.10) },
            Self::Back => open(0.32, 0.08, 0.08),
            Self::Hush => Mouth { pucker: 0.42, lower_teeth: 0.20, ..open(0.16, 0.15, 0.16) },
            Self::Hiss => Mouth { wide: 0.12, lower_teeth: 0.25, ..open(0.10, 0.10, 0.15) },
            Self::Are => Mouth { pucker: 0.35, ..open(0.22, 0.08, 0.04) },
            Self::Ah => open_vowel(0.95, 0.14, 0.10, 0.3),
            Self::Uh => open_vowel(0.46, 0.10, 0.10, 0.6),
            Self::Eh => Mouth { wide: 0.12, ..open_vowel(0.55, 0.12, 0.10, 0.5) },
            Self::Ee => Mouth { wide: 0.26, ..open_vowel(0.25, 0.10, 0.12, 0.6) },
            Self::Oh => Mouth { pucker: 0.50, ..open_vowel(0.62, 0.08, 0.04, 0.6) },
            Self::Oo => Mouth { pucker: 0.78, ..open(0.26, 0.06, 0.04) },
        }
    }

    /// Whether it is a vowel, whose jaw follows the voice's loudness.
    pub(super) fn is_vowel(self) -> bool {
        matches!(self, Self::Ah | Self::Uh | Self::Eh | Self::Ee | Self::Oh | Self::Oo)
    }
}

/// What a symbol does with its time.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Reading {
    /// It shows these shapes, each for a share of its time.
    Shapes(&'static [(Viseme, f32)]),
    /// Its time belongs to the sound before it.
    Lengthens,
    /// Its time belongs to the sound after it.
    Stresses,
    /// A pause, if the sound is silent there.
    Pause,
}

/// Reads a symbol as misaki writes it (English); symbols that are not known are pauses.
pub(super) fn read(symbol: char) -> Reading {
    use Viseme as V;
    Reading::Shapes(match symbol {
        'p' | 'b' | 'm' => &[(V::Lips, 1.0)],
        'f' | 'v' => &[(V::Teeth, 1.0)],
        'θ' | 'ð' => &[(V::Tongue, 1.0)],
        't' | 'd' | 'n' | 'l' | 'ɾ' | 'T' => &[(V::Ridge, 1.0)],
        'k' | 'ɡ' | 'g' | 'ŋ' | 'h' | 'x' | 'ʔ' => &[(V::Back, 1.0)],
        'ʃ' | 'ʒ' => &[(V::Hush, 1.0)],
        'ʧ' | 'ʤ' => &[(V::Ridge, 0.25), (V::Hush, 0.75)],
        's' | 'z' => &[(V::Hiss, 1.0)],
        'ɹ' | 'r' | 'ɜ' | 'ɚ' => &[(V::Are, 1.0)],
        'w' | 'u' | 'ʊ' => &[(V::Oo, 1.0)],
        'j' | 'i' | 'ɪ' | 'ᵻ' => &[(V::Ee, 1.0)],
        'a' | 'æ' | 'ɑ' | 'ɐ' => &[(V::Ah, 1.0)],
        'ʌ' | 'ə' | 'ᵊ' => &[(V::Uh, 1.0)],
        'ɒ' | 'ɔ' | 'o' => &[(V::Oh, 1.0)],
        'ɛ' | 'e' => &[(V::Eh, 1.0)],
        'A' => &[(V::Eh, 0.55), (V::Ee, 0.45)],
        'I' => &[(V::Ah, 0.6), (V::Ee, 0.4)],
        'O' => &[(V::Oh, 0.55), (V::Oo, 0.45)],
        'Q' => &[(V::Uh, 0.45), (V::Oo, 0.55)],
        'W' => &[(V::Ah, 0.6), (V::Oo, 0.4)],
        'Y' => &[(V::Oh, 0.6), (V::Ee, 0.4)],
        'ː' | '\u{303}' | 'ʰ' | 'ʲ' => return Reading::Lengthens,
        'ˈ' | 'ˌ' => return Reading::Stresses,
        _ => return Reading::Pause,
    })
}
