// What narrows a list: words to search for, a choice from a few. Both rest a moment before they ask.

import { debounce, h } from '../dom.js';
import { t } from '../strings.js';

/** A field to search with; `search(text)` is called when the typing rests. */
export function searchBox(label, search, value = '') {
  const later = debounce((text) => search(text.trim()), 250);
  return h('input', {
    type: 'search',
    class: 'input search-field',
    'aria-label': label,
    placeholder: label,
    autocomplete: 'off',
    spellcheck: 'false',
    value,
    oninput: (event) => later(event.target.value),
  });
}

/** A choice; the first option is none. `options`: `[[value, text], …]`. */
export function choiceBox(label, options, choose, value = '') {
  const node = h(
    'select',
    { class: 'input choice-box', 'aria-label': label, value, onchange: () => choose(node.value) },
    h('option', { value: '' }, t('any', { what: label })),
    options.map(([key, text]) => h('option', { value: key }, text)),
  );
  return node;
}
