// The card that every way in stands in.

import { h } from '../dom.js';

/** A card with a title, a line about it, what stands in it and what stands below. */
export function entranceCard({ title, about, content, foot = null }) {
  return h(
    'div',
    { class: 'entrance' },
    h(
      'div',
      { class: 'entrance-card' },
      h(
        'header',
        {},
        h('img', { src: '/static/icon.svg', alt: '', width: 44, height: 44 }),
        h('h1', {}, title),
        about && h('p', { class: 'quiet' }, about),
      ),
      content,
      foot && h('footer', {}, foot),
    ),
  );
}
