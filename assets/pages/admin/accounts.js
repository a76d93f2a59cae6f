// The people of the appliance, and the invitations that bring more.

import { accountDialog } from '../../admin/account.js';
import { invitations } from '../../admin/invitations.js';
import { waitingPanel } from '../../admin/waiting.js';
import { get, post } from '../../api.js';
import { ask, opens } from '../../components/ask.js';
import { button } from '../../components/button.js';
import { passwordField, textField } from '../../components/field.js';
import { searchBox } from '../../components/filters.js';
import { badge, pageHead, panel } from '../../components/panel.js';
import { listTable } from '../../components/table.js';
import { relativeTime } from '../../components/time.js';
import { h } from '../../dom.js';
import { formatBytes, formatNumber } from '../../format.js';
import { t } from '../../strings.js';

export default {
  title: t('admin.accounts.title'),
  async render(root, { signal }) {
    const plans = (await get('/v1/plans', {}, { signal })).data;
    const reload = () => Promise.all([list.load(), waiting.load()]);
    const open = (account) => accountDialog(account, plans, reload);
    const list = listTable('/v1/admin/accounts', columns(open), {
      label: t('admin.accounts.title'),
      signal,
      onopen: open,
    });
    const waiting = waitingPanel(plans, () => list.load(), signal);
    const search = searchBox(t('admin.accounts.search'), (q) => list.setQuery({ q }));
    // Those who wait stand above the table: had they come after it, they would push it from under the pointer.
    const [invited] = await Promise.all([invitations(signal), waiting.load()]);
    root.append(
      pageHead(t('admin.accounts.title'), { about: t('admin.accounts.lead'), actions: [makeButton(list, signal)] }),
      waiting,
      h('div', { class: 'filter-row' }, search),
      panel(null, list),
      invited,
    );
    await list.load();
  },
};

const makeButton = (list, signal) =>
  button(t('admin.accounts.make'), {
    kind: 'primary',
    icon: 'plus',
    onclick: opens(async () => {
      const made = await ask({
        title: t('admin.accounts.make'),
        action: t('admin.accounts.make'),
        signal,
        fields: [
          textField({ name: 'email', type: 'email', label: t('entrance.email'), autocomplete: 'off', required: true }),
          passwordField({
            name: 'password',
            label: t('entrance.password'),
            hint: t('entrance.password_hint'),
            autocomplete: 'new-password',
          }),
        ],
        send: (values) => post('/v1/admin/accounts', values),
      });
      if (made) await list.load();
    }),
  });

const columns = (open) => [
  {
    label: t('admin.accounts.email'),
    wide: true,
    cell: (one) => [
      h('strong', {}, one.email),
      one.is_admin && [' ', badge('admin', { tone: 'info', text: t('admin.accounts.admin') })],
      one.is_disabled && [' ', badge('disabled')],
    ],
  },
  {
    label: t('admin.accounts.plan'),
    cell: (one) => [
      one.billing_tier,
      one.pending_plan && [' ', badge('pending', { text: t('admin.accounts.asks', { plan: one.pending_plan }) })],
    ],
  },
  { label: t('admin.accounts.credits'), align: 'end', cell: (one) => formatNumber(one.credits_remaining) },
  { label: t('admin.accounts.jobs'), align: 'end', cell: (one) => formatNumber(one.jobs) },
  { label: t('admin.accounts.media'), align: 'end', cell: (one) => formatBytes(one.media_bytes) },
  { label: t('admin.accounts.seen'), cell: (one) => relativeTime(one.last_seen_at) },
  {
    label: t('actions'),
    hideLabel: true,
    align: 'end',
    cell: (one) =>
      button(t('admin.accounts.manage'), {
        size: 'small',
        'aria-label': t('admin.accounts.manage_one', one),
        onclick: () => open(one),
      }),
  },
];
