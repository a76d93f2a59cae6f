// The call that makes a job again, in three languages, for any text.

import { requestOf } from './jobs.js';

/** A text as one word of a POSIX shell. */
export const shellQuote = (text) => `'${text.replaceAll("'", "'\\''")}'`;

/** A JSON value as a literal of Python. */
export function pythonLiteral(value, indent = '') {
  if (value === null || value === undefined) return 'None';
  if (value === true) return 'True';
  if (value === false) return 'False';
  if (typeof value !== 'object') return JSON.stringify(value);
  const deeper = `${indent}    `;
  const inner = Array.isArray(value)
    ? value.map((one) => `${deeper}${pythonLiteral(one, deeper)},\n`)
    : Object.entries(value).map(([key, one]) => `${deeper}${JSON.stringify(key)}: ${pythonLiteral(one, deeper)},\n`);
  const [open, close] = Array.isArray(value) ? '[]' : '{}';
  return inner.length ? `${open}\n${inner.join('')}${indent}${close}` : open + close;
}

/** The request without what an earlier answer resolved to nothing. */
export function plainRequest(job) {
  const { mode, ...rest } = requestOf(job);
  return { mode, ...Object.fromEntries(Object.entries(rest).filter(([, value]) => value !== null)) };
}

const curl = (origin, body) => `curl -X POST ${origin}/v1/jobs \\
  -H "Authorization: Bearer $KEY" \\
  -H "Content-Type: application/json" \\
  -d ${shellQuote(JSON.stringify(body, null, 2))}`;

const python = (origin, body) => `import json, os, urllib.request

request = urllib.request.Request(
    ${JSON.stringify(`${origin}/v1/jobs`)},
    data=json.dumps(${pythonLiteral(body, '    ')}).encode(),
    headers={
        "Authorization": "Bearer " + os.environ["KEY"],
        "Content-Type": "application/json",
    },
)
print(json.load(urllib.request.urlopen(request)))`;

const javascript = (origin, body) => `const answer = await fetch(${JSON.stringify(`${origin}/v1/jobs`)}, {
  method: "POST",
  headers: {
    "Authorization": \`Bearer \${process.env.KEY}\`,
    "Content-Type": "application/json",
  },
  body: JSON.stringify(${JSON.stringify(body, null, 2).replaceAll('\n', '\n  ')}),
});
console.log(await answer.json());`;

/** curl, Python and JavaScript that make the body's job: `[{ id, label, text }]`. */
export function snippets(body, origin = location.origin) {
  return [
    { id: 'curl', label: 'curl', text: curl(origin, body) },
    { id: 'python', label: 'Python', text: python(origin, body) },
    { id: 'javascript', label: 'JavaScript', text: javascript(origin, body) },
  ];
}
