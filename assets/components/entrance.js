// The card that every way in stands in, and what a new account is asked for.

import { h } from '../dom.js';
import { t } from '../strings.js';
import { passwordField, textField } from './field.js';

/** A card with a title, a line about it, what stands in it and what stands below. */
export function entranceCard({ title, about, content, foot = null }) {
  return h(
    'div',
    { class: 'entrance' },
    h(
      'div',
      { class: 'entrance-card' },
      h(
        'header',
        {},
        h('img', { src: '/static/icon.svg', alt: '', width: 44, height: 44 }),
        h('h1', {}, title),
        about && h('p', { class: 'quiet' }, about),
      ),
      content,
      foot && h('footer', {}, foot),
    ),
  );
}

/** The address and the password of an account that is to be. */
export const newAccountFields = () => [
  textField({
    label: t('entrance.email'),
    name: 'email',
    type: 'email',
    autocomplete: 'username',
    required: true,
    autocapitalize: 'none',
    spellcheck: 'false',
  }),
  passwordField({
    label: t('entrance.new_password'),
    name: 'password',
    autocomplete: 'new-password',
    hint: t('entrance.password_hint'),
  }),
];
