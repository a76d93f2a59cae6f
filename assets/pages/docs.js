// The documentation: guides, the reference of all calls, the table of errors.

import { linkButton } from '../components/button.js';
import { icon } from '../components/icon.js';
import { pageHead } from '../components/panel.js';
import { GUIDES, contents, guideTitle } from '../docs/contents.js';
import { readGuide } from '../docs/guides.js';
import { languages } from '../docs/languages.js';
import { inline, render as renderMarkdown, slug } from '../docs/markdown.js';
import { operationNode } from '../docs/operation.js';
import { load } from '../docs/spec.js';
import { h } from '../dom.js';
import { t } from '../strings.js';

export default {
  title: t('docs.title'),
  async render(root, { path, setTitle, signal }) {
    const name = path.replace(/\/+$/, '').split('/')[2] ?? '';
    const spec = await load();
    const body = h('article', { class: 'doc' });
    root.classList.add('docs');
    root.append(contents(spec, path), body);
    if (name === 'reference') reference(body, spec, signal);
    else if (name === 'errors') errors(body, spec, signal);
    else if (GUIDES.includes(name)) body.append(...renderMarkdown(await readGuide(name), languages), onward(name));
    else front(body, spec);
    setTitle(body.querySelector('h1').textContent);
  },
};

function front(body, spec) {
  const card = (href, name, title, text) =>
    h(
      'li',
      {},
      h('a', { href, class: 'doc-card' }, icon(name), h('strong', {}, title), h('span', { class: 'quiet' }, text)),
    );
  const icons = {
    'five-calls': 'play',
    idempotency: 'retry',
    webhooks: 'webhook',
    'test-keys': 'key',
    'air-gap': 'lock',
  };
  body.append(
    pageHead(t('docs.title'), { about: t('docs.lead') }),
    h('p', {}, inline(t('docs.base', { url: location.origin }))),
    h(
      'ul',
      { class: 'doc-cards' },
      GUIDES.map((name) =>
        card(`/docs/${name}`, icons[name], guideTitle(name), t(`docs.about.${name.replaceAll('-', '_')}`)),
      ),
      card(
        '/docs/reference',
        'list',
        t('docs.reference'),
        t('docs.about.reference', { count: spec.operations.length }),
      ),
      card('/docs/errors', 'error', t('docs.errors'), t('docs.about.errors', { count: spec.errors.length })),
    ),
  );
}

/** The way to the guide before and after. */
function onward(name) {
  const at = GUIDES.indexOf(name);
  const to = (other, key) =>
    other &&
    h('a', { href: `/docs/${other}`, class: key }, h('small', { class: 'quiet' }, t(`docs.${key}`)), guideTitle(other));
  return h(
    'nav',
    { class: 'onward', 'aria-label': t('docs.guides') },
    to(GUIDES[at - 1], 'before'),
    to(GUIDES[at + 1], 'after'),
  );
}

function reference(body, spec, signal) {
  const { info } = spec.document;
  body.classList.add('wide');
  body.append(
    pageHead(t('docs.reference'), { about: t('docs.about.reference', { count: spec.operations.length }) }),
    ...info.description.split('\n\n').map((text) => h('p', {}, inline(text))),
    h(
      'div',
      {},
      linkButton(t('docs.download'), '/openapi.json', {
        icon: 'download',
        size: 'small',
        download: 'magicpixels-openapi.json',
      }),
    ),
  );
  for (const tag of spec.tags) {
    body.append(
      h(
        'section',
        { 'aria-labelledby': slug(tag.name) },
        h('h2', { id: slug(tag.name) }, tag.name),
        tag.description && h('p', { class: 'quiet' }, inline(tag.description)),
        tag.operations.map((operation) => operationNode(spec, operation)),
      ),
    );
  }
  const openNamed = () => {
    const node = document.getElementById(decodeURIComponent(location.hash.slice(1)));
    if (!node?.draw) return;
    node.open = true;
    node.draw();
    node.scrollIntoView();
  };
  window.addEventListener('hashchange', openNamed, { signal });
  openNamed();
}

function errors(body, spec, signal) {
  body.append(
    pageHead(t('docs.errors'), { about: t('docs.about.errors', { count: spec.errors.length }) }),
    h('p', {}, inline(t('docs.error_shape'))),
    languages([
      {
        language: 'json',
        text: JSON.stringify(
          {
            error: {
              code: 'insufficient_credits',
              message: t('docs.error_message'),
              details: { required: 22, available: 1 },
              request_id: 'req_…',
              doc: '/docs/errors#insufficient_credits',
            },
          },
          null,
          2,
        ),
      },
    ]),
    ...spec.errors.map((one) =>
      h(
        'section',
        { id: one.code, class: 'error-code', 'aria-labelledby': `${one.code}-name` },
        h(
          'h2',
          { id: `${one.code}-name` },
          h('a', { href: `#${one.code}` }, h('code', {}, one.code)),
          ' ',
          h('span', { class: ['status', 'bad'] }, one.status),
        ),
        h('p', {}, inline(one.doc)),
      ),
    ),
  );
  // `:target` does not find what was drawn after the page was loaded.
  const mark = () => {
    for (const node of body.querySelectorAll('.error-code'))
      node.classList.toggle('named', node.id === location.hash.slice(1));
  };
  window.addEventListener('hashchange', mark, { signal });
  mark();
}
