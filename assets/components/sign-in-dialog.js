// Signing in again over the page, when a session ends mid-work: what was typed stays where it is.

import { h } from '../dom.js';
import { reload } from '../router.js';
import { session } from '../session.js';
import { signIn } from '../sign-in.js';
import { t } from '../strings.js';
import { button } from './button.js';
import { openDialog } from './dialog.js';
import { form, passwordField, textField } from './field.js';

/** Asks; resolves to whether the same account is signed in again. Another account begins the page anew. */
export function askToSignIn() {
  return new Promise((resolve) => {
    const before = session.account;
    let isBack = false;
    const body = form({
      fields: [
        h('p', {}, t('entrance.ended')),
        textField({
          label: t('entrance.email'),
          name: 'email',
          type: 'email',
          value: before?.email ?? '',
          autocomplete: 'username',
          required: true,
        }),
        passwordField({
          label: t('entrance.password'),
          name: 'password',
          autocomplete: 'current-password',
          autofocus: true,
        }),
      ],
      actions: [button(t('entrance.sign_in'), { kind: 'primary', type: 'submit' })],
      send: async ({ email, password }) => {
        await signIn(email, password);
        isBack = session.account?.id === before?.id;
        dialog.close();
        if (!isBack) reload();
      },
    });
    const dialog = openDialog({
      title: t('entrance.again'),
      content: body,
      size: 'small',
      closed: () => resolve(isBack),
    });
    body.querySelector('[type=password]').focus();
  });
}
