// The composer: one form for the four modes. Owns the draft, draws the fields that the mode and its model take, asks
// for the price while one writes, and sends.

import { Refused, get, post } from '../api.js';
import { modelsOf } from '../catalogue.js';
import { debounce, fill, h } from '../dom.js';
import { keepDraft, readDraft } from '../drafts.js';
import { formatCredits, formatEstimate, formatLength, formatPercent } from '../format.js';
import { newKey, submit } from '../jobs.js';
import { session } from '../session.js';
import { t } from '../strings.js';
import { button } from '../components/button.js';
import { rangeField, segmented, selectField, textArea } from '../components/field.js';
import { icon } from '../components/icon.js';
import { notice } from '../components/panel.js';
import { cameraButton, recordButton } from './capture.js';
import { MODES, TEXT_LIMIT, assetsOfRequest, bodyOf, draftOfJob, lacks, takes, wholeDraft } from './draft.js';
import { moreFields, sizeField } from './settings.js';
import { uploadBox } from './upload-box.js';
import { voicePicker } from './voice-picker.js';

const ICONS = { text_to_image: 'image', image_to_image: 'brush', audio: 'voice', image_to_video: 'film' };
const QUOTE_AFTER_MS = 350;

/**
 * The composer. `models` and `voices` are the catalogues; `onsent(job)` hears of every new job. The node has
 * `.use(asset, mode)`, `.edit(job)`, `.write(text)` and `.send()`.
 */
