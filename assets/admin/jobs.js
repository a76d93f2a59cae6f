// What the operator's pages show of anybody's job.

import { post } from '../api.js';
import { opens } from '../components/ask.js';
import { button } from '../components/button.js';
import { confirm } from '../components/dialog.js';
import { h } from '../dom.js';
import { t, word } from '../strings.js';

/** What a job makes, and from what words. */
export const jobWords = (job) =>
  h(
    'span',
    { class: 'job-words' },
    h('span', { class: 'clamp' }, job.prompt || h('span', { class: 'quiet' }, t('admin.jobs.no_prompt'))),
    h(
      'small',
      { class: 'quiet' },
      [word('mode', job.mode), job.livemode === false && t('status.test'), `…${job.id.slice(-8)}`]
        .filter(Boolean)
        .join(' · '),
    ),
  );

/** Whether nothing more will happen to it. */
export const isOver = (job) => job.status === 'completed' || job.status === 'aborted';

/** A button that cancels somebody's job after a question; nothing where it is over. */
export function cancelJob(job, changed) {
  if (isOver(job)) return null;
  return button(t('admin.jobs.cancel'), {
    size: 'small',
    'aria-label': t('admin.jobs.cancel_one', { prompt: job.prompt ?? job.id }),
    onclick: opens(async () => {
      const done = await confirm({
        title: t('admin.jobs.cancel_title'),
        text: t('admin.jobs.cancel_text', { who: job.account_email }),
        action: t('admin.jobs.cancel'),
        work: () => post(`/v1/admin/jobs/${job.id}/cancel`),
      });
      if (done) await changed();
    }),
  });
}
