//! Against the package's own tokenizer and the network before it was quantised (`models/minilm/recipe.py`).

use serde::Deserialize;

use super::*;

#[derive(Deserialize)]
struct Golden {
    text: String,
    ids: Vec<i64>,
    embedding: Vec<f32>,
}

fn goldens() -> Vec<Golden> {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/models/minilm/golden.json");
    serde_json::from_slice(&std::fs::read(path).unwrap()).unwrap()
}

fn load() -> TextModel {
    TextModel::load(GraphOptions::default()).unwrap()
}

#[test]
fn tokens_are_those_of_the_networks_own_tokenizer() {
    let model = load();
    for golden in goldens() {
        assert_eq!(model.tokenizer.encode(&golden.text), golden.ids, "{:?}", golden.text);
    }
    assert_eq!(model.tokenizer.encode(&"word ".repeat(500)).len(), wordpiece::TOKENS_MAX);
}

#[test]
fn embeddings_are_those_of_the_exact_network() {
    let mut model = load();
    let cancel = CancelToken::default();
    for golden in goldens() {
        let found = model.embed(&golden.text, &cancel).unwrap();
        assert_eq!(found.0.len(), 384);
        assert!((found.cosine(&found) - 1.0).abs() < 1e-4);
        let worst = found.0.iter().zip(&golden.embedding).map(|(a, b)| (a - b).abs()).fold(0.0, f32::max);
        // int8 weights: a component is 0.05 as a rule.
        assert!(worst < 0.012, "{:?} is off by {worst}", golden.text);
    }
}

#[test]
fn the_documented_likenesses_come_out() {
    // As the documentation of sentence-transformers shows them for this network.
    let mut model = load();
    let mut embed = |text| model.embed(text, &CancelToken::default()).unwrap();
    let weather = embed("The weather is lovely today.");
    let (sunny, stadium) = (embed("It's so sunny outside!"), embed("He drove to the stadium."));
    assert!((weather.cosine(&sunny) - 0.666).abs() < 0.02);
    assert!((weather.cosine(&stadium) - 0.1046).abs() < 0.02);
    assert!((sunny.cosine(&stadium) - 0.1411).abs() < 0.02);
}

#[test]
fn a_cancelled_reading_stops_and_what_was_read_is_known() {
    let mut model = load();
    let cancelled = CancelToken::default();
    cancelled.cancel();
    assert!(matches!(model.embed("new", &cancelled), Err(EngineError::Cancelled)));
    let first = model.embed("old", &CancelToken::default()).unwrap();
    assert_eq!(model.embed("old", &cancelled).unwrap(), first);
}
