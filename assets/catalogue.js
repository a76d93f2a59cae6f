// Models, voices and plans: asked for once, kept while the page lives.

import { get } from './api.js';

const kept = new Map();

function once(path) {
  if (!kept.has(path)) {
    const asked = get(path).then((list) => list.data);
    asked.catch(() => kept.delete(path));
    kept.set(path, asked);
  }
  return kept.get(path);
}

export const models = () => once('/v1/models');
export const voices = () => once('/v1/voices');
export const plans = () => once('/v1/plans');

/** The models of a mode, the preferred one first. */
export const modelsOf = (list, mode) => list.filter((model) => model.modes.includes(mode));

/** Whether running the job's request with another seed would give another result. */
export async function hasSeed(job) {
  const model = (await models()).find((one) => one.id === job.model);
  return Boolean(model?.fields.includes('seed'));
}
