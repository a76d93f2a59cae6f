// A schema as a list of its properties, each with its type, its bounds and what it means; objects within open.

import { h } from '../dom.js';
import { t } from '../strings.js';
import { inline } from './markdown.js';

/** Objects in objects are shown so deep. */
const DEPTH_MAX = 4;

/** The properties of a schema as a list; null where it has none. `showsRequired` marks what must be sent. */
export function schemaList(spec, schema, { showsRequired = false, depth = 0 } = {}) {
  const properties = spec.properties(schema);
  if (properties.length === 0 || depth > DEPTH_MAX) return null;
  return h(
    'ul',
    { class: 'schema' },
    properties.map((one) => property(spec, one, showsRequired, depth)),
  );
}

function property(spec, { name, schema, isRequired, description }, showsRequired, depth) {
  const bounds = spec.bounds(schema);
  const inner = schemaList(spec, schema, { showsRequired, depth: depth + 1 });
  return h(
    'li',
    {},
    h(
      'div',
      { class: 'schema-head' },
      h('code', { class: 'name' }, name),
      h('span', { class: 'type' }, spec.typeName(schema)),
      showsRequired && isRequired && h('span', { class: 'required' }, t('docs.required')),
      bounds && h('span', { class: 'quiet' }, bounds),
    ),
    description && h('p', {}, inline(description)),
    inner && h('details', {}, h('summary', {}, t('docs.properties_of', { name })), inner),
  );
}

/** The parameters of a call as the same kind of list. */
export const parameterList = (spec, parameters) =>
  h(
    'ul',
    { class: 'schema' },
    parameters.map((one) =>
      h(
        'li',
        {},
        h(
          'div',
          { class: 'schema-head' },
          h('code', { class: 'name' }, one.name),
          h('span', { class: 'type' }, `${t(`docs.in.${one.in}`)} · ${spec.typeName(one.schema)}`),
          one.required && h('span', { class: 'required' }, t('docs.required')),
          h('span', { class: 'quiet' }, spec.bounds(one.schema)),
        ),
        one.description && h('p', {}, inline(one.description)),
      ),
    ),
  );
