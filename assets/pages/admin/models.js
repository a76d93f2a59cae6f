// The models: what they do, under which licence, what they take, whether their files are what was pinned.

import { exportButton, installButton, installationState, removeButton } from '../../admin/packs.js';
import { get, post } from '../../api.js';
import { button, copyButton } from '../../components/button.js';
import { badge, factList, notice, pageHead } from '../../components/panel.js';
import { dataTable } from '../../components/table.js';
import { relativeTime } from '../../components/time.js';
import { fill, h } from '../../dom.js';
import { formatBytes, formatDuration } from '../../format.js';
import { t, word } from '../../strings.js';

export default {
  title: t('admin.models.title'),
  async render(root, { signal }) {
    const list = h('ul', { class: 'model-list' });
    const reload = async () =>
      fill(
        list,
        (await get('/v1/admin/models', {}, { signal })).data.map((one) => card(one, reload)),
      );
    const state = installationState(reload, signal);
    await Promise.all([reload(), state.look()]);
    const actions = [installButton(state.look, signal)];
    root.append(pageHead(t('admin.models.title'), { about: t('admin.models.lead'), actions }), state, list);
  },
};

function card(one, reload) {
  const told = h('div', { role: 'status' });
  const verify = button(t('admin.models.verify'), {
    size: 'small',
    icon: 'check',
    'aria-label': t('admin.models.verify_one', one),
    onclick: async () => {
      const { ok, findings } = await post(`/v1/admin/models/${one.id}/verify`);
      fill(
        told,
        ok
          ? notice('good', t('admin.models.verified'))
          : notice(
              'bad',
              t('admin.models.damaged'),
              h(
                'ul',
                {},
                findings.map((finding) => h('li', {}, finding.message ?? finding)),
              ),
            ),
      );
    },
  });
  const unload =
    one.is_loaded &&
    button(t('admin.models.unload'), {
      size: 'small',
      'aria-label': t('admin.models.unload_one', one),
      onclick: async () => {
        await post(`/v1/admin/models/${one.id}/unload`);
        await reload();
      },
    });
  return h(
    'li',
    { class: 'panel model', data: { model: one.id } },
    h(
      'header',
      { class: 'panel-head' },
      h(
        'div',
        {},
        h('h2', {}, one.id, ' ', one.is_loaded && badge('loaded', { tone: 'good', text: t('admin.models.loaded') })),
        h('p', { class: 'quiet' }, one.description),
      ),
      h('div', { class: 'button-row' }, removeButton(one, reload), exportButton(one), unload, verify),
    ),
    told,
    factList([
      [
        t('admin.models.modes'),
        one.modes.map((mode) => word('mode', mode)).join(', ') || t('admin.models.for_scene'),
      ],
      [t('admin.models.licence'), one.licence],
      [t('admin.models.source'), one.source],
      [t('admin.models.size'), formatBytes(one.bytes)],
      [
        t('admin.models.memory'),
        one.memory_bytes ? formatBytes(one.memory_bytes) : one.is_loaded ? t('unknown') : t('admin.models.not_loaded'),
      ],
      [t('admin.models.device'), one.device_note ? `${one.device} (${one.device_note})` : one.device],
      [t('admin.models.used'), relativeTime(one.last_used_at, t('admin.models.never'))],
      [t('admin.models.run'), one.run_seconds > 0 ? formatDuration(one.run_seconds) : '–'],
      [
        t('admin.models.digest'),
        h(
          'span',
          { class: 'with-copy' },
          h('code', { title: one.digest }, `${one.digest.slice(0, 16)}…`),
          copyButton(one.digest, { compact: true }),
        ),
      ],
    ]),
    files(one),
  );
}

function files(one) {
  if (!one.files?.length) return null;
  const table = dataTable(
    [
      { label: t('admin.models.file'), wide: true, cell: (file) => h('code', {}, file.name) },
      { label: t('admin.models.size'), align: 'end', cell: (file) => formatBytes(file.bytes) },
      { label: 'SHA-256', cell: (file) => h('code', { title: file.sha256 }, `${file.sha256.slice(0, 16)}…`) },
    ],
    { label: t('admin.models.files_of', one), key: (file) => file.name },
  );
  table.put(one.files);
  return h('details', { class: 'more' }, h('summary', {}, t('admin.models.files', { count: one.files.length })), table);
}
