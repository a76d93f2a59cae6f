// The studio: the composer, and what was made with it, the newest first.

import { get, pieces } from '../api.js';
import { models, voices } from '../catalogue.js';
import { fill, h } from '../dom.js';
import { follow, isOver } from '../jobs.js';
import { putQuery } from '../router.js';
import { t } from '../strings.js';
import { composer } from '../composer/composer.js';
import { linkButton } from '../components/button.js';
import { isLeaving, jobActions } from '../components/job-actions.js';
import { jobCard, jobName } from '../components/job-card.js';
import { errorPanel, loadingPanel } from '../components/panel.js';
import { welcome } from '../components/welcome.js';

/** Cards in the studio; older work is in the library. */
const CARDS_MAX = 240;

function feed({ signal, actionsOf, first }) {
  const grid = h('ul', { class: 'cards', 'aria-label': t('studio.work') });
  const said = h('p', { class: 'visually-hidden', role: 'status' });
  const foot = h('div', { class: 'feed-foot' });
  const empty = h('div');
  const cards = new Map();
  const node = h('section', { class: 'feed', 'aria-label': t('studio.work') }, said, empty, grid, foot);
  const look = () => fill(empty, cards.size === 0 && first());

  const actions = actionsOf({
    added: (job) => node.add(job, true),
    gone: (job) => { cards.get(job.id)?.remove(); cards.delete(job.id); look(); },
    back: (job) => node.add(job, true),
  });
  const seen = (job) => {
    const card = cards.get(job.id);
    if (!card) return;
    const was = card.job.status;
    card.show(job);
    if (was !== job.status && isOver(job)) said.textContent = t(job.status === 'completed' ? 'studio.ready' : 'studio.failed', { name: jobName(job) });
  };
  node.add = (job, isNew = false) => {
    if (cards.has(job.id) || isLeaving(job.id)) return;
    const card = jobCard(job, actions, signal);
    cards.set(job.id, card);
    const older = isNew && [...grid.children].find((one) => one.job.created_at < job.created_at);
    grid.insertBefore(card, older || null);
    look();
    follow(job, seen, signal);
    if (isNew && isOver(job) === false) card.scrollIntoView({ block: 'nearest', behavior: 'smooth' });
  };
  node.load = async () => {
    fill(foot, loadingPanel());
    const list = pieces('/v1/jobs', { limit: 24 }, { signal });
    const next = async () => {
      const { value, done } = await list.next();
      for (const job of value ?? []) node.add(job);
      look();
      const isFull = cards.size >= CARDS_MAX;
      fill(foot, isFull && !done && linkButton(t('studio.older'), '/library?tab=jobs', { icon: 'library' }));
      return !done && !isFull && value.length === 24;
    };
    const watch = new IntersectionObserver(async ([entry]) => {
      if (!entry.isIntersecting || node.isBusy) return;
      node.isBusy = true;
      if (!await next().catch(() => false)) watch.disconnect();
      node.isBusy = false;
    }, { rootMargin: '800px' });
    signal.addEventListener('abort', () => watch.disconnect());
    if (await next()) watch.observe(foot);
  };
  node.actions = actions;
  return node;
}

/** What the address asks of the composer: another job's settings, or an asset to begin with. */
async function obey(query, maker, signal) {
  const [from, use] = [query.get('from'), query.get('use')];
  if (from) await maker.edit(await get(`/v1/jobs/${from}`, {}, { signal }));
  if (use) maker.use(await get(`/v1/assets/${use}`, {}, { signal }), query.get('as') ?? 'image_to_image');
  if (from || use || query.has('welcome')) putQuery({});
}

export default {
  title: t('nav.studio'),
  async render(root, { signal, query }) {
    const [allModels, allVoices] = await Promise.all([models(), voices()]);
    if (signal.aborted) return;
    let work = null;
    const maker = composer({ models: allModels, voices: allVoices, signal, onsent: (job) => work.add(job, true) });
    const first = () => welcome({ write: maker.write, signal });
    work = feed({ signal, first, actionsOf: (own) => jobActions({ ...own, composer: maker }) });
    const node = h('div', { class: 'studio' }, h('section', { class: 'maker', 'aria-label': t('studio.composer') }, maker), work);
    root.classList.add('studio-page');
    root.append(node);
    takeFiles(root, maker, signal);
    await Promise.all([
      work.load().catch((error) => { if (!signal.aborted) work.append(errorPanel(error, () => work.load())); }),
      obey(query, maker, signal).catch(() => {}),
    ]);
  },
};

/** Files that are dropped or pasted anywhere on the page go to the composer. */
function takeFiles(root, maker, signal) {
  const isFile = (event) => event.dataTransfer?.types.includes('Files');
  let depth = 0;
  const mark = (by) => {
    depth = Math.max(0, depth + by);
    root.classList.toggle('dropping', depth > 0);
  };
  window.addEventListener('dragenter', (event) => isFile(event) && mark(1), { signal });
  window.addEventListener('dragleave', (event) => isFile(event) && mark(-1), { signal });
  window.addEventListener('dragover', (event) => isFile(event) && event.preventDefault(), { signal });
  window.addEventListener('drop', (event) => {
    depth = 0;
    mark(0);
    if (!isFile(event) || event.defaultPrevented) return;
    event.preventDefault();
    maker.take(event.dataTransfer.files[0]);
  }, { signal });
  document.addEventListener('paste', (event) => {
    const file = [...(event.clipboardData?.files ?? [])][0];
    if (!file || document.querySelector('dialog[open]')) return;
    event.preventDefault();
    maker.take(file);
  }, { signal });
}
