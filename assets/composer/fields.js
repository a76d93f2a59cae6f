// The fields of each mode, drawn from the composer's draft and written back to it.

import { modelsOf } from '../catalogue.js';
import { formatPercent } from '../format.js';
import { t } from '../strings.js';
import { rangeField, segmented, selectField, textArea } from '../components/field.js';
import { cameraButton, recordButton } from './capture.js';
import { TEXT_LIMIT, takes } from './draft.js';
import { moreFields, sizeField } from './settings.js';
import { uploadBox } from './upload-box.js';
import { voicePicker } from './voice-picker.js';

function promptField(composer) {
  const { draft } = composer;
  const isAside = draft.mode === 'image_to_video';
  return textArea({
    limit: TEXT_LIMIT,
    name: 'prompt',
    label: t(`studio.prompt.${draft.mode}`),
    placeholder: t(`studio.placeholder.${draft.mode}`),
    value: draft.prompts[draft.mode] ?? '',
    rows: isAside ? 2 : 4,
    data: isAside ? {} : { composer: '' },
    oninput: (event) => {
      draft.prompts[draft.mode] = event.target.value;
      composer.changed();
    },
  });
}

function voiceFields(composer) {
  const { draft, voices } = composer;
  return [
    textArea({
      limit: TEXT_LIMIT,
      name: 'voice_text',
      label: t('studio.voice_text'),
      placeholder: t('studio.placeholder.voice_text'),
      value: draft.voice_text,
      rows: 4,
      data: { composer: '' },
      oninput: (event) => composer.set('voice_text', event.target.value),
    }),
    voicePicker({ voices, chosen: draft.voice_id, onchange: (id) => composer.set('voice_id', id) }),
    rangeField({
      label: t('studio.speed'),
      name: 'speed',
      min: 0.5,
      max: 2,
      step: 0.05,
      value: draft.speed,
      format: (value) => t('studio.times', { value }),
      oninput: (event) => composer.set('speed', Number(event.target.value)),
    }),
  ];
}

function imageBox(composer) {
  const box = uploadBox({
    kind: 'image',
    label: t(`studio.image.${composer.draft.mode}`),
    name: 'input_image_asset_id',
    value: composer.draft.image,
    signal: composer.signal,
    onchange: (asset) => {
      composer.set('image', asset);
      // The mode may have changed while the picture was on its way: then another box waits for it.
      const now = composer.place.querySelector('[data-field=input_image_asset_id]');
      if (now !== box) now?.show(asset);
    },
    extras: [cameraButton],
    hint: t('studio.paste_hint'),
  });
  return box;
}

function soundFields(composer) {
  const { draft, signal } = composer;
  const choice = segmented({
    label: t('studio.soundtrack'),
    value: draft.soundtrack,
    options: ['say', 'own'].map((value) => ({ value, label: t(`studio.${value}`) })),
    onchange: (value) => {
      composer.set('soundtrack', value);
      composer.draw();
      composer.place.querySelector(`[value=${value}]`)?.focus();
    },
  });
  if (draft.soundtrack === 'say') return [choice, voiceFields(composer)];
  const box = uploadBox({
    kind: 'audio',
    label: t('studio.sound'),
    name: 'audio_asset_id',
    value: draft.audio,
    signal,
    onchange: (asset) => composer.set('audio', asset),
    extras: [recordButton],
  });
  return [choice, box];
}

/** The strength; as long as it is not moved, the prompt decides ("slightly"). */
function strengthField(composer) {
  const { more } = composer.draft;
  return rangeField({
    label: t('studio.strength'),
    name: 'strength',
    min: 0,
    max: 1,
    step: 0.05,
    value: more.strength ?? 1,
    format: (value) => (more.strength === undefined ? t('studio.automatic') : formatPercent(value)),
    oninput: (event) => {
      more.strength = Number(event.target.value);
      composer.changed();
    },
  });
}

function styleBox(composer) {
  return uploadBox({
    kind: 'image',
    label: t('studio.style'),
    name: 'style_image_asset_id',
    value: composer.draft.style,
    signal: composer.signal,
    onchange: (asset) => composer.set('style', asset),
  });
}

function modelField(composer) {
  const { draft, model } = composer;
  const list = modelsOf(composer.models, draft.mode);
  if (list.length < 2 || draft.mode === 'audio') return null;
  const options = list.map((one) => ({ value: one.id, label: one.id }));
  const node = selectField({
    label: t('studio.model'),
    name: 'model',
    value: model.id,
    options,
    hint: model.description,
  });
  node.control.addEventListener('change', () => {
    draft.models[draft.mode] = node.control.value;
    composer.draw();
    composer.changed();
    composer.place.querySelector('[name=model]')?.focus();
  });
  return node;
}

const LAYOUTS = {
  text_to_image: (composer) => [
    promptField(composer),
    sizeField(composer.draft, composer.model, () => composer.changed()),
  ],
  image_to_image: (composer) => [
    imageBox(composer),
    promptField(composer),
    takes(composer.model, 'strength') && strengthField(composer),
  ],
  audio: voiceFields,
  image_to_video: (composer) => [imageBox(composer), soundFields(composer), promptField(composer)],
};

/** The fields of the composer's mode. */
export function fieldsOf(composer) {
  const { draft, model } = composer;
  const hasStyle = draft.mode === 'image_to_image' && takes(model, 'style_image_asset_id');
  const more = moreFields(draft, model, () => composer.changed(), [hasStyle && styleBox(composer)]);
  return [LAYOUTS[draft.mode](composer), modelField(composer), more];
}
