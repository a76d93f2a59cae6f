// What takes the space, how long things are kept, and sweeping up.

import { get, post } from '../../api.js';
import { diskBar } from '../../admin/disk.js';
import { barList } from '../../components/bars.js';
import { opens } from '../../components/ask.js';
import { button } from '../../components/button.js';
import { confirm } from '../../components/dialog.js';
import { factList, pageHead, panel } from '../../components/panel.js';
import { relativeTime } from '../../components/time.js';
import { toastGood } from '../../components/toast.js';
import { fill, h } from '../../dom.js';
import { formatBytes, formatNumber } from '../../format.js';
import { t, word } from '../../strings.js';

export default {
  title: t('admin.storage.title'),
  async render(root, { signal }) {
    const place = h('div', { class: 'stack' });
    const reload = async () => fill(place, draw(await get('/v1/admin/storage', {}, { signal })));
    const sweep = button(t('admin.storage.sweep'), {
      onclick: opens(async () => {
        let swept = null;
        const done = await confirm({
          title: t('admin.storage.sweep'),
          text: t('admin.storage.sweep_text'),
          action: t('admin.storage.sweep'),
          work: async () => {
            swept = await post('/v1/admin/storage/sweep');
          },
        });
        if (!done) return;
        toastGood(t('admin.storage.swept', { ...swept, bytes: formatBytes(swept.bytes) }));
        await reload();
      }),
    });
    await reload();
    root.append(pageHead(t('admin.storage.title'), { about: t('admin.storage.lead'), actions: [sweep] }), place);
  },
};

const disk = (told) =>
  diskBar(
    [
      ['media', told.media.bytes, 1],
      ['database', told.database_bytes, 2],
      ['cache', told.cache_bytes, 3],
      ['backups', told.backups_bytes, 4],
    ],
    told.disk,
  );

const kept = (days) => (days > 0 ? t('admin.storage.days', { count: days }) : t('admin.storage.for_ever'));

function draw(told) {
  const { retention, orphans } = told;
  const kinds = told.by_kind.map((one) => ({
    label: word('kind', one.kind),
    hint: `${t(`admin.storage.source_${one.source}`)} · ${formatNumber(one.count)}`,
    value: one.bytes,
    text: formatBytes(one.bytes),
  }));
  const people = told.by_account.map((one) => ({
    label: one.email,
    hint: formatNumber(one.count),
    value: one.bytes,
    text: formatBytes(one.bytes),
  }));
  const none = h('p', { class: 'quiet' }, t('nothing'));
  return [
    panel(t('admin.storage.disk'), disk(told), {
      about: t('admin.storage.disk_lead', { total: formatBytes(told.disk.total_bytes), files: told.media.files }),
    }),
    h(
      'div',
      { class: 'columns' },
      panel(
        t('admin.storage.by_kind'),
        kinds.length > 0 ? barList(kinds, { label: t('admin.storage.by_kind') }) : none,
      ),
      panel(
        t('admin.storage.by_account'),
        people.length > 0 ? barList(people, { label: t('admin.storage.by_account') }) : none,
      ),
    ),
    panel(
      t('admin.storage.retention'),
      factList([
        [t('admin.storage.uploads'), kept(retention.uploads_days)],
        [t('admin.storage.results'), kept(retention.results_days)],
        [t('admin.storage.next_sweep'), relativeTime(retention.next_sweep_at)],
        [
          t('admin.storage.orphans'),
          t('admin.storage.orphans_of', { count: orphans.files, bytes: formatBytes(orphans.bytes) }),
        ],
      ]),
      { about: t('admin.storage.retention_lead') },
    ),
  ];
}
