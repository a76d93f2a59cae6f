// The settings as they are in force, and where each comes from.

import { get } from '../../api.js';
import { searchBox } from '../../components/filters.js';
import { badge, pageHead, panel } from '../../components/panel.js';
import { dataTable } from '../../components/table.js';
import { h } from '../../dom.js';
import { t } from '../../strings.js';

const shown = (value) =>
  value === null || value === ''
    ? h('span', { class: 'quiet' }, t('admin.settings.empty'))
    : h('code', {}, typeof value === 'string' ? value : JSON.stringify(value));

const isChanged = (one) => one.source !== 'default';

export default {
  title: t('admin.settings.title'),
  async render(root, { signal }) {
    const { data } = await get('/v1/admin/settings', {}, { signal });
    const list = dataTable(
      [
        { label: t('admin.settings.name'), cell: (one) => h('code', {}, one.name) },
        { label: t('admin.settings.value'), wide: true, cell: (one) => shown(one.value) },
        { label: t('admin.settings.default'), wide: true, cell: (one) => (isChanged(one) ? shown(one.default) : '') },
        {
          label: t('admin.settings.source'),
          cell: (one) =>
            badge(one.source, {
              tone: isChanged(one) ? 'info' : 'plain',
              text: t(`admin.settings.from.${one.source.replaceAll(' ', '_')}`),
            }),
        },
      ],
      { label: t('admin.settings.title'), key: (one) => one.name },
    );
    const filter = (q) => list.put(data.filter((one) => one.name.includes(q.toLowerCase())));
    filter('');
    root.append(
      pageHead(t('admin.settings.title'), { about: t('admin.settings.lead') }),
      h('div', { class: 'filter-row' }, searchBox(t('admin.settings.search'), filter)),
      panel(null, list),
    );
  },
};
