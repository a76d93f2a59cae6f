// Setting the appliance up from the one-time address that it printed: the first account.

import { h } from '../dom.js';
import { button } from '../components/button.js';
import { entranceCard, newAccountFields } from '../components/entrance.js';
import { form, textField } from '../components/field.js';
import { navigate } from '../router.js';
import { setUp } from '../sign-in.js';
import { t } from '../strings.js';

/** The token in what was pasted: the whole address, or the token alone. */
const tokenIn = (text) => /[?&]token=([^&\s]+)/.exec(text)?.[1] ?? text.trim();

function askForToken(root) {
  const content = form({
    fields: [
      h('pre', { class: 'code-line' }, h('code', {}, `${location.origin}/setup?token=…`)),
      textField({
        label: t('entrance.address'),
        name: 'address',
        required: true,
        autocomplete: 'off',
        spellcheck: 'false',
      }),
    ],
    actions: [button(t('entrance.address_go'), { kind: 'primary', size: 'large', type: 'submit' })],
    send: ({ address }) => navigate(`/setup?token=${encodeURIComponent(tokenIn(address))}`, { replace: true }),
  });
  root.append(
    entranceCard({
      title: t('entrance.no_token_title'),
      about: t('entrance.no_token'),
      content,
      foot: t('entrance.no_token_again'),
    }),
  );
  content.querySelector('input').focus();
}

export default {
  title: t('entrance.set_up_title'),
  render(root, { query }) {
    const token = query.get('token');
    if (!token) {
      askForToken(root);
      return;
    }
    const content = form({
      fields: newAccountFields(),
      actions: [button(t('entrance.set_up'), { kind: 'primary', size: 'large', type: 'submit' })],
      send: async ({ email, password }) => {
        try {
          await setUp(token, email, password);
        } catch (error) {
          if (error.status === 403) error.message = t('entrance.wrong_token');
          throw error;
        }
        navigate('/?welcome=1', { replace: true });
      },
    });
    root.append(entranceCard({ title: t('entrance.set_up_title'), about: t('entrance.set_up_about'), content }));
    content.querySelector('input').focus();
  },
};
