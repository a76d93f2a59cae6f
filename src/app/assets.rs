//! Assets: upload, look, list, delete, thumbnails, signed links.
//!
//! An upload is streamed to disk, judged by its content alone, stripped of metadata and only then told of. What is
//! refused leaves no file behind.

use std::{fs::File, io::Read as _, time::Duration};

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use hmac::{Hmac, Mac as _};
use sha2::Sha256;

use super::{App, AppError, Caller};
use crate::{
    db::{
        Listing, Page,
        assets::{self, Asset, Filter},
    },
    domain::{asset::AssetKind, clock::Timestamp, ids::AssetId},
    media::{self, MediaError, limits::Limits, probe::Probe},
    store::{Staged, Stored},
};

/// The longest side of a thumbnail, in pixels.
const THUMBNAIL_SIDE: u32 = 320;
/// How long a signed link works.
const LINK_LENGTH: Duration = Duration::from_hours(1);
/// The longest file name that is kept, in characters.
const FILE_NAME_CHARS_MAX: usize = 200;

/// An upload under way; dropping it leaves nothing behind.
pub struct Upload {
    staged: Staged,
}

impl Upload {
    /// Takes the next bytes; fails once they exceed the operator's limit.
    pub fn write(&mut self, bytes: &[u8]) -> Result<(), AppError> {
        Ok(self.staged.append(bytes)?)
    }
}

impl From<MediaError> for AppError {
    fn from(error: MediaError) -> Self {
        match error {
            MediaError::Unsupported(_) => Self::UnsupportedMedia(error.to_string()),
            MediaError::Damaged(_) => Self::DamagedMedia(error.to_string()),
            MediaError::TooLarge(_) => Self::TooLarge(error.to_string()),
            MediaError::Encode(_) => Self::Internal(error.to_string()),
            MediaError::StorageFull => Self::StorageFull,
        }
    }
}

impl App {
    /// The limits on uploaded media.
    pub(super) fn media_limits(&self) -> Limits {
        let limits = &self.config.file.limits;
        Limits { max_pixels: limits.image_pixels, max_duration_seconds: limits.media_seconds, ..Limits::default() }
    }

    /// Begins an upload.
    pub fn begin_upload(&self, _caller: &Caller) -> Result<Upload, AppError> {
        Ok(Upload { staged: self.store.stage(self.config.file.limits.upload_bytes)? })
    }

    /// Ends an upload: judges the bytes, strips them, stores them and makes the asset.
    pub fn finish_upload(
        &self,
        caller: &Caller,
        upload: Upload,
        kind: AssetKind,
        file_name: Option<&str>,
    ) -> Result<Asset, AppError> {
        let limits = self.media_limits();
        let probe = media::probe::probe(upload.staged.reopen()?, &limits)?;
        if probe.kind != kind {
            let message = format!("the file holds {} ({}), not {kind}", probe.kind, probe.content_type);
            return Err(AppError::UnsupportedMedia(message));
        }
        // Held until the row names the bytes, so that nobody sweeps them away in between.
        let stored = match kind {
            AssetKind::Image => self.store_stripped(upload.staged, &limits)?,
            AssetKind::Audio | AssetKind::Video => upload.staged.commit()?,
        };
        let asset = self.new_asset(caller, &probe, &stored, file_name);
        let row = asset.clone();
        let kept = self.db.write(move |tx| assets::insert(tx, &row).map_err(AppError::from));
        let digest = stored.digest();
        drop(stored);
        if kept.is_err() {
            self.discard(Some(digest));
        }
        kept.map(|()| asset)
    }

    /// Takes the metadata out of a picture; its pixels stay as they are unless they have to be turned.
    fn store_stripped(&self, staged: Staged, limits: &Limits) -> Result<Stored, AppError> {
        let mut bytes = Vec::new();
        let unreadable = |e: std::io::Error| AppError::Internal(format!("a staged upload is unreadable: {e}"));
        staged.reopen()?.read_to_end(&mut bytes).map_err(unreadable)?;
        let normalised = media::image::normalise_upload(&bytes, limits)?;
        Ok(if normalised.changed { self.store.put(&normalised.bytes)? } else { staged.commit()? })
    }

    fn new_asset(&self, caller: &Caller, probe: &Probe, stored: &Stored, file_name: Option<&str>) -> Asset {
        let clean = |name: &str| -> String {
            let base = name.rsplit(['/', '\\']).next().unwrap_or_default();
            base.chars().filter(|c| !c.is_control()).take(FILE_NAME_CHARS_MAX).collect()
        };
        let created_at = self.clock.now();
        Asset {
            id: AssetId::new(),
            owner: caller.owner(),
            kind: probe.kind,
            sha256: stored.digest(),
            content_type: probe.content_type.into(),
            bytes: stored.bytes(),
            width: probe.width,
            height: probe.height,
            duration_seconds: probe.duration_seconds,
            file_name: file_name.map(clean).filter(|name| !name.is_empty()),
            made_by: None,
            created_at,
            expires_at: self.config.file.retention.length(true).map(|length| created_at.plus(length)),
        }
    }

