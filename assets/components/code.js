// Code to read and to copy.

import { h } from '../dom.js';
import { copyButton } from './button.js';
import { tabs } from './tabs.js';

/** A block of code with a button that copies it. Options: `label` (what it is), `wrap`. */
export function codeBlock(text, { label, wrap = false } = {}) {
  return h(
    'div',
    { class: ['code', wrap && 'wrap'] },
    copyButton(text, { compact: true }),
    h('pre', { tabindex: '0', role: 'group', 'aria-label': label }, h('code', {}, text)),
  );
}

/** The same said in several languages: `[{ id, label, text }]`. */
export function codeTabs(list, { label }) {
  return tabs(
    list.map((one) => ({
      id: one.id,
      label: one.label,
      render: (root) => root.append(codeBlock(one.text, { label: one.label })),
    })),
    { label },
  );
}
