// The guides' Markdown as elements. Knows what the guides use: headings, paragraphs, lists, tables, fences, code,
// emphasis and links. Texts only ever become text nodes, and links lead only to pages or to https.

import { h } from '../dom.js';

// A tick is \x60 here: the test that strips comments counts the ticks of templates.
const FENCE = /^\x60{3}(\S*)\s*$/;
const INLINE = /\x60([^\x60]+)\x60|\*\*([^*]+)\*\*|\[([^\]]+)\]\(([^)\s]+)\)/g;

/** The anchor of a heading. */
export const slug = (text) =>
  text
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, '-')
    .replaceAll(/^-|-$/g, '');

/** A line of text with its `code`, **emphasis** and [links](…). */
export function inline(text) {
  const nodes = [];
  let end = 0;
  for (const match of text.matchAll(INLINE)) {
    if (match.index > end) nodes.push(text.slice(end, match.index));
    const [whole, code, strong, label, target] = match;
    if (code !== undefined) nodes.push(h('code', {}, code));
    else if (strong !== undefined) nodes.push(h('strong', {}, strong));
    else if (/^(\/|#|https:\/\/)/.test(target)) nodes.push(h('a', { href: target }, label));
    else nodes.push(label);
    end = match.index + whole.length;
  }
  if (end < text.length) nodes.push(text.slice(end));
  return nodes;
}

/** The blocks of a document: `{kind, …}`, with consecutive fences gathered in one block of `codes`. */
export function blocks(source) {
  const lines = source.split('\n');
  const found = [];
  let at = 0;
  const takeWhile = (good) => {
    const taken = [];
    while (at < lines.length && good(lines[at])) taken.push(lines[at++]);
    return taken;
  };
  const isPlain = (line) => line.trim() !== '' && !/^(#|\x60{3}|- |\|)/.test(line);
  while (at < lines.length) {
    const line = lines[at];
    const fence = FENCE.exec(line);
    if (line.trim() === '') {
      at += 1;
    } else if (fence) {
      at += 1;
      const code = { language: fence[1], text: takeWhile((one) => !FENCE.test(one)).join('\n') };
      at += 1;
      const last = found.at(-1);
      const isNext = last?.kind === 'codes' && !last.codes.some((one) => one.language === code.language);
      if (isNext) last.codes.push(code);
      else found.push({ kind: 'codes', codes: [code] });
    } else if (line.startsWith('#')) {
      at += 1;
      const [, marks, text] = /^(#+)\s+(.*)$/.exec(line);
      found.push({ kind: 'heading', level: marks.length, text });
    } else if (line.startsWith('- ')) {
      const items = [];
      for (const one of takeWhile((next) => next.startsWith('- ') || /^ +\S/.test(next))) {
        if (one.startsWith('- ')) items.push(one.slice(2));
        else items[items.length - 1] += ` ${one.trim()}`;
      }
      found.push({ kind: 'list', items });
    } else if (line.startsWith('|')) {
      const rows = takeWhile((one) => one.startsWith('|')).map((one) =>
        one
          .slice(1, -1)
          .split('|')
          .map((c) => c.trim()),
      );
      found.push({ kind: 'table', head: rows[0], rows: rows.slice(2) });
    } else {
      // A line that begins with a mark of another block stands for itself here, so that every turn takes a line.
      at += 1;
      found.push({ kind: 'text', text: [line, ...takeWhile(isPlain)].join(' ') });
    }
  }
  return found;
}

/** The elements of one block; `showCodes` makes those of code. */
function element(block, showCodes) {
  switch (block.kind) {
    case 'heading': {
      const name = `h${block.level}`;
      return h(name, { id: block.level > 1 ? slug(block.text) : null }, ...inline(block.text));
    }
    case 'list':
      return h('ul', {}, ...block.items.map((item) => h('li', {}, ...inline(item))));
    case 'table':
      return h(
        'div',
        { class: 'table-frame' },
        h(
          'table',
          { class: 'table' },
          h('thead', {}, h('tr', {}, ...block.head.map((cell) => h('th', { scope: 'col' }, ...inline(cell))))),
          h(
            'tbody',
            {},
            ...block.rows.map((row) =>
              h(
                'tr',
                {},
                ...row.map((cell, i) => h('td', { data: { label: block.head[i] } }, h('span', {}, ...inline(cell)))),
              ),
            ),
          ),
        ),
      );
    case 'codes':
      return showCodes(block.codes);
    default:
      return h('p', {}, ...inline(block.text));
  }
}

/** A whole document as elements. */
export const render = (source, showCodes) => blocks(source).map((block) => element(block, showCodes));
