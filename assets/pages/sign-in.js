// Signing in.

import { h } from '../dom.js';
import { button } from '../components/button.js';
import { entranceCard } from '../components/entrance.js';
import { form, passwordField, textField } from '../components/field.js';
import { navigate, nextPath } from '../router.js';
import { signIn } from '../sign-in.js';
import { t } from '../strings.js';

export default {
  title: t('entrance.sign_in'),
  render(root, { session }) {
    const content = form({
      fields: [
        textField({
          label: t('entrance.email'),
          name: 'email',
          type: 'email',
          autocomplete: 'username',
          required: true,
          autocapitalize: 'none',
          spellcheck: 'false',
        }),
        passwordField({ label: t('entrance.password'), name: 'password', autocomplete: 'current-password' }),
      ],
      actions: [button(t('entrance.sign_in'), { kind: 'primary', size: 'large', type: 'submit' })],
      send: async ({ email, password }) => {
        await signIn(email, password);
        navigate(nextPath(), { replace: true });
      },
    });
    const foot = session.sign_up === 'open' && [
      t('entrance.have_none'),
      ' ',
      h('a', { href: '/sign-up' }, t('entrance.to_sign_up')),
    ];
    root.append(
      entranceCard({ title: t('entrance.sign_in_title'), about: t('entrance.sign_in_about'), content, foot }),
    );
    content.querySelector('input').focus();
  },
};