    /// The caller's asset.
    ///
    /// # Errors
    /// [`AppError::Expired`] for one that retention took away, [`AppError::NotFound`] for one that never was.
    pub fn asset(&self, caller: &Caller, id: AssetId) -> Result<Asset, AppError> {
        self.db.read(|conn| {
            let found = assets::find(conn, caller.owner(), id)?;
            found.ok_or(match assets::find_expired(conn, caller.owner(), id)? {
                Some(_) => AppError::Expired("asset"),
                None => AppError::NotFound("asset"),
            })
        })
    }

    /// The caller's assets, the newest first.
    pub fn list_assets(
        &self,
        caller: &Caller,
        filter: &Filter,
        page: Page<AssetId>,
    ) -> Result<Listing<Asset>, AppError> {
        self.db.read(|conn| Ok(assets::list(conn, caller.owner(), filter, page)?))
    }

    /// Deletes the caller's asset, unless a queued or running job needs it.
    pub fn delete_asset(&self, caller: &Caller, id: AssetId) -> Result<(), AppError> {
        let owner = caller.owner();
        let freed = self.db.write(move |tx| assets::delete(tx, owner, id).map_err(AppError::from))?;
        self.discard(freed);
        Ok(())
    }

    /// The caller's asset and its bytes.
    pub fn open_asset(&self, caller: &Caller, id: AssetId) -> Result<(Asset, File), AppError> {
        self.open_content(self.asset(caller, id)?)
    }

    fn open_content(&self, asset: Asset) -> Result<(Asset, File), AppError> {
        let (file, _) = self.store.read(&asset.sha256)?;
        Ok((asset, file))
    }

    /// A small picture of the asset: the picture itself, a film's first frame, a sound's waveform. Its MIME type
    /// comes with it.
    pub fn thumbnail(&self, caller: &Caller, id: AssetId) -> Result<(&'static str, Vec<u8>), AppError> {
        let asset = self.asset(caller, id)?;
        let made = self.cache.get_or_insert_with("thumbnail", asset.sha256.as_bytes(), || self.make_thumbnail(&asset));
        Ok(("image/webp", made?))
    }

    fn make_thumbnail(&self, asset: &Asset) -> Result<Vec<u8>, AppError> {
        let limits = self.media_limits();
        let (mut file, _) = self.store.read(&asset.sha256)?;
        let picture = match asset.kind {
            AssetKind::Image => Some(media::image::decode(&self.store.read_all(&asset.sha256)?, &limits)?),
            AssetKind::Video => media::video::read_poster(&mut file, &limits)?,
            AssetKind::Audio => {
                let sound = media::audio::decode(file, &limits)?;
                Some(media::audio::waveform_picture(&sound, THUMBNAIL_SIDE, THUMBNAIL_SIDE / 2, [70, 110, 220]))
            }
        };
        let picture = picture.ok_or(AppError::NotFound("thumbnail"))?;
        Ok(media::image::encode_webp(&media::image::thumbnail(&picture, THUMBNAIL_SIDE))?)
    }

    /// The query string of a link to the asset's content that works for an hour without a credential, for `<video>`
    /// tags.
    pub fn signed_link(&self, caller: &Caller, id: AssetId) -> Result<String, AppError> {
        let asset = self.asset(caller, id)?;
        let expires = self.clock.now().plus(LINK_LENGTH).millis().to_string();
        let signature = URL_SAFE_NO_PAD.encode(self.link_mac(asset.id, &expires)?.finalize().into_bytes());
        Ok(format!("expires={expires}&signature={signature}"))
    }

    /// The asset behind a signed link, while the link works. A wrong link and a missing asset look the same.
    pub fn open_signed(&self, id: AssetId, expires: &str, signature: &str) -> Result<(Asset, File), AppError> {
        let expired = expires.parse().map_or(true, |millis| Timestamp::from_millis(millis) <= self.clock.now());
        let presented = URL_SAFE_NO_PAD.decode(signature).unwrap_or_default();
        let genuine = self.link_mac(id, expires)?.verify_slice(&presented).is_ok();
        if expired || !genuine {
            return Err(AppError::NotFound("asset"));
        }
        let asset = self.db.read(|conn| -> Result<_, AppError> {
            let found = assets::find_any(conn, id)?;
            let is_expired = found.is_none() && assets::is_expired(conn, id)?;
            found.ok_or(if is_expired { AppError::Expired("asset") } else { AppError::NotFound("asset") })
        })?;
        self.open_content(asset)
    }

    /// HMAC-SHA-256 (RFC 2104) over what a link says.
    fn link_mac(&self, id: AssetId, expires: &str) -> Result<Hmac<Sha256>, AppError> {
        let mac = Hmac::<Sha256>::new_from_slice(&self.link_secret);
        let mac = mac.map_err(|e| AppError::Internal(e.to_string()))?;
        Ok(mac.chain_update(format!("{id}\n{expires}")))
    }
}
