//! What the library shows beside the lists: how many items each day has, and the shape of a sound.

use super::{App, AppError, Caller};
use crate::{
    db::{Day, assets, jobs},
    domain::{asset::AssetKind, ids::AssetId},
    media,
};

/// The shape of a sound.
#[derive(Debug, Clone, PartialEq)]
pub struct Shape {
    /// How loud each of the equal parts gets, 0 to 1, scaled to the loudest.
    pub peaks: Vec<f32>,
    /// How long the sound lasts.
    pub duration_seconds: f64,
}

impl App {
    /// How many of the caller's jobs are of each day, the latest first.
    pub fn job_timeline(&self, caller: &Caller, filter: &jobs::Filter) -> Result<Vec<Day>, AppError> {
        self.db.read(|conn| Ok(jobs::timeline(conn, caller.owner(), filter)?))
    }

    /// How many of the caller's assets are of each day, the latest first.
    pub fn asset_timeline(&self, caller: &Caller, filter: &assets::Filter) -> Result<Vec<Day>, AppError> {
        self.db.read(|conn| Ok(assets::timeline(conn, caller.owner(), filter)?))
    }

    /// The shape of a sound, or of a film's sound, in `buckets` parts.
    ///
    /// # Errors
    /// [`AppError::NotFound`] where there is no sound in it.
    pub fn asset_peaks(&self, caller: &Caller, id: AssetId, buckets: u32) -> Result<Shape, AppError> {
        let asset = self.asset(caller, id)?;
        if asset.kind == AssetKind::Image {
            return Err(AppError::NotFound("sound: the asset is a picture"));
        }
        let key = [asset.sha256.as_bytes(), &buckets.to_be_bytes()[..]].concat();
        // Kept as the length and one number of two bytes a part: nobody sees more.
        let kept = self.cache.get_or_insert_with("peaks", &key, || -> Result<Vec<u8>, AppError> {
            let (file, _) = self.store.read(&asset.sha256)?;
            let sound = media::audio::decode(file, &self.media_limits())?;
            let parts = media::audio::peaks(&sound, buckets as usize);
            let levels: Vec<f32> = parts.iter().map(|(low, high)| high.abs().max(low.abs())).collect();
            let loudest = levels.iter().copied().fold(f32::MIN_POSITIVE, f32::max);
            let level = |level: &f32| ((level / loudest * f32::from(u16::MAX)).round() as u16).to_be_bytes();
            let mut bytes = sound.duration_seconds().to_be_bytes().to_vec();
            bytes.extend(levels.iter().flat_map(level));
            Ok(bytes)
        });
        let kept = match kept {
            Err(AppError::UnsupportedMedia(_) | AppError::DamagedMedia(_)) if asset.kind == AssetKind::Video => {
                return Err(AppError::NotFound("sound in this film"));
            }
            other => other?,
        };
        let (length, levels) = kept.split_first_chunk::<8>().ok_or(AppError::NotFound("sound"))?;
        let peak = |pair: &[u8]| f32::from(u16::from_be_bytes([pair[0], pair[1]])) / f32::from(u16::MAX);
        let peaks = levels.chunks_exact(2).map(peak).map(|level| (level * 1000.0).round() / 1000.0).collect();
        Ok(Shape { peaks, duration_seconds: f64::from_be_bytes(*length) })
    }
}
