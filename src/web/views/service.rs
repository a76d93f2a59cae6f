//! Models and voices in JSON.

use serde::Serialize;
use utoipa::ToSchema;

use crate::{
    domain::job::Mode,
    engine::{Limit, Voice, registry::ModelStatus},
};

/// A model.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Model)]
pub(in crate::web) struct ModelBody {
    /// The name that a job's `model` takes.
    id: String,
    /// One sentence for a person.
    description: String,
    /// The modes it serves.
    modes: Vec<&'static str>,
    /// The licence of its weights or data, as an SPDX expression.
    licence: String,
    /// Where its weights or data come from.
    source: String,
    /// Hex SHA-256 over the digests of all of its files.
    digest: String,
    /// The optional request fields it honours; a job that sets another is refused by name.
    fields: Vec<String>,
    /// Whether it is in memory now.
    loaded: bool,
    /// The ranges of the numbers that a job may set, where the model tells.
    limits: Vec<LimitBody>,
    /// Where its graphs run, or will: `cpu`, `cuda`, `tensorrt`, `migraphx`, `rocm`, `openvino`.
    device: &'static str,
    /// Why that is not the device that the operator asked for; null where it is.
    device_note: Option<String>,
}

/// The range of a number that a job may set.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = ModelLimit)]
pub(in crate::web) struct LimitBody {
    /// The request's field.
    field: &'static str,
    /// The smallest value.
    min: f64,
    /// The largest value.
    max: f64,
    /// What the value must be a multiple of.
    multiple_of: Option<u32>,
    /// What a job gets that sets none.
    default: Option<f64>,
}

impl From<Limit> for LimitBody {
    fn from(limit: Limit) -> Self {
        let Limit { field, min, max, multiple_of, default } = limit;
        Self { field, min, max, multiple_of, default }
    }
}

impl From<ModelStatus> for ModelBody {
    fn from(model: ModelStatus) -> Self {
        let info = model.info;
        Self {
            id: info.id,
            description: info.description,
            modes: info.modes.into_iter().map(Mode::as_str).collect(),
            licence: info.licence,
            source: info.source,
            digest: info.digest,
            fields: info.fields,
            loaded: model.loaded,
            limits: model.limits.into_iter().map(Into::into).collect(),
            device: model.placement.device.as_str(),
            device_note: model.placement.note,
        }
    }
}

/// A voice.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Voice)]
pub(in crate::web) struct VoiceBody {
    /// The name that a job's `voice_id` takes.
    id: String,
    /// The model that speaks it.
    model: String,
    /// The name of the model's own voice behind it.
    native_id: String,
    /// BCP 47 language tag.
    language: String,
    /// `female` or `male`.
    gender: String,
    /// The licence of the voice.
    licence: String,
    /// Where to hear it, for any credential.
    sample_url: String,
}

impl VoiceBody {
    /// The voice, with URLs that begin with `base`.
    pub(in crate::web) fn new(voice: &Voice, base: &str) -> Self {
        Self {
            sample_url: format!("{base}/v1/voices/{}/sample", voice.id),
            id: voice.id.clone(),
            model: voice.model.clone(),
            native_id: voice.native_id.clone(),
            language: voice.language.clone(),
            gender: voice.gender.clone(),
            licence: voice.licence.clone(),
        }
    }
}
