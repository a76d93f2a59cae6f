//! What `POST /v1/jobs` takes, for the OpenAPI document. Requests themselves are read by `domain::request`, and a
//! test there and here holds the two together.
#![expect(dead_code, reason = "shapes for the OpenAPI document only")]

use std::collections::BTreeMap;

use utoipa::ToSchema;

/// A job to be made, by `mode`.
#[derive(ToSchema)]
#[serde(tag = "mode", rename_all = "snake_case")]
pub(in crate::web) enum JobRequest {
    /// A picture from a prompt.
    TextToImage(TextToImageRequest),
    /// A picture from a picture and a prompt.
    ImageToImage(ImageToImageRequest),
    /// Speech from text.
    Audio(AudioRequest),
    /// A talking film from a picture and a sound.
    ImageToVideo(ImageToVideoRequest),
}

/// A picture from a prompt.
#[derive(ToSchema)]
pub(in crate::web) struct TextToImageRequest {
    /// What to make.
    #[schema(max_length = 500, example = "Editorial product photo of a ceramic cup on brushed steel")]
    prompt: String,
    /// What to avoid.
    #[schema(max_length = 500)]
    negative_prompt: Option<String>,
    /// Width in pixels.
    #[schema(minimum = 64, maximum = 2048)]
    width: Option<u32>,
    /// Height in pixels.
    #[schema(minimum = 64, maximum = 2048)]
    height: Option<u32>,
    /// Denoising steps, where the model has them.
    #[schema(minimum = 1, maximum = 150)]
    steps: Option<u32>,
    /// Classifier-free guidance scale, where the model has it.
    #[schema(minimum = 0, maximum = 30)]
    guidance: Option<f32>,
    /// `png` (if not given), `jpeg` or `webp`.
    format: Option<String>,
    /// Whether a PNG tells in its metadata what made it: prompt, seed, model and every resolved value. If not given,
    /// the operator's setting says; as a rule, yes.
    embed_parameters: Option<bool>,
    /// The model; the mode's first one if not given.
    model: Option<String>,
    /// The only source of chance; one is drawn if not given.
    seed: Option<u32>,
    /// At most 16 short texts of the client's own.
    metadata: Option<BTreeMap<String, String>>,
    /// Where to tell the end of it, if the operator permits that origin; the account's own address if not given.
    webhook_url: Option<String>,
}

/// A picture from a picture and a prompt.
#[derive(ToSchema)]
pub(in crate::web) struct ImageToImageRequest {
    /// What to make of it.
    #[schema(max_length = 500, example = "oil painting")]
    prompt: String,
    /// The picture to start from.
    input_image_asset_id: String,
    /// A second picture whose style is wanted.
    style_image_asset_id: Option<String>,
    /// What to avoid.
    #[schema(max_length = 500)]
    negative_prompt: Option<String>,
    /// How far from the input.
    #[schema(minimum = 0, maximum = 1)]
    strength: Option<f32>,
    /// Width in pixels.
    #[schema(minimum = 64, maximum = 2048)]
    width: Option<u32>,
    /// Height in pixels.
    #[schema(minimum = 64, maximum = 2048)]
    height: Option<u32>,
    /// Denoising steps, where the model has them.
    #[schema(minimum = 1, maximum = 150)]
    steps: Option<u32>,
    /// Classifier-free guidance scale, where the model has it.
    #[schema(minimum = 0, maximum = 30)]
    guidance: Option<f32>,
    /// `png` (if not given), `jpeg` or `webp`.
    format: Option<String>,
    /// Whether a PNG tells in its metadata what made it: prompt, seed, model and every resolved value. If not given,
    /// the operator's setting says; as a rule, yes.
    embed_parameters: Option<bool>,
    /// The model; the mode's first one if not given.
    model: Option<String>,
    /// The only source of chance; one is drawn if not given.
    seed: Option<u32>,
    /// At most 16 short texts of the client's own.
    metadata: Option<BTreeMap<String, String>>,
    /// Where to tell the end of it, if the operator permits that origin; the account's own address if not given.
    webhook_url: Option<String>,
}

