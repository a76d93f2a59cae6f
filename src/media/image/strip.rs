//! Taking out of a picture's file what tells about its owner (EXIF, XMP, IPTC, comments, trailing data), without
//! touching a pixel: the containers are walked and only segments that pictures need are copied.
//!
//! Kept are ICC profiles and other colour tags, densities, and animations. A picture that has to be turned upright is
//! decoded and encoded again in its own format (JPEG at quality 95), then in sRGB and without a profile.

use image::metadata::Orientation;

use super::{super::MediaError, Limits, decode, encode_jpeg, encode_png, encode_webp, flatten, read_header};
use crate::media::sniff::Format;

/// An upload's picture, free of metadata.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Normalised {
    /// The file.
    pub bytes: Vec<u8>,
    /// Its format.
    pub format: Format,
    /// Width and height in pixels, upright.
    pub size: (u32, u32),
    /// Whether the bytes differ from the upload's.
    pub changed: bool,
}

/// Strips an uploaded picture of all metadata, with its orientation applied.
///
/// # Errors
/// As [`decode`]; the pixels are decoded only where they have to be turned.
pub fn normalise_upload(bytes: &[u8], limits: &Limits) -> Result<Normalised, MediaError> {
    let header = read_header(bytes, limits)?;
    let out = if header.orientation == Orientation::NoTransforms {
        walk(bytes, header.format)?
    } else {
        let picture = decode(bytes, limits)?;
        match header.format {
            Format::Jpeg => encode_jpeg(&flatten(&picture, [255; 3]), 95)?,
            Format::WebP => encode_webp(&picture)?,
            _ => encode_png(&picture, &[])?,
        }
    };
    Ok(Normalised { changed: out != bytes, bytes: out, format: header.format, size: header.size })
}

/// Checks that the file's structure is whole.
pub(super) fn check_structure(bytes: &[u8], format: Format) -> Result<(), MediaError> {
    walk(bytes, format).map(drop)
}

fn walk(bytes: &[u8], format: Format) -> Result<Vec<u8>, MediaError> {
    let kept = match format {
        Format::Jpeg => strip_jpeg(bytes),
        Format::Png => strip_png(bytes),
        Format::WebP => strip_webp(bytes),
        Format::Gif => strip_gif(bytes),
        // BMP has no metadata but a profile; its decoder notices when rows are missing.
        Format::Bmp => Some(bytes.to_vec()),
        _ => return Err(MediaError::Unsupported("this is no picture".into())),
    };
    kept.ok_or_else(|| MediaError::Damaged("the picture's file is cut off or broken".into()))
}

fn be16(bytes: &[u8], at: usize) -> Option<usize> {
    Some(usize::from(u16::from_be_bytes(bytes.get(at..at + 2)?.try_into().ok()?)))
}

/// JPEG (ITU-T T.81 annex B): drops all application segments but JFIF, ICC and Adobe's colour transform, all comments,
/// and whatever follows the end of the image. `None` where no end is found.
fn strip_jpeg(bytes: &[u8]) -> Option<Vec<u8>> {
    let mut out = bytes.get(..2)?.to_vec();
    let (mut at, mut scanned) = (2, false);
    loop {
        if *bytes.get(at)? != 0xFF {
            return None;
        }
        let marker = *bytes.get(at + 1)?;
        match marker {
            0xFF => {
                at += 1;
                continue;
            }
            0xD9 => {
                out.extend_from_slice(&[0xFF, 0xD9]);
                return scanned.then_some(out);
            }
            0x01 | 0xD0..=0xD7 => {
                out.extend_from_slice(&bytes[at..at + 2]);
                at += 2;
                continue;
            }
            _ => {}
        }
        let length = be16(bytes, at + 2).filter(|&n| n >= 2)?;
        let segment = bytes.get(at..at + 2 + length)?;
        let body = &segment[4..];
        let keep = match marker {
            0xE0 => body.starts_with(b"JFIF\0"),
            0xE2 => body.starts_with(b"ICC_PROFILE\0"),
            0xEE => body.starts_with(b"Adobe"),
            0xE1..=0xEF | 0xFE => false,
            _ => true,
        };
        if keep {
            out.extend_from_slice(segment);
        }
        at += 2 + length;
        if marker == 0xDA {
            scanned = true;
            let start = at;
            // Entropy-coded data: 0xFF is stuffed with zero, restart markers belong to it.
            while !matches!(bytes.get(at..at + 2)?, [0xFF, m] if !matches!(m, 0 | 0xD0..=0xD7 | 0xFF)) {
                at += 1;
            }
            out.extend_from_slice(&bytes[start..at]);
        }
    }
}

