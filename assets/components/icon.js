// Our own icons, from one sprite.

import { s } from '../dom.js';

/** An icon of `icons.svg`; with a label it speaks, without it is decoration. */
export function icon(name, label = null) {
  const speech = label ? { role: 'img', 'aria-label': label } : { 'aria-hidden': 'true' };
  return s('svg', { class: 'icon', viewBox: '0 0 24 24', ...speech }, s('use', { href: `/static/icons.svg#${name}` }));
}
