//! From a prompt to what the U-Net is conditioned on.

use super::{
    layout::{Family, Layout, Part},
    parts::{Loaded, Parts},
    tokenizer::Tokenizer,
};
use crate::engine::{CancelToken, EngineError, session::Value};

/// What the U-Net takes of one prompt.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Conditioning {
    /// `encoder_hidden_states` of one picture: tokens x width.
    pub(super) states: Vec<f32>,
    pub(super) tokens: usize,
    pub(super) width: usize,
    /// SDXL's `text_embeds` of one picture.
    pub(super) pooled: Option<Vec<f32>>,
    /// Tokens of the prompt that no encoder took in.
    pub(super) dropped: usize,
}

impl Conditioning {
    /// What SDXL takes in place of an absent negative prompt.
    pub(super) fn zeros(&self) -> Self {
        Self {
            states: vec![0.0; self.states.len()],
            pooled: self.pooled.as_ref().map(|pooled| vec![0.0; pooled.len()]),
            dropped: 0,
            ..self.clone()
        }
    }
}

/// The tokenizers of a pack.
#[derive(Debug)]
pub(super) struct Tokenizers {
    first: Tokenizer,
    second: Option<Tokenizer>,
}

impl Tokenizers {
    pub(super) fn load(layout: &Layout) -> Result<Self, EngineError> {
        let second = match layout.family {
            Family::Xl => Some(Tokenizer::load(&layout.folder.join("tokenizer_2"))?),
            _ => None,
        };
        Ok(Self { first: Tokenizer::load(&layout.folder.join("tokenizer"))?, second })
    }

    /// Runs the text encoders of the pack over a prompt.
    pub(super) fn encode(
        &self,
        text: &str,
        (layout, parts): (&Layout, &mut Parts),
        cancel: &CancelToken,
    ) -> Result<Conditioning, EngineError> {
        let tokens = self.first.encode(text);
        let length = self.first.length();
        let ids = Value::I64(vec![1, length], tokens.ids);
        let encoder = parts.get(layout, Part::TextEncoder, cancel)?;
        let Some(second) = &self.second else {
            let (shape, states) = run(encoder, ids, Wanted::Last, cancel)?.0;
            let width = shape.last().copied().unwrap_or(0);
            return Ok(Conditioning { states, tokens: length, width, pooled: None, dropped: tokens.dropped });
        };
        let (first, _) = run(encoder, ids, Wanted::BeforeLast(layout.text_layers[0]), cancel)?;
        let tokens2 = second.encode(text);
        let ids = Value::I64(vec![1, second.length()], tokens2.ids);
        let encoder = parts.get(layout, Part::TextEncoder2, cancel)?;
        let (other, pooled) = run(encoder, ids, Wanted::BeforeLast(layout.text_layers[1]), cancel)?;
        let pooled = pooled.ok_or_else(|| EngineError::Model("text_encoder_2 gives no `text_embeds`".into()))?;
        let (states, width) = side_by_side(&first, &other, length)?;
        let dropped = tokens.dropped.max(tokens2.dropped);
        Ok(Conditioning { states, tokens: length, width, pooled: Some(pooled), dropped })
    }
}

type States = (Vec<usize>, Vec<f32>);

/// Which of an encoder's states condition the U-Net.
#[derive(Clone, Copy)]
enum Wanted {
    /// Those of its last layer.
    Last,
    /// Those before its last layer, as SDXL was trained on; with the number of layers, where it is known.
    BeforeLast(Option<usize>),
}

/// Runs an encoder; answers the wanted states and, of SDXL's second encoder, the pooled text.
fn run(
    encoder: &mut Loaded,
    ids: Value,
    wanted: Wanted,
    cancel: &CancelToken,
) -> Result<(States, Option<Vec<f32>>), EngineError> {
    let input = encoder.input_name("input_ids")?;
    let names: Vec<String> = encoder.outputs.iter().map(|port| port.name.clone()).collect();
    let wanted = match wanted {
        Wanted::Last => names.iter().find(|name| *name == "last_hidden_state").or_else(|| names.first()).cloned(),
        Wanted::BeforeLast(layers) => {
            let has = |n: &usize| names.contains(&format!("hidden_states.{n}"));
            // Exports list the embeddings and every layer but the last.
            let counted = (0..names.len()).take_while(|n| has(n)).count();
            let layer = layers.map(|n| n.saturating_sub(1)).filter(has).or_else(|| counted.checked_sub(1));
            layer.map(|n| format!("hidden_states.{n}"))
        }
    };
    let wanted = wanted.ok_or_else(|| EngineError::Model("a text encoder gives no hidden states".into()))?;
    let mut outputs = encoder.run(vec![(&input, ids)], cancel)?;
    let pooled = outputs.remove("text_embeds").map(Value::into_f32).transpose()?.map(|(_, values)| values);
    let missing = || EngineError::Model(format!("a text encoder gave no `{wanted}`"));
    let states = outputs.remove(&wanted).ok_or_else(missing)?.into_f32()?;
    Ok((states, pooled))
}

/// Joins the states of two encoders token by token.
fn side_by_side(first: &States, second: &States, tokens: usize) -> Result<(Vec<f32>, usize), EngineError> {
    let width = |states: &States| states.0.last().copied().unwrap_or(0);
    let (a, b) = (width(first), width(second));
    if a == 0 || b == 0 || first.1.len() != tokens * a || second.1.len() != tokens * b {
        return Err(EngineError::Model("the two text encoders take different numbers of tokens".into()));
    }
    let rows = first.1.chunks_exact(a).zip(second.1.chunks_exact(b));
    Ok((rows.flat_map(|(x, y)| x.iter().chain(y)).copied().collect(), a + b))
}
