// Amounts side by side as bars: what takes the space, what takes the time. Readable as a list without the bars.

import { h } from '../dom.js';

/** Bars of `[{label, value, text, hint}]`, the longest as wide as there is room. */
export function barList(items, { label }) {
  const most = Math.max(...items.map((item) => item.value), 1);
  return h(
    'ul',
    { class: 'bar-list', 'aria-label': label },
    items.map((item) =>
      h(
        'li',
        {},
        h(
          'div',
          { class: 'bar-words' },
          h('span', {}, item.label, item.hint && h('small', { class: 'quiet' }, ` ${item.hint}`)),
          h('strong', {}, item.text),
        ),
        h('div', { class: 'bar', css: { '--part': `${(item.value / most) * 100}%` }, 'aria-hidden': 'true' }),
      ),
    ),
  );
}

/** One bar of several parts, `[{label, value, text, tone}]`, with its legend. `whole` is the bar's full length. */
export function partBar(parts, { label, whole }) {
  return h(
    'figure',
    { class: 'part-bar', 'aria-label': label },
    h(
      'div',
      { class: 'parts', 'aria-hidden': 'true' },
      parts.map((part) =>
        h('span', { class: `tone-${part.tone}`, css: { '--part': `${(part.value / whole) * 100}%` } }),
      ),
    ),
    h(
      'ul',
      { class: 'legend' },
      parts.map((part) =>
        h(
          'li',
          {},
          h('span', { class: ['swatch', `tone-${part.tone}`], 'aria-hidden': 'true' }),
          part.label,
          ' ',
          h('strong', {}, part.text),
        ),
      ),
    ),
  );
}
