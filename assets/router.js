// Which module draws which path, and how one gets from page to page without loading anything twice.

import { h } from './dom.js';
import { errorPanel, loadingPanel, missingPanel } from './components/panel.js';
import { session } from './session.js';
import { t } from './strings.js';

/**
 * Every page: its path, its module under `pages/`, who may see it (`person`, `admin`, `guest`, anyone) and the part of
 * the site that it belongs to. The appliance has the same list of paths in `src/web/pages.rs`.
 */
export const ROUTES = [
  { path: '/', page: 'studio', needs: 'person', part: 'studio' },
  { path: '/library', page: 'library', needs: 'person', part: 'library' },
  { path: '/jobs/{id}', page: 'job', needs: 'person', part: 'library' },
  { path: '/account', page: 'account', needs: 'person', part: 'account' },
  { path: '/account/keys', page: 'keys', needs: 'person', part: 'account' },
  { path: '/account/webhooks', page: 'webhooks', needs: 'person', part: 'account' },
  { path: '/account/security', page: 'security', needs: 'person', part: 'account' },
  { path: '/admin', page: 'admin/overview', needs: 'admin', part: 'admin' },
  { path: '/admin/queue', page: 'admin/queue', needs: 'admin', part: 'admin' },
  { path: '/admin/accounts', page: 'admin/accounts', needs: 'admin', part: 'admin' },
  { path: '/admin/jobs', page: 'admin/jobs', needs: 'admin', part: 'admin' },
  { path: '/admin/models', page: 'admin/models', needs: 'admin', part: 'admin' },
  { path: '/admin/storage', page: 'admin/storage', needs: 'admin', part: 'admin' },
  { path: '/admin/settings', page: 'admin/settings', needs: 'admin', part: 'admin' },
  { path: '/admin/audit', page: 'admin/audit', needs: 'admin', part: 'admin' },
  { path: '/admin/metrics', page: 'admin/metrics', needs: 'admin', part: 'admin' },
  { path: '/admin/backups', page: 'admin/backups', needs: 'admin', part: 'admin' },
  { path: '/admin/logs', page: 'admin/logs', needs: 'admin', part: 'admin' },
  { path: '/admin/doctor', page: 'admin/doctor', needs: 'admin', part: 'admin' },
  { path: '/docs', page: 'docs', part: 'docs' },
  { path: '/docs/five-calls', page: 'docs', part: 'docs' },
  { path: '/docs/webhooks', page: 'docs', part: 'docs' },
  { path: '/docs/idempotency', page: 'docs', part: 'docs' },
  { path: '/docs/test-keys', page: 'docs', part: 'docs' },
  { path: '/docs/air-gap', page: 'docs', part: 'docs' },
  { path: '/docs/reference', page: 'docs', part: 'docs' },
  { path: '/docs/errors', page: 'docs', part: 'docs' },
  { path: '/sign-in', page: 'sign-in', needs: 'guest', part: 'entrance' },
  { path: '/sign-up', page: 'sign-up', needs: 'guest', part: 'entrance' },
  { path: '/setup', page: 'setup', needs: 'guest', part: 'entrance' },
];

/** The route of a path with its parameters, or null. */
export function match(path) {
  const bare = path.length > 1 ? path.replace(/\/+$/, '') : path;
  for (const route of ROUTES) {
    const names = [];
    const pattern = route.path.replace(/\{(\w+)\}/g, (_, name) => {
      names.push(name);
      return '([^/]+)';
    });
    const found = new RegExp(`^${pattern}$`).exec(bare);
    if (found)
      return { route, params: Object.fromEntries(names.map((name, i) => [name, decodeURIComponent(found[i + 1])])) };
  }
  return null;
}

let current = new AbortController();
let onChange = () => {};
let isFirst = true;
const scrolls = new Map();

const entry = () => history.state?.entry ?? 'first';
const remember = () => scrolls.set(entry(), window.scrollY);

/** Goes to a path of the site. `replace` puts it in the place of the present one. */
export function navigate(to, { replace = false } = {}) {
  const url = new URL(to, location.href);
  if (url.origin !== location.origin || !match(url.pathname)) {
    location.assign(url);
    return;
  }
  remember();
  const state = { entry: `${Date.now()}-${Math.random()}` };
  if (replace) history.replaceState(state, '', url);
  else history.pushState(state, '', url);
  show();
}

