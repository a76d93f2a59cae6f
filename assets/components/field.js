// Fields with a label, a hint and a place for what is wrong with them; forms that put each fault beside its field.

import { append, fill, h, uid } from '../dom.js';
import { countCharacters } from '../format.js';
import { t } from '../strings.js';
import { busyWhile } from './button.js';
import { icon } from './icon.js';

/**
 * A field around a control. Options: `label`, `hint`, `name` (the API's name of it: faults find it by that),
 * `aside` (a node at the label's end), `hidden` label. The node has `.control`, `.tell(fault)`.
 */
export function field(control, { label, hint, name = control.name, aside, hideLabel = false } = {}) {
  const [fault, tip] = [
    h('p', { class: 'fault', id: uid('fault'), hidden: true }),
    hint && h('p', { class: 'hint', id: uid('hint') }, hint),
  ];
  control.id ||= uid('control');
  if (tip) control.setAttribute('aria-describedby', tip.id);
  const node = h(
    'div',
    { class: 'field', data: { field: name ?? '' } },
    h(
      'div',
      { class: ['label-row', hideLabel && 'visually-hidden'] },
      h('label', { class: 'label', for: control.id }, label),
      aside,
    ),
    control,
    tip,
    fault,
  );
  node.control = control;
  node.tell = (text) => {
    fault.hidden = !text;
    fill(fault, text && [icon('error'), text]);
    control.toggleAttribute('aria-invalid', Boolean(text));
    if (text) control.setAttribute('aria-invalid', 'true');
    control.setAttribute('aria-describedby', [tip?.id, text && fault.id].filter(Boolean).join(' '));
  };
  control.addEventListener('input', () => node.tell(null));
  return node;
}

/** A line of text. Options: those of `field` and the input's own attributes. */
export function textField({ label, hint, aside, hideLabel, type = 'text', class: extra, ...rest }) {
  return field(h('input', { type, ...rest, class: ['input', extra] }), {
    label,
    hint,
    aside,
    hideLabel,
    name: rest.name,
  });
}

/** A password with a button that shows it. */
export function passwordField(options) {
  const node = textField({ type: 'password', required: true, ...options });
  const show = h(
    'button',
    { type: 'button', class: 'button quiet square', 'aria-label': t('password.show'), 'aria-pressed': 'false' },
    icon('eye'),
  );
  show.addEventListener('click', () => {
    const isShown = node.control.type === 'text';
    node.control.type = isShown ? 'password' : 'text';
    show.setAttribute('aria-pressed', String(!isShown));
  });
  const row = h('div', { class: 'with-button' });
  node.control.replaceWith(row);
  append(row, node.control, show);
  return node;
}

/** Several lines of text that grow with what is in them; with `limit`, characters are counted as the API counts them. */
export function textArea({ label, hint, limit, rows = 3, hideLabel, class: extra, ...rest }) {
  const count = limit && h('span', { class: 'count' });
  const control = h('textarea', { rows, ...rest, class: ['input', extra] });
  const node = field(control, { label, hint, hideLabel, aside: count, name: rest.name });
  const look = () => {
    const used = countCharacters(control.value);
    count.textContent = t('characters', { used, limit });
    count.classList.toggle('over', used > limit);
    node.isOver = used > limit;
    if (used > limit) node.tell(t('characters_over', { count: used - limit }));
  };
  if (limit) {
    control.addEventListener('input', look);
    node.look = look;
    look();
  }
  return node;
}

/** A choice from a list of `{ value, label, disabled }`. */
export function selectField({ label, hint, options, value, hideLabel, ...rest }) {
  const list = options.map((one) => h('option', { value: one.value, disabled: one.disabled }, one.label));
  const control = h('select', { ...rest, class: 'input', value }, list);
  return field(h('select') && control, { label, hint, hideLabel, name: rest.name });
}

