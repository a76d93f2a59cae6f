// A form in a dialog.

import { h } from '../dom.js';
import { t } from '../strings.js';
import { button } from './button.js';
import { openDialog } from './dialog.js';
import { form } from './field.js';
import { toastError } from './toast.js';

/**
 * Asks for something in a dialog: `fields` are nodes of `field.js`, `send` gets their values and may refuse.
 * Resolves to what `send` answered (`true` where that is nothing), or to null where the dialog was left.
 */
export function ask({ title, about, fields, action, kind = 'primary', size, send, signal }) {
  return new Promise((resolve) => {
    let result = null;
    const inner = form({
      fields,
      actions: [button(t('cancel'), { onclick: () => dialog.close() }), button(action, { kind, type: 'submit' })],
      send: async (values) => {
        result = (await send(values)) ?? true;
        dialog.close();
      },
    });
    const content = [about && h('p', { class: 'quiet' }, about), inner];
    const dialog = openDialog({ title, content, size, signal, closed: () => resolve(result) });
    inner.querySelector('input, select, textarea')?.focus();
  });
}

/** What a button does that opens a dialog: it isn't busy while the dialog is open, and a failure is told. */
export const opens = (work) => (event) => {
  work(event).catch((error) => error?.name !== 'AbortError' && toastError(error));
};
