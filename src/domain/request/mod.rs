//! What a client asks for, parsed: once a [`Request`] exists every field of it is valid.
//!
//! Owns the fields of `POST /v1/jobs`, their types and limits. All faults of a request are reported at once. What
//! only a model can judge (which sizes it makes, which fields it honours) is checked by the model, not here.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::{field::FieldError, ids::AssetId, job::Mode};

mod fields;

use fields::Fields;

/// The longest prompt or voice text, in Unicode scalar values.
pub const TEXT_CHARS_MAX: usize = 500;

/// Text of 1 to [`TEXT_CHARS_MAX`] Unicode scalar values that is not only white space.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Text(String);

impl Text {
    /// Checks the text; the error says what is wrong with it, with its length where that is the fault.
    pub fn parse(text: &str) -> Result<Self, (&'static str, String)> {
        let count = text.chars().count();
        if count > TEXT_CHARS_MAX {
            return Err(("too_long", format!("has {count} characters; at most {TEXT_CHARS_MAX} are allowed")));
        }
        if text.trim().is_empty() {
            return Err(("empty", "must not be empty".into()));
        }
        if text.contains('\0') {
            return Err(("invalid", "must not contain NUL".into()));
        }
        Ok(Self(text.to_owned()))
    }

    /// The text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// The file format of a picture.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum ImageFormat {
    /// Lossless, with alpha and the parameters in its metadata.
    #[default]
    Png,
    /// Lossy, no alpha.
    Jpeg,
    /// Lossless WebP.
    Webp,
}

/// How the words of a film are shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Subtitles {
    /// Not at all.
    #[default]
    None,
    /// As a text track inside the film, which players show and hide.
    Track,
    /// As a `WebVTT` file beside the film.
    Vtt,
}

/// What every mode takes.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Common {
    /// The model to use; `None` takes the mode's default.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub model: Option<String>,
    /// The only source of chance; `None` draws one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub seed: Option<u32>,
    /// The client's own notes, returned as they came.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub metadata: BTreeMap<String, String>,
    /// Where to tell the end of it; whether that is permitted is not asked here.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub webhook_url: Option<String>,
}

/// Width and height in pixels, where wanted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Size {
    /// Width in pixels.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub width: Option<u32>,
    /// Height in pixels.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub height: Option<u32>,
}

/// A picture from text.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct TextToImage {
    /// What to make.
    pub prompt: Text,
    /// What to avoid.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub negative_prompt: Option<Text>,
    /// The wanted size.
    #[serde(flatten)]
    pub size: Size,
    /// Denoising steps, where the model has them.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub steps: Option<u32>,
    /// Classifier-free guidance scale, where the model has it.
    #[serde(skip_serializing_if = "Option::is_none", serialize_with = "as_sent")]
    pub guidance: Option<f32>,
    /// The file format of the result.
    #[serde(default)]
    pub format: ImageFormat,
    /// Whether a PNG tells in its metadata what made it; `None` says yes.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub embed_parameters: Option<bool>,
    /// What every mode takes.
    #[serde(flatten)]
    pub common: Common,
}

/// A picture from a picture.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ImageToImage {
    /// What to make of it.
    pub prompt: Text,
    /// The picture to start from.
    pub input_image_asset_id: AssetId,
    /// A second picture whose style is wanted.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub style_image_asset_id: Option<AssetId>,
    /// What to avoid.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub negative_prompt: Option<Text>,
    /// How far from the input, 0 to 1.
    #[serde(skip_serializing_if = "Option::is_none", serialize_with = "as_sent")]
    pub strength: Option<f32>,
    /// The wanted size.
    #[serde(flatten)]
    pub size: Size,
    /// Denoising steps, where the model has them.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub steps: Option<u32>,
    /// Classifier-free guidance scale, where the model has it.
    #[serde(skip_serializing_if = "Option::is_none", serialize_with = "as_sent")]
    pub guidance: Option<f32>,
    /// The file format of the result.
    #[serde(default)]
    pub format: ImageFormat,
    /// Whether a PNG tells in its metadata what made it; `None` says yes.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub embed_parameters: Option<bool>,
    /// What every mode takes.
    #[serde(flatten)]
    pub common: Common,
}

