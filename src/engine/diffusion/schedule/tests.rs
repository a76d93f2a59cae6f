use serde_json::json;

use super::*;
use crate::engine::diffusion::golden;

/// The made-up model of `tests/golden/diffusion/schedules.py`.
fn model(x: f32, time: f32) -> f32 {
    0.3 * x + 0.2 * (x + time / 500.0).sin()
}

/// `scale` is the largest number that the run computes with: 1e-5, or a few last bits of that where it is huge.
fn close(found: &[f32], wanted: &[f32], scale: f32, what: &str) {
    for (at, (found, wanted)) in found.iter().zip(wanted).enumerate() {
        let tolerance = (1e-5 * wanted.abs().max(1.0)).max(2.5e-7 * scale);
        assert!((found - wanted).abs() <= tolerance, "{what}, value {at}: {found}, not {wanted}");
    }
}

#[test]
fn trajectories_are_those_of_diffusers() {
    let file = golden::read("schedules.json");
    let mut kinds = std::collections::BTreeSet::new();
    for case in file.as_array().unwrap() {
        let (steps, strength) = (case["steps"].as_u64().unwrap() as usize, case["strength"].as_f64().unwrap());
        let what = format!("{} with {steps} steps at {strength}", case["config"]);
        let config = SchedulerConfig::read(&case["config"]).unwrap();
        kinds.insert(config.class());
        let mut schedule = config.schedule(steps, strength).unwrap();
        let start = if config.kind() == Kind::Lcm { 0 } else { steps - (steps as f64 * strength) as usize };
        let timesteps = golden::floats(&case["timesteps"]);
        assert_eq!(schedule.timesteps().len() - start, timesteps.len(), "{what}");
        close(&schedule.timesteps()[start..], &timesteps, 1.0, &format!("timesteps of {what}"));

        let scale = schedule.init_noise_sigma();
        let mut generator = TorchGenerator::new(steps as u32);
        let mut sample = generator.normal(64);
        if strength < 1.0 {
            let original: Vec<f32> = (0..64).map(|i| -1.0 + 2.0 * i as f32 / 63.0).collect();
            sample = schedule.add_noise(start, &original, &sample);
        } else {
            close(&[scale], &[case["init_noise_sigma"].as_f64().unwrap() as f32], 1.0, &what);
            for value in &mut sample {
                *value *= scale;
            }
        }
        let trail = case["trail"].as_array().unwrap();
        close(&sample, &golden::floats(&trail[0]), scale, &format!("start of {what}"));
        for index in start..schedule.timesteps().len() {
            let time = schedule.timesteps()[index];
            let mut input = sample.clone();
            schedule.scale_input(index, &mut input);
            let output: Vec<f32> = input.iter().map(|x| model(*x, time)).collect();
            schedule.step(index, &output, &mut sample, &mut generator);
            close(&sample, &golden::floats(&trail[index - start + 1]), scale, &format!("call {index} of {what}"));
        }
        close(&sample, &golden::floats(&case["final"]), scale, &format!("end of {what}"));
    }
    assert_eq!(kinds.len(), Kind::ALL.len(), "every scheduler has a golden run");
}

#[test]
fn what_is_not_done_is_refused_by_name() {
    for (config, word) in [
        (json!({"_class_name": "UniPCMultistepScheduler"}), "UniPCMultistepScheduler"),
        (json!({"_class_name": "DDIMScheduler", "thresholding": true}), "thresholding"),
        (json!({"_class_name": "PNDMScheduler"}), "skip_prk_steps"),
        (json!({"_class_name": "EulerDiscreteScheduler", "beta_schedule": "sigmoid"}), "sigmoid"),
        (json!({"_class_name": "EulerDiscreteScheduler", "timestep_spacing": "odd"}), "odd"),
        (json!({"_class_name": "DPMSolverMultistepScheduler", "algorithm_type": "sde-dpmsolver"}), "algorithm_type"),
        (json!({"_class_name": "DPMSolverMultistepScheduler", "solver_order": 3}), "solver_order"),
        (json!({"_class_name": "EulerDiscreteScheduler", "num_train_timesteps": 0}), "num_train_timesteps"),
    ] {
        let message = SchedulerConfig::read(&config).unwrap_err().to_string();
        assert!(message.contains(word), "{config}: {message}");
    }
}

#[test]
fn a_strength_too_low_for_the_steps_is_an_input_error() {
    let config = SchedulerConfig::read(&json!({"_class_name": "LCMScheduler"})).unwrap();
    assert!(matches!(config.schedule(8, 0.1), Err(EngineError::Input(_))));
    assert!(matches!(config.schedule(51, 1.0), Err(EngineError::Input(_))));
    assert!(config.schedule(4, 0.1).is_ok());
}
