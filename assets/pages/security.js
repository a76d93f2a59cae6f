// Security: the password, and where the account is signed in.

import { get, post, remove } from '../api.js';
import { opens } from '../components/ask.js';
import { button } from '../components/button.js';
import { confirm } from '../components/dialog.js';
import { form, passwordField } from '../components/field.js';
import { badge, pageHead, panel } from '../components/panel.js';
import { dataTable } from '../components/table.js';
import { relativeTime } from '../components/time.js';
import { toastGood } from '../components/toast.js';
import { h } from '../dom.js';
import { refreshSession, tellOthers } from '../session.js';
import { t } from '../strings.js';

export default {
  title: t('account.security.title'),
  async render(root, { signal, navigate }) {
    const list = sessions(signal, navigate);
    root.append(
      pageHead(t('account.security.title'), { about: t('account.security.lead') }),
      password(list.reload),
      list.node,
    );
    await list.reload();
  },
};

function password(reload) {
  const made = form({
    class: 'narrow-form',
    fields: [
      passwordField({
        name: 'current_password',
        label: t('account.security.current'),
        autocomplete: 'current-password',
      }),
      passwordField({
        name: 'new_password',
        label: t('account.security.new'),
        hint: t('account.security.new_hint'),
        autocomplete: 'new-password',
      }),
    ],
    actions: [button(t('account.security.change'), { kind: 'primary', type: 'submit' })],
    send: async (values) => {
      await post('/v1/account/password', values);
      made.reset();
      toastGood(t('account.security.changed'));
      await reload();
    },
  });
  return panel(t('account.security.password'), made);
}

function sessions(signal, navigate) {
  const end = (one) => async () => {
    await remove(`/v1/sessions/${one.id}`);
    if (one.is_current) await leave(navigate);
    else await reload();
  };
  const columns = [
    {
      label: t('account.security.where'),
      wide: true,
      cell: (one) => [
        h('strong', {}, one.label),
        ' ',
        one.is_current && badge('current', { tone: 'good', text: t('account.security.this') }),
      ],
    },
    { label: t('account.security.seen'), cell: (one) => relativeTime(one.last_seen_at) },
    { label: t('account.security.begun'), cell: (one) => relativeTime(one.created_at) },
    { label: t('account.security.ends'), cell: (one) => relativeTime(one.expires_at) },
    {
      label: t('actions'),
      hideLabel: true,
      align: 'end',
      cell: (one) =>
        button(t('account.security.end'), {
          kind: 'quiet',
          size: 'small',
          'aria-label': t('account.security.end_one', one),
          onclick: end(one),
        }),
    },
  ];
  const list = dataTable(columns, { label: t('account.security.sessions') });
  async function reload() {
    const { data } = await get('/v1/sessions', {}, { signal });
    list.put(data.toSorted((a, b) => Number(b.is_current) - Number(a.is_current)));
  }
  const everywhere = button(t('account.security.everywhere'), {
    kind: 'danger',
    onclick: opens(async () => {
      const done = await confirm({
        title: t('account.security.everywhere'),
        text: t('account.security.everywhere_text'),
        action: t('account.security.everywhere'),
        work: () => remove('/v1/sessions'),
      });
      if (done) await leave(navigate);
    }),
  });
  return { node: panel(t('account.security.sessions'), list, { actions: [everywhere] }), reload };
}

/** After this browser's own session was ended. */
async function leave(navigate) {
  await refreshSession();
  tellOthers();
  navigate('/sign-in');
}
