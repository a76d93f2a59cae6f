"""Trajectories of diffusers' schedulers under a made-up model: python schedules.py, writes schedules.json beside it.

The model is `0.3 x + 0.2 sin(x + t / 500)` of the scaled input, so that nothing but torch is needed and every step counts.
"""
import json, pathlib, warnings
import diffusers, torch

HERE = pathlib.Path(__file__).parent
SD = dict(beta_start=0.00085, beta_end=0.012, beta_schedule="scaled_linear")
COUNT = 64

CONFIGS = [
    ("DDIMScheduler", dict(SD, steps_offset=1, clip_sample=False, set_alpha_to_one=False)),
    ("DDIMScheduler", dict(SD, clip_sample=True, clip_sample_range=2.0, timestep_spacing="trailing")),
    ("DDIMScheduler", dict(SD, prediction_type="v_prediction", clip_sample=False, timestep_spacing="linspace")),
    ("DDIMScheduler", dict(SD, prediction_type="v_prediction", clip_sample=False, timestep_spacing="trailing",
                           rescale_betas_zero_snr=True)),
    ("DDIMScheduler", dict(beta_schedule="squaredcos_cap_v2", prediction_type="sample", clip_sample=False)),
    ("EulerDiscreteScheduler", dict(SD)),
    ("EulerDiscreteScheduler", dict(SD, timestep_spacing="leading", steps_offset=1)),
    ("EulerDiscreteScheduler", dict(SD, timestep_spacing="trailing", steps_offset=1)),
    ("EulerDiscreteScheduler", dict(SD, use_karras_sigmas=True, timestep_spacing="leading", steps_offset=1)),
    ("EulerDiscreteScheduler", dict(SD, prediction_type="v_prediction", final_sigmas_type="sigma_min")),
    ("EulerDiscreteScheduler", dict(SD, prediction_type="v_prediction", timestep_spacing="trailing",
                                    rescale_betas_zero_snr=True)),
    ("EulerAncestralDiscreteScheduler", dict(SD, timestep_spacing="leading", steps_offset=1)),
    ("EulerAncestralDiscreteScheduler", dict(SD, timestep_spacing="trailing")),
    ("EulerAncestralDiscreteScheduler", dict(SD, prediction_type="v_prediction")),
    ("DPMSolverMultistepScheduler", dict(SD)),
    ("DPMSolverMultistepScheduler", dict(SD, use_karras_sigmas=True)),
    ("DPMSolverMultistepScheduler", dict(SD, timestep_spacing="leading", steps_offset=1, euler_at_final=True)),
    ("DPMSolverMultistepScheduler", dict(SD, timestep_spacing="trailing", solver_type="heun")),
    ("DPMSolverMultistepScheduler", dict(SD, prediction_type="v_prediction", final_sigmas_type="sigma_min")),
    ("DPMSolverMultistepScheduler", dict(SD, solver_order=1, lower_order_final=False)),
    ("PNDMScheduler", dict(SD, skip_prk_steps=True, steps_offset=1, set_alpha_to_one=False)),
    ("PNDMScheduler", dict(SD, skip_prk_steps=True, prediction_type="v_prediction", timestep_spacing="trailing")),
    ("LCMScheduler", dict(SD)),
    ("LCMScheduler", dict(SD, clip_sample=True, clip_sample_range=1.5, prediction_type="v_prediction")),
]


def run(name, options, steps, strength):
    scheduler = getattr(diffusers, name)(**options)
    generator = torch.Generator("cpu").manual_seed(steps)
    lcm = name == "LCMScheduler"
    scheduler.set_timesteps(steps, **(dict(strength=strength) if lcm else {}))
    start = 0 if lcm else max(steps - min(int(steps * strength), steps), 0)
    timesteps = scheduler.timesteps[start:]
    if strength < 1:
        if hasattr(scheduler, "set_begin_index"):
            scheduler.set_begin_index(start)
        original = torch.linspace(-1, 1, COUNT)[None]
        sample = scheduler.add_noise(original, torch.randn(1, COUNT, generator=generator), timesteps[:1])
    else:
        sample = torch.randn(1, COUNT, generator=generator) * scheduler.init_noise_sigma
    trail = [sample[0, :4].tolist()]
    for t in timesteps:
        scaled = scheduler.scale_model_input(sample, t)
        output = 0.3 * scaled + 0.2 * torch.sin(scaled + t / 500)
        noisy = dict(generator=generator) if name in ("EulerAncestralDiscreteScheduler", "LCMScheduler") else {}
        sample = scheduler.step(output, t, sample, return_dict=False, **noisy)[0]
        trail.append(sample[0, :4].tolist())
    config = {key: value for key, value in scheduler.config.items() if value == value and abs(value if isinstance(value, float) else 0) != float("inf")}
    config["_class_name"] = name
    return dict(config={k: v for k, v in config.items() if k == "_class_name" or k in options}, steps=steps, strength=strength, timesteps=timesteps.tolist(),
                init_noise_sigma=float(scheduler.init_noise_sigma), trail=trail, final=sample[0].tolist())


if __name__ == "__main__":
    warnings.simplefilter("ignore")
    cases = []
    for name, options in CONFIGS:
        for steps, strength in [(1, 1.0), (2, 1.0), (4, 1.0), (7, 1.0), (20, 1.0), (33, 1.0), (10, 0.6)]:
            if name == "LCMScheduler" and strength < 1:
                steps = 4
            cases.append(run(name, options, steps, strength))
    rounded = lambda v: float(f"{v:.8g}") if isinstance(v, float) else [rounded(x) for x in v] if isinstance(v, list) else {k: rounded(x) for k, x in v.items()} if isinstance(v, dict) else v
    lines = ",\n".join(json.dumps(rounded(c), separators=(",", ":")) for c in cases)
    (HERE / "schedules.json").write_text(f"[\n{lines}\n]\n")
    print(len(cases), "trajectories")
