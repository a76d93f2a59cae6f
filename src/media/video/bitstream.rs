//! What of an H.264 byte stream must be read or mended on its way into MP4: NAL units, the order of presentation, and
//! the sequence parameter set. Knows the streams of our own encoder only.

/// The NAL units of an Annex B byte stream (ITU-T H.264 B.1), none of them empty.
pub(super) fn split_annex_b(stream: &[u8]) -> Vec<&[u8]> {
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

/// What a sequence parameter set says of the headers of slices.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Sequence {
    frame_number_bits: u32,
    order_bits: u32,
    references: u32,
}

/// Reads what is wanted of a sequence parameter set (7.3.2.1.1): High profile or below, 4:2:0, no scaling lists.
pub(super) fn read_sequence(sps: &[u8]) -> Option<Sequence> {
    let bytes = unescape(sps);
    let mut bits = Bits { bytes: bytes.get(4..)?, at: 0 };
    bits.exp_golomb()?;
    if bytes[1] >= 100 {
        // 4:2:0, 8 bits twice; no bypass, no scaling lists.
        if [bits.exp_golomb()?, bits.exp_golomb()?, bits.exp_golomb()?] != [1, 0, 0] || bits.take(2)? != 0 {
            return None;
        }
    }
    let frame_number_bits = bits.exp_golomb()? + 4;
    if bits.exp_golomb()? != 0 {
        return None;
    }
    let order_bits = bits.exp_golomb()? + 4;
    Some(Sequence { frame_number_bits, order_bits, references: bits.exp_golomb()? })
}

/// The picture order count of a slice beside its key frame (7.3.3 and 8.2.1.1), where it does not wrap: in a group of
/// pictures whose counts fit the field.
pub(super) fn read_order(slice: &[u8], sequence: Sequence) -> Option<u32> {
    // The header lies in the first bytes.
    let bytes = unescape(&slice[..slice.len().min(32)]);
    let mut bits = Bits { bytes: bytes.get(1..)?, at: 0 };
    for _ in 0..3 {
        bits.exp_golomb()?;
    }
    bits.take(sequence.frame_number_bits)?;
    if bytes[0] & 0x1F == 5 {
        bits.exp_golomb()?;
    }
    bits.take(sequence.order_bits)
}

/// Adds what the encoder leaves unsaid (annex E): BT.709 with limited range, and how far pictures are reordered, so
/// that a player need not guess. Takes back the claim to the Main profile, whose tools are not all that is used.
pub(super) fn complete_sequence(sps: &[u8], reordered: u32) -> Option<Vec<u8>> {
    let references = read_sequence(sps)?.references;
    let mut bytes = unescape(sps);
    if bytes[1] >= 100 {
        bytes[2] = 0;
    }
    // The stop bit is the last one that is set; before it is the flag that says there is no more.
    let last = *bytes.last()?;
    let stop = bytes.len() * 8 - 1 - last.trailing_zeros() as usize;
    let mut out = BitsOut { bytes, length: stop - 1 };
    out.bytes.truncate(stop.div_ceil(8));
    out.put(1, 1);
    // No aspect ratio, no overscan; a video signal of unspecified format, limited range, BT.709 three times.
    out.put(0b0011_0101, 8);
    out.put(0x01_01_01, 24);
    // No chroma location, timing, rates or picture structure; restrictions, vectors may leave the picture.
    out.put(0b000_0011, 7);
    for value in [0, 0, 16, 16, reordered, references] {
        out.exp_golomb(value);
    }
    out.put(1, 1);
    Some(escape(&out.bytes))
}

/// Takes the emulation prevention out (7.4.1).
fn unescape(unit: &[u8]) -> Vec<u8> {
    let mut out: Vec<u8> = Vec::with_capacity(unit.len());
    let mut zeros = 0;
    for &byte in unit {
        if zeros >= 2 && byte == 3 {
            zeros = 0;
            continue;
        }
        zeros = if byte == 0 { zeros + 1 } else { 0 };
        out.push(byte);
    }
    out
}

