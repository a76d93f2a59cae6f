//! Whole runs of tiny packs of every family, compared with what Optimum's pipelines make of them in Python.

use std::{
    path::PathBuf,
    sync::{Arc, Mutex, OnceLock},
    time::{Duration, Instant},
};

use image::RgbaImage;

use super::*;
use crate::engine::CancelToken;

/// The packs of `tests/golden/diffusion`, unpacked once.
pub(in crate::engine) fn packs() -> PathBuf {
    static UNPACKED: OnceLock<tempfile::TempDir> = OnceLock::new();
    let dir = UNPACKED.get_or_init(|| {
        let dir = tempfile::tempdir().unwrap();
        let packed = golden::bytes("packs.tar.zst");
        let mut decoder = zstd::Decoder::new(&*packed).unwrap();
        decoder.window_log_max(27).unwrap();
        tar::Archive::new(decoder).unpack(dir.path()).unwrap();
        dir
    });
    dir.path().to_path_buf()
}

fn pipeline(pack: &str, budget: Option<u64>) -> Pipeline {
    let layout = Layout::read(&packs().join(pack)).unwrap();
    Pipeline::open(layout, Parts::new(resources(budget))).unwrap()
}

fn model(pack: &str) -> DiffusionModel {
    DiffusionModel::open(&packs().join(pack), &identity(pack), Defaults::default(), resources(None)).unwrap()
}

fn resources(budget_bytes: Option<u64>) -> Resources {
    Resources { graphs: GraphOptions { threads: 1 }, budget_bytes, ..Resources::default() }
}

fn identity(pack: &str) -> Identity {
    Identity { id: pack.into(), licence: "MIT".into(), source: "tests".into(), digest: String::new() }
}

fn quiet() -> RunContext<'static> {
    RunContext::new(CancelToken::default(), &|_| {})
}

/// The picture that `packs.py` gives to image-to-image runs.
fn gradient() -> RgbImage {
    RgbImage::from_fn(64, 48, |x, y| image::Rgb([(x * 4) as u8, (y * 5) as u8, (x * y % 256) as u8]))
}

fn plan(run: &serde_json::Value) -> Plan {
    let number = |name: &str| run[name].as_f64();
    Plan {
        prompt: run["prompt"].as_str().unwrap().into(),
        negative: run["negative"].as_str().map(str::to_owned),
        width: 64,
        height: 48,
        steps: run["steps"].as_u64().unwrap() as usize,
        guidance: number("guidance").unwrap() as f32,
        seed: run["seed"].as_u64().unwrap() as u32,
        start: number("strength").map(|strength| (gradient(), strength)),
    }
}

#[test]
fn full_runs_of_every_family_are_those_of_optimum() {
    let runs = golden::read("runs.json");
    let strip = image::open(golden::path("runs.png")).unwrap().to_rgb8();
    let mut open: std::collections::BTreeMap<String, Pipeline> = std::collections::BTreeMap::new();
    for (at, run) in runs.as_array().unwrap().iter().enumerate() {
        let pack = run["pack"].as_str().unwrap();
        let pipeline = open.entry(pack.to_owned()).or_insert_with(|| pipeline(pack, None));
        let made = pipeline.run(&plan(run), &quiet()).unwrap();
        let wanted = golden::floats(&run["latents"]);
        let what = format!("{pack}, {} steps, seed {}", run["steps"], run["seed"]);
        assert_eq!(made.latents.values.len(), wanted.len(), "{what}");
        for (found, wanted) in made.latents.values.iter().zip(&wanted) {
            assert!((found - wanted).abs() <= 1e-3 * wanted.abs().max(1.0), "{what}: latent {found}, not {wanted}");
        }
        let picture = imageops::crop_imm(&strip, 0, 48 * at as u32, 64, 48).to_image();
        for (found, wanted) in made.picture.pixels().zip(picture.pixels()) {
            let off = (0..3).map(|c| found.0[c].abs_diff(wanted.0[c])).max().unwrap();
            assert!(off <= 1, "{what}: pixel {found:?}, not {wanted:?}");
        }
    }
    assert_eq!(open.len(), 6, "every family has a run");
}

#[test]
fn an_old_export_in_sixteen_bits_runs_too() {
    let runs = golden::read("runs.json");
    let plan = plan(&runs[0]);
    let old = pipeline("old", None).run(&plan, &quiet()).unwrap();
    let new = pipeline("sd15", None).run(&plan, &quiet()).unwrap();
    let difference = |a: &RgbImage, b: &RgbImage| {
        a.as_raw().iter().zip(b.as_raw()).map(|(a, b)| f64::from(a.abs_diff(*b))).sum::<f64>() / a.as_raw().len() as f64
    };
    assert!(difference(&old.picture, &new.picture) < 4.0, "half precision, the same picture");
    let started = Plan { start: Some((gradient(), 0.6)), ..plan };
    assert!(pipeline("old", None).run(&started, &quiet()).is_ok(), "its encoder gives the latents themselves");
}

