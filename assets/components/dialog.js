// Dialogs: the browser's own, with a title, a way out and the focus where it belongs.

import { append, h, uid } from '../dom.js';
import { t } from '../strings.js';
import { busyWhile, button, iconButton } from './button.js';

/**
 * Opens a dialog. Options: `title`, `content` (node or array), `actions` (buttons), `size` (small, wide, full),
 * `closable` (false: only its own buttons end it), `closed` (called at its end). Answers `{ node, close }`.
 */
export function openDialog({ title, content, actions = [], size = '', closable = true, closed, signal }) {
  const id = uid('dialog');
  const node = h('dialog', { class: ['dialog', size], 'aria-labelledby': id });
  const close = () => node.open && node.close();
  const head = h('header', {}, h('h2', { id }, title), closable && iconButton('close', t('close'), { onclick: close }));
  append(node, head, h('div', { class: 'dialog-body' }, content), actions.length > 0 && h('footer', {}, actions));
  node.addEventListener('cancel', (event) => {
    if (!closable) event.preventDefault();
  });
  node.addEventListener('close', () => {
    node.remove();
    closed?.();
  });
  // A press that begins and ends on the veil closes; one that only ends there (selecting text) doesn't.
  let pressed = null;
  node.addEventListener('pointerdown', (event) => {
    pressed = event.target;
  });
  node.addEventListener('click', (event) => {
    if (closable && event.target === node && pressed === node) close();
  });
  signal?.addEventListener('abort', close, { once: true });
  document.body.append(node);
  node.showModal();
  return { node, close };
}

/**
 * Asks before something that can't be taken back. Options: `title`, `text` (text or nodes), `action` (the button's
 * text), `kind` (danger, primary), `type` (a word to type first), `work` (done while the dialog stays open; if it
 * fails, the dialog stays). Resolves to whether it was done.
 */
export function confirm({ title, text, action, kind = 'danger', type = null, work = null }) {
  return new Promise((resolve) => {
    let isDone = false;
    const word =
      type &&
      h('input', {
        class: 'input',
        type: 'text',
        autocomplete: 'off',
        'aria-label': t('confirm.type', { word: type }),
      });
    const go = button(action, { kind, disabled: Boolean(type) });
    const no = button(t('cancel'), { onclick: () => dialog.close(), autofocus: !type });
    word?.addEventListener('input', () => {
      go.disabled = word.value !== type;
    });
    go.addEventListener('click', () =>
      busyWhile(go, async () => {
        await work?.();
        isDone = true;
        dialog.close();
      }),
    );
    const content = [
      h('p', {}, text),
      type && h('label', { class: 'field' }, h('span', { class: 'label' }, t('confirm.type', { word: type })), word),
    ];
    const dialog = openDialog({ title, content, actions: [no, go], size: 'small', closed: () => resolve(isDone) });
    (word ?? no).focus();
  });
}
