//! One run: prompt and noise in, picture out. The order of draws and of operations is that of diffusers' pipelines.

use image::RgbImage;

use super::{
    layout::{Family, Layout, Part},
    noise::TorchGenerator,
    parts::Parts,
    prompt::{Conditioning, Tokenizers},
    schedule::Scheduler,
    vae::{self, Latents},
};
use crate::{
    config::Device,
    engine::{CancelToken, EngineError, RunContext, session::Value},
};

/// Everything that decides a picture, resolved.
#[derive(Debug, Clone)]
pub(super) struct Plan {
    pub(super) prompt: String,
    pub(super) negative: Option<String>,
    /// Pixels, multiples of what the pack asks for.
    pub(super) width: usize,
    /// Pixels, multiples of what the pack asks for.
    pub(super) height: usize,
    pub(super) steps: usize,
    pub(super) guidance: f32,
    pub(super) seed: u32,
    /// The picture to start from, of the size above, and how far to go from it.
    pub(super) start: Option<(RgbImage, f64)>,
}

/// What a run made.
pub(super) struct Made {
    pub(super) picture: RgbImage,
    /// What the decoder got, for tests against other implementations.
    #[cfg_attr(not(test), expect(dead_code, reason = "compared in tests"))]
    pub(super) latents: Latents,
    /// Tokens of the prompt that the encoders could not take.
    pub(super) dropped: usize,
    /// Where the U-Net ran.
    pub(super) device: Device,
}

/// A pack that runs.
pub(super) struct Pipeline {
    pub(super) layout: Layout,
    pub(super) parts: Parts,
    tokenizers: Tokenizers,
    /// More latents than this are decoded in tiles.
    pub(super) decode_whole_max: usize,
}

/// What the U-Net is told at every call beside sample and time.
struct Conditions {
    /// With guidance: what to avoid, then what to make.
    prompts: Vec<Conditioning>,
    /// SDXL's sizes: original, crop corner, target.
    time_ids: Option<[f32; 6]>,
    guidance_embedding: Option<Vec<f32>>,
    guidance: f32,
}

impl Pipeline {
    pub(super) fn open(layout: Layout, parts: Parts) -> Result<Self, EngineError> {
        let tokenizers = Tokenizers::load(&layout)?;
        Ok(Self { layout, parts, tokenizers, decode_whole_max: vae::WHOLE_MAX })
    }

    /// Makes the picture.
    pub(super) fn run(&mut self, plan: &Plan, ctx: &RunContext<'_>) -> Result<Made, EngineError> {
        ctx.step(0, 1)?;
        let conditions = self.conditions(plan, &ctx.part("reading", 0.0, 0.05))?;
        let dropped = conditions.prompts.iter().map(|prompt| prompt.dropped).max().unwrap_or(0);
        let mut generator = TorchGenerator::new(plan.seed);
        let (mut latents, mut schedule, first) = self.begin(plan, &mut generator, &ctx.part("encoding", 0.05, 0.08))?;
        let denoising = ctx.part("denoising", 0.08, 0.9);
        let calls = schedule.timesteps().len();
        for index in first..calls {
            denoising.step(index - first, calls - first)?;
            let time = schedule.timesteps()[index];
            let mut input = latents.clone();
            schedule.scale_input(index, &mut input.values);
            let output = self.denoise(&input, time, &conditions, ctx.cancel_token())?;
            schedule.step(index, &output, &mut latents.values, &mut generator);
        }
        let device = self.parts.get(&self.layout, Part::Unet, ctx.cancel_token())?.device();
        let decoding = ctx.part("decoding", 0.9, 1.0);
        decoding.step(0, 1)?;
        let picture = vae::decode(&latents, (&self.layout, &mut self.parts), self.decode_whole_max, &decoding)?;
        Ok(Made { picture, latents, dropped, device })
    }

    fn conditions(&mut self, plan: &Plan, ctx: &RunContext<'_>) -> Result<Conditions, EngineError> {
        let guidance_embedding = self.layout.guidance_dim.map(|dim| embed_guidance(plan.guidance, dim));
        let guided = plan.guidance > 1.0 && guidance_embedding.is_none();
        let mut encode = |text: &str| self.tokenizers.encode(text, (&self.layout, &mut self.parts), ctx.cancel_token());
        let positive = encode(&plan.prompt)?;
        ctx.step(1, 2)?;
        let mut prompts = Vec::new();
        if guided {
            prompts.push(match &plan.negative {
                None if self.layout.zeros_for_empty => positive.zeros(),
                negative => encode(negative.as_deref().unwrap_or_default())?,
            });
        }
        prompts.push(positive);
        let (height, width) = (plan.height as f32, plan.width as f32);
        let time_ids = (self.layout.family == Family::Xl).then_some([height, width, 0.0, 0.0, height, width]);
        Ok(Conditions { prompts, time_ids, guidance_embedding, guidance: plan.guidance })
    }

