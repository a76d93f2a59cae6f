// Making an account: freely, by invitation, or not at all, as the operator has chosen.

import { h } from '../dom.js';
import { button, linkButton } from '../components/button.js';
import { entranceCard, newAccountFields } from '../components/entrance.js';
import { form, textField } from '../components/field.js';
import { navigate } from '../router.js';
import { signUp } from '../sign-in.js';
import { t } from '../strings.js';

export default {
  title: t('entrance.sign_up_title'),
  render(root, { session, query }) {
    const foot = [t('entrance.have'), ' ', h('a', { href: '/sign-in' }, t('entrance.to_sign_in'))];
    if (session.sign_up === 'closed') {
      const content = linkButton(t('entrance.to_sign_in'), '/sign-in', { kind: 'primary', size: 'large' });
      root.append(entranceCard({ title: t('entrance.closed_title'), about: t('entrance.closed'), content }));
      return;
    }
    const isInvited = session.sign_up === 'invitation';
    const given = query.get('invitation') ?? '';
    const content = form({
      fields: [
        isInvited &&
          textField({
            label: t('entrance.invitation'),
            name: 'invitation',
            value: given,
            required: true,
            hint: given ? null : t('entrance.invitation_hint'),
            autocomplete: 'off',
            spellcheck: 'false',
          }),
        newAccountFields(),
      ],
      actions: [button(t('entrance.sign_up'), { kind: 'primary', size: 'large', type: 'submit' })],
      send: async ({ email, password, invitation }) => {
        await signUp(email, password, invitation);
        navigate('/?welcome=1', { replace: true });
      },
    });
    const about = isInvited ? t(given ? 'entrance.invited' : 'entrance.by_invitation') : t('entrance.sign_up_about');
    root.append(entranceCard({ title: t('entrance.sign_up_title'), about, content, foot }));
    content.querySelector(given && isInvited ? '[name=email]' : 'input').focus();
  },
};
