// Invitations: made for one person each, shown once, taken back while nobody used them.

import { get, post, remove } from '../api.js';
import { ask, opens } from '../components/ask.js';
import { button, copyButton } from '../components/button.js';
import { openDialog } from '../components/dialog.js';
import { selectField, textField } from '../components/field.js';
import { badge, notice, panel } from '../components/panel.js';
import { dataTable } from '../components/table.js';
import { relativeTime } from '../components/time.js';
import { h } from '../dom.js';
import { session } from '../session.js';
import { t } from '../strings.js';

const HOURS = [24, 72, 168, 720];

/** The panel of invitations. */
export async function invitations(signal) {
  const list = dataTable(columns(reload), {
    label: t('admin.invitations.title'),
    empty: h('p', { class: 'quiet' }, t('admin.invitations.none')),
  });
  async function reload() {
    list.put((await get('/v1/admin/invitations', {}, { signal })).data);
  }
  const invite = button(t('admin.invitations.make'), {
    icon: 'plus',
    onclick: opens(async () => {
      const made = await ask({
        title: t('admin.invitations.make'),
        action: t('admin.invitations.make'),
        size: 'small',
        signal,
        fields: [
          textField({
            name: 'note',
            label: t('admin.invitations.note'),
            hint: t('admin.invitations.note_hint'),
            maxlength: 100,
            autocomplete: 'off',
          }),
          selectField({
            name: 'hours',
            label: t('admin.invitations.lasts'),
            value: '72',
            options: HOURS.map((hours) => ({
              value: String(hours),
              label: t('admin.invitations.days', { count: hours / 24 }),
            })),
          }),
        ],
        send: ({ note, hours }) =>
          post('/v1/admin/invitations', { note: note || undefined, expires_in_hours: Number(hours) }),
      });
      if (!made) return;
      show(made);
      await reload();
    }),
  });
  await reload();
  return panel(
    t('admin.invitations.title'),
    [session.sign_up === 'closed' && notice('info', t('admin.invitations.closed')), list],
    { about: t('admin.invitations.lead'), actions: [invite] },
  );
}

const show = (made) =>
  openDialog({
    title: t('admin.invitations.made'),
    content: [
      notice('warn', t('admin.invitations.once')),
      h(
        'div',
        { class: 'secret-row' },
        h('code', { class: 'secret', data: { testid: 'invitation-url' } }, made.url),
        copyButton(made.url),
      ),
    ],
  });

function state(one) {
  if (one.used_at) return badge('used', { tone: 'good', text: t('admin.invitations.used') });
  return new Date(one.expires_at) < new Date()
    ? badge('expired')
    : badge('pending', { text: t('admin.invitations.open') });
}

const columns = (reload) => [
  { label: t('admin.invitations.note'), wide: true, cell: (one) => one.note || '–' },
  { label: t('admin.invitations.state'), cell: state },
  { label: t('admin.invitations.by'), cell: (one) => one.used_by ?? '–' },
  { label: t('admin.invitations.expires'), cell: (one) => relativeTime(one.expires_at) },
  {
    label: t('actions'),
    hideLabel: true,
    align: 'end',
    cell: (one) =>
      !one.used_at &&
      button(t('admin.invitations.revoke'), {
        size: 'small',
        'aria-label': t('admin.invitations.revoke_one', { note: one.note || one.id }),
        onclick: async () => {
          await remove(`/v1/admin/invitations/${one.id}`);
          await reload();
        },
      }),
  },
];