export function composer({ models, voices, signal, onsent }) {
  const account = session.account.id;
  const draft = wholeDraft(readDraft(account, 'composer'));
  // A request keeps its name until it was answered, so that sending it again after a broken line is no second job.
  let [key, keyOf, turn] = [newKey(), '', 0];
  let fields = [];

  const keep = debounce(() => keepDraft(account, 'composer', draft), 150);
  const model = () => {
    const list = modelsOf(models, draft.mode);
    // A voice belongs to a model: choosing the one is choosing the other.
    const id = draft.mode === 'audio' ? voices.find((voice) => voice.id === draft.voice_id)?.model : draft.models[draft.mode];
    return list.find((one) => one.id === id) ?? list[0];
  };
  const body = () => bodyOf(draft, model(), draft.mode === 'audio' || model() === modelsOf(models, draft.mode)[0]);
  const changed = () => {
    keep();
    showPrice();
  };
  const set = (name) => (value) => {
    draft[name] = value;
    changed();
  };

  const price = h('div', { class: 'price', 'aria-live': 'polite' });
  const send = button(t('studio.send'), { kind: 'primary', size: 'large', icon: 'sparkle', type: 'submit', 'aria-keyshortcuts': 'Control+Enter' });
  const alert = h('div', { class: 'composer-alert' });
  const place = h('div', { class: 'composer-fields' });
  const modes = segmented({ label: t('studio.mode'), hideLabel: true, value: draft.mode, class: 'modes', onchange: (mode) => choose(mode),
    options: MODES.map((mode) => ({ value: mode, label: t(`mode.${mode}`), icon: ICONS[mode] })) });
  const node = h('form', { class: 'composer', novalidate: true, 'aria-label': t('studio.composer') }, h('h1', { class: 'visually-hidden' }, t('studio.title')), modes, place,
    h('div', { class: 'composer-foot' }, alert, h('div', { class: 'send-row' }, price, send)));

  const text = (name, options) => textArea({ limit: TEXT_LIMIT, name, ...options });
  const promptField = () => {
    const one = text('prompt', {
      label: t(`studio.prompt.${draft.mode}`), placeholder: t(`studio.placeholder.${draft.mode}`), value: draft.prompts[draft.mode] ?? '',
      rows: draft.mode === 'image_to_video' ? 2 : 4, data: draft.mode === 'image_to_video' ? {} : { composer: '' },
      oninput: (event) => { draft.prompts[draft.mode] = event.target.value; changed(); },
    });
    return one;
  };
  const voiceFields = () => [
    text('voice_text', { label: t('studio.voice_text'), placeholder: t('studio.placeholder.voice_text'), value: draft.voice_text, rows: 4, data: { composer: '' }, oninput: (event) => set('voice_text')(event.target.value) }),
    voicePicker({ voices, chosen: draft.voice_id, onchange: set('voice_id') }),
    rangeField({ label: t('studio.speed'), name: 'speed', min: 0.5, max: 2, step: 0.05, value: draft.speed, format: (value) => t('studio.times', { value }), oninput: (event) => set('speed')(Number(event.target.value)) }),
  ];
  const imageBox = () => uploadBox({ kind: 'image', label: t(`studio.image.${draft.mode}`), name: 'input_image_asset_id', value: draft.image, signal, onchange: set('image'), extras: [cameraButton], hint: t('studio.paste_hint') });
  const soundFields = () => {
    const choice = segmented({ label: t('studio.soundtrack'), value: draft.soundtrack, options: [{ value: 'say', label: t('studio.say') }, { value: 'own', label: t('studio.own') }], onchange: (value) => { draft.soundtrack = value; draw(); changed(); } });
    if (draft.soundtrack === 'say') return [choice, ...voiceFields()];
    return [choice, uploadBox({ kind: 'audio', label: t('studio.sound'), name: 'audio_asset_id', value: draft.audio, signal, onchange: set('audio'), extras: [recordButton] })];
  };
  const modelField = () => {
    const list = modelsOf(models, draft.mode);
    if (list.length < 2 || draft.mode === 'audio') return null;
    const one = selectField({ label: t('studio.model'), name: 'model', value: model().id, options: list.map((each) => ({ value: each.id, label: each.id })), hint: model().description });
    one.control.addEventListener('change', () => {
      draft.models[draft.mode] = one.control.value;
      draw();
      changed();
    });
    return one;
  };
  const layout = {
    text_to_image: () => [promptField(), sizeField(draft, model(), changed)],
    image_to_image: () => [imageBox(), promptField(), takes(model(), 'strength') && strengthField()],
    audio: () => voiceFields(),
    image_to_video: () => [imageBox(), ...soundFields(), promptField()],
  };
  const strengthField = () => rangeField({ label: t('studio.strength'), name: 'strength', min: 0, max: 1, step: 0.05, value: draft.more.strength ?? 1, format: (value) => (draft.more.strength === undefined ? t('studio.automatic') : formatPercent(value)), oninput: (event) => { draft.more.strength = Number(event.target.value); changed(); } });
  const styleBox = () => draft.mode === 'image_to_image' && takes(model(), 'style_image_asset_id') && uploadBox({ kind: 'image', label: t('studio.style'), name: 'style_image_asset_id', value: draft.style, signal, onchange: set('style') });

  function draw() {
    if (!model()) {
      fill(place, notice('warn', t('studio.no_model')));
      return;
    }
    fields = [...layout[draft.mode](), modelField(), moreFields(draft, model(), changed, [styleBox()])].flat().filter(Boolean);
    fill(place, fields);
  }
  function choose(mode) {
    draft.mode = mode;
    modes.choose(mode);
    fill(alert);
    draw();
    changed();
  }
  const named = () => [...place.querySelectorAll('.field[data-field]')].filter((one) => one.tell);
  function tellFaults(faults, isFocused) {
    let first = null;
    for (const one of named()) {
      const fault = faults[one.dataset.field];
      if (fault) one.closest('details')?.setAttribute('open', '');
      one.tell(fault ?? null);
      if (fault) first ??= one;
    }
    if (first && isFocused) first.control.focus();
    return Object.entries(faults).filter(([name]) => !named().some((one) => one.dataset.field === name)).map(([, fault]) => fault);
  }

  const quote = debounce(async (asked, mine) => {
    try {
      const told = await post('/v1/quote', asked, { signal });
      if (mine === turn) drawPrice(told);
    } catch (error) {
      if (mine !== turn || signal.aborted) return;
      fill(price);
      if (error instanceof Refused && error.status === 422) {
        const rest = tellFaults(error.faults, false);
        fill(alert, rest.length > 0 && notice('bad', rest.join(' ')));
      }
    }
  }, QUOTE_AFTER_MS);
  function showPrice() {
    turn += 1;
    quote.stop();
    if (Object.keys(lacks(draft)).length || !model()) fill(price);
    else quote(body(), turn);
  }
  function drawPrice({ credits, estimated_seconds: seconds, duration_seconds: length, queue_position: position }) {
    const left = session.account?.credits_remaining ?? 0;
    const lines = [
      h('strong', { class: credits > left ? 'short' : null }, icon('credit'), formatCredits(credits)),
      h('span', {}, [t('studio.takes', { time: formatEstimate(seconds) }), length && t('studio.lasts', { length: formatLength(Math.ceil(length)) }), position > 1 && t('studio.ahead', { count: position - 1 })].filter(Boolean).join(' · ')),
    ];
    fill(price, lines);
    fill(alert, credits > left && notice('warn', t('studio.too_dear', { needed: formatCredits(credits), left: formatCredits(left) }), ' ', h('a', { href: '/account' }, t('studio.more_credits'))));
  }

  async function sendNow() {
    fill(alert);
    const missing = lacks(draft);
    const rest = tellFaults(missing, true);
    if (Object.keys(missing).length) {
      if (rest.length) fill(alert, notice('bad', rest.join(' ')));
      return;
    }
    const asked = body();
    const written = JSON.stringify(asked);
    if (written !== keyOf) [key, keyOf] = [newKey(), written];
    try {
      const job = await submit(asked, key);
      keyOf = '';
      onsent(job);
      showPrice();
    } catch (error) {
      if (error.status) keyOf = '';
      const others = tellFaults(error.faults ?? {}, true);
      if (error.code !== 'invalid_fields' || others.length) fill(alert, notice('bad', others.length ? others.join(' ') : error.message));
    }
  }
  node.send = async () => {
    if (send.getAttribute('aria-busy') === 'true') return;
    send.setAttribute('aria-busy', 'true');
    try {
      await sendNow();
    } finally {
      send.removeAttribute('aria-busy');
    }
  };
  node.addEventListener('submit', (event) => {
    event.preventDefault();
    node.send();
  });
  node.addEventListener('keydown', (event) => {
    if (event.key === 'Enter' && (event.ctrlKey || event.metaKey)) {
      event.preventDefault();
      node.send();
    }
  });

  node.use = (asset, mode) => {
    if (asset.kind === 'audio') [draft.audio, draft.soundtrack] = [asset, 'own'];
    else draft.image = asset;
    choose(mode);
    node.scrollIntoView({ block: 'nearest' });
    node.querySelector('[data-composer]')?.focus();
  };
  node.edit = async (job) => {
    const ids = assetsOfRequest(job.request);
    const found = await Promise.all(ids.map((id) => get(`/v1/assets/${id}`, {}, { signal }).catch(() => null)));
    Object.assign(draft, draftOfJob(job, Object.fromEntries(found.filter(Boolean).map((asset) => [asset.id, asset]))), { is_more_open: draft.is_more_open || Object.keys(job.request).includes('seed') });
    choose(job.mode);
    node.querySelector('[data-composer]')?.focus();
  };
  node.write = (words) => {
    draft.prompts.text_to_image = words;
    choose('text_to_image');
    send.focus();
  };
  const boxFor = (file) => place.querySelector(`.upload[data-field="${file.type.startsWith('audio/') ? 'audio_asset_id' : 'input_image_asset_id'}"]`);
  /** A file that was dropped or pasted anywhere: into its box; a picture without a box begins a restyle. */
  node.take = (file) => {
    if (!boxFor(file) && file.type.startsWith('image/')) choose('image_to_image');
    boxFor(file)?.take(file);
  };
  signal.addEventListener('abort', () => { keep.now(); quote.stop(); });
  window.addEventListener('pagehide', keep.now, { signal });

  draw();
  showPrice();
  return node;
}