/** A box to tick. */
export function checkField({ label, hint, ...rest }) {
  const control = h('input', { type: 'checkbox', ...rest, id: uid('check') });
  const node = h(
    'div',
    { class: 'field check', data: { field: rest.name ?? '' } },
    control,
    h('label', { for: control.id }, label, hint && h('span', { class: 'hint' }, hint)),
  );
  node.control = control;
  node.tell = (text) => control.toggleAttribute('aria-invalid', Boolean(text));
  return node;
}

/** A slider that says its value. `format` makes a text of the number. */
export function rangeField({ label, hint, format = String, ...rest }) {
  const control = h('input', { type: 'range', ...rest, class: 'range' });
  const shown = h('output', { for: control.id }, '');
  const node = field(control, { label, hint, aside: shown, name: rest.name });
  const look = () => {
    shown.textContent = format(Number(control.value));
    control.setAttribute('aria-valuetext', shown.textContent);
    const [min, max] = [Number(control.min), Number(control.max)];
    control.style.setProperty('--part', `${((control.value - min) / (max - min)) * 100}%`);
  };
  control.addEventListener('input', look);
  node.look = look;
  look();
  return node;
}

/** One of a few, side by side: a radio group that looks like one control. `options`: `{ value, label, icon }`. */
export function segmented({ label, options, value, name = uid('choice'), onchange, hideLabel = false, class: extra }) {
  const node = h(
    'fieldset',
    { class: ['segmented', extra] },
    h('legend', { class: ['label', hideLabel && 'visually-hidden'] }, label),
    h(
      'div',
      { class: 'segments' },
      options.map((one) =>
        h(
          'label',
          {},
          h('input', {
            type: 'radio',
            name,
            value: one.value,
            checked: one.value === value,
            onchange: () => onchange?.(one.value),
          }),
          h('span', {}, one.icon && icon(one.icon), one.label),
        ),
      ),
    ),
  );
  node.choose = (next) => {
    for (const input of node.querySelectorAll('input')) input.checked = input.value === String(next);
  };
  Object.defineProperty(node, 'value', { get: () => node.querySelector('input:checked')?.value });
  return node;
}

/**
 * A form. `fields` are nodes of this module (others are taken as they are); `send` gets an object of the named values
 * and may answer a promise. A refusal's faults go beside their fields, everything else to the top.
 */
export function form({ fields, actions, send, class: extra, ...rest }) {
  const notice = h('div', { class: 'notice bad', role: 'alert', hidden: true });
  const node = h(
    'form',
    { novalidate: true, ...rest, class: ['form', extra] },
    notice,
    fields,
    h('div', { class: 'button-row' }, actions),
  );
  const named = () => [...node.querySelectorAll('.field[data-field]')].filter((one) => one.tell && one.dataset.field);
  node.tell = (error) => {
    const faults = error?.faults ?? {};
    let first = null;
    for (const one of named()) {
      const fault = faults[one.dataset.field];
      one.tell(fault ?? null);
      if (fault) first ??= one.control;
    }
    const rest =
      error && (!first || Object.keys(faults).some((name) => !named().some((one) => one.dataset.field === name)));
    notice.hidden = !rest;
    notice.textContent = rest ? error.message : '';
    first?.focus();
  };
  node.addEventListener('submit', (event) => {
    event.preventDefault();
    node.tell(null);
    const missing = [...node.elements].filter((one) => one.willValidate && !one.checkValidity());
    for (const one of missing) one.closest('.field')?.tell?.(one.validationMessage);
    if (missing.length) {
      missing[0].focus();
      return;
    }
    const values = {};
    for (const one of node.elements) {
      if (!one.name || (one.type === 'radio' && !one.checked)) continue;
      values[one.name] = one.type === 'checkbox' ? one.checked : one.value;
    }
    busyWhile(node.querySelector('[type=submit]') ?? node, async () => {
      try {
        await send(values);
      } catch (error) {
        if (error?.status === undefined) throw error;
        node.tell(error);
      }
    });
  });
  return node;
}