/// PNG (ISO/IEC 15948 clause 5): keeps critical chunks and those ancillary ones that change how pixels look or move.
fn strip_png(bytes: &[u8]) -> Option<Vec<u8>> {
    const KEPT: [&[u8; 4]; 16] = [
        b"IHDR", b"PLTE", b"IDAT", b"IEND", b"tRNS", b"gAMA", b"cHRM", b"sRGB", b"iCCP", b"cICP", b"sBIT", b"bKGD",
        b"pHYs", b"acTL", b"fcTL", b"fdAT",
    ];
    let mut out = bytes.get(..8)?.to_vec();
    let mut at = 8;
    loop {
        let length = u32::from_be_bytes(bytes.get(at..at + 4)?.try_into().ok()?) as usize;
        let chunk = bytes.get(at..at.checked_add(length)?.checked_add(12)?)?;
        let kind: &[u8; 4] = chunk[4..8].try_into().ok()?;
        if KEPT.contains(&kind) {
            out.extend_from_slice(chunk);
        }
        if kind == b"IEND" {
            return Some(out);
        }
        at += chunk.len();
    }
}

/// `WebP` (RFC 9649 section 2): drops `EXIF`, `XMP ` and unknown chunks, and their flags in `VP8X`.
fn strip_webp(bytes: &[u8]) -> Option<Vec<u8>> {
    const KEPT: [&[u8; 4]; 7] = [b"VP8X", b"VP8 ", b"VP8L", b"ICCP", b"ALPH", b"ANIM", b"ANMF"];
    let riff = u32::from_le_bytes(bytes.get(4..8)?.try_into().ok()?) as usize;
    let body = bytes.get(12..riff.checked_add(8)?)?;
    let mut out = bytes.get(..12)?.to_vec();
    let mut at = 0;
    while at < body.len() {
        let length = u32::from_le_bytes(body.get(at + 4..at + 8)?.try_into().ok()?) as usize;
        let end = at.checked_add(8)?.checked_add(length)?;
        let mut chunk = body.get(at..end)?.to_vec();
        let kind: [u8; 4] = chunk[..4].try_into().ok()?;
        if KEPT.contains(&&kind) {
            if &kind == b"VP8X" {
                // Bits 3 and 2: EXIF and XMP are there.
                *chunk.get_mut(8)? &= !0x0C;
            }
            chunk.resize(chunk.len().next_multiple_of(2), 0);
            out.extend_from_slice(&chunk);
        }
        at = end.next_multiple_of(2);
    }
    let size = u32::try_from(out.len() - 8).ok()?.to_le_bytes();
    out[4..8].copy_from_slice(&size);
    Some(out)
}

/// `GIF89a`: drops comments, plain text and application data but the animation's loop count.
fn strip_gif(bytes: &[u8]) -> Option<Vec<u8>> {
    let table = |flags: u8| if flags & 0x80 != 0 { 3usize << ((flags & 7) + 1) } else { 0 };
    // The end of a chain of sub-blocks that starts at `at`.
    let chain = |mut at: usize| -> Option<usize> {
        loop {
            let size = usize::from(*bytes.get(at)?);
            at += size + 1;
            if size == 0 {
                return Some(at);
            }
        }
    };
    let mut at = 13 + table(*bytes.get(10)?);
    let mut out = bytes.get(..at)?.to_vec();
    let mut pictures = 0;
    loop {
        match bytes.get(at) {
            Some(0x2C) => {
                let data = at + 10 + table(*bytes.get(at + 9)?) + 1;
                let end = chain(data)?;
                out.extend_from_slice(bytes.get(at..end)?);
                pictures += 1;
                at = end;
            }
            Some(0x21) => {
                let end = chain(at + 2)?;
                let block = bytes.get(at..end)?;
                let looping = block.get(3..14).is_some_and(|id| id == b"NETSCAPE2.0" || id == b"ANIMEXTS1.0");
                if block[1] == 0xF9 || (block[1] == 0xFF && looping) {
                    out.extend_from_slice(block);
                }
                at = end;
            }
            Some(0x3B) if pictures > 0 => {
                out.push(0x3B);
                return Some(out);
            }
            _ => return None,
        }
    }
}
