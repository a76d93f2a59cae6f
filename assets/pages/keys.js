// API keys: make (shown once), rename, revoke; what test keys are for.

import { magicWords, newKeyPanel } from '../account/new-key.js';
import { get, patch, post, remove } from '../api.js';
import { ask, opens } from '../components/ask.js';
import { button } from '../components/button.js';
import { confirm } from '../components/dialog.js';
import { checkField, selectField, textField } from '../components/field.js';
import { badge, emptyState, pageHead, panel } from '../components/panel.js';
import { dataTable } from '../components/table.js';
import { relativeTime } from '../components/time.js';
import { fill, h } from '../dom.js';
import { t } from '../strings.js';

const SCOPES = ['jobs:write', 'jobs:read', 'assets:write', 'assets:read', 'account:read'];
const DAYS = ['', '7', '30', '90', '365'];

export default {
  title: t('account.keys.title'),
  async render(root, { signal }) {
    const fresh = h('div', { 'aria-live': 'polite' });
    const make = () => button(t('account.keys.make'), { kind: 'primary', icon: 'plus', onclick: opens(create) });
    const empty = emptyState({
      icon: 'key',
      title: t('account.keys.none'),
      text: t('account.keys.none_text'),
      actions: [make()],
    });
    const list = dataTable(columns(reload), { label: t('account.keys.title'), empty });

    async function reload() {
      const { data } = await get('/v1/keys', {}, { signal });
      list.put(data.toSorted((a, b) => Number(isOver(a)) - Number(isOver(b))));
    }
    async function create() {
      const key = await ask({
        title: t('account.keys.make'),
        fields: fields(),
        action: t('account.keys.make'),
        signal,
        send: (values) => post('/v1/keys', request(values)),
      });
      if (!key) return;
      fill(fresh, newKeyPanel(key));
      fresh.firstChild.focus();
      fresh.scrollIntoView({ block: 'nearest' });
      await reload();
    }
    await reload();
    root.append(
      pageHead(t('account.keys.title'), { about: t('account.keys.lead'), actions: [make()] }),
      fresh,
      panel(null, list),
      testKeys(),
    );
  },
};

const scopeName = (scope) => t(`account.keys.scope.${scope.replace(':', '_')}`);

const fields = () => [
  textField({
    name: 'name',
    label: t('account.keys.name'),
    hint: t('account.keys.name_hint'),
    maxlength: 100,
    autocomplete: 'off',
    required: true,
  }),
  selectField({
    name: 'test',
    label: t('account.keys.kind'),
    options: ['live', 'test'].map((value) => ({ value, label: t(`account.keys.${value}_about`) })),
  }),
  selectField({
    name: 'expires_at',
    label: t('account.keys.expiry'),
    options: DAYS.map((value) => ({
      value,
      label: value ? t('account.keys.days', { count: Number(value) }) : t('account.keys.never'),
    })),
  }),
  h(
    'fieldset',
    { class: 'checks' },
    h('legend', { class: 'label' }, t('account.keys.scopes')),
    h('p', { class: 'hint' }, t('account.keys.scopes_hint')),
    SCOPES.map((scope) => checkField({ name: scope, label: scopeName(scope), hint: scope, checked: true })),
  ),
];

/** The key that the form describes. All scopes are none named: the appliance may know more of them one day. */
function request({ name, test, expires_at, ...chosen }) {
  const scopes = SCOPES.filter((scope) => chosen[scope]);
  const body = { name, test: test === 'test' };
  if (expires_at) body.expires_at = new Date(Date.now() + Number(expires_at) * 86_400_000).toISOString();
  if (scopes.length < SCOPES.length) body.scopes = scopes;
  if (scopes.length === 0) throw Object.assign(new Error(t('account.keys.no_scope')), { status: 422, faults: {} });
  return body;
}

const isExpired = (key) => Boolean(key.expires_at) && new Date(key.expires_at) < new Date();
const isOver = (key) => Boolean(key.revoked_at) || isExpired(key);

function state(key) {
  if (key.revoked_at) return badge('revoked', { text: t('account.keys.revoked') });
  if (isExpired(key)) return badge('expired', { text: t('account.keys.expired') });
  return key.livemode
    ? badge('live', { tone: 'good', text: t('account.keys.live') })
    : badge('test', { text: t('account.keys.test') });
}

const scopes = (key) =>
  (key.scopes ?? SCOPES).length >= SCOPES.length
    ? t('account.keys.all_scopes')
    : h(
        'span',
        { class: 'codes' },
        key.scopes.map((scope) => h('code', {}, scope)),
      );

const columns = (reload) => [
  { label: t('account.keys.name'), wide: true, cell: (key) => h('strong', {}, key.name) },
  { label: t('account.keys.kind'), cell: state },
  { label: t('account.keys.scopes'), cell: scopes },
  { label: t('account.keys.last_used'), cell: (key) => relativeTime(key.last_used_at, t('account.keys.never')) },
  { label: t('account.keys.expiry'), cell: (key) => relativeTime(key.expires_at, t('account.keys.never')) },
  { label: t('account.keys.made'), cell: (key) => relativeTime(key.created_at) },
  {
    label: t('actions'),
    hideLabel: true,
    align: 'end',
    cell: (key) =>
      !key.revoked_at &&
      h(
        'div',
        { class: 'button-row' },
        button(t('account.keys.rename'), {
          kind: 'quiet',
          size: 'small',
          'aria-label': t('account.keys.rename_one', key),
          onclick: opens(() => rename(key, reload)),
        }),
        button(t('account.keys.revoke'), {
          kind: 'danger',
          size: 'small',
          'aria-label': t('account.keys.revoke_one', key),
          onclick: opens(() => revoke(key, reload)),
        }),
      ),
  },
];

async function rename(key, reload) {
  const done = await ask({
    title: t('account.keys.rename_one', key),
    action: t('account.keys.rename'),
    size: 'small',
    fields: [
      textField({
        name: 'name',
        label: t('account.keys.name'),
        value: key.name,
        maxlength: 100,
        autocomplete: 'off',
        required: true,
      }),
    ],
    send: (values) => patch(`/v1/keys/${key.id}`, values),
  });
  if (done) await reload();
}

async function revoke(key, reload) {
  const done = await confirm({
    title: t('account.keys.revoke_one', key),
    text: t('account.keys.revoke_text'),
    action: t('account.keys.revoke'),
    work: () => remove(`/v1/keys/${key.id}`),
  });
  if (done) await reload();
}

const testKeys = () =>
  panel(
    t('account.keys.test_title'),
    [magicWords(), h('p', {}, h('a', { href: '/docs/test-keys' }, t('account.keys.test_more')))],
    { about: t('account.keys.test_lead') },
  );
