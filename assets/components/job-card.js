// A job as a card: what it made, or how far it is, or what went wrong; and what can be done with it.

import { append, fill, h } from '../dom.js';
import { formatCredits, formatEstimate } from '../format.js';
import { cancel, contentOf, isOver, isPicture } from '../jobs.js';
import { t, word } from '../strings.js';
import { button, iconButton, iconLink } from './button.js';
import { icon } from './icon.js';
import { resultMedia } from './media.js';
import { attachMenu } from './menu.js';
import { progressBar } from './panel.js';
import { relativeTime } from './time.js';

export const MODE_ICONS = { text_to_image: 'image', image_to_image: 'brush', audio: 'voice', image_to_video: 'film' };

/** How a queued or running job stands, in words. */
export function standing(job) {
  if (job.status === 'queued') {
    if (job.queue_paused) return t('studio.queue_paused');
    const place =
      job.queue_position > 1 ? t('studio.queue_place', { count: job.queue_position - 1 }) : t('studio.queue_next');
    return job.estimated_seconds
      ? t('studio.queue_time', { place, time: formatEstimate(job.estimated_seconds) })
      : place;
  }
  return job.progress?.stage ? word('studio.stage', job.progress.stage) : t('studio.starting');
}

/** The name of a job for people: its text, or what it is. */
export const jobName = (job) => job.prompt || t(`mode.${job.mode}`);

/**
 * A card; its `node` is an item of a list. `actions` does what the card can't itself: `vary(job)`, `repeat(job)`,
 * `edit(job)`, `use(job, mode)`, `remove(job)`; `seeded(job)` says whether a variation makes sense.
 */
export class JobCard {
  constructor(job, actions, signal) {
    Object.assign(this, { actions, signal, drawn: null });
    this.stage = h('div', { class: 'card-stage' });
    this.foot = h('div', { class: 'card-foot' });
    const data = { id: job.id, created: job.created_at };
    this.node = h('li', { class: 'card', tabindex: '-1', data }, this.stage, this.foot);
    this.show(job);
  }

  /** Shows the job as it is now; what did not change stays, and with it the focus. */
  show(job) {
    this.job = job;
    const look = `${job.status} ${job.result_asset_id}`;
    if (look !== this.drawn) {
      this.drawn = look;
      const hadFocus = this.foot.contains(document.activeElement);
      this.#drawStage();
      this.#drawFoot();
      if (hadFocus) this.node.focus();
    }
    if (isOver(job)) return;
    this.stands.textContent = standing(job);
    this.bar.to(job.status === 'running' ? (job.progress?.fraction ?? null) : 0, standing(job));
  }

  get #hasResult() {
    return this.job.status === 'completed' && Boolean(this.job.result_asset_id);
  }

  #drawStage() {
    const { job } = this;
    this.stage.className = `card-stage ${job.mode} ${job.status}`;
    if (this.#hasResult) fill(this.stage, this.#result());
    else if (job.status === 'completed') fill(this.stage, cardNote('trash', t('studio.result_gone')));
    else if (job.error?.code === 'cancelled') fill(this.stage, cardNote('stop', t('studio.cancelled')));
    else if (job.status === 'aborted') fill(this.stage, cardNote('error', job.error?.message, 'bad'));
    else {
      this.bar = progressBar(null);
      this.stands = h('p');
      const sign = h('span', { class: 'card-wait-icon', 'aria-hidden': 'true' }, icon(MODE_ICONS[job.mode]));
      fill(this.stage, h('div', { class: 'card-wait' }, sign, this.stands, this.bar));
    }
  }

  #result() {
    const media = resultMedia(this.job, { signal: this.signal });
    if (!isPicture(this.job)) return media;
    const label = t('studio.open', { name: jobName(this.job) });
    return h('a', { href: `/jobs/${this.job.id}`, class: 'card-link', 'aria-label': label }, media);
  }

  #drawFoot() {
    const { job } = this;
    // The picture leads to the same page; one stop for the Tab key is enough.
    const tabindex = isPicture(job) && this.#hasResult ? '-1' : null;
    const title = h('p', { class: 'card-title' }, h('a', { href: `/jobs/${job.id}`, tabindex }, jobName(job)));
    const held = job.credits.held > 0 && t('studio.holds', { credits: formatCredits(job.credits.held) });
    const cost = job.status === 'completed' ? formatCredits(job.credits.charged) : held;
    const remarks = job.warnings?.length > 0 && { class: 'has-warnings', title: job.warnings.join('\n') };
    const about = h(
      'p',
      { class: 'card-meta' },
      icon(MODE_ICONS[job.mode], t(`mode.${job.mode}`)),
      relativeTime(job.created_at),
      cost && h('span', {}, cost),
      remarks && h('span', remarks, icon('warning', t('studio.has_warnings'))),
    );
    fill(this.foot, h('div', { class: 'card-text' }, title, about), this.#buttons());
  }

  #buttons() {
    const { job, actions } = this;
    const row = h('div', { class: 'card-actions' });
    const more = iconButton('more', t('studio.more_actions', { name: jobName(job) }));
    attachMenu(more, () => this.#menu());
    const stop = async () => this.show(await cancel(job));
    if (!isOver(job)) append(row, button(t('cancel'), { size: 'small', kind: 'quiet', onclick: stop }));
    if (job.status === 'aborted') {
      append(row, button(t('retry'), { size: 'small', icon: 'retry', onclick: () => actions.repeat(job) }));
    }
    if (this.#hasResult) {
      append(row, iconLink('download', t('studio.download'), contentOf(job.result_asset_id), { download: '' }));
      this.#offerVariation(row, job);
    }
    return append(row, more);
  }

  async #offerVariation(row, job) {
    if (!(await this.actions.seeded(job)) || this.job !== job) return;
    row.prepend(iconButton('dice', t('studio.vary'), { onclick: () => this.actions.vary(job) }));
  }

  #menu() {
    const { job, actions } = this;
    const use = (mode) => () => actions.use(job, mode);
    const isMaterial = this.#hasResult && job.mode !== 'image_to_video';
    return [
      { label: t('studio.details'), icon: 'info', href: `/jobs/${job.id}` },
      { label: t('studio.edit'), icon: 'edit', onclick: () => actions.edit(job) },
      isOver(job) && { label: t('studio.repeat'), icon: 'retry', onclick: () => actions.repeat(job) },
      isMaterial && isPicture(job) && { label: t('studio.to_restyle'), icon: 'brush', onclick: use('image_to_image') },
      isMaterial && { label: t('studio.to_film'), icon: 'film', onclick: use('image_to_video') },
      job.status !== 'running' && null,
      job.status !== 'running' && {
        label: t('delete'),
        icon: 'trash',
        kind: 'danger',
        onclick: () => actions.remove(job),
      },
    ];
  }
}

/** A sign with a word, in the place of a result. */
export const cardNote = (sign, text, tone = '') =>
  h('div', { class: ['card-note', tone] }, icon(sign), h('p', {}, text));
