// The operator's first look: is it well, what runs, what waits for a decision.

import { diskBar } from '../../admin/disk.js';
import { get, poll } from '../../api.js';
import { linkButton } from '../../components/button.js';
import { notice, pageHead, panel, statTile, statTiles } from '../../components/panel.js';
import { fill, h } from '../../dom.js';
import { formatBytes, formatDuration, formatNumber } from '../../format.js';
import { t } from '../../strings.js';

const EVERY_MS = 5000;

export default {
  title: t('admin.overview.title'),
  async render(root, { signal }) {
    const place = h('div', { class: 'stack' });
    const look = async () => fill(place, draw(await get('/v1/admin/overview', {}, { signal })));
    await look();
    root.append(pageHead(t('admin.overview.title'), { about: t('admin.overview.lead') }), place);
    // A link that somebody is about to follow stays where it is.
    poll(() => place.contains(document.activeElement) || look().catch(() => {}), EVERY_MS, signal);
  },
};

/** What asks for the operator. */
const calls = (told) => [
  told.restore_staged &&
    notice(
      'warn',
      t('admin.overview.restore_staged'),
      ' ',
      h('a', { href: '/admin/backups' }, t('pages.admin_backups')),
    ),
  told.queue.paused &&
    notice('warn', t('admin.overview.paused'), ' ', h('a', { href: '/admin/queue' }, t('pages.admin_queue'))),
  told.pending.plans > 0 &&
    notice(
      'info',
      t('admin.overview.plans', { count: told.pending.plans }),
      ' ',
      h('a', { href: '/admin/accounts' }, t('pages.admin_accounts')),
    ),
];

function draw(told) {
  const { jobs, accounts, credits, storage, memory } = told;
  return [
    calls(told),
    panel(
      t('admin.overview.work'),
      statTiles(
        statTile(t('admin.overview.running'), formatNumber(jobs.running), { href: '/admin/queue' }),
        statTile(t('admin.overview.queued'), formatNumber(jobs.queued), { href: '/admin/queue' }),
        statTile(t('admin.overview.completed'), formatNumber(jobs.completed_24h), {
          href: '/admin/jobs?status=completed',
        }),
        statTile(t('admin.overview.aborted'), formatNumber(jobs.aborted_24h), { href: '/admin/jobs?status=aborted' }),
      ),
    ),
    panel(
      t('admin.overview.people'),
      statTiles(
        statTile(t('admin.overview.accounts'), formatNumber(accounts.total), {
          href: '/admin/accounts',
          hint: accounts.disabled > 0 && t('admin.overview.disabled', { count: accounts.disabled }),
        }),
        statTile(t('admin.overview.issued'), formatNumber(credits.issued)),
        statTile(t('admin.overview.revenue'), formatNumber(credits.revenue)),
        statTile(t('admin.overview.held'), formatNumber(credits.held)),
      ),
    ),
    panel(
      t('admin.overview.machine'),
      [
        statTiles(
          statTile(t('admin.overview.memory'), formatBytes(memory.rss_bytes), {
            hint: t('admin.overview.models', {
              count: memory.models_loaded,
              bytes: formatBytes(memory.model_bytes),
              max: formatBytes(memory.model_bytes_max),
            }),
            href: '/admin/models',
          }),
          statTile(t('admin.overview.free'), formatBytes(storage.disk_free_bytes), { href: '/admin/storage' }),
          statTile(t('admin.overview.uptime'), formatDuration(told.uptime_seconds)),
          statTile(t('admin.overview.version'), told.version, { hint: told.listen }),
        ),
        diskBar([['media', storage.media_bytes, 1]], {
          free_bytes: storage.disk_free_bytes,
          total_bytes: storage.disk_total_bytes,
        }),
        h('p', { class: 'quiet small' }, t('admin.overview.folder'), ' ', h('code', {}, told.data_path)),
      ],
      { actions: [linkButton(t('admin.overview.doctor'), '/admin/doctor', { icon: 'pulse' })] },
    ),
  ];
}
