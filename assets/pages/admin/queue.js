// The queue and the workers as they are now; pausing and resuming.

import { get, poll, post } from '../../api.js';
import { cancelJob, jobWords } from '../../admin/jobs.js';
import { opens } from '../../components/ask.js';
import { button } from '../../components/button.js';
import { confirm } from '../../components/dialog.js';
import { badge, emptyState, notice, pageHead, panel, progressBar } from '../../components/panel.js';
import { dataTable } from '../../components/table.js';
import { relativeTime } from '../../components/time.js';
import { fill, h } from '../../dom.js';
import { formatNumber } from '../../format.js';
import { t, word } from '../../strings.js';

const EVERY_MS = 1500;

export default {
  title: t('admin.queue.title'),
  async render(root, { signal }) {
    const [actions, state] = [h('div', { class: 'button-row' }), h('div', { role: 'status' })];
    const look = async () => show(await get('/v1/admin/queue', {}, { signal }));
    const workers = workerList(look);
    const list = dataTable(columns(look), {
      label: t('admin.queue.waiting'),
      empty: emptyState({ icon: 'check', title: t('admin.queue.none') }),
    });
    const count = h('span', { class: 'quiet' });
    let wasPaused = null;
    let shown = [];

    /** A row that somebody is about to press stays where it is, unless one of those that are shown waits no more. */
    function putQueue(queued) {
      const focused = list.contains(document.activeElement) ? document.activeElement : null;
      const isWhole = shown.every((id) => queued.some((job) => job.id === id));
      if (focused && isWhole) return;
      list.put(queued);
      shown = queued.map((job) => job.id);
      const named = (node) => node.ariaLabel ?? node.textContent;
      const same = focused && [...list.querySelectorAll('button')].find((node) => named(node) === named(focused));
      if (focused) (same ?? actions.firstChild).focus();
    }

    function show(told) {
      if (wasPaused !== told.paused) {
        const hadFocus = actions.contains(document.activeElement);
        wasPaused = told.paused;
        fill(actions, told.paused ? resumeButton(look) : pauseButton(look));
        if (hadFocus) actions.firstChild.focus();
        fill(
          state,
          told.paused &&
            notice(
              'warn',
              t('admin.queue.is_paused', { who: told.paused_by ?? '–' }),
              ' ',
              told.paused_at && relativeTime(told.paused_at),
            ),
        );
      }
      workers.put(told.workers);
      putQueue(told.queued);
      fill(
        count,
        told.counts.queued > told.queued.length &&
          t('admin.queue.first', { shown: told.queued.length, count: told.counts.queued }),
      );
    }
    await look();
    root.append(
      pageHead(t('admin.queue.title'), { about: t('admin.queue.lead'), actions: [actions] }),
      state,
      panel(t('admin.queue.workers'), workers),
      panel(t('admin.queue.waiting'), [list, count]),
    );
    poll(() => look().catch(() => {}), EVERY_MS, signal);
  },
};

const pauseButton = (look) =>
  button(t('admin.queue.pause'), {
    icon: 'pause',
    onclick: opens(async () => {
      const done = await confirm({
        title: t('admin.queue.pause'),
        text: t('admin.queue.pause_text'),
        action: t('admin.queue.pause'),
        kind: 'primary',
        work: () => post('/v1/admin/queue/pause'),
      });
      if (done) await look();
    }),
  });

const resumeButton = (look) =>
  button(t('admin.queue.resume'), {
    kind: 'primary',
    icon: 'play',
    onclick: async () => {
      await post('/v1/admin/queue/resume');
      await look();
    },
  });

/**
 * The workers as cards. A card stays while its job does, so that a button in it keeps the focus; only the progress
 * moves.
 */
function workerList(look) {
  const node = h('ul', { class: 'workers' });
  let cards = new Map();
  node.put = (workers) => {
    const next = new Map();
    for (const one of workers) {
      const key = `${one.livemode} ${one.number} ${one.job?.id}`;
      const card = cards.get(key) ?? workerCard(one, look);
      card.update(one);
      next.set(key, card);
    }
    const isSame = [...next.keys()].join() === [...cards.keys()].join();
    cards = next;
    if (!isSame) fill(node, [...cards.values()]);
  };
  return node;
}

function workerCard({ number, livemode, job }, look) {
  const name = t(livemode ? 'admin.queue.worker' : 'admin.queue.test_worker', { number: formatNumber(number + 1) });
  const state = job ? badge('running') : badge('idle', { text: t('admin.queue.idle') });
  const node = h('li', { class: 'worker' }, h('div', { class: 'worker-head' }, h('strong', {}, name), state));
  if (!job) {
    node.append(h('p', { class: 'quiet' }, t('admin.queue.idle_text')));
    node.update = () => {};
    return node;
  }
  const bar = progressBar(null, { label: t('admin.queue.progress_of', { prompt: job.prompt ?? job.id }) });
  const stage = h('span', { class: 'quiet' });
  node.append(jobWords(job), bar, h('div', { class: 'worker-foot' }, stage, cancelJob(job, look)));
  node.update = (one) => {
    bar.to(one.fraction ?? null);
    stage.textContent = one.stage ? word('stage', one.stage) : t('admin.queue.begins');
  };
  return node;
}

const columns = (look) => [
  { label: t('admin.jobs.prompt'), wide: true, cell: jobWords },
  { label: t('admin.jobs.account'), cell: (job) => job.account_email },
  { label: t('admin.jobs.model'), cell: (job) => job.model },
  { label: t('admin.jobs.created'), cell: (job) => relativeTime(job.created_at) },
  { label: t('actions'), hideLabel: true, align: 'end', cell: (job) => cancelJob(job, look) },
];
