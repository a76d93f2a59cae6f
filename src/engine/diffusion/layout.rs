//! What a diffusers folder says it is: its family, its parts, and the numbers that a run needs.

use std::path::{Path, PathBuf};

use serde_json::Value;

use super::{config::read_json, schedule::SchedulerConfig};
use crate::engine::EngineError;

/// The file that makes a folder a diffusers pipeline.
pub const INDEX: &str = "model_index.json";

/// Which pipeline of diffusers the folder is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Family {
    /// Stable Diffusion 1.x, 2.x and Turbo.
    StableDiffusion,
    /// Latent consistency models.
    LatentConsistency,
    /// SDXL and SDXL-Turbo.
    Xl,
}

/// A part of a pack that runs on ONNX Runtime.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Part {
    TextEncoder,
    TextEncoder2,
    Unet,
    VaeEncoder,
    VaeDecoder,
    /// A small decoder (TAESD) beside the full one.
    TinyDecoder,
}

impl Part {
    /// Its folder in a pack.
    pub(super) const fn folder(self) -> &'static str {
        match self {
            Self::TextEncoder => "text_encoder",
            Self::TextEncoder2 => "text_encoder_2",
            Self::Unet => "unet",
            Self::VaeEncoder => "vae_encoder",
            Self::VaeDecoder => "vae_decoder",
            Self::TinyDecoder => "tiny_decoder",
        }
    }
}

/// A pack's folder, read and judged.
#[derive(Debug, Clone)]
pub(super) struct Layout {
    pub(super) folder: PathBuf,
    pub(super) family: Family,
    pub(super) scheduler: SchedulerConfig,
    pub(super) latent_channels: usize,
    /// Pixels a side of one latent.
    pub(super) latent_pixels: usize,
    /// Latents are this much larger than what the decoder takes.
    pub(super) scaling: f32,
    /// The same of the tiny decoder.
    pub(super) tiny_scaling: f32,
    /// Pixels a side that the model was trained on.
    pub(super) side: usize,
    /// Sizes must be multiples of this, or the U-Net's halves don't meet again.
    pub(super) multiple: usize,
    /// No negative prompt means zeros, not an empty text (SDXL).
    pub(super) zeros_for_empty: bool,
    /// Size of the guidance embedding (LCM), if the U-Net takes one.
    pub(super) guidance_dim: Option<usize>,
    /// Layers of each text encoder, where its configuration tells.
    pub(super) text_layers: [Option<usize>; 2],
}

impl Layout {
    /// Reads a folder; what it lacks, and what is not supported, is named.
    pub(super) fn read(folder: &Path) -> Result<Self, EngineError> {
        let index = read_json(&folder.join(INDEX))?;
        let family = family(&index)?;
        let optional = |part: &str| read_json(&folder.join(part).join("config.json")).unwrap_or(Value::Null);
        let (unet, vae, tiny) = (optional("unet"), optional("vae_decoder"), optional("tiny_decoder"));
        let levels = unet["block_out_channels"].as_array().map_or(1, Vec::len).clamp(1, 8);
        let latent_pixels = 1_usize << (vae_levels(&vae).clamp(1, 8) - 1);
        let number = |value: &Value| value.as_u64().and_then(|n| usize::try_from(n).ok());
        let default_side = if family == Family::Xl { 128 } else { 64 };
        let sample_size = number(&unet["sample_size"]).filter(|n| (1..=512).contains(n)).unwrap_or(default_side);
        for (name, value) in [("latents_mean", &vae["latents_mean"]), ("shift_factor", &vae["shift_factor"])] {
            if !value.is_null() {
                return Err(EngineError::Model(format!("vae_decoder/config.json: `{name}` is not supported")));
            }
        }
        let layout = Self {
            folder: folder.to_path_buf(),
            family,
            scheduler: SchedulerConfig::read(&read_json(&folder.join("scheduler/scheduler_config.json"))?)?,
            latent_channels: number(&vae["latent_channels"]).filter(|n| (1..=64).contains(n)).unwrap_or(4),
            latent_pixels,
            scaling: scaling(&vae, family),
            tiny_scaling: scaling(&tiny, family),
            side: sample_size * latent_pixels,
            multiple: latent_pixels << (levels - 1),
            zeros_for_empty: family == Family::Xl && index["force_zeros_for_empty_prompt"] != Value::Bool(false),
            guidance_dim: number(&unet["time_cond_proj_dim"]),
            text_layers: ["text_encoder", "text_encoder_2"].map(|part| number(&optional(part)["num_hidden_layers"])),
        };
        layout.check_files()?;
        Ok(layout)
    }

