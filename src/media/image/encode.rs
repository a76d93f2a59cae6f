//! Encoding pictures. The same picture and texts always give the same bytes.

use image::{ExtendedColorType, ImageEncoder as _, RgbImage, RgbaImage, codecs};

use super::super::MediaError;

fn refused(error: &dyn std::fmt::Display) -> MediaError {
    MediaError::Encode(format!("picture: {error}"))
}

/// The colours alone where nothing of `picture` is transparent.
fn opaque(picture: &RgbaImage) -> Option<Vec<u8>> {
    let solid = picture.pixels().all(|p| p.0[3] == 255);
    solid.then(|| picture.pixels().flat_map(|p| [p.0[0], p.0[1], p.0[2]]).collect())
}

/// Encodes as PNG, tagged sRGB, without an alpha channel where it would say nothing. `texts` are keywords (1 to 79
/// Latin-1 characters) and UTF-8 texts that go into `iTXt` chunks: how the picture was made.
///
/// # Errors
/// [`MediaError::Encode`] for an empty picture or an impossible keyword.
pub fn encode_png(picture: &RgbaImage, texts: &[(&str, &str)]) -> Result<Vec<u8>, MediaError> {
    let mut out = Vec::new();
    let mut encoder = png::Encoder::new(&mut out, picture.width(), picture.height());
    let colours = opaque(picture);
    encoder.set_color(if colours.is_some() { png::ColorType::Rgb } else { png::ColorType::Rgba });
    encoder.set_depth(png::BitDepth::Eight);
    encoder.set_compression(png::Compression::Balanced);
    encoder.set_source_srgb(png::SrgbRenderingIntent::Perceptual);
    for (keyword, text) in texts {
        encoder.add_itxt_chunk((*keyword).to_owned(), (*text).to_owned()).map_err(|e| refused(&e))?;
    }
    let mut writer = encoder.write_header().map_err(|e| refused(&e))?;
    writer.write_image_data(colours.as_deref().unwrap_or(picture)).map_err(|e| refused(&e))?;
    writer.finish().map_err(|e| refused(&e))?;
    Ok(out)
}

/// Encodes as baseline JPEG of `quality` 1 to 100.
///
/// # Errors
/// [`MediaError::Encode`] for a picture that is empty or over 65,535 pixels a side.
pub fn encode_jpeg(picture: &RgbImage, quality: u8) -> Result<Vec<u8>, MediaError> {
    encode_credited_jpeg(picture, quality, "")
}

/// The same; `copyright`, unless it is empty, goes into the field of that name in its Exif.
///
/// # Errors
/// Those of [`encode_jpeg`].
pub fn encode_credited_jpeg(picture: &RgbImage, quality: u8, copyright: &str) -> Result<Vec<u8>, MediaError> {
    let mut out = Vec::new();
    let mut encoder = codecs::jpeg::JpegEncoder::new_with_quality(&mut out, quality.clamp(1, 100));
    if !copyright.is_empty() {
        encoder.set_exif_metadata(exif(copyright)).map_err(|e| refused(&e))?;
    }
    encoder
        .write_image(picture, picture.width(), picture.height(), ExtendedColorType::Rgb8)
        .map_err(|e| refused(&e))?;
    Ok(out)
}

/// Encodes as lossless WebP, without an alpha channel where it would say nothing.
///
/// # Errors
/// [`MediaError::Encode`] for a picture that is empty or over 16,384 pixels a side.
pub fn encode_webp(picture: &RgbaImage) -> Result<Vec<u8>, MediaError> {
    encode_credited_webp(picture, "")
}

/// The same; `copyright`, unless it is empty, goes into the field of that name in its Exif.
///
/// # Errors
/// Those of [`encode_webp`].
pub fn encode_credited_webp(picture: &RgbaImage, copyright: &str) -> Result<Vec<u8>, MediaError> {
    let (width, height) = picture.dimensions();
    if !(1..=16_384).contains(&width) || !(1..=16_384).contains(&height) {
        return Err(MediaError::Encode(format!("WebP has no picture of {width}x{height} pixels")));
    }
    let mut out = Vec::new();
    let mut encoder = codecs::webp::WebPEncoder::new_lossless(&mut out);
    if !copyright.is_empty() {
        encoder.set_exif_metadata(exif(copyright)).map_err(|e| refused(&e))?;
    }
    match opaque(picture) {
        Some(colours) => encoder.encode(&colours, width, height, ExtendedColorType::Rgb8),
        None => encoder.encode(picture, width, height, ExtendedColorType::Rgba8),
    }
    .map_err(|e| refused(&e))?;
    Ok(out)
}

/// Exif with nothing in it but the copyright (tag 0x8298, text that ends with a zero byte): a TIFF head, one directory of
/// one entry, and the text behind it.
fn exif(copyright: &str) -> Vec<u8> {
    const TEXT_AT: u32 = 8 + 2 + 12 + 4;
    let mut tiff = b"II*\0\x08\0\0\0\x01\0\x98\x82\x02\0".to_vec();
    tiff.extend((copyright.len() as u32 + 1).to_le_bytes());
    tiff.extend(TEXT_AT.to_le_bytes());
    tiff.extend(0u32.to_le_bytes());
    tiff.extend(copyright.as_bytes());
    tiff.push(0);
    tiff
}