/** Puts another query in the address of the page that is shown, without showing it again. */
export function putQuery(query) {
  const pairs = Object.entries(query).filter(([, value]) => value !== null && value !== undefined && value !== '');
  const text = new URLSearchParams(pairs).toString();
  history.replaceState(history.state, '', `${location.pathname}${text ? `?${text}` : ''}${location.hash}`);
}

/** Draws the present page anew, as after signing in as somebody else. */
export const reload = () => show();

/** Where to go after signing in: only ever a path of this site. */
export function nextPath() {
  const next = new URLSearchParams(location.search).get('next') ?? '/';
  return next.startsWith('/') && !next.startsWith('//') && match(new URL(next, location.href).pathname) ? next : '/';
}

/** Where somebody belongs who may not see the route; null where they may. */
function elsewhere(route) {
  if (session.state === 'set_up' && route?.needs !== undefined && route.page !== 'setup') return '/setup';
  if (session.state === 'set_up') return null;
  if (route?.page === 'setup') return '/';
  if ((route?.needs === 'person' || route?.needs === 'admin') && session.state !== 'signed_in') {
    return `/sign-in?next=${encodeURIComponent(location.pathname + location.search)}`;
  }
  if (route?.needs === 'guest' && session.state === 'signed_in') return nextPath();
  return null;
}

function pageOf(route) {
  if (!route) return 'not-found';
  if (route.needs === 'admin' && !session.account?.is_admin) return 'forbidden';
  return route.page;
}

async function show() {
  current.abort(new DOMException('left', 'AbortError'));
  current = new AbortController();
  const { signal } = current;
  const found = match(location.pathname);
  const other = elsewhere(found?.route);
  if (other) {
    navigate(other, { replace: true });
    return;
  }
  const main = document.querySelector('#main');
  const root = h('div', { class: 'page' });
  const waiting = setTimeout(
    () => !signal.aborted && main.replaceChildren(h('div', { class: 'page' }, loadingPanel())),
    150,
  );
  onChange(found?.route ?? null);
  try {
    const { default: page } = await import(`./pages/${pageOf(found?.route)}.js`);
    if (signal.aborted) return;
    setTitle(page.title);
    clearTimeout(waiting);
    main.replaceChildren(root);
    main.dataset.page = pageOf(found?.route);
    if (!isFirst) main.focus({ preventScroll: true });
    const wanted = scrolls.get(entry()) ?? 0;
    if (!wanted) window.scrollTo(0, 0);
    const restoreScroll = () => window.scrollTo(0, wanted);
    await page.render(root, {
      params: found?.params ?? {},
      query: new URLSearchParams(location.search),
      path: location.pathname,
      session,
      signal,
      navigate,
      setTitle,
      restoreScroll,
    });
    if (!signal.aborted && wanted) restoreScroll();
    if (location.hash) document.getElementById(decodeURIComponent(location.hash.slice(1)))?.scrollIntoView();
  } catch (error) {
    clearTimeout(waiting);
    if (signal.aborted) return;
    console.error(error);
    root.replaceChildren(error.status === 404 ? missingPanel(error) : errorPanel(error, show));
    if (!root.isConnected) main.replaceChildren(root);
  } finally {
    isFirst = false;
  }
}

/** The title of the window. */
export function setTitle(title) {
  document.title = title ? `${title} · ${t('product')}` : t('product');
}

function followLink(event) {
  const link = event.target.closest?.('a[href]');
  if (!link || event.defaultPrevented || event.button !== 0) return;
  if (event.metaKey || event.ctrlKey || event.shiftKey || event.altKey || link.target || link.hasAttribute('download'))
    return;
  const url = new URL(link.href);
  if (url.origin !== location.origin || !match(url.pathname)) return;
  if (url.pathname === location.pathname && url.search === location.search && url.hash) return;
  event.preventDefault();
  navigate(url);
}

/** Begins: draws the present page and follows links and the browser's own steps. `changed` hears of every route. */
export function startRouter(changed) {
  onChange = changed;
  history.scrollRestoration = 'manual';
  document.addEventListener('click', followLink);
  window.addEventListener('popstate', show);
  window.addEventListener('scroll', remember, { passive: true });
  show();
}
