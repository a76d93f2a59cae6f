// Packs that the operator brings: installed from an upload or from a path on the machine, watched, and removed.

import { get, poll, post, remove, sendForm } from '../api.js';
import { ask, opens } from '../components/ask.js';
import { button, linkButton } from '../components/button.js';
import { confirm } from '../components/dialog.js';
import { field } from '../components/field.js';
import { notice, progressBar } from '../components/panel.js';
import { fill, h } from '../dom.js';
import { t } from '../strings.js';

const EVERY_MS = 1000;

/** What asks for a pack; `begun` is called once its installation goes on. */
export const installButton = (begun, signal) =>
  button(t('admin.models.install'), {
    kind: 'primary',
    icon: 'upload',
    onclick: opens(async () => (await askForPack(signal)) && begun()),
  });

function askForPack(signal) {
  const text = (name) => h('input', { class: 'input', type: 'text', name, autocomplete: 'off' });
  const path = text('path');
  const file = h('input', { class: 'input', type: 'file', name: 'file', accept: '.tar,.zst,.zip' });
  const bar = progressBar(0, { label: t('admin.models.sending') });
  bar.hidden = true;
  return ask({
    title: t('admin.models.install'),
    about: t('admin.models.install_lead'),
    action: t('admin.models.install'),
    signal,
    fields: [
      field(path, { label: t('admin.models.path'), hint: t('admin.models.path_hint') }),
      field(file, { label: t('admin.models.or_file'), hint: t('admin.models.file_hint') }),
      field(text('name'), { label: t('admin.models.name'), hint: t('admin.models.name_hint') }),
      field(text('licence'), { label: t('admin.models.licence') }),
      field(text('source'), { label: t('admin.models.source') }),
      field(text('trust'), { label: t('admin.models.trust'), hint: t('admin.models.trust_hint') }),
      bar,
    ],
    send: (values) => {
      const about = ['name', 'licence', 'source', 'trust'].filter((name) => values[name]).map((name) => [name, values[name]]);
      if (!file.files[0]) return post('/v1/admin/models', { path: path.value.trim(), ...Object.fromEntries(about) });
      const form = new FormData();
      for (const [name, value] of about) form.append(name, value);
      form.append('file', file.files[0]);
      bar.hidden = false;
      return sendForm('/v1/admin/models', form, { progress: (fraction) => bar.to(fraction), signal });
    },
  });
}

/** How far the installation is that goes on, or why the latest failed. `done` is called when one ends well. */
export function installationState(done, signal) {
  const node = h('div', { role: 'status' });
  let isRunning = false;
  node.look = async () => {
    const told = await get('/v1/admin/models/installation', {}, { signal });
    if (isRunning && told?.state === 'done') await done();
    isRunning = told?.state === 'running';
    fill(node, told && shown(told));
  };
  poll(() => isRunning && node.look().catch(() => {}), EVERY_MS, signal);
  return node;
}

function shown({ name, state, stage, fraction, error }) {
  if (state === 'failed') return notice('bad', t('admin.models.not_installed', { name, error }));
  if (state === 'done') return notice('good', t('admin.models.installed', { name }));
  const label = t('admin.models.installing', { name, stage });
  return notice('info', label, progressBar(fraction, { label }));
}

/** Sends a pack as one signed file; what travels in the binary has no such button. */
export const exportButton = ({ id, built_in, files }) =>
  !built_in &&
  files.length > 0 &&
  linkButton(t('admin.models.export'), `/v1/admin/models/${encodeURIComponent(id)}/export`, {
    size: 'small',
    icon: 'download',
    download: '',
    'aria-label': t('admin.models.export_one', { id }),
  });

/** Takes a pack away; what travels in the binary has no such button. */
export const removeButton = ({ id, built_in }, removed) =>
  !built_in &&
  button(t('admin.models.remove'), {
    size: 'small',
    kind: 'danger',
    'aria-label': t('admin.models.remove_one', { id }),
    onclick: opens(async () => {
      const done = await confirm({
        title: t('admin.models.remove_one', { id }),
        text: t('admin.models.remove_text'),
        action: t('admin.models.remove'),
        work: () => remove(`/v1/admin/models/${encodeURIComponent(id)}`),
      });
      if (done) await removed();
    }),
  });
