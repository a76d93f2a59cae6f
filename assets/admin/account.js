// One account in the operator's hands: credits, plan, password, whether it may come in.

import { get, post } from '../api.js';
import { ask, opens } from '../components/ask.js';
import { button, copyButton } from '../components/button.js';
import { confirm, openDialog } from '../components/dialog.js';
import { selectField, textField } from '../components/field.js';
import { badge, factList, notice } from '../components/panel.js';
import { relativeTime } from '../components/time.js';
import { toastGood } from '../components/toast.js';
import { fill, h } from '../dom.js';
import { formatBytes, formatNumber } from '../format.js';
import { session } from '../session.js';
import { t } from '../strings.js';

/** Opens the dialog of an account; `changed` is called after everything that changed it. */
export function accountDialog(account, plans, changed) {
  const path = `/v1/admin/accounts/${account.id}`;
  const place = h('div', { class: 'stack' });
  const act = async (work) => {
    await work();
    show(await get(path));
    await changed();
  };
  const show = (one) =>
    fill(place, one.pending_plan && pending(one, plans, path, act), facts(one), actions(one, plans, path, act));
  show(account);
  openDialog({ title: account.email, content: place, size: 'wide' });
}

const facts = (one) =>
  factList([
    [t('admin.accounts.plan'), one.billing_tier],
    [
      t('admin.accounts.credits'),
      t('admin.accounts.credits_of', { count: one.credits_remaining, held: one.credits_held }),
    ],
    [
      t('admin.accounts.jobs'),
      h('a', { href: `/admin/jobs?account=${encodeURIComponent(one.email)}` }, formatNumber(one.jobs)),
    ],
    [t('admin.accounts.media'), formatBytes(one.media_bytes)],
    [t('admin.accounts.made'), relativeTime(one.created_at)],
    [t('admin.accounts.seen'), relativeTime(one.last_seen_at)],
    [
      t('admin.accounts.state'),
      one.is_disabled ? badge('disabled') : badge('ok', { text: t('admin.accounts.active') }),
    ],
    [t('admin.accounts.id'), h('code', {}, one.id)],
  ]);

function pending(one, plans, path, act) {
  const name = plans.find((plan) => plan.id === one.pending_plan)?.name ?? one.pending_plan;
  const approve = button(t('admin.accounts.approve'), {
    kind: 'primary',
    size: 'small',
    onclick: () => act(() => post(`${path}/plan`, { plan: one.pending_plan })),
  });
  const decline = button(t('admin.accounts.decline'), {
    size: 'small',
    onclick: () => act(() => post(`${path}/plan/decline`)),
  });
  return notice(
    'info',
    t('admin.accounts.pending', { plan: name }),
    ' ',
    h('span', { class: 'button-row' }, decline, approve),
  );
}

function actions(one, plans, path, act) {
  const isOwn = one.id === session.account?.id;
  return h(
    'div',
    { class: 'button-row start' },
    button(t('admin.accounts.grant'), { icon: 'credit', onclick: opens(() => grant(one, path, act)) }),
    button(t('admin.accounts.set_plan'), { icon: 'account', onclick: opens(() => setPlan(one, plans, path, act)) }),
    button(t('admin.accounts.reset'), { icon: 'lock', onclick: opens(() => reset(one, path)) }),
    !isOwn &&
      (one.is_disabled
        ? button(t('admin.accounts.enable'), { icon: 'check', onclick: () => act(() => post(`${path}/enable`)) })
        : button(t('admin.accounts.disable'), {
            kind: 'danger',
            icon: 'stop',
            onclick: opens(() => disable(one, path, act)),
          })),
  );
}

const grant = (one, path, act) =>
  ask({
    title: t('admin.accounts.grant_to', one),
    action: t('admin.accounts.grant'),
    size: 'small',
    fields: [
      textField({
        name: 'amount',
        type: 'number',
        inputmode: 'numeric',
        min: 1,
        step: 1,
        label: t('admin.accounts.amount'),
        required: true,
      }),
      textField({
        name: 'reason',
        label: t('admin.accounts.reason'),
        hint: t('admin.accounts.reason_hint'),
        maxlength: 200,
        autocomplete: 'off',
        required: true,
      }),
    ],
    send: async ({ amount, reason }) => {
      await act(() => post(`${path}/grant`, { amount: Number(amount), reason }));
      toastGood(t('admin.accounts.granted', { count: Number(amount), email: one.email }));
    },
  });

const setPlan = (one, plans, path, act) =>
  ask({
    title: t('admin.accounts.set_plan_of', one),
    about: t('admin.accounts.set_plan_text'),
    action: t('admin.accounts.set_plan'),
    size: 'small',
    fields: [
      selectField({
        name: 'plan',
        label: t('admin.accounts.plan'),
        value: one.billing_tier,
        options: plans.map((plan) => ({
          value: plan.id,
          label: `${plan.name} (${t('admin.accounts.monthly', { count: plan.monthly_credit_grant })})`,
        })),
      }),
    ],
    send: (values) => act(() => post(`${path}/plan`, values)),
  });

const disable = (one, path, act) =>
  confirm({
    title: t('admin.accounts.disable_one', one),
    text: t('admin.accounts.disable_text'),
    action: t('admin.accounts.disable'),
    work: () => act(() => post(`${path}/disable`)),
  });

async function reset(one, path) {
  let password = null;
  const done = await confirm({
    title: t('admin.accounts.reset_one', one),
    text: t('admin.accounts.reset_text'),
    action: t('admin.accounts.reset'),
    work: async () => {
      ({ password } = await post(`${path}/reset-password`));
    },
  });
  if (!done) return;
  openDialog({
    title: t('admin.accounts.reset_done', one),
    size: 'small',
    content: [
      notice('warn', t('admin.accounts.reset_once')),
      h(
        'div',
        { class: 'secret-row' },
        h('code', { class: 'secret', data: { testid: 'new-password' } }, password),
        copyButton(password),
      ),
    ],
  });
}