    /// The ONNX file of a part.
    pub(super) fn graph(&self, part: Part) -> PathBuf {
        self.folder.join(part.folder()).join("model.onnx")
    }

    /// Whether the pack has the part.
    pub(super) fn has(&self, part: Part) -> bool {
        self.graph(part).is_file()
    }

    /// Whether pictures come out of one to four steps without guidance: Turbo.
    pub(super) fn is_turbo(&self) -> bool {
        self.family != Family::LatentConsistency && self.scheduler.is_trailing()
    }

    /// A name for people.
    pub(super) fn family_name(&self) -> &'static str {
        match (self.family, self.is_turbo()) {
            (Family::StableDiffusion, false) => "stable-diffusion",
            (Family::StableDiffusion, true) => "stable-diffusion-turbo",
            (Family::LatentConsistency, _) => "latent-consistency",
            (Family::Xl, false) => "sdxl",
            (Family::Xl, true) => "sdxl-turbo",
        }
    }

    fn check_files(&self) -> Result<(), EngineError> {
        let mut needed = vec!["text_encoder/model.onnx", "unet/model.onnx", "vae_decoder/model.onnx"];
        let mut tokenizers = vec!["tokenizer"];
        if self.family == Family::Xl {
            needed.push("text_encoder_2/model.onnx");
            tokenizers.push("tokenizer_2");
        }
        let is_file = |name: &str| self.folder.join(name).is_file();
        let mut missing: Vec<String> = needed.into_iter().filter(|name| !is_file(name)).map(str::to_owned).collect();
        for tokenizer in tokenizers {
            let slow = ["vocab.json", "merges.txt"].iter().all(|file| is_file(&format!("{tokenizer}/{file}")));
            if !slow && !is_file(&format!("{tokenizer}/tokenizer.json")) {
                missing.push(format!("{tokenizer}/vocab.json and merges.txt"));
            }
        }
        if missing.is_empty() {
            return Ok(());
        }
        Err(EngineError::Model(format!("the pack lacks {}", missing.join(", "))))
    }
}

fn family(index: &Value) -> Result<Family, EngineError> {
    let class = index["_class_name"].as_str().unwrap_or_default();
    // Optimum prefixes its own classes, diffusers had "Onnx" ones, and each task has a suffix.
    let plain = class.trim_start_matches("ORT").trim_start_matches("Onnx");
    let refuse = |what: String| Err(EngineError::Model(format!("{INDEX}: {what}")));
    if index["requires_aesthetics_score"] == Value::Bool(true) {
        return refuse("SDXL refiners are not supported".into());
    }
    match plain {
        "StableDiffusionPipeline" | "StableDiffusionImg2ImgPipeline" => Ok(Family::StableDiffusion),
        "LatentConsistencyModelPipeline" | "LatentConsistencyModelImg2ImgPipeline" => Ok(Family::LatentConsistency),
        "StableDiffusionXLPipeline" | "StableDiffusionXLImg2ImgPipeline" => Ok(Family::Xl),
        _ => refuse(format!(
            "the pipeline `{class}` is not supported; StableDiffusion, StableDiffusionXL and LatentConsistencyModel are"
        )),
    }
}

fn vae_levels(vae: &Value) -> usize {
    let list = |name: &str| vae[name].as_array().map(Vec::len);
    list("block_out_channels").or_else(|| list("decoder_block_out_channels")).unwrap_or(4)
}

/// What a decoder's configuration says, or what its family was trained with. A tiny decoder takes latents as they are.
fn scaling(vae: &Value, family: Family) -> f32 {
    let default = match (vae["_class_name"].as_str(), family) {
        (Some("AutoencoderTiny"), _) => 1.0,
        (_, Family::Xl) => 0.13025,
        _ => 0.18215,
    };
    vae["scaling_factor"].as_f64().filter(|f| f.is_finite() && *f > 0.0).unwrap_or(default) as f32
}
