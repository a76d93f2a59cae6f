// Tabs: one of several panels at a time, moved through with the arrow keys.

import { fill, h, uid } from '../dom.js';

/**
 * Tabs. `tabs`: `[{ id, label, render(root) }]`, drawn when first shown. Options: `label`, `chosen`, `onchange(id)`.
 */
export function tabs(list, { label, chosen = list[0].id, onchange } = {}) {
  const root = uid('tabs');
  const panel = h('div', { role: 'tabpanel', id: `${root}-panel`, tabindex: '0', class: 'tab-panel' });
  const drawn = new Map();
  const buttons = list.map((tab) =>
    h(
      'button',
      {
        type: 'button',
        role: 'tab',
        id: `${root}-${tab.id}`,
        'aria-controls': panel.id,
        data: { id: tab.id },
        onclick: () => choose(tab.id),
      },
      tab.label,
    ),
  );
  const choose = (id, isQuiet = false) => {
    const tab = list.find((one) => one.id === id) ?? list[0];
    for (const one of buttons) {
      const isChosen = one.dataset.id === tab.id;
      one.setAttribute('aria-selected', String(isChosen));
      one.tabIndex = isChosen ? 0 : -1;
    }
    panel.setAttribute('aria-labelledby', `${root}-${tab.id}`);
    if (!drawn.has(tab.id)) {
      const inner = h('div');
      drawn.set(tab.id, inner);
      tab.render(inner);
    }
    fill(panel, drawn.get(tab.id));
    if (!isQuiet) onchange?.(tab.id);
  };
  const row = h('div', { role: 'tablist', class: 'tabs', 'aria-label': label }, buttons);
  row.addEventListener('keydown', (event) => {
    const at = buttons.indexOf(document.activeElement);
    const to = { ArrowRight: at + 1, ArrowLeft: at - 1, Home: 0, End: buttons.length - 1 }[event.key];
    if (to === undefined) return;
    event.preventDefault();
    const next = buttons.at(to % buttons.length);
    next.focus();
    choose(next.dataset.id);
  });
  choose(chosen, true);
  const node = h('div', { class: 'tabbed' }, row, panel);
  node.choose = choose;
  return node;
}