    /// The first sample, the schedule, and the call to begin with.
    fn begin(
        &mut self,
        plan: &Plan,
        generator: &mut TorchGenerator,
        ctx: &RunContext<'_>,
    ) -> Result<(Latents, Box<dyn Scheduler>, usize), EngineError> {
        let scale = self.layout.latent_pixels;
        let (height, width, channels) = (plan.height / scale, plan.width / scale, self.layout.latent_channels);
        let Some((picture, strength)) = &plan.start else {
            let schedule = self.layout.scheduler.schedule(plan.steps, 1.0)?;
            let mut values = generator.normal(channels * height * width);
            let sigma = schedule.init_noise_sigma();
            for value in &mut values {
                *value *= sigma;
            }
            return Ok((Latents { values, channels, height, width }, schedule, 0));
        };
        // Latent consistency spreads all steps over the noise that is added; the others leave out the first ones.
        let (spread, first) = match self.layout.family {
            Family::LatentConsistency => (*strength, 0),
            _ => (1.0, plan.steps - ((plan.steps as f64 * strength) as usize).min(plan.steps)),
        };
        let schedule = self.layout.scheduler.schedule(plan.steps, spread)?;
        if first >= schedule.timesteps().len() {
            return Err(EngineError::Input("`steps` times `strength` must be at least 1.".into()));
        }
        let picture = vae::encode(picture, (&self.layout, &mut self.parts), generator, ctx.cancel_token())?;
        let noise = generator.normal(picture.values.len());
        let values = schedule.add_noise(first, &picture.values, &noise);
        Ok((Latents { values, ..picture }, schedule, first))
    }

    /// One call of the U-Net; with guidance, both prompts in one batch, then apart from what to avoid.
    fn denoise(
        &mut self,
        latents: &Latents,
        time: f32,
        conditions: &Conditions,
        cancel: &CancelToken,
    ) -> Result<Vec<f32>, EngineError> {
        let unet = self.parts.get(&self.layout, Part::Unet, cancel)?;
        // Exports with a fixed batch of one take the prompts one after the other.
        let fixed = unet.input("sample").and_then(|port| port.sizes.first().copied().flatten()) == Some(1);
        let batch = if fixed { 1 } else { conditions.prompts.len() };
        let mut outputs = Vec::with_capacity(conditions.prompts.len() * latents.values.len());
        for prompts in conditions.prompts.chunks(batch) {
            let inputs = unet_inputs(latents, time, prompts, conditions, |name| unet.input(name).cloned());
            let (_, values) = unet.run_for(inputs, "out_sample", cancel)?;
            outputs.extend(values);
        }
        let count = latents.values.len();
        if outputs.len() != count * conditions.prompts.len() {
            return Err(EngineError::Model(format!("the U-Net gave {} values, not {count}", outputs.len())));
        }
        if conditions.prompts.len() == 1 {
            return Ok(outputs);
        }
        let (without, with) = outputs.split_at(count);
        Ok(without.iter().zip(with).map(|(from, to)| from + conditions.guidance * (to - from)).collect())
    }
}

/// The inputs that a U-Net declares, filled for a batch of prompts.
fn unet_inputs(
    latents: &Latents,
    time: f32,
    prompts: &[Conditioning],
    conditions: &Conditions,
    port: impl Fn(&str) -> Option<crate::engine::session::Port>,
) -> Vec<(&'static str, Value)> {
    let batch = prompts.len();
    let repeat = |values: &[f32]| values.repeat(batch);
    let (tokens, width) = (prompts[0].tokens, prompts[0].width);
    let shape = vec![batch, latents.channels, latents.height, latents.width];
    let states = prompts.iter().flat_map(|prompt| prompt.states.iter().copied()).collect();
    let time_shape = match port("timestep").map(|port| port.sizes) {
        Some(sizes) if sizes.len() == 1 => vec![sizes[0].unwrap_or(1)],
        _ => Vec::new(),
    };
    let times = vec![time; time_shape.iter().product()];
    let mut inputs = vec![
        ("sample", Value::F32(shape, repeat(&latents.values))),
        ("timestep", Value::F32(time_shape, times)),
        ("encoder_hidden_states", Value::F32(vec![batch, tokens, width], states)),
    ];
    if port("text_embeds").is_some() {
        let pooled: Vec<f32> =
            prompts.iter().filter_map(|prompt| prompt.pooled.as_deref()).flatten().copied().collect();
        let width = pooled.len() / batch;
        inputs.push(("text_embeds", Value::F32(vec![batch, width], pooled)));
    }
    if let (Some(_), Some(ids)) = (port("time_ids"), &conditions.time_ids) {
        inputs.push(("time_ids", Value::F32(vec![batch, ids.len()], repeat(ids))));
    }
    if let (Some(_), Some(embedding)) = (port("timestep_cond"), &conditions.guidance_embedding) {
        inputs.push(("timestep_cond", Value::F32(vec![batch, embedding.len()], repeat(embedding))));
    }
    inputs
}

/// The guidance scale as sines and cosines (LCM, appendix; `get_guidance_scale_embedding` of diffusers).
fn embed_guidance(guidance: f32, dim: usize) -> Vec<f32> {
    let half = dim / 2;
    let scaled = (guidance - 1.0) * 1000.0;
    let rate = 10_000_f64.ln() / (half.max(2) - 1) as f64;
    let angles: Vec<f32> = (0..half).map(|i| scaled * (i as f32 * -rate as f32).exp()).collect();
    let mut embedding: Vec<f32> = angles.iter().map(|a| a.sin()).chain(angles.iter().map(|a| a.cos())).collect();
    embedding.resize(dim, 0.0);
    embedding
}
