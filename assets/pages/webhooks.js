// Webhooks: where to, the secret, a test, what was delivered and how.

import { delivery } from '../account/delivery.js';
import { get, post, put } from '../api.js';
import { opens } from '../components/ask.js';
import { button, copyButton, linkButton } from '../components/button.js';
import { codeBlock } from '../components/code.js';
import { confirm } from '../components/dialog.js';
import { form, selectField, textField } from '../components/field.js';
import { badge, emptyState, notice, pageHead, panel } from '../components/panel.js';
import { listTable } from '../components/table.js';
import { relativeTime } from '../components/time.js';
import { toastGood } from '../components/toast.js';
import { fill, h, pause } from '../dom.js';
import { formatRelative } from '../format.js';
import { session } from '../session.js';
import { t, word } from '../strings.js';

const SETTING = '[webhooks]\nallow = ["https://hooks.example.com"]';

export default {
  title: t('account.webhooks.title'),
  async render(root, { signal, query }) {
    const guide = linkButton(t('account.webhooks.guide'), '/docs/webhooks', { icon: 'docs' });
    const endpoint = await get('/v1/webhooks/endpoint', {}, { signal });
    const log = deliveries(signal, query.get('job_id'));
    root.append(
      pageHead(t('account.webhooks.title'), { about: t('account.webhooks.lead'), actions: [guide] }),
      ...(endpoint.enabled !== false ? [address(endpoint, log.load), secret(signal)] : [switchedOff()]),
      log.node,
    );
    await log.load();
  },
};

/** What there is to know where the operator allows no webhooks. */
const switchedOff = () =>
  panel(t('account.webhooks.off'), [
    h('p', {}, t('account.webhooks.off_why')),
    h('p', {}, t(session.account.is_admin ? 'account.webhooks.off_admin' : 'account.webhooks.off_person')),
    session.account.is_admin && codeBlock(SETTING, { label: 'magicpixels.toml' }),
  ]);

function address(endpoint, reload) {
  let { url } = endpoint;
  const test = button(t('account.webhooks.test'), {
    disabled: !url,
    onclick: async () => {
      await post('/v1/webhooks/test', {});
      toastGood(t('account.webhooks.test_sent'));
      // Long enough for a receiver nearby to have answered when the list is read.
      await pause(700);
      await reload();
    },
  });
  const made = form({
    fields: [
      textField({
        name: 'url',
        type: 'url',
        label: t('account.webhooks.url'),
        hint: t('account.webhooks.url_hint'),
        value: url ?? '',
        placeholder: 'https://',
        autocomplete: 'off',
        spellcheck: 'false',
      }),
    ],
    actions: [button(t('save'), { kind: 'primary', type: 'submit' }), test],
    send: async (values) => {
      ({ url } = await put('/v1/webhooks/endpoint', { url: values.url.trim() || null }));
      test.disabled = !url;
      toastGood(t(url ? 'account.webhooks.saved' : 'account.webhooks.removed'));
    },
  });
  const origins = endpoint.allow ?? [];
  const allowed =
    origins.length > 0 &&
    h(
      'p',
      { class: 'quiet' },
      t('account.webhooks.allowed'),
      ' ',
      h(
        'span',
        { class: 'codes' },
        origins.map((origin) => (origin === '*' ? t('account.webhooks.any') : h('code', {}, origin))),
      ),
    );
  return panel(t('account.webhooks.address'), [made, allowed]);
}

function secret(signal) {
  const place = h('div', { class: 'secret-row' });
  const hide = () =>
    fill(
      place,
      h('code', { class: 'secret', 'aria-label': t('account.webhooks.hidden') }, 'whsec_••••••••••••••••'),
      button(t('account.webhooks.reveal'), {
        icon: 'eye',
        onclick: async () => show((await get('/v1/webhooks/secret', {}, { signal })).secret),
      }),
    );
  const show = (text) =>
    fill(
      place,
      h('code', { class: 'secret', data: { testid: 'webhook-secret' } }, text),
      copyButton(text),
      button(t('account.webhooks.hide'), { kind: 'quiet', onclick: hide }),
    );
  const rotate = button(t('account.webhooks.rotate'), {
    icon: 'retry',
    onclick: opens(() =>
      confirm({
        title: t('account.webhooks.rotate'),
        text: t('account.webhooks.rotate_text'),
        action: t('account.webhooks.rotate'),
        kind: 'primary',
        work: async () => show((await post('/v1/webhooks/secret/rotate')).secret),
      }),
    ),
  });
  hide();
  return panel(t('account.webhooks.secret'), place, { about: t('account.webhooks.secret_lead'), actions: [rotate] });
}

function deliveries(signal, job) {
  const columns = [
    {
      label: t('account.webhooks.event'),
      wide: true,
      cell: (one) => [
        h('code', {}, one.type),
        one.job_id && h('a', { href: `/jobs/${one.job_id}`, class: 'small' }, ` …${one.job_id.slice(-8)}`),
      ],
    },
    {
      label: t('account.webhooks.status'),
      cell: (one) => badge(one.status, { text: word('account.webhooks.state', one.status) }),
    },
    { label: t('account.webhooks.attempts'), cell: attempts },
    { label: t('account.webhooks.when'), cell: (one) => relativeTime(one.created_at) },
    {
      label: t('actions'),
      hideLabel: true,
      align: 'end',
      cell: (one) =>
        button(t('account.webhooks.details'), {
          kind: 'quiet',
          size: 'small',
          'aria-label': t('account.webhooks.details_of', one),
          onclick: () => delivery(one, list.load),
        }),
    },
  ];
  const list = listTable('/v1/webhooks/deliveries', columns, {
    query: { job_id: job },
    label: t('account.webhooks.log'),
    signal,
    limit: 20,
    empty: emptyState({ icon: 'list', title: t('account.webhooks.log_none') }),
  });
  const filter = selectField({
    label: t('account.webhooks.status'),
    hideLabel: true,
    options: ['', 'pending', 'delivered', 'failed'].map((value) => ({
      value,
      label: value ? word('account.webhooks.state', value) : t('account.webhooks.all'),
    })),
  });
  filter.control.addEventListener('change', () => list.setQuery({ job_id: job, status: filter.control.value }));
  const again = button(t('account.webhooks.reload'), { icon: 'retry', onclick: () => list.load() });
  const node = panel(t('account.webhooks.log'), [job && notice('info', t('account.webhooks.of_job', { job })), list], {
    actions: [filter, again],
  });
  return { node, load: list.load };
}

/** How often it was tried and what came last: 2 · 500. */
function attempts(one) {
  const last = one.attempts.at(-1);
  if (!last) return t('account.webhooks.not_tried');
  const told = last.status_code ?? t('account.webhooks.no_answer');
  return [
    `${one.attempts.length} · ${told}`,
    one.next_attempt_at &&
      one.status === 'pending' &&
      h('small', { class: 'quiet' }, ' ', t('account.webhooks.next', { when: formatRelative(one.next_attempt_at) })),
  ];
}
