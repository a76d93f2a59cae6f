//! An asset in JSON.

use serde::Serialize;
use utoipa::ToSchema;

use crate::{
    db::assets::Asset,
    domain::{clock::Timestamp, ids::AssetId},
    wire::content_url,
};

/// A media file.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[schema(as = Asset)]
pub(in crate::web) struct AssetBody {
    /// Its id.
    #[schema(value_type = String, example = "ast_019f2b7ac00071d2a3b4c5d6e7f80910")]
    pub(in crate::web) id: AssetId,
    /// `image`, `audio` or `video`.
    #[schema(value_type = String, example = "image")]
    kind: &'static str,
    /// Where its bytes are, for the owner's credential only.
    pub(in crate::web) content_url: String,
    /// Where a small picture of it is, for the owner's credential only.
    thumbnail_url: String,
    /// The MIME type found by looking at the bytes.
    content_type: String,
    /// How many bytes.
    bytes: u64,
    /// Hex SHA-256 of the bytes.
    sha256: String,
    /// Pixels wide; null for sound.
    width: Option<u32>,
    /// Pixels high; null for sound.
    height: Option<u32>,
    /// Seconds long; null for pictures.
    duration_seconds: Option<f64>,
    /// The name of the uploaded file.
    file_name: Option<String>,
    /// The job that made it; null for an upload.
    job_id: Option<String>,
    /// When it was stored.
    #[schema(value_type = String, format = DateTime)]
    created_at: Timestamp,
    /// When it is taken away; null if never.
    #[schema(value_type = Option<String>, format = DateTime)]
    expires_at: Option<Timestamp>,
    /// Whether it belongs to the live side of the account.
    livemode: bool,
}

/// A link that works without a credential for a while.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Link)]
pub(in crate::web) struct LinkBody {
    /// The link; whoever has it can fetch the asset's bytes for an hour.
    pub(in crate::web) url: String,
}

impl AssetBody {
    /// The asset, with URLs that begin with `base`.
    pub(in crate::web) fn new(asset: Asset, base: &str) -> Self {
        Self {
            content_url: content_url(base, asset.id),
            thumbnail_url: format!("{base}/v1/assets/{}/thumbnail", asset.id),
            id: asset.id,
            kind: asset.kind.as_str(),
            content_type: asset.content_type,
            bytes: asset.bytes,
            sha256: asset.sha256.to_string(),
            width: asset.width,
            height: asset.height,
            duration_seconds: asset.duration_seconds,
            file_name: asset.file_name,
            job_id: asset.made_by.map(|id| id.to_string()),
            created_at: asset.created_at,
            expires_at: asset.expires_at,
            livemode: asset.owner.livemode,
        }
    }
}
