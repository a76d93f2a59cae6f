//! Models and voices in JSON.

use serde::Serialize;
use utoipa::ToSchema;

use crate::{
    domain::job::Mode,
    engine::{Voice, registry::ModelStatus},
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