/// The number as it was sent: 1.2, not the 1.2000000476837158 that its nearest `f32` is.
#[expect(clippy::ref_option, clippy::trivially_copy_pass_by_ref, reason = "serde's own signature")]
fn as_sent<S: serde::Serializer>(number: &Option<f32>, serializer: S) -> Result<S::Ok, S::Error> {
    let exact = number.and_then(|number| number.to_string().parse::<f64>().ok());
    exact.serialize(serializer)
}

/// Generated speech.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Spoken {
    /// What to say.
    pub voice_text: Text,
    /// Who says it; `None` takes the default voice.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub voice_id: Option<String>,
    /// 0.5 to 2; `None` is 1.
    #[serde(skip_serializing_if = "Option::is_none", serialize_with = "as_sent")]
    pub speed: Option<f32>,
}

/// Speech from text.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Audio {
    /// What to say and how.
    #[serde(flatten)]
    pub speech: Spoken,
    /// What every mode takes.
    #[serde(flatten)]
    pub common: Common,
}

/// Where a film's sound comes from.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Soundtrack {
    /// Generated for the film.
    Spoken(Spoken),
    /// Uploaded before.
    Asset {
        /// The sound.
        audio_asset_id: AssetId,
    },
}

/// A talking film.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ImageToVideo {
    /// The portrait or picture.
    pub input_image_asset_id: AssetId,
    /// What is heard.
    #[serde(flatten)]
    pub soundtrack: Soundtrack,
    /// How to move.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub prompt: Option<Text>,
    /// The wanted size.
    #[serde(flatten)]
    pub size: Size,
    /// Frames a second: 24, 25 or 30; `None` is 25.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub fps: Option<u32>,
    /// Which face speaks, the largest being 0; `None` takes the largest.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub face: Option<u32>,
    /// How its words are shown; only words that were spoken for the film are known.
    #[serde(default)]
    pub subtitles: Subtitles,
    /// What every mode takes.
    #[serde(flatten)]
    pub common: Common,
}

/// A whole request, by mode.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "mode", rename_all = "snake_case")]
pub enum Request {
    /// A picture from text.
    TextToImage(TextToImage),
    /// A picture from a picture.
    ImageToImage(ImageToImage),
    /// Speech from text.
    Audio(Audio),
    /// A talking film.
    ImageToVideo(ImageToVideo),
}

impl Request {
    /// Parses the JSON body of `POST /v1/jobs`, or names every fault in it.
    pub fn parse(body: &Value) -> Result<Self, Vec<FieldError>> {
        let Value::Object(object) = body else {
            return Err(vec![FieldError::new("", "type", "The request body must be a JSON object.")]);
        };
        let mode = match parse_mode(object) {
            Ok(mode) => mode,
            Err(fault) => return Err(vec![fault]),
        };
        let mut fields = Fields::new(object, mode);
        let request = match mode {
            Mode::TextToImage => text_to_image(&mut fields).map(Self::TextToImage),
            Mode::ImageToImage => image_to_image(&mut fields).map(Self::ImageToImage),
            Mode::Audio => audio(&mut fields).map(Self::Audio),
            Mode::ImageToVideo => image_to_video(&mut fields).map(Self::ImageToVideo),
        };
        let faults = fields.finish();
        match request {
            Some(request) if faults.is_empty() => Ok(request),
            _ => Err(faults),
        }
    }

    /// What it makes.
    pub const fn mode(&self) -> Mode {
        match self {
            Self::TextToImage(_) => Mode::TextToImage,
            Self::ImageToImage(_) => Mode::ImageToImage,
            Self::Audio(_) => Mode::Audio,
            Self::ImageToVideo(_) => Mode::ImageToVideo,
        }
    }

