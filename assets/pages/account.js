// The account: credits, plan, usage, ledger.

import { daily } from '../account/usage.js';
import { get, post, refreshAccount } from '../api.js';
import { button } from '../components/button.js';
import { barChart } from '../components/chart.js';
import { segmented } from '../components/field.js';
import { badge, errorPanel, notice, pageHead, panel, statTile, statTiles } from '../components/panel.js';
import { listTable } from '../components/table.js';
import { fill, h } from '../dom.js';
import { formatCredits, formatMoment, formatNumber } from '../format.js';
import { LOCALE, t, word } from '../strings.js';

const days = new Intl.DateTimeFormat(LOCALE, { day: 'numeric', month: 'short' });

export default {
  title: t('account.title'),
  async render(root, { signal, session }) {
    const [account, plans] = await Promise.all([refreshAccount(), get('/v1/plans', {}, { signal })]);
    const top = h('div', { class: 'stack beside-wide' });
    const show = (told) => fill(top, credits(told), planChoice(told, plans.data, show));
    show(account);
    root.append(pageHead(t('account.title'), { about: session.account.email }), top, usage(signal), ledger(signal));
  },
};

const credits = (account) =>
  panel(
    t('account.credits'),
    statTiles(
      statTile(t('account.remaining'), formatNumber(account.credits_remaining)),
      statTile(t('account.held'), formatNumber(account.credits_held)),
      statTile(t('account.free'), formatNumber(account.free_signup_credits_remaining)),
      account.next_grant_at &&
        statTile(t('account.next_grant'), days.format(new Date(account.next_grant_at)), {
          hint: t('account.grant_of', { count: account.monthly_credit_grant }),
        }),
    ),
  );

function planChoice(account, plans, show) {
  const take = (plan) => async () => {
    await post('/v1/account/plan', { plan: plan.id });
    show(await refreshAccount());
  };
  const pending =
    account.pending_plan && (plans.find((plan) => plan.id === account.pending_plan)?.name ?? account.pending_plan);
  const action = (plan) => {
    const isMine = plan.id === account.billing_tier;
    if (isMine && !pending) return badge('chosen', { tone: 'good', text: t('account.your_plan') });
    if (plan.id === account.pending_plan) return badge('pending', { text: t('account.plan_waits') });
    return button(t(isMine ? 'account.plan_keep' : 'account.plan_take', { plan: plan.name }), { onclick: take(plan) });
  };
  const card = (plan) =>
    h(
      'li',
      { class: ['choice', plan.id === account.billing_tier && 'chosen'] },
      h('h3', {}, plan.name),
      h(
        'p',
        {},
        t(plan.monthly_credit_grant > 0 ? 'account.plan_grant' : 'account.plan_no_grant', {
          count: plan.monthly_credit_grant,
        }),
      ),
      plan.needs_approval &&
        plan.id !== account.billing_tier &&
        h('p', { class: 'quiet small' }, t('account.plan_needs_approval')),
      action(plan),
    );
  return panel(
    t('account.plan'),
    [
      pending && notice('info', t('account.plan_pending', { plan: pending })),
      h('ul', { class: 'choices' }, plans.map(card)),
    ],
    { about: t('account.plan_note') },
  );
}

function usage(signal) {
  const chosen = { measure: 'charged', by: 'mode', days: '30' };
  const place = h('div', { 'aria-live': 'polite' });
  let turn = 0;
  async function draw() {
    turn += 1;
    const mine = turn;
    try {
      const { data } = await get('/v1/account/usage', chosen.by === 'key' ? { group_by: 'key' } : {}, { signal });
      if (mine !== turn) return;
      const shown = daily(data, chosen);
      const sum = shown.points.reduce((all, point) => all + point.values.reduce((a, b) => a + b, 0), 0);
      const tell = chosen.measure === 'charged' ? formatCredits : (count) => t('account.jobs', { count });
      fill(
        place,
        sum === 0
          ? h('p', { class: 'quiet' }, t('account.usage_none'))
          : barChart({
              ...shown,
              show: formatNumber,
              tell,
              title: t(`account.usage_${chosen.measure}`, { sum: tell(sum) }),
            }),
      );
    } catch (error) {
      if (!signal.aborted) fill(place, errorPanel(error, draw));
    }
  }
  const choice = (name, values) =>
    segmented({
      label: t(`account.${name}`),
      hideLabel: true,
      value: chosen[name],
      options: values.map((value) => ({ value, label: t(`account.${name}_${value}`) })),
      onchange: (value) => {
        chosen[name] = value;
        draw();
      },
    });
  draw();
  const controls = [
    choice('measure', ['charged', 'jobs']),
    choice('by', ['mode', 'key']),
    choice('days', ['30', '90', '365']),
  ];
  return panel(t('account.usage'), place, { actions: controls, class: 'usage' });
}

/** What a movement means for what can be spent: more, less, or neither. */
function signed({ kind, amount }) {
  if (kind === 'charge') return h('span', { class: 'quiet' }, t('account.ledger.paid', { count: amount }));
  return kind === 'hold' ? `−${formatNumber(amount)}` : `+${formatNumber(amount)}`;
}

function ledger(signal) {
  const columns = [
    {
      label: t('account.ledger.what'),
      wide: true,
      cell: (row) => [
        word('account.ledger.kind', row.kind),
        row.note && h('small', { class: 'quiet' }, ` ${row.note}`),
      ],
    },
    {
      label: t('account.ledger.when'),
      cell: (row) => h('time', { datetime: row.created_at }, formatMoment(row.created_at)),
    },
    {
      label: t('account.ledger.job'),
      cell: (row) =>
        row.job_id ? h('a', { href: `/jobs/${row.job_id}` }, h('code', {}, `…${row.job_id.slice(-8)}`)) : '–',
    },
    { label: t('account.ledger.amount'), align: 'end', cell: signed },
  ];
  const list = listTable('/v1/account/ledger', columns, { label: t('account.ledger.title'), signal, limit: 20 });
  list.load();
  return panel(t('account.ledger.title'), list, { about: t('account.ledger.lead') });
}
