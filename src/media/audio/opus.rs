//! Opus (RFC 6716) for `symphonia`, which reads its containers but not the codec: `opus-pure` behind its trait.
//!
//! Packets are decoded at 48 kHz whatever rate was recorded, as RFC 7845 section 5.1 advises.

use opus_pure::{OpusDecoder, OpusMSDecoder};
use symphonia::core::{
    audio::{AsGenericAudioBufferRef, AudioBuffer, AudioMut as _, AudioSpec, Channels, GenericAudioBufferRef},
    codecs::{
        CodecInfo,
        audio::{AudioCodecParameters, AudioDecoder, AudioDecoderOptions, FinalizeResult, well_known::CODEC_ID_OPUS},
        registry::{RegisterableAudioDecoder, SupportedAudioCodec},
    },
    errors::{Result, decode_error, unsupported_error},
    packet::PacketRef,
};

/// What every packet is decoded to.
const RATE: u32 = 48_000;
/// A packet's longest: 120 ms.
const FRAMES_MAX: usize = RATE as usize * 120 / 1000;

static SUPPORTED: [SupportedAudioCodec; 1] = [SupportedAudioCodec {
    id: CODEC_ID_OPUS,
    info: CodecInfo { short_name: "opus", long_name: "Opus", profiles: &[] },
}];

/// The decoder of one stream.
pub(super) struct OpusStream {
    parameters: AudioCodecParameters,
    decoder: Decoder,
    channels: usize,
    gain: f32,
    interleaved: Vec<f32>,
    buffer: AudioBuffer<f32>,
}

enum Decoder {
    /// One or two channels in one stream.
    Plain(Box<OpusDecoder>),
    /// Up to eight in streams of one or two.
    Surround(OpusMSDecoder),
}

impl Decoder {
    fn new(head: &Head) -> opus_pure::Result<Self> {
        if head.family == 0 {
            return OpusDecoder::new(RATE as i32, head.channels).map(|decoder| Self::Plain(Box::new(decoder)));
        }
        OpusMSDecoder::new(RATE as i32, head.channels, head.family).map(Self::Surround)
    }

    fn decode(&mut self, packet: &[u8], out: &mut [f32]) -> opus_pure::Result<usize> {
        match self {
            Self::Plain(decoder) => decoder.decode(packet, FRAMES_MAX, out),
            Self::Surround(decoder) => decoder.decode(packet, FRAMES_MAX, out),
        }
    }
}

/// The identification header (RFC 7845 section 5.1), which every container carries.
struct Head {
    channels: usize,
    gain: f32,
    /// 0: one stream; 1: surround sound in Vorbis's order. Others hold no speakers' channels.
    family: u8,
}

impl Head {
    fn read(data: &[u8]) -> Option<Self> {
        let (channels, family) = (usize::from(*data.get(9)?), *data.get(18)?);
        let gain = f32::from(i16::from_le_bytes([*data.get(16)?, *data.get(17)?]));
        let known = matches!((family, channels), (0, 1..=2) | (1, 1..=8));
        // In 256ths of a decibel. Beyond 18 dB either way it is no gain but damage.
        let gain = 10f32.powf((gain / 256.0).clamp(-18.0, 18.0) / 20.0);
        known.then_some(Self { channels, gain, family })
    }
}

impl OpusStream {
    fn new(parameters: &AudioCodecParameters) -> Result<Self> {
        let Some(head) = parameters.extra_data.as_deref().and_then(Head::read) else {
            return unsupported_error("opus: no usable identification header");
        };
        let Ok(decoder) = Decoder::new(&head) else {
            return unsupported_error("opus: this arrangement of channels");
        };
        let spec = AudioSpec::new(RATE, Channels::Discrete(head.channels as u16));
        Ok(Self {
            parameters: parameters.clone(),
            decoder,
            channels: head.channels,
            gain: head.gain,
            interleaved: vec![0.0; FRAMES_MAX * head.channels],
            buffer: AudioBuffer::new(spec, FRAMES_MAX),
        })
    }
}

impl AudioDecoder for OpusStream {
    fn reset(&mut self) {
        // A state that cannot be reset only sounds of what came before.
        let _ = match &mut self.decoder {
            Decoder::Plain(decoder) => decoder.reset_state(),
            Decoder::Surround(decoder) => decoder.reset_state(),
        };
    }

    fn codec_info(&self) -> &CodecInfo {
        &SUPPORTED[0].info
    }

    fn codec_params(&self) -> &AudioCodecParameters {
        &self.parameters
    }

    fn decode_ref(&mut self, packet: &PacketRef<'_>) -> Result<GenericAudioBufferRef<'_>> {
        self.buffer.clear();
        let frames = match self.decoder.decode(packet.data, &mut self.interleaved) {
            Ok(frames) if !packet.data.is_empty() && frames <= FRAMES_MAX => frames,
            _ => return decode_error("opus: a damaged packet"),
        };
        self.buffer.render_silence(Some(frames));
        for channel in 0..self.channels {
            let from = self.interleaved.iter().skip(channel).step_by(self.channels);
            for (slot, sample) in self.buffer.plane_mut(channel).into_iter().flatten().zip(from) {
                *slot = sample * self.gain;
            }
        }
        self.buffer.trim(packet.trim_start.get() as usize, packet.trim_end.get() as usize);
        Ok(self.buffer.as_generic_audio_buffer_ref())
    }

    fn finalize(&mut self) -> FinalizeResult {
        FinalizeResult::default()
    }

    fn last_decoded(&self) -> GenericAudioBufferRef<'_> {
        self.buffer.as_generic_audio_buffer_ref()
    }
}

impl RegisterableAudioDecoder for OpusStream {
    fn try_registry_new(parameters: &AudioCodecParameters, _: &AudioDecoderOptions) -> Result<Box<dyn AudioDecoder>> {
        Ok(Box::new(Self::new(parameters)?))
    }

    fn supported_codecs() -> &'static [SupportedAudioCodec] {
        &SUPPORTED
    }
}
