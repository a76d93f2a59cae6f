//! Sample entries: what a player must know before it decodes a track. And the boxes that all of them are made of.

use super::track::{AudioTrack, VideoTrack};

pub(super) fn bx(kind: [u8; 4], body: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(body.len() + 8);
    out.extend_from_slice(&((body.len() + 8) as u32).to_be_bytes());
    out.extend_from_slice(&kind);
    out.extend_from_slice(body);
    out
}

pub(super) fn full(kind: [u8; 4], version: u8, flags: u32, body: &[u8]) -> Vec<u8> {
    let mut out = (u32::from(version) << 24 | flags).to_be_bytes().to_vec();
    out.extend_from_slice(body);
    bx(kind, &out)
}

pub(super) fn words(values: &[u32]) -> Vec<u8> {
    values.iter().flat_map(|v| v.to_be_bytes()).collect()
}

/// The `avc1` sample entry (ISO/IEC 14496-15 5.4.2.1).
pub(super) fn avc_entry(video: &VideoTrack) -> Vec<u8> {
    let mut out = vec![0, 0, 0, 0, 0, 0, 0, 1];
    out.extend_from_slice(&[0; 16]);
    out.extend_from_slice(&video.width.to_be_bytes());
    out.extend_from_slice(&video.height.to_be_bytes());
    // 72 dpi both ways, one frame a sample, no compressor name, depth 24.
    out.extend(words(&[0x0048_0000, 0x0048_0000, 0]));
    out.extend_from_slice(&[0, 1]);
    out.extend_from_slice(&[0; 32]);
    out.extend_from_slice(&[0, 24, 0xFF, 0xFF]);
    let profile: Vec<u8> = video.sps.get(1..4).map_or_else(|| vec![66, 0, 30], <[u8]>::to_vec);
    let mut avcc = vec![1, profile[0], profile[1], profile[2], 0xFF, 0xE1];
    avcc.extend_from_slice(&(video.sps.len() as u16).to_be_bytes());
    avcc.extend_from_slice(&video.sps);
    avcc.push(1);
    avcc.extend_from_slice(&(video.pps.len() as u16).to_be_bytes());
    avcc.extend_from_slice(&video.pps);
    if !matches!(profile[0], 66 | 77 | 88) {
        // High profiles: chroma format 4:2:0, 8 bits of luma and chroma, no extension.
        avcc.extend_from_slice(&[0xFD, 0xF8, 0xF8, 0]);
    }
    out.extend(bx(*b"avcC", &avcc));
    // BT.709 primaries, transfer and matrix, limited range: what `video::yuv` makes and the VUI says.
    out.extend(bx(*b"colr", b"nclx\0\x01\0\x01\0\x01\0"));
    out.extend(bx(*b"pasp", &words(&[1, 1])));
    let sizes = video.samples.sizes();
    let total: u64 = sizes.iter().map(|&size| u64::from(size)).sum();
    out.extend(bit_rate(
        sizes.iter().copied().max().unwrap_or(0),
        total * 8 * u64::from(video.fps) / sizes.len().max(1) as u64,
    ));
    bx(*b"avc1", &out)
}

/// The `btrt` box: the decoder's buffer in bytes, the highest and the average rate in bits a second.
fn bit_rate(buffer: u32, average: u64) -> Vec<u8> {
    let average = u32::try_from(average).unwrap_or(u32::MAX);
    bx(*b"btrt", &words(&[buffer, average, average]))
}

/// The `mp4a` sample entry with its elementary stream descriptor (ISO/IEC 14496-1 7.2.6.5).
pub(super) fn aac_entry(audio: &AudioTrack) -> Vec<u8> {
    let mut out = vec![0, 0, 0, 0, 0, 0, 0, 1];
    out.extend_from_slice(&[0; 8]);
    out.extend_from_slice(&[0, 1, 0, 16, 0, 0, 0, 0]);
    // 16.16 fixed point: rates above 65,535 Hz do not fit and are left to the configuration.
    out.extend(words(&[audio.rate.checked_mul(0x10000).unwrap_or(0)]));
    let buffer = audio.samples.sizes().iter().copied().max().unwrap_or(0);
    let mut decoder = vec![0x40, 0x15];
    decoder.extend_from_slice(&buffer.to_be_bytes()[1..]);
    decoder.extend(words(&[audio.bitrate, audio.bitrate]));
    decoder.extend(descriptor(5, &audio.config));
    let stream = [vec![0, 0, 0], descriptor(4, &decoder), descriptor(6, &[2])].concat();
    out.extend(full(*b"esds", 0, 0, &descriptor(3, &stream)));
    out.extend(bit_rate(buffer, u64::from(audio.bitrate)));
    bx(*b"mp4a", &out)
}

/// An MPEG-4 descriptor: a tag and a size of four seven-bit groups.
fn descriptor(tag: u8, body: &[u8]) -> Vec<u8> {
    let n = body.len() as u32;
    let mut out = vec![tag, (n >> 21) as u8 | 0x80, (n >> 14) as u8 | 0x80, (n >> 7) as u8 | 0x80, n as u8 & 0x7F];
    out.extend_from_slice(body);
    out
}

/// The `tx3g` sample entry (3GPP TS 26.245 5.16): white text without a background, centred at the bottom of a box of
/// `width` x `height` pixels.
pub(super) fn text_entry(width: u16, height: u16, font_size: u8) -> Vec<u8> {
    let mut out = vec![0, 0, 0, 0, 0, 0, 0, 1];
    out.extend_from_slice(&[0, 0, 0, 0, 1, 0xFF, 0, 0, 0, 0]);
    out.extend([0, 0, height, width].into_iter().flat_map(u16::to_be_bytes));
    out.extend_from_slice(&[0, 0, 0, 0, 0, 1, 0, font_size, 255, 255, 255, 255]);
    out.extend(bx(*b"ftab", b"\0\x01\0\x01\x0aSans-Serif"));
    bx(*b"tx3g", &out)
}
