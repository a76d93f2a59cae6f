// Buttons: one that does, one that leads, one that is only an icon, one that copies.

import { append, h } from '../dom.js';
import { t } from '../strings.js';
import { icon } from './icon.js';
import { toastError } from './toast.js';

const classes = (kind, size, extra) => ['button', kind !== 'plain' && kind, size, extra];

/**
 * A button. Options: `icon`, `kind` (plain, primary, quiet, danger), `size` (small, large), `type`, and any attribute.
 * While a promise that `onclick` answers is under way the button is busy; if it fails, a notice says why.
 */
export function button(text, { icon: name, kind = 'plain', size, onclick, class: extra, ...rest } = {}) {
  const node = h(
    'button',
    { type: 'button', ...rest, class: classes(kind, size, extra) },
    name && icon(name),
    text && h('span', {}, text),
  );
  if (onclick) node.addEventListener('click', (event) => busyWhile(node, () => onclick(event)));
  return node;
}

/** A link that looks like a button. */
export function linkButton(text, href, { icon: name, kind = 'plain', size, class: extra, ...rest } = {}) {
  return h('a', { href, ...rest, class: classes(kind, size, extra) }, name && icon(name), text && h('span', {}, text));
}

/** A button that is only an icon; `label` is its name and its tip. */
export function iconButton(name, label, { onclick, class: extra, kind = 'quiet', ...rest } = {}) {
  const node = h(
    'button',
    { type: 'button', title: label, 'aria-label': label, ...rest, class: classes(kind, null, ['square', extra]) },
    icon(name),
  );
  if (onclick) node.addEventListener('click', (event) => busyWhile(node, () => onclick(event)));
  return node;
}

/** A link that is only an icon. */
export function iconLink(name, label, href, rest = {}) {
  return linkButton(null, href, {
    icon: name,
    kind: 'quiet',
    class: 'square',
    'aria-label': label,
    title: label,
    ...rest,
  });
}

/** Marks the button busy while the work lasts, and tells a failure as a notice. */
export async function busyWhile(node, work) {
  if (node.getAttribute('aria-busy') === 'true') return;
  try {
    const going = work();
    if (!(going instanceof Promise)) return;
    node.setAttribute('aria-busy', 'true');
    await going;
  } catch (error) {
    if (error?.name !== 'AbortError') toastError(error);
  } finally {
    node.removeAttribute('aria-busy');
  }
}

/** Puts a text into the clipboard, by the old way where the new one isn't there (plain http). */
export async function copyText(text) {
  if (navigator.clipboard && window.isSecureContext) {
    await navigator.clipboard.writeText(text);
    return;
  }
  const area = h('textarea', { class: 'visually-hidden', readonly: true, value: text });
  (document.querySelector('dialog[open]') ?? document.body).append(area);
  area.select();
  document.execCommand('copy');
  area.remove();
}

/** A button that copies a text and says so. `text` may be a function. */
export function copyButton(text, { label = t('copy'), compact = false } = {}) {
  const words = h('span', { 'aria-live': 'polite' }, compact ? null : label);
  const node = h(
    'button',
    {
      type: 'button',
      class: ['button', 'quiet', compact ? 'square' : 'small'],
      'aria-label': compact ? label : null,
      title: compact ? label : null,
    },
    icon('copy'),
    !compact && words,
  );
  node.addEventListener('click', () =>
    busyWhile(node, async () => {
      await copyText(typeof text === 'function' ? text() : text);
      node.querySelector('use').setAttribute('href', '/static/icons.svg#check');
      if (!compact) words.textContent = t('copied');
      setTimeout(() => {
        node.querySelector('use').setAttribute('href', '/static/icons.svg#copy');
        if (!compact) words.textContent = label;
      }, 1600);
    }),
  );
  return node;
}

/** Buttons side by side. */
export const buttonRow = (...buttons) => append(h('div', { class: 'button-row' }), buttons);
