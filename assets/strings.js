// Every text that a person reads, in one table, in English. Another language is another table of the same keys.
// `{name}` is replaced; a text with forms is chosen by its `count`.

import { account } from './strings/account.js';
import { admin } from './strings/admin.js';
import { docs } from './strings/docs.js';
import { entrance } from './strings/entrance.js';
import { library } from './strings/library.js';
import { shared } from './strings/shared.js';
import { job, studio } from './strings/studio.js';

const TABLE = { ...shared, entrance, studio, job, library, account, admin, docs };
const PLURAL = new Intl.PluralRules('en');
export const LOCALE = 'en';

function find(key) {
  let text = TABLE;
  for (const part of key.split('.')) text = text?.[part];
  return text;
}

/** Whether the table has a text of this key. */
export const has = (key) => typeof find(key) === 'string';

function choose(key, values) {
  const text = find(key);
  if (typeof text === 'string') return text;
  if (text && 'other' in text)
    return text[values.count === 0 && 'zero' in text ? 'zero' : PLURAL.select(values.count ?? 0)] ?? text.other;
  console.error(`no text ${key}`);
  return key;
}

/** The text of a key: `t('credits', { count: 3 })`. */
export function t(key, values = {}) {
  return choose(key, values).replace(/\{(\w+)\}/g, (whole, name) => {
    const value = values[name];
    return typeof value === 'number' ? value.toLocaleString(LOCALE) : (value ?? whole);
  });
}

/** The text of a key with nodes in the places of its names: an array for `h`. */
export function rich(key, values = {}) {
  return choose(key, values)
    .split(/(\{\w+\})/)
    .map((part) => {
      const name = /^\{(\w+)\}$/.exec(part)?.[1];
      return name ? (values[name] ?? part) : part;
    });
}

/** The text of one of a set of words, such as a mode or a status; the word itself where it is a new one. */
export function word(group, value) {
  if (has(`${group}.${value}`)) return t(`${group}.${value}`);
  const text = String(value ?? '').replaceAll('_', ' ');
  return text.charAt(0).toUpperCase() + text.slice(1);
}
