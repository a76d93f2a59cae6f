// Sends a call from the page: with the reader's own session, or with a key that is pasted and lives only as long as the
// page does.

import { button } from '../components/button.js';
import { codeBlock } from '../components/code.js';
import { field, segmented, textArea, textField } from '../components/field.js';
import { errorPanel } from '../components/panel.js';
import { fill, h } from '../dom.js';
import { formatBytes } from '../format.js';
import { session } from '../session.js';
import { t } from '../strings.js';

/** The pasted key and which credential is used: in memory only, shared by all forms of the page. */
const credential = { key: '', use: 'session' };

/** The form of a call, folded until it is wanted. */
export function tryIt(spec, operation) {
  const node = h('details', { class: 'try' }, h('summary', {}, t('docs.try_open')));
  node.addEventListener('toggle', () => {
    if (node.open && node.childElementCount === 1) node.append(drawForm(spec, operation));
  });
  return node;
}

function credentialFields() {
  const key = textField({
    label: t('docs.key'),
    hint: t('docs.key_hint'),
    type: 'password',
    name: 'credential',
    value: credential.key,
    autocomplete: 'off',
    spellcheck: 'false',
    placeholder: 'mp_test_…',
    oninput: (event) => {
      credential.key = event.target.value.trim();
    },
  });
  if (session.state !== 'signed_in') {
    credential.use = 'key';
    return [key];
  }
  key.hidden = credential.use !== 'key';
  const choice = segmented({
    label: t('docs.with'),
    value: credential.use,
    options: [
      { value: 'session', label: t('docs.with_session') },
      { value: 'key', label: t('docs.with_key') },
    ],
    onchange: (value) => {
      credential.use = value;
      key.hidden = value !== 'key';
    },
  });
  return [choice, key];
}

function drawForm(spec, operation) {
  const parameters = operation.parameters
    .filter((one) => one.in !== 'cookie')
    .map((one) => ({
      ...one,
      control: textField({
        label: one.name,
        hint: t(`docs.in.${one.in}`),
        required: one.required,
        autocomplete: 'off',
        spellcheck: 'false',
      }),
    }));
  const body = operation.body && bodyFields(spec, operation.body);
  const answer = h('div', { class: 'try-answer', 'aria-live': 'polite' });
  const fault = h('p', { class: 'notice bad', role: 'alert', hidden: true });
  const isDanger = operation.method === 'DELETE';
  const go = button(t('docs.send', { method: operation.method }), {
    kind: isDanger ? 'danger' : 'primary',
    type: 'submit',
  });
  let going = null;
  const stop = button(t('docs.stop'), { hidden: true, onclick: () => going?.abort() });
  const node = h(
    'form',
    { class: 'form', novalidate: true },
    !operation.isOpen && credentialFields(),
    parameters.map((one) => one.control),
    body?.nodes,
    fault,
    h('div', { class: 'button-row' }, stop, go),
    answer,
  );
  node.addEventListener('submit', async (event) => {
    event.preventDefault();
    fault.hidden = true;
    going?.abort();
    going = new AbortController();
    try {
      const request = build(operation, parameters, body);
      stop.hidden = false;
      await send(request, answer, going.signal);
    } catch (error) {
      if (error.name === 'AbortError') return;
      fault.textContent = error.message;
      fault.hidden = false;
    } finally {
      stop.hidden = true;
    }
  });
  return node;
}

function bodyFields(spec, body) {
  if (body.type === 'multipart/form-data') {
    const inputs = spec.properties(body.schema).map(({ name, schema }) => {
      const isFile = spec.typeName(schema).startsWith('file');
      const control = h('input', {
        class: 'input',
        type: isFile ? 'file' : 'text',
        name,
        value: isFile ? null : spec.example(schema),
      });
      return { name, isFile, control, node: field(control, { label: name }) };
    });
    const read = () => {
      const form = new FormData();
      for (const { name, isFile, control } of inputs) {
        if (!isFile) form.append(name, control.value);
        else if (control.files[0]) form.append(name, control.files[0]);
      }
      return form;
    };
    return { nodes: inputs.map((one) => one.node), read };
  }
  const text = textArea({
    label: t('docs.body'),
    rows: 8,
    class: 'code-input',
    spellcheck: 'false',
    autocomplete: 'off',
  });
  text.control.value = JSON.stringify(body.example ?? spec.example(spec.variants(body.schema)[0], true), null, 2);
  return { nodes: [text], read: () => text.control.value };
}

