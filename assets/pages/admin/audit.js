// Who did what, in the order in which it was done.

import { searchBox } from '../../components/filters.js';
import { pageHead, panel } from '../../components/panel.js';
import { listTable } from '../../components/table.js';
import { h } from '../../dom.js';
import { formatMoment } from '../../format.js';
import { t } from '../../strings.js';

const columns = [
  { label: t('admin.audit.action'), cell: (one) => h('code', {}, one.action) },
  { label: t('admin.audit.actor'), cell: (one) => one.actor_email ?? one.actor },
  { label: t('admin.audit.subject'), cell: (one) => subject(one.subject) },
  { label: t('admin.audit.detail'), wide: true, cell: (one) => detail(one.detail) },
  { label: t('admin.audit.at'), cell: (one) => h('time', { datetime: one.at }, formatMoment(one.at)) },
];

/** What it was done to: of an id its end, the whole as a tip. */
const subject = (name) =>
  /^[a-z]+_[0-9a-f]{32}$/.test(name) ? h('code', { title: name }, name.replace(/_.*(.{8})$/, '_…$1')) : name || '–';

function detail(told) {
  const pairs = Object.entries(told ?? {});
  if (pairs.length === 0) return '–';
  return pairs.map(([name, value]) =>
    h('div', {}, h('span', { class: 'quiet' }, `${name} `), typeof value === 'string' ? value : JSON.stringify(value)),
  );
}

export default {
  title: t('admin.audit.title'),
  async render(root, { signal }) {
    const list = listTable('/v1/admin/audit', columns, {
      label: t('admin.audit.title'),
      signal,
      key: (one) => one.seq,
    });
    root.append(
      pageHead(t('admin.audit.title'), { about: t('admin.audit.lead') }),
      h(
        'div',
        { class: 'filter-row' },
        searchBox(t('admin.audit.search'), (q) => list.setQuery({ q })),
      ),
      panel(null, list),
    );
    await list.load();
  },
};
