//! Pictures: decoding uploads upright and in sRGB, stripping what they tell about their owner, encoding, resizing.

mod encode;
mod resize;
mod strip;

use std::io::Cursor;

use image::{ImageDecoder, ImageFormat, ImageReader, RgbImage, RgbaImage, metadata::Orientation};

pub use encode::{encode_credited_jpeg, encode_credited_webp, encode_jpeg, encode_png, encode_webp};
pub use resize::{reduce, resize, thumbnail};
pub use strip::{Normalised, normalise_upload};

use super::{
    MediaError,
    limits::{Limits, guarded},
    sniff::{Format, sniff},
};

/// Decodes an upload: upright as its EXIF says, in sRGB as its ICC profile says, eight bits a channel. Of an animation,
/// the first frame.
///
/// # Errors
/// [`MediaError::TooLarge`] before memory is spent, [`MediaError::Unsupported`] for what is no picture,
/// [`MediaError::Damaged`] for one that is cut off or broken.
pub fn decode(bytes: &[u8], limits: &Limits) -> Result<RgbaImage, MediaError> {
    let format = check_whole(bytes, limits)?;
    guarded("picture", || {
        let mut decoder = open(bytes, format, limits)?;
        let orientation = decoder.orientation().unwrap_or(Orientation::NoTransforms);
        let profile = decoder.icc_profile().ok().flatten();
        let mut picture = image::DynamicImage::from_decoder(decoder).map_err(damaged)?;
        picture.apply_orientation(orientation);
        let mut picture = picture.into_rgba8();
        if let Some(profile) = profile {
            convert_to_srgb(&mut picture, &profile);
        }
        Ok(picture)
    })
}

/// The picture without its transparency, laid over `background`.
pub fn flatten(picture: &RgbaImage, background: [u8; 3]) -> RgbImage {
    RgbImage::from_fn(picture.width(), picture.height(), |x, y| {
        let [r, g, b, a] = picture.get_pixel(x, y).0;
        let over = |front: u8, back: u8| {
            ((u32::from(front) * u32::from(a) + u32::from(back) * (255 - u32::from(a)) + 127) / 255) as u8
        };
        image::Rgb([over(r, background[0]), over(g, background[1]), over(b, background[2])])
    })
}

/// What a picture's header says, read after its structure was found whole.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Header {
    /// What it is.
    pub format: Format,
    /// Width and height in pixels once upright.
    pub size: (u32, u32),
    /// How it has to be turned.
    pub orientation: Orientation,
}

/// Reads a picture's header and refuses it by its size.
pub(super) fn read_header(bytes: &[u8], limits: &Limits) -> Result<Header, MediaError> {
    let format = check_whole(bytes, limits)?;
    guarded("picture", || {
        let mut decoder = open(bytes, format, limits)?;
        let orientation = decoder.orientation().unwrap_or(Orientation::NoTransforms);
        let (width, height) = decoder.dimensions();
        let turned = matches!(
            orientation,
            Orientation::Rotate90 | Orientation::Rotate270 | Orientation::Rotate90FlipH | Orientation::Rotate270FlipH
        );
        let size = if turned { (height, width) } else { (width, height) };
        Ok(Header { format, size, orientation })
    })
}

/// The format of `bytes`, whose structure is there to its end: the decoders fill in grey for what is cut off.
fn check_whole(bytes: &[u8], limits: &Limits) -> Result<Format, MediaError> {
    if bytes.len() as u64 > limits.max_image_bytes {
        return Err(MediaError::TooLarge(format!("the picture's file has more than {} bytes", limits.max_image_bytes)));
    }
    let format = sniff(bytes)?;
    strip::check_structure(bytes, format)?;
    Ok(format)
}

fn open<'a>(bytes: &'a [u8], format: Format, limits: &Limits) -> Result<impl ImageDecoder + 'a, MediaError> {
    let format = match format {
        Format::Png => ImageFormat::Png,
        Format::Jpeg => ImageFormat::Jpeg,
        Format::WebP => ImageFormat::WebP,
        Format::Gif => ImageFormat::Gif,
        Format::Bmp => ImageFormat::Bmp,
        _ => return Err(MediaError::Unsupported("this is no picture".into())),
    };
    let mut reader = ImageReader::with_format(Cursor::new(bytes), format);
    let mut allowed = image::Limits::default();
    allowed.max_image_width = Some(limits.max_side);
    allowed.max_image_height = Some(limits.max_side);
    // Up to 8 bytes a pixel decoded, as much again for the decoder's own tables.
    allowed.max_alloc = Some(limits.max_pixels.saturating_mul(16).max(1 << 20));
    reader.limits(allowed);
    let decoder = reader.into_decoder().map_err(damaged)?;
    let (width, height) = decoder.dimensions();
    limits.check_size(width, height)?;
    Ok(decoder)
}

fn damaged(error: image::ImageError) -> MediaError {
    match error {
        image::ImageError::Limits(error) => MediaError::TooLarge(format!("the picture: {error}")),
        image::ImageError::Unsupported(error) => MediaError::Unsupported(format!("the picture: {error}")),
        error => MediaError::Damaged(format!("the picture: {error}")),
    }
}

/// Converts from the profile's colours to sRGB; a profile that is broken or not of RGB leaves the picture as it is.
fn convert_to_srgb(picture: &mut RgbaImage, profile: &[u8]) {
    use moxcms::{ColorProfile, DataColorSpace, Layout, TransformOptions};
    let Ok(source) = ColorProfile::new_from_slice(profile) else { return };
    if source.color_space != DataColorSpace::Rgb {
        return;
    }
    let options = TransformOptions::default();
    let Ok(transform) = source.create_transform_8bit(Layout::Rgba, &ColorProfile::new_srgb(), Layout::Rgba, options)
    else {
        return;
    };
    let row = picture.width() as usize * 4;
    let mut converted = vec![0u8; row];
    for line in picture.chunks_exact_mut(row.max(1)) {
        if transform.transform(line, &mut converted).is_err() {
            return;
        }
        line.copy_from_slice(&converted);
    }
}

#[cfg(test)]
mod tests;
