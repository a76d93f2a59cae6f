// Backups made beside the running server, and bringing one back at the next start.

import { call, get, poll, post, remove } from '../../api.js';
import { ask, opens } from '../../components/ask.js';
import { button, linkButton } from '../../components/button.js';
import { confirm } from '../../components/dialog.js';
import { field } from '../../components/field.js';
import { badge, emptyState, notice, pageHead, panel, progressBar } from '../../components/panel.js';
import { dataTable } from '../../components/table.js';
import { relativeTime } from '../../components/time.js';
import { toastGood } from '../../components/toast.js';
import { fill, h } from '../../dom.js';
import { formatBytes } from '../../format.js';
import { t, word } from '../../strings.js';

const EVERY_MS = 2000;

export default {
  title: t('admin.backups.title'),
  async render(root, { signal }) {
    const staged = h('div', { role: 'status' });
    const list = dataTable(columns(reload), {
      label: t('admin.backups.title'),
      key: (one) => one.name,
      empty: emptyState({ icon: 'archive', title: t('admin.backups.none'), text: t('admin.backups.none_text') }),
    });
    let isMaking = false;
    async function reload() {
      const [{ data }, overview] = await Promise.all([
        get('/v1/admin/backups', {}, { signal }),
        get('/v1/admin/overview', {}, { signal }),
      ]);
      isMaking = data.some((one) => one.state === 'running');
      list.put(data);
      fill(staged, overview.restore_staged && stagedNotice(overview.restore_staged, reload));
    }
    const make = button(t('admin.backups.make'), {
      kind: 'primary',
      icon: 'archive',
      onclick: async () => {
        await post('/v1/admin/backups');
        await reload();
      },
    });
    const upload = button(t('admin.backups.restore_file'), {
      icon: 'upload',
      onclick: opens(() => restoreFile(reload, signal)),
    });
    await reload();
    root.append(
      pageHead(t('admin.backups.title'), { about: t('admin.backups.lead'), actions: [upload, make] }),
      staged,
      panel(null, list),
    );
    poll(
      async () => {
        if (isMaking) await reload().catch(() => {});
      },
      EVERY_MS,
      signal,
    );
  },
};

function stagedNotice(one, reload) {
  const back = button(t('admin.backups.unstage'), {
    size: 'small',
    onclick: async () => {
      await remove('/v1/admin/restore');
      await reload();
    },
  });
  return notice('warn', t('admin.backups.staged', { name: one.name }), ' ', back);
}

async function restore(body, name, reload) {
  const done = await confirm({
    title: t('admin.backups.restore_one', { name }),
    text: t('admin.backups.restore_text'),
    action: t('admin.backups.restore'),
    work: () => call('POST', '/v1/admin/restore', { body }),
  });
  if (!done) return;
  toastGood(t('admin.backups.restore_staged'));
  await reload();
}

async function restoreFile(reload, signal) {
  const file = h('input', {
    type: 'file',
    name: 'file',
    class: 'input',
    accept: '.tar,application/x-tar',
    required: true,
  });
  const chosen = await ask({
    title: t('admin.backups.restore_file'),
    about: t('admin.backups.restore_text'),
    action: t('admin.backups.restore'),
    kind: 'danger',
    signal,
    fields: [field(file, { label: t('admin.backups.file') })],
    send: () => {
      const body = new FormData();
      body.append('file', file.files[0]);
      return call('POST', '/v1/admin/restore', { body });
    },
  });
  if (!chosen) return;
  toastGood(t('admin.backups.restore_staged'));
  await reload();
}

/** How far a backup is, or what became of it. */
function state(one) {
  const told = badge(one.state, { text: word('admin.backups.states', one.state) });
  if (one.state === 'running')
    return [told, progressBar(one.fraction ?? null, { label: t('admin.backups.progress_of', one) })];
  return [told, one.error && h('small', { class: 'fault-words' }, one.error)];
}

const columns = (reload) => [
  { label: t('admin.backups.name'), wide: true, cell: (one) => h('code', {}, one.name) },
  { label: t('admin.backups.state'), cell: state },
  { label: t('admin.backups.size'), align: 'end', cell: (one) => (one.bytes ? formatBytes(one.bytes) : '–') },
  { label: t('admin.backups.made'), cell: (one) => relativeTime(one.created_at) },
  { label: t('actions'), hideLabel: true, align: 'end', cell: (one) => actions(one, reload) },
];

function actions(one, reload) {
  if (one.state === 'running') return null;
  const named = (key) => ({ size: 'small', 'aria-label': t(`admin.backups.${key}`, one) });
  const drop = button(t('delete'), {
    ...named('delete_one'),
    kind: 'danger',
    onclick: opens(async () => {
      const done = await confirm({
        title: t('admin.backups.delete_one', one),
        text: t('admin.backups.delete_text'),
        action: t('delete'),
        work: () => remove(`/v1/admin/backups/${encodeURIComponent(one.name)}`),
      });
      if (done) await reload();
    }),
  });
  if (one.state === 'failed') return drop;
  return h(
    'div',
    { class: 'button-row' },
    linkButton(t('admin.backups.download'), `/v1/admin/backups/${encodeURIComponent(one.name)}`, {
      ...named('download_one'),
      download: one.name,
    }),
    button(t('admin.backups.restore'), {
      ...named('restore_one'),
      onclick: opens(() => restore({ name: one.name }, one.name, reload)),
    }),
    drop,
  );
}