/// Puts it in again.
fn escape(raw: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(raw.len() + 4);
    let mut zeros = 0;
    for &byte in raw {
        if zeros >= 2 && byte <= 3 {
            out.push(3);
            zeros = 0;
        }
        zeros = if byte == 0 { zeros + 1 } else { 0 };
        out.push(byte);
    }
    out
}

struct Bits<'a> {
    bytes: &'a [u8],
    at: usize,
}

impl Bits<'_> {
    fn take(&mut self, count: u32) -> Option<u32> {
        let mut value = 0;
        for _ in 0..count {
            let byte = self.bytes.get(self.at / 8)?;
            value = value << 1 | u32::from(byte >> (7 - self.at % 8) & 1);
            self.at += 1;
        }
        Some(value)
    }

    /// An unsigned Exp-Golomb code (9.1).
    fn exp_golomb(&mut self) -> Option<u32> {
        let mut zeros = 0;
        while self.take(1)? == 0 {
            zeros += 1;
            if zeros > 24 {
                return None;
            }
        }
        Some((1 << zeros) - 1 + self.take(zeros)?)
    }
}

struct BitsOut {
    bytes: Vec<u8>,
    length: usize,
}

impl BitsOut {
    fn put(&mut self, value: u32, count: u32) {
        for i in (0..count).rev() {
            if self.length.is_multiple_of(8) && self.length / 8 == self.bytes.len() {
                self.bytes.push(0);
            }
            let mask = 0x80 >> (self.length % 8);
            let byte = &mut self.bytes[self.length / 8];
            *byte = if value >> i & 1 == 1 { *byte | mask } else { *byte & !mask };
            self.length += 1;
        }
    }

    fn exp_golomb(&mut self, value: u32) {
        let zeros = (value + 1).ilog2();
        self.put(0, zeros);
        self.put(value + 1, zeros + 1);
    }
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

    /// Of a film of 64 x 48 pixels by x264 with four references; ffmpeg's `trace_headers` says what is in it.
    const X264: [u8; 24] = [
        0x67, 0x64, 0x00, 0x0A, 0xAC, 0xD9, 0x44, 0x7B, 0x01, 0x10, 0x00, 0x00, 0x03, 0x00, 0x10, 0x00, 0x00, 0x03,
        0x03, 0x20, 0xF1, 0x22, 0x59, 0x60,
    ];

    #[test]
    fn a_parameter_set_of_another_encoder_is_read() {
        let wanted = Sequence { frame_number_bits: 4, order_bits: 6, references: 4 };
        assert_eq!(read_sequence(&X264), Some(wanted));
        for length in 0..6 {
            assert_eq!(read_sequence(&X264[..length]), None);
        }
    }

    #[test]
    fn bits_come_back_as_they_were_put() {
        let mut out = BitsOut { bytes: Vec::new(), length: 0 };
        for value in [0, 1, 2, 7, 8, 255, 70_000] {
            out.exp_golomb(value);
        }
        out.put(0b1011, 4);
        let mut bits = Bits { bytes: &out.bytes, at: 0 };
        for value in [0, 1, 2, 7, 8, 255, 70_000] {
            assert_eq!(bits.exp_golomb(), Some(value));
        }
        assert_eq!((bits.take(4), bits.take(32)), (Some(0b1011), None));
    }

    #[test]
    fn emulation_prevention_goes_and_comes() {
        let raw = [0, 0, 0, 0, 0, 1, 0, 0, 2, 0, 0, 3, 5, 0, 0, 4];
        let escaped = escape(&raw);
        assert_eq!(unescape(&escaped), raw);
        assert!(escaped.windows(3).all(|w| w[..2] != [0, 0] || w[2] > 2), "{escaped:?}");
    }
}
