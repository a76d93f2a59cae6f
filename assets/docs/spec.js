// The OpenAPI document, made easy to show: operations by tag, schemas with their references followed, examples.

/** Fetches the document once. */
let fetched;
export function load() {
  fetched ??= fetch('/openapi.json', { credentials: 'omit' })
    .then((answer) => {
      if (!answer.ok) throw new Error(answer.statusText);
      return answer.json();
    })
    .then((document) => new Spec(document))
    .catch((error) => {
      fetched = undefined;
      throw error;
    });
  return fetched;
}

const METHODS = ['get', 'post', 'put', 'patch', 'delete'];
const last = (pointer) => pointer.slice(pointer.lastIndexOf('/') + 1);

/** What a schema's `type` says, without `null`. */
const kinds = (schema) => [schema.type].flat().filter((type) => type && type !== 'null');

export class Spec {
  constructor(document) {
    this.document = document;
    this.errors = document['x-errors'] ?? [];
    this.operations = Object.entries(document.paths).flatMap(([path, item]) =>
      METHODS.filter((method) => item[method]).map((method) => this.#operation(method, path, item[method])),
    );
    this.tags = (document.tags ?? [])
      .map((tag) => ({
        ...tag,
        operations: this.operations.filter((operation) => operation.tag === tag.name),
      }))
      .filter((tag) => tag.operations.length > 0);
  }

  #operation(method, path, raw) {
    const isOpen = Array.isArray(raw.security) && raw.security.every((one) => Object.keys(one).length === 0);
    const [type, content] = Object.entries(raw.requestBody?.content ?? {})[0] ?? [];
    return {
      id: raw.operationId,
      method: method.toUpperCase(),
      path,
      tag: raw.tags?.[0],
      summary: raw.summary ?? '',
      description: raw.description ?? '',
      parameters: raw.parameters ?? [],
      isOpen,
      body: content && { type, schema: content.schema ?? {}, example: content.example },
      responses: Object.entries(raw.responses ?? {}).map(([status, response]) => {
        const [kind, body] = Object.entries(response.content ?? {})[0] ?? [];
        return { status, description: response.description ?? '', type: kind, schema: body?.schema };
      }),
    };
  }

  /** Follows a reference, and the `null` branch that an optional object has. */
  resolve(schema) {
    let found = schema ?? {};
    for (let depth = 0; depth < 8; depth += 1) {
      if (found.$ref) {
        const target = this.document.components?.schemas?.[last(found.$ref)] ?? {};
        found = { ...target, description: found.description ?? target.description };
      } else {
        const branches = (found.oneOf ?? found.anyOf)?.filter((one) => one.type !== 'null');
        if (branches?.length !== 1) break;
        found = { ...branches[0], description: found.description ?? branches[0].description };
      }
    }
    return found;
  }

  /** Joins the parts of an `allOf`. */
  flatten(schema) {
    const found = this.resolve(schema);
    if (!found.allOf) return found;
    const parts = found.allOf.map((part) => this.flatten(part));
    return {
      ...found,
      ...Object.assign({}, ...parts),
      allOf: undefined,
      properties: Object.assign({}, ...parts.map((part) => part.properties ?? {})),
      required: parts.flatMap((part) => part.required ?? []),
    };
  }

  /** The alternatives of a schema (a job's four modes), each flat; or the schema alone. */
  variants(schema) {
    const found = this.resolve(schema);
    const branches = (found.oneOf ?? found.anyOf ?? []).filter((one) => one.type !== 'null');
    return branches.length > 1 ? branches.map((one) => this.flatten(one)) : [this.flatten(found)];
  }

  /** A schema's type in a word or two. */
  typeName(schema) {
    const isOptional =
      [schema?.type].flat().includes('null') ||
      (schema?.oneOf ?? schema?.anyOf ?? []).some((one) => one.type === 'null');
    const found = this.resolve(schema);
    const or = isOptional ? ' | null' : '';
    if (found.type === 'array' || kinds(found)[0] === 'array') return `${this.typeName(found.items)}[]${or}`;
    if (found.enum?.length === 1) return `"${found.enum[0]}"${or}`;
    if (found.format === 'date-time') return `time${or}`;
    if (found.format === 'binary') return `file${or}`;
    return `${kinds(found).join(' | ') || (found.properties ? 'object' : 'any')}${or}`;
  }

  /** The bounds of a schema, as words for a reader. */
  bounds(schema) {
    const found = this.resolve(schema);
    const words = [];
    if (found.minimum !== undefined && found.maximum !== undefined) words.push(`${found.minimum} – ${found.maximum}`);
    else if (found.minimum) words.push(`≥ ${found.minimum}`);
    else if (found.maximum !== undefined) words.push(`≤ ${found.maximum}`);
    if (found.maxLength !== undefined) words.push(`≤ ${found.maxLength}`);
    if (found.enum?.length > 1) words.push(found.enum.join(', '));
    if (found.default !== undefined) words.push(`= ${JSON.stringify(found.default)}`);
    return words.join(' · ');
  }

  /** The properties of an object's schema, or of the items of a list. */
  properties(schema) {
    const found = this.flatten(schema);
    if (found.items) return this.properties(found.items);
    const required = new Set(found.required ?? []);
    // What tells the shapes apart comes first, then what must be there.
    const rank = (one) => (this.resolve(one.schema).enum?.length === 1 ? 0 : one.isRequired ? 1 : 2);
    return Object.entries(found.properties ?? {})
      .map(([name, property]) => ({
        name,
        schema: property,
        isRequired: required.has(name),
        description: property.description ?? this.resolve(property).description ?? '',
      }))
      .sort((a, b) => rank(a) - rank(b));
  }

  /** A value of the schema. `requiredOnly` leaves out what a request may leave out, unless it has an example. */
  example(schema, requiredOnly = false, depth = 0) {
    const found = this.flatten(schema);
    if (schema?.example !== undefined) return schema.example;
    if (found.example !== undefined) return found.example;
    if (found.enum) return found.enum[0];
    const branches = (found.oneOf ?? found.anyOf ?? []).filter((one) => one.type !== 'null');
    if (branches.length > 0) return this.example(branches[0], requiredOnly, depth + 1);
    const kind = kinds(found)[0] ?? (found.properties ? 'object' : undefined);
    if (kind === 'array') return depth > 4 ? [] : [this.example(found.items, requiredOnly, depth + 1)];
    if (kind === 'object') {
      if (depth > 5) return {};
      const shown = this.properties(found).filter(
        (one) => !requiredOnly || one.isRequired || this.resolve(one.schema).example !== undefined,
      );
      return Object.fromEntries(shown.map((one) => [one.name, this.example(one.schema, requiredOnly, depth + 1)]));
    }
    if (kind === 'integer' || kind === 'number') return found.minimum > 0 ? found.minimum : 0;
    if (kind === 'boolean') return false;
    if (kind === 'string') return found.format === 'date-time' ? '2026-11-24T09:30:00Z' : '…';
    return null;
  }
}
