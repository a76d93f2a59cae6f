// Begins the site: asks who is signed in, puts the frame around the page and starts the router.

import { onUnauthorized } from './api.js';
import { fill, h } from './dom.js';
import { shell } from './components/shell.js';
import { errorPanel } from './components/panel.js';
import { askToSignIn } from './components/sign-in-dialog.js';
import { startKeys } from './keyboard.js';
import { reload, startRouter } from './router.js';
import { onOthers, refreshSession, session } from './session.js';
import { applyTheme } from './theme.js';

applyTheme();
onUnauthorized(askToSignIn);

/** What the appliance refused to show, where it did; its text stands in the page already. */
const refusal = document.querySelector('.refusal[data-code]');

async function start() {
  const frame = document.querySelector('#shell');
  try {
    await refreshSession();
  } catch (error) {
    console.error(error);
    fill(document.querySelector('#main'), h('div', { class: 'page' }, errorPanel(error, start)));
    return;
  }
  const { node, mark } = shell();
  frame.replaceChildren(node);
  startKeys();
  // A refusal other than "not found" is told as it came: its page would not fare better.
  if (refusal && refusal.dataset.code !== 'not_found') mark(null);
  else startRouter(mark);
}

onOthers(async (account) => {
  const before = session.account?.id ?? null;
  if (account === before) return;
  await refreshSession().catch(() => {});
  if ((session.account?.id ?? null) !== before) reload();
});

start();
