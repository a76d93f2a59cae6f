// The frame around every page: the way to its parts, what is left to spend, and who is here.

import { fill, h } from '../dom.js';
import { formatNumber } from '../format.js';
import { showKeys } from '../keyboard.js';
import { navigate } from '../router.js';
import { onSession, session } from '../session.js';
import { signOut } from '../sign-in.js';
import { t } from '../strings.js';
import { THEMES, chooseTheme, theme } from '../theme.js';
import { icon } from './icon.js';
import { attachMenu } from './menu.js';

const PARTS = [
  { part: 'studio', href: '/', icon: 'sparkle', needs: 'person' },
  { part: 'library', href: '/library', icon: 'library', needs: 'person' },
  { part: 'account', href: '/account', icon: 'account', needs: 'person' },
  { part: 'docs', href: '/docs', icon: 'docs' },
  { part: 'admin', href: '/admin', icon: 'admin', needs: 'admin' },
];

/** The pages of a part that has several, as a row of links at the top of each. */
const PAGES = {
  account: ['/account', '/account/keys', '/account/webhooks', '/account/security'],
  admin: [
    '/admin',
    '/admin/queue',
    '/admin/accounts',
    '/admin/jobs',
    '/admin/models',
    '/admin/storage',
    '/admin/metrics',
    '/admin/settings',
    '/admin/audit',
    '/admin/backups',
    '/admin/logs',
    '/admin/doctor',
  ],
};

const may = (part) =>
  !part.needs || (session.state === 'signed_in' && (part.needs === 'person' || session.account?.is_admin));

function mainLinks(current) {
  return PARTS.filter(may).map((one) =>
    h(
      'a',
      { href: one.href, class: 'nav-link', 'aria-current': one.part === current ? 'true' : null },
      icon(one.icon),
      h('span', {}, t(`nav.${one.part}`)),
    ),
  );
}

function userMenu() {
  const opener = h(
    'button',
    { type: 'button', class: 'user' },
    h(
      'span',
      { class: 'avatar', 'aria-hidden': 'true' },
      session.account?.email?.[0]?.toUpperCase() ?? icon('account'),
    ),
    h('span', { class: 'user-name' }, session.account?.email ?? ''),
    h('span', { class: 'visually-hidden' }, t('nav.menu')),
    icon('more'),
  );
  attachMenu(
    opener,
    () => [
      session.account && { label: t('nav.security'), icon: 'lock', onclick: () => navigate('/account/security') },
      { label: t('keys.title'), icon: 'keyboard', onclick: showKeys },
      null,
      ...THEMES.map((name) => ({
        label: t(`theme.${name}`),
        checked: theme() === name,
        onclick: () => chooseTheme(name),
      })),
      null,
      session.account
        ? {
            label: t('nav.sign_out'),
            icon: 'sign-out',
            onclick: async () => {
              await signOut();
              navigate('/sign-in');
            },
          }
        : { label: t('nav.sign_in'), icon: 'account', onclick: () => navigate('/sign-in') },
    ],
    { align: 'start' },
  );
  return opener;
}

function balance() {
  const { account } = session;
  if (!account) return null;
  return h(
    'a',
    {
      href: '/account',
      class: 'balance',
      title: account.credits_held ? t('nav.held', { count: account.credits_held }) : null,
    },
    icon('credit'),
    h('strong', {}, formatNumber(account.credits_remaining)),
    h('span', {}, t('nav.credits', { count: account.credits_remaining })),
  );
}

/** The frame; `mark(route)` says which page is shown. */
export function shell() {
  const [links, foot, small, sub] = [
    h('div', { class: 'nav-links' }),
    h('div', { class: 'nav-foot' }),
    h('div', { class: 'top-end' }),
    h('div', { class: 'sub-nav-place' }),
  ];
  const brand = () =>
    h(
      'a',
      { href: '/', class: 'brand' },
      h('img', { src: '/static/icon.svg', alt: '', width: 28, height: 28 }),
      h('span', {}, t('product')),
    );
  const bar = h('header', { class: 'top-bar' }, brand(), small);
  const side = h('nav', { class: 'side', 'aria-label': t('nav.label') }, brand(), links, foot);
  const node = h('div', { class: 'frame' }, bar, side, sub);
  let route = null;
  const draw = () => {
    const isEntrance = route?.part === 'entrance' || session.state !== 'signed_in';
    document.body.dataset.part = route?.part ?? 'none';
    document.body.dataset.frame = isEntrance && route?.part !== 'docs' ? 'bare' : 'full';
    fill(links, mainLinks(route?.part));
    fill(foot, balance(), userMenu());
    fill(small, balance(), userMenu());
    const pages = may(PARTS.find((one) => one.part === route?.part) ?? { needs: 'nobody' }) ? PAGES[route?.part] : null;
    fill(
      sub,
      pages &&
        h(
          'nav',
          { class: 'sub-nav', 'aria-label': t(`nav.${route.part}`) },
          pages.map((href) =>
            h(
              'a',
              { href, 'aria-current': href === route.path ? 'page' : null },
              t(`pages.${href.slice(1).replace('/', '_')}`),
            ),
          ),
        ),
    );
    sub.querySelector('[aria-current]')?.scrollIntoView({ block: 'nearest', inline: 'center' });
  };
  onSession(draw);
  draw();
  return {
    node,
    mark: (next) => {
      route = next;
      draw();
    },
  };
}