    /// What every mode takes.
    pub const fn common(&self) -> &Common {
        match self {
            Self::TextToImage(r) => &r.common,
            Self::ImageToImage(r) => &r.common,
            Self::Audio(r) => &r.common,
            Self::ImageToVideo(r) => &r.common,
        }
    }

    /// What every mode takes, to resolve.
    pub const fn common_mut(&mut self) -> &mut Common {
        match self {
            Self::TextToImage(r) => &mut r.common,
            Self::ImageToImage(r) => &mut r.common,
            Self::Audio(r) => &mut r.common,
            Self::ImageToVideo(r) => &mut r.common,
        }
    }

    /// The text that steers it: prompt, or what is said.
    pub fn prompt(&self) -> Option<&str> {
        match self {
            Self::TextToImage(r) => Some(r.prompt.as_str()),
            Self::ImageToImage(r) => Some(r.prompt.as_str()),
            Self::Audio(r) => Some(r.speech.voice_text.as_str()),
            Self::ImageToVideo(r) => r.prompt.as_ref().map(Text::as_str),
        }
    }

    /// What is to be spoken for it.
    pub const fn speech(&self) -> Option<&Spoken> {
        match self {
            Self::Audio(r) => Some(&r.speech),
            Self::ImageToVideo(ImageToVideo { soundtrack: Soundtrack::Spoken(speech), .. }) => Some(speech),
            _ => None,
        }
    }

    /// The assets it needs, each with the name of the field that names it.
    pub fn inputs(&self) -> Vec<(&'static str, AssetId)> {
        match self {
            Self::TextToImage(_) | Self::Audio(_) => Vec::new(),
            Self::ImageToImage(r) => std::iter::once(("input_image_asset_id", r.input_image_asset_id))
                .chain(r.style_image_asset_id.map(|id| ("style_image_asset_id", id)))
                .collect(),
            Self::ImageToVideo(r) => {
                let mut inputs = vec![("input_image_asset_id", r.input_image_asset_id)];
                if let Soundtrack::Asset { audio_asset_id } = r.soundtrack {
                    inputs.push(("audio_asset_id", audio_asset_id));
                }
                inputs
            }
        }
    }
}

fn parse_mode(object: &Map<String, Value>) -> Result<Mode, FieldError> {
    let names = Mode::ALL.map(Mode::as_str);
    let all = names.join(", ");
    match object.get("mode") {
        None => Err(FieldError::new("mode", "missing", format!("`mode` is required: one of {all}."))),
        Some(Value::String(text)) => text.parse().map_err(|()| {
            let hint = super::field::nearest(text, &names).map_or(String::new(), |n| format!(" Did you mean {n}?"));
            FieldError::new("mode", "invalid", format!("`mode` must be one of {all}.{hint}"))
        }),
        Some(_) => Err(FieldError::new("mode", "type", format!("`mode` must be a string: one of {all}."))),
    }
}

fn common(fields: &mut Fields<'_>) -> Common {
    Common {
        model: fields.name("model"),
        seed: fields.integer("seed", 0, u32::MAX),
        metadata: fields.metadata(),
        webhook_url: fields.webhook_url(),
    }
}

fn size(fields: &mut Fields<'_>) -> Size {
    Size { width: fields.integer("width", 64, 2048), height: fields.integer("height", 64, 2048) }
}

/// Up to 1920 x 1080, lying or standing.
fn film_size(fields: &mut Fields<'_>) -> Size {
    let size = Size { width: fields.integer("width", 64, 1920), height: fields.integer("height", 64, 1920) };
    if size.width.is_some_and(|width| width > 1080) && size.height.is_some_and(|height| height > 1080) {
        fields.fault("height", "out_of_range", "the shorter side must be a whole number from 64 to 1080");
    }
    size
}

