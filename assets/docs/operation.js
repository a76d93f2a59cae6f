// One call of the reference: what it does, what it takes, what it answers, as a program, and a form that sends it.

import { tabs } from '../components/tabs.js';
import { h } from '../dom.js';
import { t, word } from '../strings.js';
import { languages } from './languages.js';
import { inline } from './markdown.js';
import { samples } from './samples.js';
import { parameterList, schemaList } from './schema.js';
import { tryIt } from './try.js';

/** A call folded to its method, path and summary; what is within is drawn when it is opened first. */
export function operationNode(spec, operation) {
  const node = h(
    'details',
    { class: 'operation', id: operation.id },
    h(
      'summary',
      {},
      h('span', { class: ['method', operation.method.toLowerCase()] }, operation.method),
      h('code', {}, operation.path),
      h('span', { class: 'operation-summary' }, inline(operation.summary)),
    ),
  );
  const draw = () => {
    if (node.open && node.childElementCount === 1)
      node.append(h('div', { class: 'operation-body' }, body(spec, operation)));
  };
  node.addEventListener('toggle', draw);
  node.draw = draw;
  return node;
}

function body(spec, operation) {
  const parameters = operation.parameters.filter((one) => one.in !== 'cookie');
  const [told, refused] = [
    operation.responses.filter((one) => Number(one.status) < 400),
    operation.responses.filter((one) => Number(one.status) >= 400),
  ];
  const reading = [
    operation.description && operation.description.split('\n\n').map((text) => h('p', {}, inline(text))),
    h('p', { class: 'quiet' }, t(operation.isOpen ? 'docs.no_credential' : 'docs.needs_credential')),
    parameters.length > 0 && [h('h3', {}, t('docs.parameters')), parameterList(spec, parameters)],
    operation.body && [
      h('h3', {}, t('docs.body'), ' ', h('code', {}, operation.body.type)),
      requestBody(spec, operation.body),
    ],
    h('h3', {}, t('docs.answers')),
    h(
      'ul',
      { class: 'answers' },
      told.map((one) => answer(spec, one)),
      refused.map(refusals),
    ),
  ];
  const doing = [
    h('h3', {}, t('docs.as_program')),
    languages(samples(exampleCall(spec, operation))),
    h('h3', {}, t('docs.try')),
    tryIt(spec, operation),
  ];
  return [h('div', { class: 'operation-read' }, reading), h('div', { class: 'operation-do' }, doing)];
}

/** The body's properties; one of several shapes (a job's four modes) behind tabs. */
function requestBody(spec, body) {
  const variants = spec.variants(body.schema);
  const list = (schema) => schemaList(spec, schema, { showsRequired: true });
  if (variants.length === 1) return list(variants[0]) ?? h('p', { class: 'quiet' }, spec.typeName(body.schema));
  return tabs(
    variants.map((one, i) => {
      const mode = one.properties?.mode?.enum?.[0];
      return {
        id: mode ?? String(i),
        label: mode ? word('mode', mode) : (one.title ?? String(i + 1)),
        render: (root) => root.append(h('p', {}, inline(one.description ?? '')), list(one)),
      };
    }),
    { label: t('docs.variants') },
  );
}

function answer(spec, { status, description, schema, type }) {
  const inner = schema && schemaList(spec, schema);
  return h(
    'li',
    {},
    h('span', { class: ['status', 'good'] }, status),
    ' ',
    inline(description),
    !description && type && h('code', {}, type),
    inner &&
      h(
        'details',
        {},
        h('summary', {}, t('docs.shape')),
        inner,
        languages([{ language: 'json', text: JSON.stringify(spec.example(schema), null, 2) }]),
      ),
  );
}

/** The codes of one status; what they mean is told where they lead. */
const refusals = ({ status, description }) =>
  h(
    'li',
    { class: 'refusals' },
    h('span', { class: ['status', 'bad'] }, status),
    ' ',
    description.split('\n\n').map((line) => {
      const [, code, text] = /^`(\w+)`: (.*)$/s.exec(line) ?? [null, null, line];
      return code
        ? h('a', { href: `/docs/errors#${code}`, title: text.replaceAll('`', '') }, h('code', {}, code))
        : h('span', {}, inline(text));
    }),
  );

/** A call with examples in all places that must be filled. */
export function exampleCall(spec, operation) {
  const url = operation.path.replace(/\{(\w+)\}/g, (_, name) => pathExample(operation, name));
  const call = {
    method: operation.method,
    url: `${location.origin}${url}`,
    headers: {},
    isOpen: operation.isOpen,
    isStream: operation.responses.some((one) => one.type === 'text/event-stream'),
  };
  if (!operation.body) return call;
  if (operation.body.type === 'multipart/form-data') return { ...call, form: formExample(spec, operation.body) };
  return { ...call, body: operation.body.example ?? spec.example(spec.variants(operation.body.schema)[0], true) };
}

const PREFIXES = [
  ['/assets/', 'ast_…'],
  ['/jobs/', 'job_…'],
  ['/keys/', 'key_…'],
  ['/accounts/', 'acc_…'],
];
/** An id of the kind that the path names. */
function pathExample({ path }, name) {
  if (name !== 'id') return `…`;
  if (path.includes('/voices/')) return 'casual_male';
  return PREFIXES.find(([part]) => path.includes(part))?.[1] ?? '…';
}

function formExample(spec, body) {
  const fields = spec.properties(body.schema).map(({ name, schema }) => {
    const isFile = spec.resolve(schema).format === 'binary' || spec.typeName(schema).startsWith('file');
    return [name, isFile ? '@portrait.jpg' : String(spec.example(schema))];
  });
  return Object.fromEntries(fields);
}