#[test]
fn every_input_has_an_effect() {
    let runs = golden::read("runs.json");
    let mut sd = pipeline("sd15", None);
    let base = plan(&runs[1]);
    let picture = |sd: &mut Pipeline, plan: &Plan| sd.run(plan, &quiet()).unwrap().picture;
    let first = picture(&mut sd, &base);
    assert_eq!(first, picture(&mut sd, &base), "the same again");
    for (what, other) in [
        ("prompt", Plan { prompt: "a dog".into(), ..base.clone() }),
        ("negative prompt", Plan { negative: Some("a dog".into()), ..base.clone() }),
        ("guidance", Plan { guidance: 3.0, ..base.clone() }),
        ("steps", Plan { steps: 6, ..base.clone() }),
        ("seed", Plan { seed: 1, ..base.clone() }),
    ] {
        assert_ne!(first, picture(&mut sd, &other), "{what}");
    }
}

#[test]
fn tiles_meet_without_seams() {
    let mut whole = pipeline("sd15", None);
    let runs = golden::read("runs.json");
    let plan = Plan { width: 1024, height: 576, steps: 1, guidance: 1.0, ..plan(&runs[0]) };
    let one = whole.run(&plan, &quiet()).unwrap().picture;
    whole.decode_whole_max = vae::TILE * vae::TILE;
    let tiled = whole.run(&plan, &quiet()).unwrap().picture;
    assert_eq!(one.dimensions(), tiled.dimensions());
    // A tile sees less around it, so that it may differ a little, but nowhere along an edge more than elsewhere.
    let off = |x: u32| {
        (0..one.height()).map(|y| f64::from(one.get_pixel(x, y).0[0].abs_diff(tiled.get_pixel(x, y).0[0]))).sum::<f64>()
            / f64::from(one.height())
    };
    let jump = |x: u32| {
        (0..one.height())
            .map(|y| f64::from(tiled.get_pixel(x, y).0[0].abs_diff(tiled.get_pixel(x - 1, y).0[0])))
            .sum::<f64>()
            / f64::from(one.height())
    };
    let mean = |of: &dyn Fn(u32) -> f64| (1..one.width()).map(of).sum::<f64>() / f64::from(one.width() - 1);
    assert!(mean(&off) < 16.0, "tiles differ by {} on average", mean(&off));
    for edge in (384..1024).step_by(384) {
        assert!(jump(edge) < 2.0 * mean(&jump), "a seam at {edge}: {} where {} is usual", jump(edge), mean(&jump));
    }
}

#[test]
fn a_tiny_decoder_is_used_when_there_is_one() {
    let dir = tempfile::tempdir().unwrap();
    copy(&packs().join("sd15"), dir.path());
    copy(&packs().join("taesd"), &dir.path().join("tiny_decoder"));
    let runs = golden::read("runs.json");
    let layout = Layout::read(dir.path()).unwrap();
    assert!((layout.tiny_scaling - 1.0).abs() < f32::EPSILON);
    let mut tiny = Pipeline::open(layout, Parts::new(resources(None))).unwrap();
    let made = tiny.run(&plan(&runs[0]), &quiet()).unwrap();
    assert_eq!(made.picture.dimensions(), (64, 48));
    assert!(tiny.parts.names().contains(&"tiny_decoder") && !tiny.parts.names().contains(&"vae_decoder"));
    let wanted = golden::floats(&runs[0]["latents"]);
    assert!(made.latents.values.iter().zip(wanted).all(|(a, b)| (a - b).abs() < 1e-3 * b.abs().max(1.0)));
}

pub(in crate::engine) fn copy(from: &Path, to: &Path) {
    std::fs::create_dir_all(to).unwrap();
    for entry in std::fs::read_dir(from).unwrap().flatten() {
        let target = to.join(entry.file_name());
        if entry.path().is_dir() {
            copy(&entry.path(), &target);
        } else {
            std::fs::copy(entry.path(), target).unwrap();
        }
    }
}

#[test]
fn a_small_budget_puts_parts_away_and_changes_nothing() {
    let runs = golden::read("runs.json");
    let plan = plan(&runs[0]);
    let all = pipeline("sd15", None).run(&plan, &quiet()).unwrap().picture;
    let mut tight = pipeline("sd15", Some(1));
    assert_eq!(tight.run(&plan, &quiet()).unwrap().picture, all);
    assert_eq!(tight.parts.names(), ["vae_decoder"], "one part at a time");
}