/** The request that the form describes. */
function build(operation, parameters, body) {
  const query = new URLSearchParams();
  const headers = { accept: '*/*' };
  let { path } = operation;
  for (const {
    name,
    in: place,
    required,
    control: { control },
  } of parameters) {
    const value = control.value.trim();
    if (!value && required) throw new Error(t('docs.missing', { name }));
    if (place === 'path') path = path.replace(`{${name}}`, encodeURIComponent(value));
    else if (value && place === 'query') query.append(name, value);
    else if (value && place === 'header') headers[name] = value;
  }
  const isSession = !operation.isOpen && credential.use === 'session';
  if (!operation.isOpen && !isSession) {
    if (!credential.key) throw new Error(t('docs.no_key'));
    headers.authorization = `Bearer ${credential.key}`;
  }
  if (isSession && operation.method !== 'GET') headers['x-csrf-token'] = session.csrf_token;
  const content = body?.read();
  if (typeof content === 'string') headers['content-type'] = 'application/json';
  return {
    url: `${path}${query.size > 0 ? `?${query}` : ''}`,
    options: { method: operation.method, headers, body: content, credentials: isSession ? 'same-origin' : 'omit' },
  };
}

const HEADERS = [
  'content-type',
  'x-request-id',
  'location',
  'retry-after',
  'ratelimit-remaining',
  'idempotency-replayed',
];

async function send({ url, options }, place, signal) {
  const started = performance.now();
  let answer;
  try {
    answer = await fetch(url, { ...options, signal });
  } catch (error) {
    if (signal.aborted) throw error;
    fill(place, errorPanel(error));
    return;
  }
  const took_ms = Math.round(performance.now() - started);
  const told = HEADERS.filter((name) => answer.headers.has(name))
    .map((name) => `${name}: ${answer.headers.get(name)}`)
    .join('\n');
  const content = h('div');
  fill(
    place,
    h(
      'p',
      { class: 'try-status' },
      h('span', { class: ['status', answer.ok ? 'good' : 'bad'] }, answer.status),
      ' ',
      t('docs.took', { count: took_ms }),
    ),
    codeBlock(told, { label: t('docs.headers') }),
    content,
  );
  await show(answer, content, signal);
}

/** The answer's body, by its kind. */
async function show(answer, place, signal) {
  const type = answer.headers.get('content-type') ?? '';
  if (answer.status === 204) return;
  if (type.startsWith('text/event-stream')) {
    await showStream(answer, place, signal);
  } else if (type.startsWith('application/json')) {
    fill(place, codeBlock(JSON.stringify(await answer.json(), null, 2), { label: t('docs.answer') }));
  } else if (type.startsWith('text/')) {
    fill(place, codeBlock(await answer.text(), { label: t('docs.answer') }));
  } else {
    const blob = await answer.blob();
    const src = URL.createObjectURL(blob);
    signal.addEventListener('abort', () => URL.revokeObjectURL(src), { once: true });
    const media = type.startsWith('image/')
      ? h('img', { src, alt: t('docs.answer'), class: 'try-media' })
      : type.startsWith('audio/')
        ? h('audio', { src, controls: true })
        : type.startsWith('video/')
          ? h('video', { src, controls: true, class: 'try-media' })
          : null;
    fill(place, media, h('p', { class: 'quiet' }, `${type} · ${formatBytes(blob.size)}`));
  }
}

async function showStream(answer, place, signal) {
  const text = h('code');
  fill(place, h('pre', { class: 'code', tabindex: '0' }, text));
  const reader = answer.body.pipeThrough(new TextDecoderStream()).getReader();
  signal.addEventListener('abort', () => reader.cancel().catch(() => {}), { once: true });
  for (;;) {
    const { value, done } = await reader.read();
    if (done) return;
    text.append(value);
  }
}
