// The documentation's contents beside every page of it, and the search through all of it.

import { searchBox } from '../components/filters.js';
import { fill, h } from '../dom.js';
import { t } from '../strings.js';
import { blocks, slug } from './markdown.js';
import { readGuide } from './guides.js';

/** The guides in the order in which to read them; each is `assets/guides/<name>.md`. */
export const GUIDES = ['five-calls', 'idempotency', 'webhooks', 'test-keys', 'air-gap'];

/** Results that are shown at most. */
const RESULTS_MAX = 12;

export const guideTitle = (name) => t(`docs.guide.${name.replaceAll('-', '_')}`);

const link = (href, text, path) => h('li', {}, h('a', { href, 'aria-current': href === path ? 'page' : null }, text));

/** The contents: a search, the guides, the reference by its parts. */
export function contents(spec, path) {
  const results = h('div', { role: 'status', class: 'doc-results' });
  const lists = h(
    'div',
    {},
    h('h2', {}, t('docs.guides')),
    h(
      'ul',
      {},
      GUIDES.map((name) => link(`/docs/${name}`, guideTitle(name), path)),
    ),
    h('h2', {}, t('docs.reference')),
    h(
      'ul',
      {},
      link('/docs/reference', t('docs.all_calls'), path),
      spec.tags.map((tag) =>
        h('li', {}, h('a', { href: `/docs/reference#${slug(tag.name)}`, class: 'deep' }, tag.name)),
      ),
      link('/docs/errors', t('docs.errors'), path),
    ),
  );
  const search = searchBox(t('docs.search'), async (text) => {
    lists.hidden = text !== '';
    if (!text) {
      fill(results);
      return;
    }
    const found = (await find(spec, text)).slice(0, RESULTS_MAX);
    fill(
      results,
      h('p', { class: 'quiet' }, t('docs.found', { count: found.length })),
      h(
        'ul',
        {},
        found.map((one) =>
          h('li', {}, h('a', { href: one.href }, h('strong', {}, one.title), h('small', {}, one.about))),
        ),
      ),
    );
  });
  const inner = h('div', { class: 'contents-body' }, search, results, lists);
  // Narrow screens fold it; wide ones show it always (the style does).
  return h(
    'nav',
    { class: 'contents', 'aria-label': t('docs.contents') },
    h('details', { open: matchMedia('(min-width: 900px)').matches }, h('summary', {}, t('docs.contents')), inner),
  );
}

/** Everything in which all the words occur, the closest first: those that have them in the title. */
async function find(spec, text) {
  const words = text.toLowerCase().split(/\s+/);
  const all = [...(await sections()), ...calls(spec), ...refusals(spec)];
  const has = (where) => words.every((word) => where.toLowerCase().includes(word));
  return all
    .filter((one) => has(`${one.title} ${one.about} ${one.more}`))
    .sort((a, b) => Number(has(b.title)) - Number(has(a.title)));
}

async function sections() {
  const guides = await Promise.all(
    GUIDES.map(async (name) => {
      const found = [{ href: `/docs/${name}`, title: guideTitle(name), about: t('docs.guides'), more: '' }];
      for (const block of blocks(await readGuide(name))) {
        if (block.kind === 'heading' && block.level > 1) {
          found.push({
            href: `/docs/${name}#${slug(block.text)}`,
            title: block.text,
            about: guideTitle(name),
            more: '',
          });
        } else if (block.kind !== 'codes' && block.kind !== 'heading') {
          found.at(-1).more += ` ${block.text ?? block.items?.join(' ') ?? block.rows.flat().join(' ')}`;
        }
      }
      return found;
    }),
  );
  return guides.flat();
}

const calls = (spec) =>
  spec.operations.map((one) => ({
    href: `/docs/reference#${one.id}`,
    title: `${one.method} ${one.path}`,
    about: one.summary,
    more: `${one.description} ${one.id} ${one.tag} ${one.parameters.map((parameter) => parameter.name).join(' ')} ${
      one.body
        ? spec
            .variants(one.body.schema)
            .flatMap((shape) => spec.properties(shape).map((property) => property.name))
            .join(' ')
        : ''
    }`,
  }));

const refusals = (spec) =>
  spec.errors.map((one) => ({
    href: `/docs/errors#${one.code}`,
    title: one.code,
    about: t('docs.error_of', { status: String(one.status) }),
    more: one.doc,
  }));
