// The studio: the composer, and what was made with it, the newest first.

import { get, pieces } from '../api.js';
import { models, voices } from '../catalogue.js';
import { fill, h } from '../dom.js';
import { follow, isOver } from '../jobs.js';
import { putQuery } from '../router.js';
import { t } from '../strings.js';
import { Composer } from '../composer/composer.js';
import { linkButton } from '../components/button.js';
import { isLeaving, jobActions } from '../components/job-actions.js';
import { JobCard, jobName } from '../components/job-card.js';
import { errorPanel, loadingPanel } from '../components/panel.js';
import { welcome } from '../components/welcome.js';

/** Cards in the studio; older work is in the library. */
const CARDS_MAX = 240;
const PIECE = 24;

/** What was made, as cards. */
class Feed {
  /** `first()` draws what stands where there is nothing yet. */
  constructor({ composer, first, signal }) {
    Object.assign(this, { first, signal, cards: new Map(), isBusy: false });
    this.grid = h('ul', { class: 'cards', 'aria-label': t('studio.work') });
    this.said = h('p', { class: 'visually-hidden', role: 'status' });
    this.foot = h('div', { class: 'feed-foot' });
    this.empty = h('div');
    this.node = h(
      'section',
      { class: 'feed', 'aria-label': t('studio.work') },
      this.said,
      this.empty,
      this.grid,
      this.foot,
    );
    const actions = {
      added: (job) => this.add(job, true),
      gone: (job) => this.drop(job),
      back: (job) => this.add(job, true),
    };
    this.actions = jobActions({ ...actions, composer });
  }

  /** Adds a job; a new one in its place by time, others at the end. */
  add(job, isNew = false) {
    if (this.cards.has(job.id) || isLeaving(job.id)) return;
    const card = new JobCard(job, this.actions, this.signal);
    this.cards.set(job.id, card);
    const older = isNew && [...this.grid.children].find((one) => one.dataset.created < job.created_at);
    this.grid.insertBefore(card.node, older || null);
    this.#look();
    follow(job, (next) => this.#saw(next), this.signal);
    if (isNew && !isOver(job)) card.node.scrollIntoView({ block: 'nearest', behavior: 'smooth' });
  }

  drop(job) {
    this.cards.get(job.id)?.node.remove();
    this.cards.delete(job.id);
    this.#look();
  }

  #look() {
    if (this.cards.size) fill(this.empty);
    else if (!this.empty.hasChildNodes()) fill(this.empty, this.first());
  }

  #saw(job) {
    const card = this.cards.get(job.id);
    if (!card) return;
    const was = card.job.status;
    card.show(job);
    if (was === job.status || !isOver(job)) return;
    this.said.textContent = t(job.status === 'completed' ? 'studio.ready' : 'studio.failed', { name: jobName(job) });
  }

  /** Loads the newest jobs, and older ones as one scrolls to them. */
  async load() {
    fill(this.foot, loadingPanel());
    const list = pieces('/v1/jobs', { limit: PIECE }, { signal: this.signal });
    const watch = new IntersectionObserver(
      async ([entry]) => {
        if (!entry.isIntersecting || this.isBusy) return;
        this.isBusy = true;
        if (!(await this.#next(list).catch(() => false))) watch.disconnect();
        this.isBusy = false;
      },
      { rootMargin: '800px' },
    );
    this.signal.addEventListener('abort', () => watch.disconnect());
    if (await this.#next(list)) watch.observe(this.foot);
  }

  /** Adds one piece; answers whether there may be more to add. */
  async #next(list) {
    const { value = [], done } = await list.next();
    for (const job of value) this.add(job);
    this.#look();
    const isFull = this.cards.size >= CARDS_MAX;
    fill(this.foot, isFull && !done && linkButton(t('studio.older'), '/library', { icon: 'library' }));
    return !done && !isFull && value.length === PIECE;
  }
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
    let feed = null;
    const onsent = (job) => feed.add(job, true);
    const composer = new Composer({ models: allModels, voices: allVoices, signal, onsent });
    feed = new Feed({ composer, signal, first: () => welcome({ write: (text) => composer.write(text), signal }) });
    const maker = h('section', { class: 'maker', 'aria-label': t('studio.composer') }, composer.node);
    root.classList.add('studio-page');
    root.append(h('div', { class: 'studio' }, maker, feed.node));
    takeFiles(root, composer, signal);
    const failed = (error) => signal.aborted || feed.node.append(errorPanel(error));
    await Promise.all([feed.load().catch(failed), obey(query, composer, signal).catch(() => {})]);
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
  window.addEventListener(
    'drop',
    (event) => {
      depth = 0;
      mark(0);
      if (!isFile(event) || event.defaultPrevented) return;
      event.preventDefault();
      maker.take(event.dataTransfer.files[0]);
    },
    { signal },
  );
  document.addEventListener(
    'paste',
    (event) => {
      const file = [...(event.clipboardData?.files ?? [])][0];
      if (!file || document.querySelector('dialog[open]')) return;
      event.preventDefault();
      maker.take(file);
    },
    { signal },
  );
}
