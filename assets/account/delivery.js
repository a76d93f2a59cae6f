// One webhook delivery in a dialog: its tries, its payload, and sending it again.

import { post } from '../api.js';
import { button } from '../components/button.js';
import { codeBlock } from '../components/code.js';
import { openDialog } from '../components/dialog.js';
import { factList } from '../components/panel.js';
import { dataTable } from '../components/table.js';
import { toastGood } from '../components/toast.js';
import { h } from '../dom.js';
import { formatMoment } from '../format.js';
import { t } from '../strings.js';

const tries = (list) => {
  if (list.length === 0) return h('p', { class: 'quiet' }, t('account.webhooks.not_tried'));
  const table = dataTable(
    [
      { label: t('account.webhooks.when'), cell: (one) => h('time', { datetime: one.at }, formatMoment(one.at)) },
      { label: t('account.webhooks.answer'), cell: (one) => one.status_code ?? '–' },
      { label: t('account.webhooks.error'), wide: true, cell: (one) => one.error ?? '–' },
      {
        label: t('account.webhooks.latency'),
        align: 'end',
        cell: (one) => t('account.webhooks.ms', { count: one.latency_ms }),
      },
    ],
    { label: t('account.webhooks.attempts'), key: (one) => one.at },
  );
  table.put(list.toReversed());
  return table;
};

/** Opens the dialog; `changed` is called when it was sent again. */
export function delivery(one, changed) {
  const payload = typeof one.payload === 'string' ? one.payload : JSON.stringify(one.payload, null, 2);
  const again = button(t('account.webhooks.replay'), {
    kind: 'primary',
    icon: 'retry',
    onclick: async () => {
      await post(`/v1/webhooks/deliveries/${one.id}/replay`);
      toastGood(t('account.webhooks.replayed'));
      dialog.close();
      await changed();
    },
  });
  const dialog = openDialog({
    title: one.type,
    size: 'wide',
    actions: [button(t('close'), { onclick: () => dialog.close() }), again],
    content: [
      factList([
        ['webhook-id', h('code', {}, one.id)],
        [t('account.webhooks.to'), h('code', {}, one.url)],
      ]),
      h('h3', {}, t('account.webhooks.attempts')),
      tries(one.attempts),
      h('h3', {}, t('account.webhooks.payload')),
      codeBlock(payload, { label: t('account.webhooks.payload') }),
    ],
  });
}
