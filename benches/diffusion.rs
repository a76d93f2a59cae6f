//! One pack's second picture: seconds, CPU seconds and the process' peak memory, to lay beside what
//! `tests/golden/diffusion/bench.py run` prints for Optimum's pipeline with the same pack.
//!
//!     cargo bench --bench diffusion -- PACK SIDE STEPS
//!
//! Then how much of it stays when the pack is put away, and how soon a run stops that is cancelled while it loads.

#![allow(clippy::unwrap_used, clippy::print_stdout, missing_docs, reason = "a bench tells a person")]

use std::{
    path::PathBuf,
    time::{Duration, Instant},
};

use magicpixels::{
    engine::{
        CancelToken, ImageModel as _, ImageTask, RunContext,
        diffusion::{Defaults, DiffusionModel, Identity, Resources},
        runtime,
        session::GraphOptions,
    },
    machine,
};

/// Linux counts the processor's time in hundredths of a second.
const TICKS_PER_SECOND: f64 = 100.0;

fn main() {
    runtime::keep_no_freed_blocks();
    let arguments: Vec<String> = std::env::args().skip(1).filter(|argument| !argument.starts_with("--")).collect();
    let [pack, side, steps] = &arguments[..] else {
        println!("usage: diffusion PACK SIDE STEPS");
        return;
    };
    let (folder, side) = (PathBuf::from(pack), side.parse().unwrap());
    let identity =
        Identity { id: "bench".into(), licence: String::new(), source: String::new(), digest: String::new() };
    let resources = Resources { graphs: GraphOptions { threads: 2 }, ..Resources::default() };
    let open = || DiffusionModel::open(&folder, &identity, Defaults::default(), resources).unwrap();
    let mut model = open();
    let task = ImageTask {
        width: Some(side),
        height: Some(side),
        steps: Some(steps.parse().unwrap()),
        guidance: Some(7.5),
        seed: 1,
        ..ImageTask::new("a cup")
    };
    let ctx = RunContext::new(CancelToken::default(), &|_| {});
    model.generate(&task, &ctx).unwrap();
    let (begun, ticks) = (Instant::now(), machine::processor_ticks().unwrap());
    model.generate(&task, &ctx).unwrap();
    let seconds = begun.elapsed().as_secs_f64();
    let worked = (machine::processor_ticks().unwrap() - ticks) as f64 / TICKS_PER_SECOND;
    let loaded = machine::resident_bytes().unwrap() >> 20;
    println!("{side} x {side}, {steps} steps: {seconds:.2} s, {worked:.2} CPU s, peak {} MiB", peak_mib());
    drop(model);
    let left = machine::resident_bytes().unwrap() >> 20;
    println!("resident: {loaded} MiB with the pack in memory, {left} MiB after it was put away");
    for after in [0.5, 1.0, 1.5, 2.0, 3.0, 4.0, 6.0] {
        println!("cancelled {after} s after the first run began: {}", cancel(open(), &task, after));
    }
}

/// How long a run takes to stop that is cancelled so many seconds after it begins to load.
fn cancel(mut model: DiffusionModel, task: &ImageTask, seconds: f64) -> String {
    let token = CancelToken::default();
    let stopping = token.clone();
    let canceller = std::thread::spawn(move || {
        std::thread::sleep(Duration::from_secs_f64(seconds));
        stopping.cancel();
        Instant::now()
    });
    let result = model.generate(task, &RunContext::new(token, &|_| {}));
    let ended = Instant::now();
    let cancelled = canceller.join().unwrap();
    match result {
        Ok(_) => "it had ended before".into(),
        Err(error) => format!("{error} within {:.2} s", ended.saturating_duration_since(cancelled).as_secs_f64()),
    }
}

fn peak_mib() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).unwrap();
    line.trim().trim_end_matches("kB").trim().parse::<u64>().unwrap() >> 10
}
