// The size and what stands under "More": only what the model takes.

import { h } from '../dom.js';
import { t } from '../strings.js';
import { button } from '../components/button.js';
import { segmented, selectField, textArea, textField } from '../components/field.js';
import { takes } from './draft.js';

/** Sizes that people ask for by shape. Sides are multiples of 64, which every model of pictures takes. */
const SHAPES = [
  { id: 'square', width: 1024, height: 1024 },
  { id: 'portrait', width: 832, height: 1216 },
  { id: 'tall', width: 768, height: 1344 },
  { id: 'landscape', width: 1216, height: 832 },
  { id: 'wide', width: 1344, height: 768 },
];

/** The shape of the picture, or nothing where the model makes one size. */
export function sizeField(draft, model, changed) {
  if (!takes(model, 'width') || !takes(model, 'height')) return null;
  const size = draft.sizes[draft.mode];
  const chosen = size
    ? SHAPES.find((shape) => shape.width === Number(size.width) && shape.height === Number(size.height))?.id
    : 'square';
  const node = segmented({
    label: t('studio.shape'),
    value: chosen,
    class: 'shapes',
    options: SHAPES.map((shape) => ({
      value: shape.id,
      label: h('span', { class: ['shape', shape.id], 'aria-hidden': 'true' }),
    })),
    onchange: (id) => {
      const { width, height } = SHAPES.find((shape) => shape.id === id);
      draft.sizes[draft.mode] = { width, height };
      for (const [side, value] of [
        ['width', width],
        ['height', height],
      ]) {
        const input = node.closest('form').querySelector(`[name="${side}"]`);
        if (input) input.value = value;
      }
      changed();
    },
  });
  for (const input of node.querySelectorAll('input')) {
    const shape = SHAPES.find((one) => one.id === input.value);
    input.setAttribute(
      'aria-label',
      t('studio.shape_name', { shape: t(`studio.shapes.${shape.id}`), width: shape.width, height: shape.height }),
    );
    input.title = input.getAttribute('aria-label');
  }
  return node;
}

function numberField(draft, name, changed, options) {
  return textField({
    label: t(`studio.${name}`),
    name,
    type: 'number',
    inputmode: 'decimal',
    value: draft.more[name] ?? '',
    placeholder: t('studio.automatic'),
    ...options,
    oninput: (event) => {
      draft.more[name] = event.target.value;
      changed();
    },
  });
}

function seedField(draft, changed) {
  const node = numberField(draft, 'seed', changed, {
    min: 0,
    max: 4294967295,
    step: 1,
    placeholder: t('studio.seed_new'),
    hint: t('studio.seed_hint'),
  });
  const row = h('div', { class: 'beside' });
  const put = (value) => {
    node.control.value = value;
    draft.more.seed = value;
    changed();
  };
  node.control.replaceWith(row);
  row.append(
    node.control,
    button(null, {
      icon: 'dice',
      class: 'square',
      'aria-label': t('studio.seed_draw'),
      title: t('studio.seed_draw'),
      onclick: () => put(crypto.getRandomValues(new Uint32Array(1))[0]),
    }),
  );
  return node;
}

function sideField(draft, name, changed) {
  const size = draft.sizes[draft.mode] ?? {};
  return textField({
    label: t(`studio.${name}`),
    name,
    type: 'number',
    min: 64,
    max: 2048,
    step: 8,
    value: size[name] ?? '',
    placeholder: t('studio.automatic'),
    oninput: (event) => {
      draft.sizes[draft.mode] = { ...draft.sizes[draft.mode], [name]: event.target.value };
      changed();
    },
  });
}

/** What stands under "More"; `first` are fields of the composer's own. Null where there is nothing. */
export function moreFields(draft, model, changed, first = []) {
  const choice = (name, options) => {
    const node = selectField({
      label: t(`studio.${name}`),
      name,
      value: draft.more[name] ?? options[0].value,
      options,
    });
    node.control.addEventListener('change', () => {
      draft.more[name] = node.control.value;
      changed();
    });
    return node;
  };
  const formats = ['png', 'jpeg', 'webp'].map((value) => ({ value, label: t(`studio.formats.${value}`) }));
  const subtitles = ['none', 'track', 'vtt'].map((value) => ({ value, label: t(`studio.subtitle_kinds.${value}`) }));
  const rates = [
    { value: '', label: t('studio.automatic') },
    ...[24, 25, 30].map((value) => ({ value, label: t('studio.frames', { value }) })),
  ];
  const parts = [
    ...first,
    takes(model, 'negative_prompt') &&
      textArea({
        label: t('studio.negative_prompt'),
        name: 'negative_prompt',
        limit: 500,
        rows: 2,
        value: draft.more.negative_prompt ?? '',
        oninput: (event) => {
          draft.more.negative_prompt = event.target.value;
          changed();
        },
      }),
    takes(model, 'width') &&
      takes(model, 'height') &&
      h('div', { class: 'pair' }, sideField(draft, 'width', changed), sideField(draft, 'height', changed)),
    takes(model, 'steps') &&
      takes(model, 'guidance') &&
      h(
        'div',
        { class: 'pair' },
        numberField(draft, 'steps', changed, { min: 1, max: 150, step: 1 }),
        numberField(draft, 'guidance', changed, { min: 0, max: 30, step: 0.1 }),
      ),
    takes(model, 'seed') && seedField(draft, changed),
    takes(model, 'format') && choice('format', formats),
    takes(model, 'subtitles') && draft.soundtrack === 'say' && choice('subtitles', subtitles),
    takes(model, 'face') &&
      numberField(draft, 'face', changed, { min: 0, max: 15, step: 1, placeholder: t('studio.face_largest') }),
    takes(model, 'fps') && choice('fps', rates),
  ].filter(Boolean);
  if (!parts.length) return null;
  const node = h(
    'details',
    { class: 'more-settings', open: draft.is_more_open },
    h('summary', {}, t('studio.more')),
    h('div', { class: 'form' }, parts),
  );
  node.addEventListener('toggle', () => {
    draft.is_more_open = node.open;
  });
  return node;
}
