// One call as a program in three languages. What they are given is what try-it sends.

/** For a shell, in single quotes. */
const quoted = (text) => `'${text.replaceAll("'", "'\\''")}'`;

/** JSON as Python writes it. */
function python(value, indent = '') {
  const deeper = `${indent}    `;
  if (value === null) return 'None';
  if (value === true) return 'True';
  if (value === false) return 'False';
  if (Array.isArray(value)) return `[${value.map((one) => python(one, deeper)).join(', ')}]`;
  if (typeof value === 'object') {
    const lines = Object.entries(value).map(([key, one]) => `${deeper}${JSON.stringify(key)}: ${python(one, deeper)},`);
    return lines.length > 0 ? `{\n${lines.join('\n')}\n${indent}}` : '{}';
  }
  return JSON.stringify(value);
}

/** The call as `{language, text}`, one a language. `call` has method, url, headers, isOpen, and body or form. */
export function samples(call) {
  return [
    { language: 'sh', text: curl(call) },
    { language: 'python', text: inPython(call) },
    { language: 'javascript', text: inJavaScript(call) },
  ];
}

function curl({ method, url, headers, isOpen, body, form, isStream }) {
  const lines = [`curl ${isStream ? '-N ' : ''}${method === 'GET' ? '' : `-X ${method} `}${quoted(url)}`];
  if (!isOpen) lines.push('-H "Authorization: Bearer $KEY"');
  for (const [name, value] of Object.entries(headers)) lines.push(`-H ${quoted(`${name}: ${value}`)}`);
  if (form) for (const [name, value] of Object.entries(form)) lines.push(`-F ${quoted(`${name}=${value}`)}`);
  if (body !== undefined) lines.push('-H "Content-Type: application/json"', `-d ${quoted(JSON.stringify(body))}`);
  return lines.join(' \\\n  ');
}

function inPython({ method, url, headers, isOpen, body, form }) {
  if (form) {
    return [
      'import os, requests  # pip install requests',
      '',
      `answer = requests.${method.toLowerCase()}(`,
      `    ${JSON.stringify(url)},`,
      '    headers={"Authorization": f"Bearer {os.environ[\'KEY\']}"},',
      `    data=${python(Object.fromEntries(Object.entries(form).filter(([, v]) => !v.startsWith('@'))), '    ')},`,
      ...Object.entries(form)
        .filter(([, v]) => v.startsWith('@'))
        .map(([name, v]) => `    files={${JSON.stringify(name)}: open(${JSON.stringify(v.slice(1))}, "rb")},`),
      ')',
      'print(answer.json())',
    ].join('\n');
  }
  const all = Object.entries(headers).map(([name, value]) => `${JSON.stringify(name)}: ${JSON.stringify(value)}`);
  if (!isOpen) all.unshift('"Authorization": f"Bearer {os.environ[\'KEY\']}"');
  if (body !== undefined) all.push('"Content-Type": "application/json"');
  const lines = ['import json, os, urllib.request', ''];
  if (body !== undefined) lines.push(`body = ${python(body)}`);
  lines.push(
    'request = urllib.request.Request(',
    `    ${JSON.stringify(url)},`,
    `    method=${JSON.stringify(method)},`,
  );
  if (all.length > 0) lines.push(`    headers={${all.join(', ')}},`);
  if (body !== undefined) lines.push('    data=json.dumps(body).encode(),');
  lines.push(')', 'with urllib.request.urlopen(request) as answer:', '    print(answer.status, answer.read())');
  return lines.join('\n');
}

function inJavaScript({ method, url, headers, isOpen, body, form }) {
  const all = Object.entries(headers).map(([name, value]) => `${JSON.stringify(name)}: ${JSON.stringify(value)}`);
  if (!isOpen) all.unshift('authorization: `Bearer ${process.env.KEY}`');
  if (body !== undefined) all.push("'content-type': 'application/json'");
  const lines = [];
  if (form) {
    lines.push("import { openAsBlob } from 'node:fs';", '', 'const form = new FormData();');
    for (const [name, value] of Object.entries(form)) {
      const shown = value.startsWith('@')
        ? `await openAsBlob(${JSON.stringify(value.slice(1))})`
        : JSON.stringify(value);
      lines.push(
        `form.append(${JSON.stringify(name)}, ${shown}${value.startsWith('@') ? `, ${JSON.stringify(value.slice(1))}` : ''});`,
      );
    }
  }
  lines.push(`const answer = await fetch(${JSON.stringify(url)}, {`, `  method: ${JSON.stringify(method)},`);
  if (all.length > 0) lines.push(`  headers: { ${all.join(', ')} },`);
  if (form) lines.push('  body: form,');
  if (body !== undefined)
    lines.push(`  body: JSON.stringify(${JSON.stringify(body, null, 2).replaceAll('\n', '\n  ')}),`);
  lines.push('});', 'console.log(answer.status, await answer.text());');
  return lines.join('\n');
}
