// Where there is no page.

import { linkButton } from '../components/button.js';
import { emptyState } from '../components/panel.js';
import { t } from '../strings.js';

export default {
  title: t('not_found.title'),
  render(root) {
    root.append(
      emptyState({
        icon: 'search',
        title: t('not_found.title'),
        text: t('not_found.text'),
        actions: [linkButton(t('not_found.home'), '/', { kind: 'primary' })],
      }),
    );
  },
};
