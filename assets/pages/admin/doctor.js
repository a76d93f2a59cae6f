// The doctor's findings: what is well, what isn't, and what to do about it.

import { get } from '../../api.js';
import { button } from '../../components/button.js';
import { icon } from '../../components/icon.js';
import { badge, pageHead } from '../../components/panel.js';
import { fill, h } from '../../dom.js';
import { t } from '../../strings.js';

const ICONS = { ok: 'check', warning: 'warning', fault: 'error' };
const ORDER = ['fault', 'warning', 'ok'];

const finding = (one) =>
  h(
    'li',
    { class: 'finding', data: { state: one.state } },
    icon(ICONS[one.state] ?? 'info'),
    h(
      'div',
      {},
      h('h2', {}, one.name, ' ', badge(one.state)),
      h('p', {}, one.message),
      one.hint && h('p', { class: 'hint' }, one.hint),
    ),
  );

export default {
  title: t('admin.doctor.title'),
  async render(root, { signal }) {
    const list = h('ul', { class: 'panel findings', hidden: true });
    const sum = h('p', { role: 'status', class: 'quiet' });
    async function examine() {
      fill(sum, t('admin.doctor.examining'));
      const { data } = await get('/v1/admin/doctor', {}, { signal });
      const bad = data.filter((one) => one.state !== 'ok').length;
      fill(sum, t('admin.doctor.sum', { count: bad }));
      list.hidden = false;
      fill(list, data.toSorted((a, b) => ORDER.indexOf(a.state) - ORDER.indexOf(b.state)).map(finding));
    }
    root.append(
      pageHead(t('admin.doctor.title'), {
        about: t('admin.doctor.lead'),
        actions: [button(t('admin.doctor.again'), { icon: 'retry', onclick: examine })],
      }),
      sum,
      list,
    );
    // It looks at every file of every model: that takes its time.
    await examine();
  },
};
