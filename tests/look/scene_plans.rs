//! Prints how a prompt, and what to avoid if a second argument says so, is read, as the `plan` of a job has it:
//! `cargo run --example scene_plans -- "a cup on a table" "wood"`; with no argument, every prompt of `gallery.txt`.

#![allow(clippy::print_stdout, reason = "it is what the program is for")]

use std::error::Error;

use magicpixels::engine::{
    CancelToken, bundle,
    scene::{
        catalogue::Catalogue,
        nearness::Nearness,
        plan::{ScenePlan, Wording},
    },
};

/// The prompts of the gallery, without their kinds.
const GALLERY: &str = include_str!("gallery.txt");

fn main() -> Result<(), Box<dyn Error>> {
    let catalogue = Catalogue::open(&[bundle::bytes("scene/scene.pack")?, bundle::bytes("cards/cards.pack")?])?;
    let asked: Vec<String> = std::env::args().skip(1).collect();
    let (mut nearness, cancel) = (Nearness::default(), CancelToken::default());
    let mut read = |prompt: &str, negative: &str| {
        let wording = Wording { prompt, negative, around: false };
        ScenePlan::read_with(&wording, &catalogue, &mut nearness.guesses(&cancel))
    };
    if let [prompt, rest @ ..] = &asked[..] {
        let negative = rest.first().map_or("", String::as_str);
        println!("{}", serde_json::to_string_pretty(&read(prompt, negative)?)?);
        return Ok(());
    }
    let prompts = GALLERY.lines().filter(|line| !line.starts_with('#')).filter_map(|line| line.split_once(" | "));
    for (_, prompt) in prompts {
        println!("{prompt}\n  {}", serde_json::to_string(&read(prompt, "")?)?);
    }
    Ok(())
}
