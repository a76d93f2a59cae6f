//! H.264 by `openh264`: its Annex B byte streams in, length-prefixed access units out, and the way back for posters.

use image::RgbImage;
use openh264::{
    OpenH264API,
    decoder::Decoder,
    encoder::{
        BitRate, Complexity, EncoderConfig, FrameRate, IntraFramePeriod, QpRange, RateControlMode, UsageType, VuiConfig,
    },
    formats::{YUVSlices, YUVSource as _},
};

use super::{
    FilmFormat, MediaError, Samples, VideoTrack,
    yuv::{Matrix, Planes, Yuv, i420_to_rgb},
};
use crate::media::limits::{Limits, guarded};

/// The quantiser: visually clean on faces and renders at 0.1 to 0.2 bit a pixel.
const QP: u8 = 24;
/// Seconds between key frames.
const KEY_SECONDS: u32 = 2;

/// Encodes the frames of one film.
pub(super) struct Encoder {
    inner: openh264::encoder::Encoder,
    planes: Planes,
    stream: Vec<u8>,
    track: VideoTrack,
}

impl Encoder {
    /// An encoder whose frames go into `samples`.
    pub(super) fn new(format: FilmFormat, samples: Samples) -> Result<Self, MediaError> {
        let FilmFormat { width, height, fps } = format;
        // The rate only sizes the decoder's buffers (the level) here, as the quantiser is fixed: 1 bit a pixel.
        let bits = (u64::from(width) * u64::from(height) * u64::from(fps)).clamp(1_000_000, 60_000_000) as u32;
        let config = EncoderConfig::new()
            // The one camera mode that the library's version accepts; without frame skipping it is offline encoding.
            .usage_type(UsageType::CameraVideoRealTime)
            .skip_frames(false)
            .max_frame_rate(FrameRate::from_hz(fps as f32))
            // With both ends of the range alike every mode is a fixed quantiser; this one warns of nothing on stderr.
            .rate_control_mode(RateControlMode::Bufferbased)
            .bitrate(BitRate::from_bps(bits))
            .qp(QpRange::new(QP, QP))
            .complexity(Complexity::Medium)
            .intra_frame_period(IntraFramePeriod::from_num_frames(fps * KEY_SECONDS))
            .scene_change_detect(false)
            .background_detection(false)
            .adaptive_quantization(false)
            .num_threads(1)
            .vui(VuiConfig::bt709());
        let inner = openh264::encoder::Encoder::with_api_config(OpenH264API::from_source(), config).map_err(refused)?;
        let track = VideoTrack { width: width as u16, height: height as u16, fps, samples, ..VideoTrack::default() };
        Ok(Self { inner, planes: Planes::new(width as usize, height as usize), stream: Vec::new(), track })
    }

    pub(super) fn push(&mut self, frame: &RgbImage) -> Result<(), MediaError> {
        self.planes.fill(frame);
        let (w, h) = (self.planes.width, self.planes.height);
        let source = YUVSlices::new((&self.planes.y, &self.planes.u, &self.planes.v), (w, h), (w, w / 2, w / 2));
        self.stream.clear();
        self.inner.encode(&source).map_err(refused)?.write_vec(&mut self.stream);
        let mut sample = Vec::with_capacity(self.stream.len() + 8);
        let mut key = false;
        for nal in split_annex_b(&self.stream) {
            match nal[0] & 0x1F {
                7 if self.track.sps.is_empty() => self.track.sps = nal.to_vec(),
                8 if self.track.pps.is_empty() => self.track.pps = nal.to_vec(),
                kind @ (1 | 5) => {
                    key |= kind == 5;
                    sample.extend_from_slice(&(nal.len() as u32).to_be_bytes());
                    sample.extend_from_slice(nal);
                }
                _ => {}
            }
        }
        if sample.is_empty() {
            return Err(MediaError::Encode("H.264: a frame was left out".into()));
        }
        self.track.samples.push(&sample)?;
        if key {
            self.track.keys.push(self.track.samples.sizes().len() as u32);
        }
        Ok(())
    }

    pub(super) fn finish(self) -> VideoTrack {
        self.track
    }
}

#[expect(clippy::needless_pass_by_value, reason = "as map_err hands it over")]
fn refused(error: openh264::Error) -> MediaError {
    MediaError::Encode(format!("H.264: {error}"))
}

/// The NAL units of an Annex B byte stream (ITU-T H.264 B.1), none of them empty.
fn split_annex_b(stream: &[u8]) -> Vec<&[u8]> {
    let mut starts = Vec::new();
    let mut at = 0;
    while at + 3 <= stream.len() {
        if stream[at..at + 3] == [0, 0, 1] {
            starts.push(at);
            at += 3;
        } else {
            at += 1;
        }
    }
    let ends = starts.iter().skip(1).copied().chain([stream.len()]);
    let units = starts.iter().zip(ends).map(|(&start, end)| {
        let mut unit = &stream[start + 3..end];
        // The zero byte of a four-byte start code, and trailing zeros, belong to no unit.
        while let [rest @ .., 0] = unit {
            unit = rest;
        }
        unit
    });
    units.filter(|unit| !unit.is_empty()).collect()
}

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
    fn units_are_split_at_both_kinds_of_start_code() {
        let stream = [0, 0, 0, 1, 0x67, 1, 2, 0, 0, 1, 0x68, 3, 0, 0, 0, 1, 0x65, 0, 0, 3, 9, 0, 0];
        assert_eq!(split_annex_b(&stream), [&[0x67, 1, 2][..], &[0x68, 3], &[0x65, 0, 0, 3, 9]]);
        assert!(split_annex_b(&[0, 0, 1, 0, 0, 1]).is_empty());
    }

    #[test]
    fn a_cut_off_configuration_is_refused() {
        let avcc = [1, 66, 0, 30, 0xFF, 0xE1, 0, 2, 0x67, 1, 1, 0, 1, 0x68];
        assert_eq!(parse_avcc(&avcc), Some((vec![0, 0, 0, 1, 0x67, 1, 0, 0, 0, 1, 0x68], 4)));
        for length in 0..avcc.len() {
            assert_eq!(parse_avcc(&avcc[..length]), None);
        }
    }
}