/// Speech from text, as WAV.
#[derive(ToSchema)]
pub(in crate::web) struct AudioRequest {
    /// What to say; `prompt` is taken for it as well.
    #[schema(max_length = 500, example = "Here is a quick launch update from the studio.")]
    voice_text: String,
    /// Who says it, from `GET /v1/voices`; the first one if not given.
    #[schema(example = "casual_male")]
    voice_id: Option<String>,
    /// 1 is natural.
    #[schema(minimum = 0.5, maximum = 2)]
    speed: Option<f32>,
    /// `wav`.
    format: Option<String>,
    /// The model; the voice's own if not given.
    model: Option<String>,
    /// The only source of chance; one is drawn if not given.
    seed: Option<u32>,
    /// At most 16 short texts of the client's own.
    metadata: Option<BTreeMap<String, String>>,
    /// Where to tell the end of it, if the operator permits that origin; the account's own address if not given.
    webhook_url: Option<String>,
}

/// A talking film, as MP4. Takes either `voice_text` (with `voice_id` and `speed`) or `audio_asset_id`.
#[derive(ToSchema)]
pub(in crate::web) struct ImageToVideoRequest {
    /// The portrait or picture.
    input_image_asset_id: String,
    /// What is said.
    #[schema(max_length = 500, example = "Here is a quick launch update from the studio.")]
    voice_text: Option<String>,
    /// Who says it, from `GET /v1/voices`; the first one if not given.
    #[schema(example = "casual_male")]
    voice_id: Option<String>,
    /// 1 is natural.
    #[schema(minimum = 0.5, maximum = 2)]
    speed: Option<f32>,
    /// A sound of one's own, in place of `voice_text`.
    audio_asset_id: Option<String>,
    /// How to move.
    #[schema(max_length = 500, example = "Natural talking-avatar movement")]
    prompt: Option<String>,
    /// Width in pixels.
    #[schema(minimum = 64, maximum = 1920)]
    width: Option<u32>,
    /// Height in pixels.
    #[schema(minimum = 64, maximum = 1920)]
    height: Option<u32>,
    /// Frames a second: 24, 25 (if not given) or 30.
    fps: Option<u32>,
    /// Which face speaks where there are several: 0 (if not given) is the largest, 1 the next.
    #[schema(minimum = 0, maximum = 15)]
    face: Option<u32>,
    /// How the words of `voice_text` are shown: `none` (if not given), `track` (a text track in the film) or `vtt` (a
    /// `WebVTT` file beside it, at the job's `subtitles_url`).
    subtitles: Option<String>,
    /// `mp4`.
    format: Option<String>,
    /// The model; the mode's first one if not given.
    model: Option<String>,
    /// The only source of chance; one is drawn if not given.
    seed: Option<u32>,
    /// At most 16 short texts of the client's own.
    metadata: Option<BTreeMap<String, String>>,
    /// Where to tell the end of it, if the operator permits that origin; the account's own address if not given.
    webhook_url: Option<String>,
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};
    use utoipa::PartialSchema;

    use super::*;
    use crate::domain::request::Request;

    #[test]
    fn every_documented_field_is_one_that_the_parser_knows() {
        let shapes = [
            ("text_to_image", serde_json::to_value(TextToImageRequest::schema()).unwrap()),
            ("image_to_image", serde_json::to_value(ImageToImageRequest::schema()).unwrap()),
            ("audio", serde_json::to_value(AudioRequest::schema()).unwrap()),
            ("image_to_video", serde_json::to_value(ImageToVideoRequest::schema()).unwrap()),
        ];
        for (mode, shape) in shapes {
            let mut body = json!({"mode": mode, "no_such_field": true});
            for name in shape["properties"].as_object().unwrap().keys() {
                body[name] = Value::Null;
            }
            let faults = Request::parse(&body).unwrap_err();
            let unknown: Vec<_> = faults.iter().filter(|f| f.code == "unknown").map(|f| f.field.as_str()).collect();
            assert_eq!(unknown, ["no_such_field"], "{mode}");
        }
    }
}
