// Code in several languages: whoever chooses one sees it in every block, on this page and the next.

import { codeBlock } from '../components/code.js';
import { tabs } from '../components/tabs.js';
import { t } from '../strings.js';

const NAMES = { sh: 'curl', console: 'Shell', toml: 'TOML', python: 'Python', javascript: 'JavaScript', json: 'JSON' };
const KEPT = 'code-language';
/** The address that the guides are written with; readers see their own appliance's. */
const WRITTEN = 'http://127.0.0.1:8420';

function choose(language, from) {
  localStorage.setItem(KEPT, language);
  const top = from.getBoundingClientRect().top;
  for (const node of document.querySelectorAll('.languages')) {
    if (node !== from && node.has(language)) node.choose(language, true);
  }
  // Blocks above may have grown or shrunk: the one that was pressed stays under the pointer.
  window.scrollBy(0, from.getBoundingClientRect().top - top);
}

/** `[{language, text}]` as one block of code, with tabs where there are several. */
export function languages(codes) {
  const block = (one) =>
    codeBlock(one.text.replaceAll(WRITTEN, location.origin), { label: NAMES[one.language] ?? one.language });
  if (codes.length === 1) return block(codes[0]);
  const has = (language) => codes.some((one) => one.language === language);
  const kept = localStorage.getItem(KEPT);
  const node = tabs(
    codes.map((one) => ({
      id: one.language,
      label: NAMES[one.language] ?? one.language,
      render: (root) => root.append(block(one)),
    })),
    {
      label: t('docs.language'),
      chosen: has(kept) ? kept : codes[0].language,
      onchange: (language) => choose(language, node),
    },
  );
  node.classList.add('languages');
  node.has = has;
  return node;
}
