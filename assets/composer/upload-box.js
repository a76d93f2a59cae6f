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
const suits = (kind, file) => file.type.startsWith(`${kind}/`) || (kind === 'audio' && /\.(wav|mp3|m4a|aac|flac|ogg)$/i.test(file.name));

/**
 * A box for an asset of a kind (image, audio). Options: `label`, `name` (the API's name), `value` (an asset), `signal`,
 * `onchange(asset)`, `extras` (further buttons, called with `take(file)`), `hint`. The node has `.take(file)`,
 * `.put(asset)`, `.tell(fault)`.
 */
export function uploadBox({ kind, label, name, value, signal, onchange, extras = [], hint }) {
  const id = uid('upload');
  const input = h('input', { type: 'file', id, accept: ACCEPT[kind], class: 'visually-hidden' });
  const fault = h('p', { class: 'fault', role: 'alert', hidden: true });
  const body = h('div', { class: 'upload-body' });
  const node = h('div', { class: ['field', 'upload'], data: { field: name } }, h('div', { class: 'label-row' }, h('label', { class: 'label', for: id }, label)), input, body, fault);
  node.control = input;
  node.tell = (text) => {
    fault.hidden = !text;
    fill(fault, text && [icon('error'), text]);
  };
  let going = null;

  const showEmpty = () => fill(body, h('div', { class: 'drop' },
    icon(kind === 'image' ? 'image' : 'voice'), h('p', {}, t(`studio.drop.${kind}`)), hint && h('p', { class: 'hint' }, hint),
    h('div', { class: 'button-row' },
      button(t('studio.choose_file'), { size: 'small', icon: 'upload', onclick: () => input.click() }),
      extras.map((extra) => extra(node.take)),
      button(t('studio.from_library'), { size: 'small', icon: 'library', onclick: async () => {
        const asset = await pickAsset(kind, signal);
        if (asset) node.put(asset);
      } }))));
  const showBusy = (bar, file) => fill(body, h('div', { class: 'drop busy' }, h('p', {}, t('studio.uploading', { name: file.name ?? '' })), bar,
    button(t('cancel'), { size: 'small', onclick: () => going?.abort(new DOMException('cancelled', 'AbortError')) })));
  const showAsset = (asset) => {
    const clear = iconButton('close', t('studio.take_out', { label }), { onclick: () => { node.put(null); input.focus(); } });
    const facts = [asset.width && `${asset.width} × ${asset.height}`, asset.duration_seconds && formatLength(asset.duration_seconds), formatBytes(asset.bytes)].filter(Boolean).join(' · ');
    fill(body, h('div', { class: ['held', kind] },
      kind === 'image' ? thumbnail(asset) : soundPlayer(contentOf(asset.id), { asset: asset.id, seconds: asset.duration_seconds, label, signal }),
      h('div', { class: 'held-facts' }, h('strong', {}, asset.job_id ? t('library.made') : asset.file_name ?? t(`kind.${asset.kind}`)), h('span', { class: 'quiet small' }, facts)), clear));
  };

  node.put = (asset, isQuiet = false) => {
    node.tell(null);
    if (asset) showAsset(asset);
    else showEmpty();
    if (!isQuiet) onchange(asset);
  };
  node.take = async (file) => {
    if (!suits(kind, file)) {
      node.tell(t(`studio.wrong_kind.${kind}`));
      return;
    }
    going?.abort();
    going = new AbortController();
    const bar = progressBar(0, { label: t('studio.uploading', { name: file.name ?? '' }) });
    showBusy(bar, file);
    try {
      node.put(await upload(kind, file, { progress: (part) => bar.to(part < 1 ? part : null), signal: going.signal }));
    } catch (error) {
      node.put(null);
      if (error.name !== 'AbortError') node.tell(error.faults?.file ?? error.message);
    }
  };
  input.addEventListener('change', () => {
    if (input.files[0]) node.take(input.files[0]);
    input.value = '';
  });
  for (const event of ['dragenter', 'dragover']) node.addEventListener(event, (e) => { e.preventDefault(); node.classList.add('over'); });
  for (const event of ['dragleave', 'drop']) node.addEventListener(event, () => node.classList.remove('over'));
  node.addEventListener('drop', (event) => {
    event.preventDefault();
    event.stopPropagation();
    const [file] = event.dataTransfer.files;
    if (file) node.take(file);
  });
  node.put(value, true);
  return node;
}
