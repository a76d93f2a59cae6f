//! H.264 read: the first key frame of an upload, by `openh264`.

use image::RgbImage;
use openh264::{decoder::Decoder, formats::YUVSource as _};

use super::{
    MediaError,
    yuv::{Matrix, Yuv, i420_to_rgb},
};
use crate::media::limits::{Limits, guarded};

/// What a decoder needs of an `avcC` body: its parameter sets as Annex B, and how wide the length fields are.
pub(super) fn parse_avcc(avcc: &[u8]) -> Option<(Vec<u8>, usize)> {
    let length_size = usize::from(avcc.get(4)? & 3) + 1;
    let mut stream = Vec::new();
    let mut at = 5;
    for mask in [0x1F, 0xFF] {
        let count = avcc.get(at)? & mask;
        at += 1;
        for _ in 0..count {
            let size = usize::from(u16::from_be_bytes([*avcc.get(at)?, *avcc.get(at + 1)?]));
            stream.extend_from_slice(&[0, 0, 0, 1]);
            stream.extend_from_slice(avcc.get(at + 2..at + 2 + size)?);
            at += 2 + size;
        }
    }
    Some((stream, length_size))
}

/// Decodes one key frame; `None` where the decoder does not know the stream's tools, or the frame is broken.
pub(super) fn decode_key_frame(
    avcc: &[u8],
    sample: &[u8],
    colour: Option<(u16, bool)>,
    limits: &Limits,
) -> Option<RgbImage> {
    let (mut stream, length_size) = parse_avcc(avcc)?;
    let mut rest = sample;
    while rest.len() > length_size {
        let (head, tail) = rest.split_at(length_size);
        let size = head.iter().fold(0usize, |n, &b| n << 8 | usize::from(b));
        stream.extend_from_slice(&[0, 0, 0, 1]);
        stream.extend_from_slice(tail.get(..size)?);
        rest = &tail[size..];
    }
    let picture = guarded("film's first frame", || {
        let broken = |error: openh264::Error| MediaError::Damaged(format!("H.264: {error}"));
        let mut decoder = Decoder::new().map_err(broken)?;
        if let Some(picture) = decoder.decode(&stream).map_err(broken)? {
            return convert(&picture, colour, limits).map(Some);
        }
        let rest = decoder.flush_remaining().map_err(broken)?;
        rest.first().map(|picture| convert(picture, colour, limits)).transpose()
    });
    picture.ok().flatten()
}

pub(super) fn convert(
    picture: &openh264::decoder::DecodedYUV<'_>,
    colour: Option<(u16, bool)>,
    limits: &Limits,
) -> Result<RgbImage, MediaError> {
    let (width, height) = picture.dimensions();
    let (w, h) = (width as u32, height as u32);
    limits.check_size(w, h)?;
    let (luma_stride, chroma_stride, _) = picture.strides();
    // Untagged film is taken as players do: high definition is BT.709, less is BT.601.
    let matrix = match colour {
        Some((1, _)) => Matrix::Bt709,
        Some((5 | 6, _)) => Matrix::Bt601,
        _ if h >= 720 => Matrix::Bt709,
        _ => Matrix::Bt601,
    };
    let yuv = Yuv {
        planes: (picture.y(), picture.u(), picture.v()),
        size: (width, height),
        strides: (luma_stride, chroma_stride),
        matrix,
        full_range: colour.is_some_and(|c| c.1),
    };
    i420_to_rgb(&yuv).ok_or_else(|| MediaError::Damaged("H.264: a plane is too short".into()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cut_off_configuration_is_refused() {
        let avcc = [1, 66, 0, 30, 0xFF, 0xE1, 0, 2, 0x67, 1, 1, 0, 1, 0x68];
        assert_eq!(parse_avcc(&avcc), Some((vec![0, 0, 0, 1, 0x67, 1, 0, 0, 0, 1, 0x68], 4)));
        for length in 0..avcc.len() {
            assert_eq!(parse_avcc(&avcc[..length]), None);
        }
    }
}
