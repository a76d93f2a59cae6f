// A key that was just made: told once, with a call that works; and the prompts that test keys know.

import { copyButton } from '../components/button.js';
import { codeBlock } from '../components/code.js';
import { notice } from '../components/panel.js';
import { h } from '../dom.js';
import { t } from '../strings.js';

/** The words of `src/app/rehearsal.rs`; a test holds the two together. */
const MAGIC_WORDS = [
  'test:abort',
  'test:abort_input',
  'test:abort_timeout',
  'test:slow',
  'test:insufficient_credits',
  'test:rate_limited',
  'test:queue_full',
  'test:storage_full',
];

/** A call that a key of these scopes may make. */
function firstCall({ token, scopes }) {
  const can = (scope) => scopes.includes(scope);
  const head = `-H "Authorization: Bearer ${token}"`;
  if (can('jobs:write')) {
    return (
      `curl ${location.origin}/v1/jobs ${head} \\\n  -H "Content-Type: application/json" \\\n` +
      '  -d \'{"mode": "text_to_image", "prompt": "a ceramic cup on brushed steel"}\''
    );
  }
  const path = can('account:read') ? 'account' : can('jobs:read') ? 'jobs' : can('assets:read') ? 'assets' : null;
  if (path) return `curl ${location.origin}/v1/${path} ${head}`;
  return `curl ${location.origin}/v1/assets ${head} \\\n  -F "kind=image" -F "file=@portrait.jpg"`;
}

/** The panel of a new key. */
export const newKeyPanel = (key) =>
  h(
    'section',
    { class: 'panel fresh', tabindex: '-1', 'aria-labelledby': 'new-key' },
    h('h2', { id: 'new-key' }, t('account.keys.new_title', key)),
    notice('warn', t('account.keys.new_once')),
    h(
      'div',
      { class: 'secret-row' },
      h('code', { class: 'secret', data: { testid: 'key-token' } }, key.token),
      copyButton(key.token),
    ),
    h('p', {}, t('account.keys.new_try')),
    codeBlock(firstCall(key), { label: t('account.keys.new_try'), wrap: true }),
  );

/** The prompts by which a test key brings about every outcome. */
export const magicWords = () =>
  h(
    'dl',
    { class: 'word-list' },
    MAGIC_WORDS.map((word) =>
      h('div', {}, h('dt', {}, h('code', {}, word)), h('dd', {}, t(`account.keys.magic.${word.slice(5)}`))),
    ),
  );
