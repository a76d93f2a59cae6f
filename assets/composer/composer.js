// The composer: one form for the four modes. Owns the draft, draws the fields that the mode and its model take, and
// sends.

import { get } from '../api.js';
import { modelsOf } from '../catalogue.js';
import { debounce, fill, h } from '../dom.js';
import { keepDraft, readDraft } from '../drafts.js';
import { newKey, submit } from '../jobs.js';
import { session } from '../session.js';
import { t } from '../strings.js';
import { button } from '../components/button.js';
import { segmented } from '../components/field.js';
import { MODE_ICONS } from '../components/job-card.js';
import { notice } from '../components/panel.js';
import { MODES, assetsOfRequest, bodyOf, draftOfJob, lacks, wholeDraft } from './draft.js';
import { fieldsOf } from './fields.js';
import { Price } from './price.js';

const KEEP_AFTER_MS = 150;

/** The composer; its `node` stands on the page. */
export class Composer {
  /** `models` and `voices` are the catalogues; `onsent(job)` hears of every new job. */
  constructor({ models, voices, signal, onsent }) {
    Object.assign(this, { models, voices, signal, onsent });
    const account = session.account.id;
    this.draft = wholeDraft(readDraft(account, 'composer'));
    // A request keeps its name until it was answered, so that sending it again after a broken line is no second job.
    [this.key, this.keyOf] = [newKey(), ''];
    this.keep = debounce(() => keepDraft(account, 'composer', this.draft), KEEP_AFTER_MS);
    this.alert = h('div', { class: 'composer-alert' });
    this.place = h('div', { class: 'composer-fields' });
    this.price = new Price({ signal, alert: this.alert, refused: (faults) => this.tell(faults, false) });
    this.#build();
    signal.addEventListener('abort', () => this.keep.now());
    window.addEventListener('pagehide', this.keep.now, { signal });
    this.draw();
    this.ask();
  }

  #build() {
    this.modes = segmented({
      label: t('studio.mode'),
      hideLabel: true,
      value: this.draft.mode,
      class: 'modes',
      onchange: (mode) => this.choose(mode),
      options: MODES.map((mode) => ({ value: mode, label: t(`mode.${mode}`), icon: MODE_ICONS[mode] })),
    });
    this.button = button(t('studio.send'), {
      kind: 'primary',
      size: 'large',
      icon: 'sparkle',
      type: 'submit',
      'aria-keyshortcuts': 'Control+Enter',
    });
    this.node = h(
      'form',
      { class: 'composer', novalidate: true, 'aria-label': t('studio.composer') },
      h('h1', { class: 'visually-hidden' }, t('studio.title')),
      this.modes,
      this.place,
      h('div', { class: 'composer-foot' }, this.alert, h('div', { class: 'send-row' }, this.price.node, this.button)),
    );
    this.node.addEventListener('submit', (event) => {
      event.preventDefault();
      this.send();
    });
    this.node.addEventListener('keydown', (event) => {
      if (event.key !== 'Enter' || !(event.ctrlKey || event.metaKey)) return;
      event.preventDefault();
      this.send();
    });
  }

  /** The model that would run. */
  get model() {
    const { mode, voice_id: voice, models } = this.draft;
    const list = modelsOf(this.models, mode);
    // A voice belongs to a model: choosing the one is choosing the other.
    const id = mode === 'audio' ? this.voices.find((one) => one.id === voice)?.model : models[mode];
    return list.find((one) => one.id === id) ?? list[0];
  }

  /** The request as it stands. */
  get body() {
    const { mode } = this.draft;
    return bodyOf(this.draft, this.model, mode === 'audio' || this.model === modelsOf(this.models, mode)[0]);
  }

  /** Puts a value into the draft. */
  set(name, value) {
    this.draft[name] = value;
    this.changed();
  }

  /** Keeps the draft and asks for its price. */
  changed() {
    this.keep();
    this.ask();
  }

  ask() {
    this.price.ask(this.model && Object.keys(lacks(this.draft)).length === 0 ? this.body : null);
  }

  draw() {
    fill(this.place, this.model ? fieldsOf(this) : notice('warn', t('studio.no_model')));
  }

  choose(mode) {
    this.draft.mode = mode;
    this.modes.choose(mode);
    fill(this.alert);
    this.draw();
    this.changed();
  }

  /** Puts faults beside their fields; answers those that have none. */
  tell(faults, isFocused) {
    const fields = [...this.place.querySelectorAll('.field[data-field]')].filter((one) => one.tell);
    let first = null;
    for (const one of fields) {
      const fault = faults[one.dataset.field];
      if (fault) one.closest('details')?.setAttribute('open', '');
      one.tell(fault ?? null);
      if (fault) first ??= one;
    }
    if (first && isFocused) first.control.focus();
    const isShown = (name) => fields.some((one) => one.dataset.field === name);
    return Object.entries(faults).flatMap(([name, fault]) => (isShown(name) ? [] : [fault]));
  }

  /** Sends the request; while one is under way, nothing. */
  async send() {
    if (this.button.getAttribute('aria-busy') === 'true') return;
    fill(this.alert);
    const missing = lacks(this.draft);
    const others = this.tell(missing, true);
    if (others.length) fill(this.alert, notice('bad', others.join(' ')));
    if (Object.keys(missing).length) return;
    this.button.setAttribute('aria-busy', 'true');
    try {
      await this.#submit(this.body);
    } finally {
      this.button.removeAttribute('aria-busy');
    }
  }

  async #submit(body) {
    const written = JSON.stringify(body);
    if (written !== this.keyOf) [this.key, this.keyOf] = [newKey(), written];
    try {
      const job = await submit(body, this.key);
      this.keyOf = '';
      this.onsent(job);
      this.ask();
    } catch (error) {
      if (error.status === undefined) throw error;
      if (error.status) this.keyOf = '';
      const others = this.tell(error.faults, true);
      if (error.code !== 'invalid_fields' || others.length)
        fill(this.alert, notice('bad', others.join(' ') || error.message));
    }
  }

  #focusText() {
    this.node.querySelector('[data-composer]')?.focus();
  }

  /** Begins with an asset in a mode. */
  use(asset, mode) {
    if (asset.kind === 'audio') Object.assign(this.draft, { audio: asset, soundtrack: 'own' });
    else this.draft.image = asset;
    this.choose(mode);
    this.node.scrollIntoView({ block: 'nearest' });
    this.#focusText();
  }

  /** Takes over the settings of a job. */
  async edit(job) {
    const bring = (id) => get(`/v1/assets/${id}`, {}, { signal: this.signal }).catch(() => null);
    const found = (await Promise.all(assetsOfRequest(job.request).map(bring))).filter(Boolean);
    const assets = Object.fromEntries(found.map((asset) => [asset.id, asset]));
    // The seed is taken over too; it must be seen that it is.
    Object.assign(this.draft, draftOfJob(job, assets), { is_more_open: true });
    this.choose(job.mode);
    this.#focusText();
  }

  /** Puts a prompt for a picture in, ready to be sent. */
  write(text) {
    this.draft.prompts.text_to_image = text;
    this.choose('text_to_image');
    this.button.focus();
  }

  /** Takes a file that was dropped or pasted anywhere; a picture that has no place begins a restyle. */
  take(file) {
    const name = file.type.startsWith('audio/') ? 'audio_asset_id' : 'input_image_asset_id';
    const box = () => this.place.querySelector(`.upload[data-field="${name}"]`);
    if (!box() && file.type.startsWith('image/')) this.choose('image_to_image');
    box()?.take(file);
  }
}