#[test]
fn what_a_pack_cannot_do_is_named() {
    let task = ImageTask {
        width: Some(100),
        height: Some(4000),
        steps: Some(1),
        strength: Some(0.2),
        ..ImageTask::new("a cup")
    };
    let fields: Vec<String> = model("sd15").check(&task).into_iter().map(|fault| fault.field).collect();
    assert_eq!(fields, ["width", "height", "width", "strength"]);
    let described = |pack: &str| describe(&packs().join(pack), &identity(pack), Defaults::default()).unwrap();
    let turbo = described("turbo");
    assert!(!turbo.info.fields.iter().any(|field| field == "guidance" || field == "negative_prompt"));
    assert!(described("sd15").info.fields.iter().any(|field| field == "negative_prompt"));
    let lcm = described("lcm").info.fields;
    assert!(lcm.contains(&"guidance".to_owned()) && !lcm.contains(&"negative_prompt".to_owned()));
    let families = ["sd15", "sd21", "turbo", "lcm", "sdxl", "sdxl-turbo"].map(|pack| described(pack).family);
    let wanted =
        ["stable-diffusion", "stable-diffusion", "stable-diffusion-turbo", "latent-consistency", "sdxl", "sdxl-turbo"];
    assert_eq!(families, wanted);
}

#[test]
fn a_job_gets_the_size_it_asked_for_and_a_warning_for_a_long_prompt() {
    let mut sd = model("sd15");
    let task = ImageTask {
        width: Some(72),
        steps: Some(1),
        guidance: Some(1.0),
        seed: 5,
        ..ImageTask::new("cup ".repeat(120).trim())
    };
    let made = sd.generate(&task, &quiet()).unwrap();
    assert_eq!(made.image.dimensions(), (72, 64), "drawn at 80 x 64, since this U-Net halves once");
    assert!(made.warnings.iter().any(|warning| warning.contains("75 tokens")), "{:?}", made.warnings);
    let cut = "`sd15` draws sides in multiples of 16: the picture is the middle of one of 80 x 64.";
    assert!(made.warnings.iter().any(|warning| warning == cut), "{:?}", made.warnings);
    let plan = made.plan.unwrap();
    assert_eq!((plan["steps"].as_u64(), plan["scheduler"].as_str()), (Some(1), Some("PNDMScheduler")));
    let input = RgbaImage::from_pixel(300, 150, image::Rgba([200, 30, 30, 255]));
    let task = ImageTask { width: None, prompt: "a cup".into(), input: Some(input), strength: Some(1.0), ..task };
    let made = sd.generate(&task, &quiet()).unwrap();
    assert!(made.warnings.is_empty() && made.image.width() > made.image.height(), "{:?}", made.image.dimensions());
}

#[test]
fn cancelling_stops_inside_a_run() {
    let token = CancelToken::default();
    let begun: Arc<Mutex<Option<Instant>>> = Arc::default();
    let (cancelling, seen) = (token.clone(), begun.clone());
    let report = move |progress: crate::engine::Progress| {
        if progress.stage == "denoising" && seen.lock().unwrap().is_none() {
            *seen.lock().unwrap() = Some(Instant::now());
            let token = cancelling.clone();
            std::thread::spawn(move || {
                std::thread::sleep(Duration::from_millis(30));
                token.cancel();
            });
        }
    };
    let runs = golden::read("runs.json");
    let plan = Plan { width: 512, height: 512, steps: 150, ..plan(&runs[0]) };
    let mut sd = pipeline("sd15", None);
    let result = sd.run(&plan, &RunContext::new(token, &report));
    assert!(matches!(result, Err(EngineError::Cancelled)));
    assert!(begun.lock().unwrap().unwrap().elapsed() < Duration::from_secs(2));
    assert!(sd.run(&Plan { width: 64, height: 64, steps: 1, ..plan }, &quiet()).is_ok(), "it still works");
}

#[test]
fn a_folder_that_is_no_supported_pack_is_refused_by_name() {
    let refused = |change: &dyn Fn(&Path), word: &str| {
        let dir = tempfile::tempdir().unwrap();
        copy(&packs().join("sd15"), dir.path());
        change(dir.path());
        let result = describe(dir.path(), &identity("x"), Defaults::default());
        let message = result.map(|described| described.family).unwrap_err().to_string();
        assert!(message.contains(word), "{word}: {message}");
    };
    let write =
        |name: &'static str, text: &'static str| move |dir: &Path| std::fs::write(dir.join(name), text).unwrap();
    refused(&write(INDEX, r#"{"_class_name": "FluxPipeline"}"#), "FluxPipeline");
    refused(&write(INDEX, "{"), INDEX);
    refused(&write("scheduler/scheduler_config.json", r#"{"_class_name": "HeunDiscreteScheduler"}"#), "HeunDiscrete");
    refused(&|dir| std::fs::remove_file(dir.join("unet/model.onnx")).unwrap(), "unet/model.onnx");
    refused(&|dir| std::fs::remove_file(dir.join("tokenizer/merges.txt")).unwrap(), "merges.txt");
}
