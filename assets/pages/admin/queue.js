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
    const [actions, state, workers] = [
      h('div', { class: 'button-row' }),
      h('div', { role: 'status' }),
      h('ul', { class: 'workers' }),
    ];
    const look = async () => show(await get('/v1/admin/queue', {}, { signal }));
    const list = dataTable(columns(look), {
      label: t('admin.queue.waiting'),
      empty: emptyState({ icon: 'check', title: t('admin.queue.none') }),
    });
    const count = h('span', { class: 'quiet' });
    let wasPaused = null;

    function show(told) {
      if (wasPaused !== told.paused) {
        wasPaused = told.paused;
        fill(actions, told.paused ? resumeButton(look) : pauseButton(look));
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
      fill(
        workers,
        told.workers.map((one) => worker(one, look)),
      );
      // A row that somebody is about to press stays where it is.
      if (!list.contains(document.activeElement)) list.put(told.queued);
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

function worker(one, look) {
  const name = t(one.livemode ? 'admin.queue.worker' : 'admin.queue.test_worker', { number: formatNumber(one.number) });
  const head = h(
    'div',
    { class: 'worker-head' },
    h('strong', {}, name),
    one.job ? badge('running') : badge('idle', { text: t('admin.queue.idle') }),
  );
  if (!one.job) return h('li', { class: 'worker' }, head, h('p', { class: 'quiet' }, t('admin.queue.idle_text')));
  const bar = progressBar(one.fraction ?? null, {
    label: t('admin.queue.progress_of', { prompt: one.job.prompt ?? one.job.id }),
  });
  return h(
    'li',
    { class: 'worker' },
    head,
    jobWords(one.job),
    bar,
    h(
      'div',
      { class: 'worker-foot' },
      h('span', { class: 'quiet' }, one.stage ? word('stage', one.stage) : t('admin.queue.begins')),
      cancelJob(one.job, look),
    ),
  );
}

const columns = (look) => [
  { label: t('admin.jobs.prompt'), wide: true, cell: jobWords },
  { label: t('admin.jobs.account'), cell: (job) => job.account_email },
  { label: t('admin.jobs.model'), cell: (job) => job.model },
  { label: t('admin.jobs.created'), cell: (job) => relativeTime(job.created_at) },
  { label: t('actions'), hideLabel: true, align: 'end', cell: (job) => cancelJob(job, look) },
];
