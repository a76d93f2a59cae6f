// A place for one file: dropped, pasted, chosen, taken or found in the library; it shows what it holds.

import { upload } from '../api.js';
import { fill, h, uid } from '../dom.js';
import { formatBytes, formatLength } from '../format.js';
import { t } from '../strings.js';
import { pickAsset } from '../components/asset-picker.js';
import { button, iconButton } from '../components/button.js';
import { thumbnail } from '../components/media.js';
import { progressBar } from '../components/panel.js';
import { soundPlayer } from '../components/sound.js';
import { contentOf } from '../jobs.js';
import { icon } from '../components/icon.js';

const ACCEPT = {
  image: 'image/png,image/jpeg,image/webp,image/gif,image/bmp',
  audio: 'audio/*,.wav,.mp3,.m4a,.aac,.flac,.ogg',
};

/** Whether a file looks as if it were of the kind; the appliance looks again, at its bytes. */
const suits = (kind, file) =>
  file.type.startsWith(`${kind}/`) || (kind === 'audio' && /\.(wav|mp3|m4a|aac|flac|ogg)$/i.test(file.name));

/** A box for one asset; its `node` is a field. */
class UploadBox {
  constructor({ kind, label, name, value, signal, onchange, extras = [], hint }) {
    Object.assign(this, { kind, label, signal, onchange, extras, hint, going: null });
    const id = uid('upload');
    this.input = h('input', { type: 'file', id, accept: ACCEPT[kind], class: 'visually-hidden' });
    this.fault = h('p', { class: 'fault', role: 'alert', hidden: true });
    this.body = h('div', { class: 'upload-body' });
    const caption = h('div', { class: 'label-row' }, h('label', { class: 'label', for: id }, label));
    this.node = h(
      'div',
      { class: ['field', 'upload'], data: { field: name } },
      caption,
      this.input,
      this.body,
      this.fault,
    );
    this.input.addEventListener('change', () => {
      if (this.input.files[0]) this.take(this.input.files[0]);
      this.input.value = '';
    });
    this.#listenForDrops();
    this.#draw(value);
  }

  /** Says what is wrong with it; null takes that back. */
  tell(text) {
    this.fault.hidden = !text;
    fill(this.fault, text && [icon('error'), text]);
  }

  /** Shows an asset as held; null shows that nothing is. */
  show(asset) {
    this.tell(null);
    this.#draw(asset);
  }

  /** Holds an asset; null holds nothing. */
  put(asset) {
    this.show(asset);
    this.onchange(asset);
  }

  /** Uploads a file and holds it. */
  async take(file) {
    if (!suits(this.kind, file)) {
      this.tell(t(`studio.wrong_kind.${this.kind}`));
      return;
    }
    this.going?.abort();
    this.going = new AbortController();
    const { signal } = this.going;
    const bar = progressBar(0, { label: t('studio.uploading', { name: file.name ?? '' }) });
    this.#drawBusy(bar, file);
    try {
      this.put(await upload(this.kind, file, { progress: (part) => bar.to(part < 1 ? part : null), signal }));
    } catch (error) {
      this.put(null);
      if (error.name !== 'AbortError') this.tell(error.faults?.file ?? error.message);
    }
  }

  #listenForDrops() {
    const { node } = this;
    const mark = (isOver) => (event) => {
      event.preventDefault();
      node.classList.toggle('over', isOver);
    };
    for (const name of ['dragenter', 'dragover']) node.addEventListener(name, mark(true));
    node.addEventListener('dragleave', mark(false));
    node.addEventListener('drop', (event) => {
      mark(false)(event);
      event.stopPropagation();
      const [file] = event.dataTransfer.files;
      if (file) this.take(file);
    });
  }

  #draw(asset) {
    fill(this.body, asset ? this.#held(asset) : this.#empty());
  }

  #drawBusy(bar, file) {
    const stop = () => this.going?.abort(new DOMException('cancelled', 'AbortError'));
    const words = h('p', {}, t('studio.uploading', { name: file.name ?? '' }));
    fill(
      this.body,
      h('div', { class: 'drop busy' }, words, bar, button(t('cancel'), { size: 'small', onclick: stop })),
    );
  }

  #empty() {
    const choose = async () => {
      const asset = await pickAsset(this.kind, this.signal);
      if (asset) this.put(asset);
    };
    return h(
      'div',
      { class: 'drop' },
      icon(this.kind === 'image' ? 'image' : 'voice'),
      h('p', {}, t(`studio.drop.${this.kind}`)),
      this.hint && h('p', { class: 'hint' }, this.hint),
      h(
        'div',
        { class: 'button-row' },
        button(t('studio.choose_file'), { size: 'small', icon: 'upload', onclick: () => this.input.click() }),
        this.extras.map((extra) => extra((file) => this.take(file))),
        button(t('studio.from_library'), { size: 'small', icon: 'library', onclick: choose }),
      ),
    );
  }

  #held(asset) {
    const name = asset.job_id ? t('library.made') : (asset.file_name ?? t(`kind.${asset.kind}`));
    const facts = [
      asset.width && `${asset.width} × ${asset.height}`,
      asset.duration_seconds && formatLength(asset.duration_seconds),
      formatBytes(asset.bytes),
    ];
    const seconds = asset.duration_seconds;
    const sound = { asset: asset.id, seconds, label: this.label, signal: this.signal };
    const clear = () => {
      this.put(null);
      this.input.focus();
    };
    return h(
      'div',
      { class: ['held', this.kind] },
      this.kind === 'image' ? thumbnail(asset) : soundPlayer(contentOf(asset.id), sound),
      h(
        'div',
        { class: 'held-facts' },
        h('strong', {}, name),
        h('span', { class: 'quiet small' }, facts.filter(Boolean).join(' · ')),
      ),
      iconButton('close', t('studio.take_out', { label: this.label }), { onclick: clear }),
    );
  }
}

/**
 * A box for an asset of a kind (image, audio). Options: `label`, `name` (the API's name), `value` (an asset), `signal`,
 * `onchange(asset)`, `extras` (further buttons, called with `take(file)`), `hint`. The node is a field
 * with `.take(file)` and `.show(asset)`.
 */
export function uploadBox(options) {
  const box = new UploadBox(options);
  return Object.assign(box.node, {
    control: box.input,
    take: (file) => box.take(file),
    show: (asset) => box.show(asset),
    tell: (text) => box.tell(text),
  });
}
