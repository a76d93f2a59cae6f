// Keys that work everywhere, and the list of all of them.

import { h, isTyping } from './dom.js';
import { openDialog } from './components/dialog.js';
import { navigate } from './router.js';
import { session } from './session.js';
import { t } from './strings.js';

const KEYS = [
  ['n', 'keys.composer'],
  ['/', 'keys.search'],
  ['g l', 'keys.library'],
  ['g a', 'keys.account'],
  ['g d', 'keys.docs'],
  ['Ctrl Enter', 'keys.send'],
  ['← → ↑ ↓', 'keys.move'],
  ['Enter', 'keys.open'],
  ['Space', 'keys.select'],
  ['Ctrl A', 'keys.all'],
  ['Delete', 'keys.delete'],
  ['Esc', 'keys.close'],
  ['?', 'keys.help'],
];

/** Shows the list of keys. */
export function showKeys() {
  const rows = KEYS.map(([keys, text]) =>
    h(
      'div',
      {},
      h(
        'dt',
        {},
        keys.split(' ').map((key) => h('kbd', {}, key)),
      ),
      h('dd', {}, t(text)),
    ),
  );
  openDialog({ title: t('keys.title'), content: h('dl', { class: 'keys' }, rows) });
}

function toComposer() {
  const composer = document.querySelector('[data-composer]');
  if (composer) composer.focus();
  else navigate('/');
}

let before = '';
const SECOND = { l: '/library', a: '/account', d: '/docs', s: '/' };

function press(event) {
  if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey || isTyping(event)) return;
  if (document.querySelector('dialog[open]')) return;
  const { key } = event;
  if (before === 'g' && SECOND[key] && session.state === 'signed_in') {
    event.preventDefault();
    navigate(SECOND[key]);
  } else if (key === '?') {
    event.preventDefault();
    showKeys();
  } else if (key === '/') {
    const search = document.querySelector('[type=search]:not([disabled])');
    if (search) {
      event.preventDefault();
      search.focus();
      search.select();
    } else if (session.state === 'signed_in') {
      event.preventDefault();
      navigate('/library?focus=search');
    }
  } else if (key === 'n' && session.state === 'signed_in') {
    event.preventDefault();
    toComposer();
  }
  before = key;
}

/** Begins to listen. */
export function startKeys() {
  document.addEventListener('keydown', press);
}
