//! Prints how prompts are read, as the `plan` of a job has it: `cargo run --example scene_plans -- "a cup on a table"`,
//! or, with no argument, every prompt of `gallery.txt`.

#![allow(clippy::print_stdout, reason = "it is what the program is for")]

use std::error::Error;

use magicpixels::engine::scene::{catalogue::Catalogue, plan::ScenePlan};

/// The prompts of the gallery, without their kinds.
const GALLERY: &str = include_str!("gallery.txt");

fn main() -> Result<(), Box<dyn Error>> {
    let data = std::fs::read(concat!(env!("CARGO_MANIFEST_DIR"), "/models/scene/scene.pack"))?;
    let catalogue = Catalogue::open(&data)?;
    let asked: Vec<String> = std::env::args().skip(1).collect();
    if let [prompt] = &asked[..] {
        println!("{}", serde_json::to_string_pretty(&ScenePlan::read(prompt, &catalogue))?);
        return Ok(());
    }
    for prompt in GALLERY
        .lines()
        .filter(|line| !line.starts_with('#'))
        .filter_map(|line| line.split_once(" | "))
        .map(|(_, prompt)| prompt)
    {
        println!("{prompt}\n  {}", serde_json::to_string(&ScenePlan::read(prompt, &catalogue))?);
    }
    Ok(())
}
