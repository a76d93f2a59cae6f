// Short notices at the edge of the window, read out by screen readers.

import { h } from '../dom.js';
import { t } from '../strings.js';
import { icon } from './icon.js';

const ICONS = { good: 'check', bad: 'error', info: 'info' };

/** Shows a notice. `action` is `{ label, onclick }`; it stays longer then. Answers a function that takes it away. */
export function toast(text, { kind = 'info', action = null, wait_ms = action ? 8000 : 4500, ended } = {}) {
  const area = document.querySelector('#toasts');
  let timer = 0;
  const close = () => {
    clearTimeout(timer);
    if (!node.isConnected) return;
    node.remove();
    ended?.();
  };
  const act =
    action &&
    h(
      'button',
      {
        type: 'button',
        class: 'link',
        onclick: () => {
          ended = null;
          close();
          action.onclick();
        },
      },
      action.label,
    );
  const node = h(
    'div',
    { class: ['toast', kind], role: kind === 'bad' ? 'alert' : 'status' },
    icon(ICONS[kind]),
    h('span', {}, text),
    act,
    h(
      'button',
      { type: 'button', class: 'button quiet square', 'aria-label': t('close'), onclick: close },
      icon('close'),
    ),
  );
  node.addEventListener('pointerenter', () => clearTimeout(timer));
  node.addEventListener('pointerleave', () => {
    timer = setTimeout(close, 2000);
  });
  area.append(node);
  timer = setTimeout(close, kind === 'bad' ? Math.max(wait_ms, 8000) : wait_ms);
  return close;
}

export const toastGood = (text, options) => toast(text, { kind: 'good', ...options });
/** Tells a failure. */
export const toastError = (error) => toast(error?.message ?? String(error), { kind: 'bad' });
