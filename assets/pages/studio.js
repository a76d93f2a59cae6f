// Being built.

import { pageHead } from '../components/panel.js';
import { t } from '../strings.js';

export default {
  title: t('nav.studio'),
  render(root) {
    root.append(pageHead(t('nav.studio')));
  },
};
