// Where this account may not look.

import { linkButton } from '../components/button.js';
import { emptyState } from '../components/panel.js';
import { t } from '../strings.js';

export default {
  title: t('forbidden.title'),
  render(root) {
    root.append(
      emptyState({
        icon: 'lock',
        title: t('forbidden.title'),
        text: t('forbidden.text'),
        actions: [linkButton(t('not_found.home'), '/', { kind: 'primary' })],
      }),
    );
  },
};