fn text_to_image(fields: &mut Fields<'_>) -> Option<TextToImage> {
    let prompt = fields.required_text("prompt");
    let request = TextToImage {
        negative_prompt: fields.text("negative_prompt"),
        size: size(fields),
        steps: fields.integer("steps", 1, 150),
        guidance: fields.number("guidance", 0.0, 30.0),
        format: fields.format(),
        embed_parameters: fields.boolean("embed_parameters"),
        common: common(fields),
        prompt: prompt?,
    };
    Some(request)
}

fn image_to_image(fields: &mut Fields<'_>) -> Option<ImageToImage> {
    let prompt = fields.required_text("prompt");
    let input = fields.required_asset("input_image_asset_id");
    let request = ImageToImage {
        style_image_asset_id: fields.asset("style_image_asset_id"),
        negative_prompt: fields.text("negative_prompt"),
        strength: fields.number("strength", 0.0, 1.0),
        size: size(fields),
        steps: fields.integer("steps", 1, 150),
        guidance: fields.number("guidance", 0.0, 30.0),
        format: fields.format(),
        embed_parameters: fields.boolean("embed_parameters"),
        common: common(fields),
        prompt: prompt?,
        input_image_asset_id: input?,
    };
    Some(request)
}

fn spoken(fields: &mut Fields<'_>, text: Option<Text>) -> Option<Spoken> {
    let (voice_id, speed) = (fields.name("voice_id"), fields.number("speed", 0.5, 2.0));
    text.map(|voice_text| Spoken { voice_text, voice_id, speed })
}

fn audio(fields: &mut Fields<'_>) -> Option<Audio> {
    let text = match (fields.text("voice_text"), fields.text("prompt")) {
        (Some(_), Some(_)) => {
            fields.fault("prompt", "conflict", "give what to say as `voice_text` or as `prompt`, not both");
            None
        }
        (None, None) if !fields.has("voice_text") && !fields.has("prompt") => {
            fields.missing("voice_text", "`voice_text` is required: what to say, at most 500 characters.");
            None
        }
        (text, prompt) => text.or(prompt),
    };
    fields.audio_format();
    let common = common(fields);
    spoken(fields, text).map(|speech| Audio { speech, common })
}

fn image_to_video(fields: &mut Fields<'_>) -> Option<ImageToVideo> {
    let input = fields.required_asset("input_image_asset_id");
    let (text, sound) = (fields.text("voice_text"), fields.asset("audio_asset_id"));
    if fields.has("voice_text") && fields.has("audio_asset_id") {
        fields.fault("audio_asset_id", "conflict", "give `voice_text` or `audio_asset_id`, not both");
    } else if !fields.has("voice_text") && !fields.has("audio_asset_id") {
        fields.missing("voice_text", "`voice_text` or `audio_asset_id` is required: a film needs a sound.");
    }
    let subtitles = fields.subtitles();
    if sound.is_some() {
        if subtitles != Subtitles::None {
            fields.fault("subtitles", "conflict", "need `voice_text`: what is said in an uploaded sound is not known");
        }
        for field in ["voice_id", "speed"] {
            if fields.has(field) {
                fields.fault(field, "conflict", "applies to `voice_text` only, not to `audio_asset_id`");
            }
        }
    }
    let speech = spoken(fields, text);
    let fps = fields.integer("fps", 24, 30);
    if fps.is_some_and(|fps| ![24, 25, 30].contains(&fps)) {
        fields.fault("fps", "out_of_range", "must be 24, 25 or 30");
    }
    let face = fields.integer("face", 0, 15);
    let (prompt, size, common) = (fields.text("prompt"), film_size(fields), common(fields));
    fields.video_format();
    let soundtrack =
        speech.map(Soundtrack::Spoken).or(sound.map(|audio_asset_id| Soundtrack::Asset { audio_asset_id }))?;
    Some(ImageToVideo { input_image_asset_id: input?, soundtrack, prompt, size, fps, face, subtitles, common })
}

#[cfg(test)]
mod tests;
