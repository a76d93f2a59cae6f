//! How a token reads by the lexicon alone, before its place in the sentence says more.

use serde::Serialize;

use super::super::{
    lexicon::Meaning,
    plan::{ReadAs, Reading},
    tokens::Token,
};

/// An enum's name as the plan writes it.
pub(super) fn name_of<T: Serialize>(value: T) -> Option<String> {
    serde_json::to_value(value).ok()?.as_str().map(str::to_owned)
}

/// A colour as `#rrggbb`.
pub(super) fn hex([r, g, b]: [u8; 3]) -> String {
    format!("#{r:02x}{g:02x}{b:02x}")
}

/// What a meaning says.
pub(super) fn of_meaning(meaning: Meaning) -> (ReadAs, Option<String>) {
    match meaning {
        Meaning::Count(n) => (ReadAs::Count, Some(n.to_string())),
        Meaning::Color(rgb) => (ReadAs::Color, Some(hex(rgb))),
        Meaning::Shade(_) => (ReadAs::Color, None),
        Meaning::Substance(s) => (ReadAs::Material, name_of(s)),
        Meaning::Finish(f) => (ReadAs::Finish, name_of(f)),
        Meaning::Motif(m) => (ReadAs::Motif, name_of(m)),
        Meaning::Size(s) => (ReadAs::Size, name_of(s)),
        Meaning::Height(cm) => (ReadAs::Size, Some(format!("{cm} cm"))),
        Meaning::Filling(f) => (ReadAs::Contents, name_of(f)),
        Meaning::Lighting(l) => (ReadAs::Light, name_of(l)),
        Meaning::Time(t) => (ReadAs::Time, name_of(t)),
        Meaning::Weather(w) => (ReadAs::Weather, name_of(w)),
        Meaning::Mood(m) => (ReadAs::Mood, name_of(m)),
        Meaning::Medium(m) => (ReadAs::Style, name_of(m)),
        Meaning::Palette(p) => (ReadAs::Palette, name_of(p)),
        Meaning::Angle(a) => (ReadAs::Camera, name_of(a)),
        Meaning::Distance(d) => (ReadAs::Camera, name_of(d)),
        Meaning::Lens(mm) => (ReadAs::Camera, Some(format!("{mm} mm"))),
        Meaning::Focus(stop) => (ReadAs::Camera, Some(format!("f/{stop}"))),
        Meaning::Place(p) => (ReadAs::Place, name_of(p)),
        Meaning::Support(s) => (ReadAs::Surface, name_of(s)),
        Meaning::Style => (ReadAs::Style, None),
        Meaning::Picture => (ReadAs::Picture, None),
        Meaning::Backdrop => (ReadAs::Backdrop, None),
        Meaning::Pile | Meaning::Row | Meaning::Floating | Meaning::Carved | Meaning::Differs => {
            (ReadAs::Arrangement, None)
        }
        Meaning::Aspect(variety) | Meaning::Varied(variety) => {
            (ReadAs::Arrangement, name_of(variety).map(|name| format!("varied {name}")))
        }
        Meaning::There(relation) | Meaning::Link(super::Link::To(relation) | super::Link::From(relation)) => {
            (ReadAs::Relation, name_of(relation))
        }
        Meaning::Given => (ReadAs::Subject, None),
        Meaning::Part => (ReadAs::LeftOut, None),
        Meaning::Link(_) | Meaning::Filler | Meaning::Natural | Meaning::Pronoun => (ReadAs::Grammar, None),
    }
}

/// How a token reads by itself.
pub(super) fn by_lexicon(token: &Token) -> Reading {
    let (read_as, means) = match token.meanings.first() {
        _ if token.is_protected => (ReadAs::Protected, None),
        Some(meaning) => of_meaning(*meaning),
        None if token.is_break => (ReadAs::Grammar, None),
        None => (ReadAs::LeftOut, None),
    };
    Reading { words: token.words.clone(), read_as, means }
}
