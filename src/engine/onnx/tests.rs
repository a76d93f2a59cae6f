//! Signatures of real models, and graphs that are rewritten compared with the same as they were exported.

use super::*;
use crate::engine::{
    CancelToken, bundle,
    chance::Chance,
    diffusion::tests::packs,
    session::{Graph, GraphOptions, Port, Value},
};

#[test]
fn real_models_tell_what_they_take_and_give() {
    let signature = Signature::read(bundle::bytes("minilm/minilm.onnx").unwrap()).unwrap();
    let names: Vec<&str> = signature.inputs.iter().map(|t| t.name.as_str()).collect();
    assert_eq!(names, ["input_ids", "attention_mask"]);
    assert_eq!((signature.inputs[0].element, &signature.inputs[0].shape), (7, &vec![None, None]));
    assert!(signature.outputs[0].is_float_of(&[None, Some(384)]));
    assert!(!signature.outputs[0].is_float_of(&[None, Some(385)]) && !signature.outputs[0].is_float_of(&[None]));
    let signature = Signature::read(bundle::bytes("u2netp/u2netp.onnx").unwrap()).unwrap();
    assert_eq!(signature.inputs.len(), 1, "weights are no inputs");
    assert!(signature.inputs[0].is_float_of(&[Some(1), Some(3), Some(320), Some(320)]));
}

#[test]
fn what_is_no_model_is_none_and_nothing_panics() {
    assert_eq!(Signature::read(b""), None);
    assert_eq!(Signature::read(b"not a model at all"), None);
    let model = bundle::bytes("styletransfer/multistyle26.onnx").unwrap();
    for length in (0..model.len().min(20_000)).step_by(131) {
        let _ = Signature::read(&model[..length]);
    }
    let mut broken = model.to_vec();
    for at in (0..broken.len()).step_by(997) {
        broken[at] ^= 0x5A;
    }
    let _ = Signature::read(&broken);
}

/// How many nodes of a kind a graph has.
fn count(model: &[u8], op: &str) -> usize {
    Model::read(model).unwrap().nodes().iter().filter(|node| node.op == op).count()
}

/// What a graph makes of numbers that its inputs' names and sizes decide; open sizes are chosen by `size`.
fn run(model: &[u8], size: &dyn Fn(&Port, usize) -> usize) -> Vec<f32> {
    let mut graph = Graph::from_bytes(model, GraphOptions::default()).unwrap();
    let ports = graph.inputs();
    let inputs = ports.iter().map(|port| {
        let shape: Vec<usize> =
            port.sizes.iter().enumerate().map(|(at, n)| n.unwrap_or_else(|| size(port, at))).collect();
        let mut chance = Chance::new(port.name.len() as u64);
        let values = (0..shape.iter().product()).map(|_| chance.signed()).collect();
        (port.name.as_str(), Value::F32(shape, values))
    });
    let outputs = graph.run(inputs.collect(), &CancelToken::default()).unwrap();
    outputs.into_values().next().unwrap().into_f32().unwrap().1
}

fn farthest(a: &[f32], b: &[f32]) -> f32 {
    assert_eq!(a.len(), b.len());
    a.iter().zip(b).map(|(a, b)| (a - b).abs()).fold(0.0, f32::max)
}

#[test]
fn a_u_net_and_a_decoder_make_the_same_with_faster_nodes() {
    for (part, attentions) in [("unet", 2), ("vae_decoder", 1)] {
        for family in ["sd15", "sdxl"] {
            let exported = std::fs::read(packs().join(family).join(part).join("model.onnx")).unwrap();
            let faster = for_cpu(&exported).unwrap();
            let fused = count(&faster, "com.microsoft.MultiHeadAttention");
            assert!(fused >= attentions && count(&faster, "Softmax") == 0, "{family} {part}: {fused}");
            let ours = count(&faster, "magicpixels.Conv3x3");
            assert!(ours >= 3, "{family} {part}: {ours} of {}", count(&exported, "Conv"));
            assert_eq!(ours + count(&faster, "Conv"), count(&exported, "Conv"));
            // Two prompts of 7 tokens, latents of 12 x 20.
            let size = |port: &Port, at: usize| match (port.name.as_str(), at) {
                (_, 0) => 2,
                ("encoder_hidden_states", 1) => 7,
                (_, 2) => 12,
                _ => 20,
            };
            let (wanted, got) = (run(&exported, &size), run(&faster, &size));
            assert!(wanted.iter().any(|value| value.abs() > 0.05), "something to compare");
            let off = farthest(&wanted, &got);
            assert!(off < 1e-4, "{family} {part}: off by {off}");
        }
    }
}

#[test]
fn a_graph_with_nothing_to_gain_or_that_is_none_stays_as_it_is() {
    assert_eq!(for_cpu(bundle::bytes("minilm/minilm.onnx").unwrap()), None);
    assert_eq!(for_cpu(b"not a model at all"), None);
    let model = std::fs::read(packs().join("sd15/unet/model.onnx")).unwrap();
    for length in (0..model.len()).step_by(9973) {
        let _ = for_cpu(&model[..length]);
    }
}
