// What a page is made of: headings, panels, tiles, badges, and what stands where nothing, nothing yet or an error is.

import { append, h, uid } from '../dom.js';
import { formatPercent } from '../format.js';
import { has, t, word } from '../strings.js';
import { button, linkButton } from './button.js';
import { icon } from './icon.js';

/** The top of a page: its heading, a line about it, and what can be done. */
export function pageHead(title, { about, actions = [] } = {}) {
  return h(
    'header',
    { class: 'page-head' },
    h('div', {}, h('h1', {}, title), about && h('p', { class: 'quiet' }, about)),
    actions.length > 0 && h('div', { class: 'button-row' }, actions),
  );
}

/** A titled part of a page. Options: `about`, `actions`, `class`. */
export function panel(title, content, { about, actions = [], class: extra } = {}) {
  const id = uid('panel');
  return h(
    'section',
    { class: ['panel', extra], 'aria-labelledby': title ? id : null },
    title &&
      h(
        'header',
        { class: 'panel-head' },
        h('div', {}, h('h2', { id }, title), about && h('p', { class: 'quiet' }, about)),
        actions.length > 0 && h('div', { class: 'button-row' }, actions),
      ),
    content,
  );
}

/** Where there is nothing: what would be here and what to do about it. */
export function emptyState({ icon: name = 'sparkle', title, text, actions = [] }) {
  return h(
    'div',
    { class: 'empty' },
    h('div', { class: 'empty-icon' }, icon(name)),
    h('h2', {}, title),
    text && h('p', { class: 'quiet' }, text),
    actions.length > 0 && h('div', { class: 'button-row' }, actions),
  );
}

/** What went wrong, with a way to try again. */
export function errorPanel(error, again = null) {
  const id = error?.request_id;
  return h(
    'div',
    { class: 'empty', role: 'alert' },
    h('div', { class: 'empty-icon bad' }, icon('error')),
    h('h2', {}, t('error.title')),
    h('p', {}, error?.message ?? String(error)),
    id && h('p', { class: 'quiet small' }, t('error.request'), ' ', h('code', {}, id)),
    again && h('div', { class: 'button-row' }, button(t('retry'), { icon: 'retry', onclick: again })),
  );
}

/** What is not there, or not for this account to see. */
export const missingPanel = (error) =>
  emptyState({
    icon: 'search',
    title: error.message,
    text: t('not_found.text'),
    actions: [linkButton(t('not_found.home'), '/', { kind: 'primary' })],
  });

/** While something is on its way. */
export function loadingPanel() {
  return h(
    'div',
    { class: 'empty', role: 'status' },
    h('span', { class: 'spinner', 'aria-hidden': 'true' }),
    h('span', { class: 'visually-hidden' }, t('loading')),
  );
}

/** Grey bars in the place of text on its way. */
export const skeleton = (lines = 3) =>
  h(
    'div',
    { class: 'skeleton', 'aria-hidden': 'true' },
    Array.from({ length: lines }, () => h('span')),
  );

const TONES = {
  completed: 'good',
  delivered: 'good',
  ok: 'good',
  done: 'good',
  running: 'info',
  queued: 'info',
  pending: 'info',
  aborted: 'bad',
  failed: 'bad',
  fault: 'bad',
  disabled: 'bad',
  revoked: 'bad',
  expired: 'bad',
  warning: 'warn',
  test: 'warn',
  paused: 'warn',
};
/** A word in a coloured lozenge. `value` finds its text under `status.*`; `tone`: good, bad, warn, info, plain. */
export function badge(value, { tone = TONES[value] ?? 'plain', text = null } = {}) {
  return h(
    'span',
    { class: ['badge', tone] },
    text ?? (has(`status.${value}`) ? t(`status.${value}`) : word('status', value)),
  );
}

/** A figure with its name. Options: `hint`, `href`, `icon`. */
export function statTile(label, value, { hint, href, icon: name } = {}) {
  const told = href
    ? h('a', { href, class: 'stat-link' }, h('span', { class: 'visually-hidden' }, `${label}: `), value)
    : value;
  return h(
    'div',
    { class: 'stat' },
    h('dt', {}, name && icon(name), label),
    h('dd', {}, told),
    hint && h('dd', { class: 'hint' }, hint),
  );
}
/** Tiles side by side. */
export const statTiles = (...tiles) => append(h('dl', { class: 'stats' }), tiles);

/** A bar that fills. `fraction` null means: under way, nobody knows how far. The node has `.to(fraction, text)`. */
export function progressBar(fraction = null, { label = t('progress') } = {}) {
  const node = h(
    'div',
    { class: 'progress', role: 'progressbar', 'aria-label': label, 'aria-valuemin': '0', 'aria-valuemax': '100' },
    h('span'),
  );
  node.to = (next, text = null) => {
    node.classList.toggle('endless', next === null);
    if (next === null) node.removeAttribute('aria-valuenow');
    else node.setAttribute('aria-valuenow', String(Math.round(next * 100)));
    node.setAttribute('aria-valuetext', text ?? (next === null ? t('loading') : formatPercent(next)));
    node.style.setProperty('--part', `${(next ?? 0.3) * 100}%`);
  };
  node.to(fraction);
  return node;
}

/** Names and values under each other: `[[name, value], …]`; empty values are left out. */
export function factList(rows) {
  const full = rows.filter((row) => row && row[1] !== null && row[1] !== undefined && row[1] !== '');
  return h(
    'dl',
    { class: 'facts' },
    full.map(([name, value]) => h('div', {}, h('dt', {}, name), h('dd', {}, value))),
  );
}

/** A coloured line of text: `tone` good, bad, warn or info. */
export const notice = (tone, ...content) =>
  append(h('div', { class: ['notice', tone], role: tone === 'bad' ? 'alert' : null }), content);
