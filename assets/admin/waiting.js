// The people who asked for a plan that the operator approves first.

import { get, pieces, post } from '../api.js';
import { button } from '../components/button.js';
import { panel } from '../components/panel.js';
import { dataTable } from '../components/table.js';
import { relativeTime } from '../components/time.js';
import { fill, h } from '../dom.js';
import { t } from '../strings.js';

/** Everybody who waits. The list of accounts is read only as far as the last of them. */
async function waiting(signal) {
  const { pending } = await get('/v1/admin/overview', {}, { signal });
  const found = [];
  if (pending.plans === 0) return found;
  for await (const piece of pieces('/v1/admin/accounts', {}, { signal })) {
    found.push(...piece.filter((one) => one.pending_plan));
    if (found.length >= pending.plans) break;
  }
  return found;
}

/** The panel of those who wait, empty where nobody does. `changed` is called after a decision. */
export function waitingPanel(plans, changed, signal) {
  const node = h('div', {});
  const nameOf = (id) => plans.find((plan) => plan.id === id)?.name ?? id;
  const decide = (one, path, body) => async () => {
    await post(`/v1/admin/accounts/${one.id}/${path}`, body);
    await Promise.all([node.load(), changed()]);
  };
  const columns = [
    { label: t('admin.accounts.email'), wide: true, cell: (one) => h('strong', {}, one.email) },
    { label: t('admin.accounts.plan'), cell: (one) => nameOf(one.pending_plan) },
    { label: t('admin.accounts.since'), cell: (one) => relativeTime(one.pending_since) },
    {
      label: t('actions'),
      hideLabel: true,
      align: 'end',
      cell: (one) =>
        h(
          'div',
          { class: 'button-row' },
          button(t('admin.accounts.decline'), {
            size: 'small',
            'aria-label': t('admin.accounts.decline_one', one),
            onclick: decide(one, 'plan/decline'),
          }),
          button(t('admin.accounts.approve'), {
            size: 'small',
            kind: 'primary',
            'aria-label': t('admin.accounts.approve_one', one),
            onclick: decide(one, 'plan', { plan: one.pending_plan }),
          }),
        ),
    },
  ];
  node.load = async () => {
    const people = await waiting(signal);
    const table = dataTable(columns, { label: t('admin.accounts.waiting') });
    table.put(people);
    fill(node, people.length > 0 && panel(t('admin.accounts.waiting'), table));
  };
  return node;
}
