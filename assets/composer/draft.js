// What is being written: its state, and the request that it makes.

import { countCharacters } from '../format.js';
import { t } from '../strings.js';

export const MODES = ['text_to_image', 'image_to_image', 'audio', 'image_to_video'];
export const TEXT_LIMIT = 500;

/** Nothing written yet. Texts are kept by mode, what was said is shared by voices and films. */
export const emptyDraft = () => ({
  mode: 'text_to_image',
  prompts: {},
  voice_text: '',
  voice_id: null,
  speed: 1,
  soundtrack: 'say',
  image: null,
  style: null,
  audio: null,
  models: {},
  sizes: {},
  more: {},
  is_more_open: false,
});

/** The draft as it was kept, made whole. */
export const wholeDraft = (kept) => ({
  ...emptyDraft(),
  ...kept,
  mode: MODES.includes(kept?.mode) ? kept.mode : 'text_to_image',
});

/** The draft that makes this job again; `assets` are those it names, by id. */
export function draftOfJob(job, assets) {
  const { request } = job;
  const draft = emptyDraft();
  draft.mode = job.mode;
  draft.prompts[job.mode] = request.prompt ?? '';
  draft.voice_text = request.voice_text ?? '';
  draft.voice_id = request.voice_id ?? null;
  draft.speed = request.speed ?? 1;
  draft.soundtrack = request.audio_asset_id ? 'own' : 'say';
  draft.image = assets[request.input_image_asset_id] ?? null;
  draft.style = assets[request.style_image_asset_id] ?? null;
  draft.audio = assets[request.audio_asset_id] ?? null;
  draft.models[job.mode] = request.model ?? job.model;
  if (request.width || request.height)
    draft.sizes[job.mode] = { width: request.width ?? '', height: request.height ?? '' };
  for (const name of [
    'negative_prompt',
    'seed',
    'format',
    'steps',
    'guidance',
    'strength',
    'fps',
    'face',
    'subtitles',
  ]) {
    if (request[name] !== undefined && request[name] !== null) draft.more[name] = request[name];
  }
  return draft;
}

/** The ids of the assets that a job's request names. */
export const assetsOfRequest = (request) =>
  ['input_image_asset_id', 'style_image_asset_id', 'audio_asset_id'].map((name) => request[name]).filter(Boolean);

const NUMBERS = ['seed', 'steps', 'guidance', 'strength', 'fps', 'face'];
/** Fields that belong to a mode whatever its model. */
const ALWAYS = { format: ['text_to_image', 'image_to_image'], subtitles: ['image_to_video'] };

/** Whether the model takes the field. */
export function takes(model, field) {
  const isOfMode = (mode) => ALWAYS[field]?.includes(mode);
  return Boolean(model?.fields.includes(field) || model?.modes.some(isOfMode));
}

const put = (body, name, value) => {
  if (value !== null && value !== undefined && value !== '') body[name] = value;
};

function putSpeech(body, draft) {
  body.voice_text = draft.voice_text;
  put(body, 'voice_id', draft.voice_id);
  if (Number(draft.speed) !== 1) body.speed = Number(draft.speed);
}

/** The request that the draft makes for a model, with nothing in it that the model doesn't take. */
export function bodyOf(draft, model, isDefault) {
  const { mode } = draft;
  const body = { mode };
  if (mode === 'audio') putSpeech(body, draft);
  else put(body, 'prompt', draft.prompts[mode]);
  if (mode === 'image_to_image' || mode === 'image_to_video') put(body, 'input_image_asset_id', draft.image?.id);
  if (mode === 'image_to_image' && takes(model, 'style_image_asset_id'))
    put(body, 'style_image_asset_id', draft.style?.id);
  if (mode === 'image_to_video') {
    if (draft.soundtrack === 'own') put(body, 'audio_asset_id', draft.audio?.id);
    else putSpeech(body, draft);
  }
  if (!isDefault) put(body, 'model', model?.id);
  const size = draft.sizes[mode] ?? {};
  for (const side of ['width', 'height']) if (takes(model, side) && size[side]) body[side] = Number(size[side]);
  for (const [name, value] of Object.entries(draft.more)) {
    if (takes(model, name) && value !== '' && value !== null)
      body[name] = NUMBERS.includes(name) ? Number(value) : value;
  }
  if (body.format === 'png') delete body.format;
  // Only what was spoken for the film is known in words.
  if (body.subtitles === 'none' || draft.soundtrack === 'own') delete body.subtitles;
  return body;
}

/** What is missing before it can be sent, by the API's names: `{ prompt: 'Write …' }`. */
export function lacks(draft) {
  const missing = {};
  const { mode } = draft;
  const text = (name, value, isNeeded) => {
    if (isNeeded && !value?.trim()) missing[name] = t(`studio.lacks.${name}`);
    else if (countCharacters(value ?? '') > TEXT_LIMIT)
      missing[name] = t('characters_over', { count: countCharacters(value) - TEXT_LIMIT });
  };
  if (mode !== 'audio') text('prompt', draft.prompts[mode], mode !== 'image_to_video');
  if (mode === 'audio' || (mode === 'image_to_video' && draft.soundtrack === 'say'))
    text('voice_text', draft.voice_text, true);
  if ((mode === 'image_to_image' || mode === 'image_to_video') && !draft.image)
    missing.input_image_asset_id = t('studio.lacks.image');
  if (mode === 'image_to_video' && draft.soundtrack === 'own' && !draft.audio)
    missing.audio_asset_id = t('studio.lacks.audio');
  return missing;
}
