// A menu behind a button: opens by click or arrow, moves by arrows, closes by Escape or a click elsewhere.

import { h, uid } from '../dom.js';
import { icon } from './icon.js';
import { toastError } from './toast.js';

/**
 * Makes `opener` open a menu. `items` is a list or a function that answers one; an item is `{ label, icon, onclick,
 * href, download, kind, checked, disabled }`, or null for a line between.
 */
export function attachMenu(opener, items, { align = 'end' } = {}) {
  const id = uid('menu');
  opener.setAttribute('aria-haspopup', 'menu');
  opener.setAttribute('aria-expanded', 'false');
  const open = (focusLast = false) => {
    const list = (typeof items === 'function' ? items() : items).filter((item) => item !== undefined && item !== false);
    const menu = h(
      'div',
      { class: 'menu', role: 'menu', id, popover: 'auto' },
      list.map((item) => draw(item, () => menu.hidePopover())),
    );
    menu.addEventListener('keydown', move);
    menu.addEventListener('toggle', (event) => {
      if (event.newState !== 'closed') return;
      opener.setAttribute('aria-expanded', 'false');
      menu.remove();
      if (document.activeElement === document.body) opener.focus();
    });
    opener.after(menu);
    menu.showPopover();
    place(menu, opener, align);
    opener.setAttribute('aria-expanded', 'true');
    const choices = menu.querySelectorAll('[role^=menuitem]:not([disabled])');
    (focusLast ? choices[choices.length - 1] : choices[0])?.focus();
  };
  let wasOpen = false;
  opener.addEventListener('pointerdown', () => {
    wasOpen = opener.getAttribute('aria-expanded') === 'true';
  });
  opener.addEventListener('click', () => {
    if (!wasOpen) open();
    wasOpen = false;
  });
  opener.addEventListener('keydown', (event) => {
    if (event.key !== 'ArrowDown' && event.key !== 'ArrowUp') return;
    event.preventDefault();
    open(event.key === 'ArrowUp');
  });
}

function draw(item, close) {
  if (item === null) return h('hr');
  const isChoice = item.checked !== undefined;
  const properties = {
    class: ['menu-item', item.kind],
    role: isChoice ? 'menuitemradio' : 'menuitem',
    tabindex: '-1',
    'aria-checked': isChoice ? String(item.checked) : null,
    disabled: item.disabled,
  };
  const inner = [
    icon(isChoice ? (item.checked ? 'check' : 'blank') : (item.icon ?? 'blank')),
    h('span', {}, item.label),
  ];
  if (item.href)
    return h('a', { ...properties, href: item.href, download: item.download ?? null, onclick: close }, inner);
  return h(
    'button',
    {
      ...properties,
      type: 'button',
      onclick: async () => {
        close();
        try {
          await item.onclick();
        } catch (error) {
          toastError(error);
        }
      },
    },
    inner,
  );
}

function move(event) {
  const choices = [...event.currentTarget.querySelectorAll('[role^=menuitem]:not([disabled])')];
  const at = choices.indexOf(document.activeElement);
  const to = { ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: choices.length - 1 }[event.key];
  if (to !== undefined) {
    event.preventDefault();
    choices.at(to % choices.length)?.focus();
  } else if (event.key === 'Tab') event.currentTarget.hidePopover();
}

/** Puts a menu beside its opener, inside the window. */
function place(menu, opener, align) {
  const from = opener.getBoundingClientRect();
  const { offsetWidth: width, offsetHeight: height } = menu;
  const left = align === 'end' ? from.right - width : from.left;
  const below = from.bottom + 6;
  const top = below + height > window.innerHeight - 8 ? Math.max(8, from.top - height - 6) : below;
  menu.style.setProperty('left', `${Math.max(8, Math.min(left, window.innerWidth - width - 8))}px`);
  menu.style.setProperty('top', `${top}px`);
}
