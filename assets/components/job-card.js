// A job as a card: what it made, or how far it is, or what went wrong; and what can be done with it.

import { append, fill, h } from '../dom.js';
import { formatCredits, formatEstimate } from '../format.js';
import { cancel, contentOf, isOver, isPicture } from '../jobs.js';
import { t, word } from '../strings.js';
import { button, iconButton, linkButton } from './button.js';
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
    const place = job.queue_position > 1 ? t('studio.queue_place', { count: job.queue_position - 1 }) : t('studio.queue_next');
    return job.estimated_seconds ? t('studio.queue_time', { place, time: formatEstimate(job.estimated_seconds) }) : place;
  }
  return job.progress?.stage ? word('studio.stage', job.progress.stage) : t('studio.starting');
}

/** The name of a job for people: its text, or what it is. */
export const jobName = (job) => job.prompt || t(`mode.${job.mode}`);

/**
 * A card. `actions` does what the card can't itself: `vary(job)`, `repeat(job)`, `edit(job)`, `use(job, mode)`,
 * `removed(job)`; `seeded(job)` says whether a variation makes sense. The node has `.show(job)`.
 */
export function jobCard(job, actions, signal) {
  const [stage, foot] = [h('div', { class: 'card-stage' }), h('div', { class: 'card-foot' })];
  const node = h('li', { class: 'card', tabindex: '-1', data: { id: job.id } }, stage, foot);
  let drawn = null;
  let bar = null;
  let stands = null;

  const link = (...inner) => h('a', { href: `/jobs/${node.job.id}`, class: 'card-link', 'aria-label': t('studio.open', { name: jobName(node.job) }) }, inner);

  function drawStage() {
    if (node.job.status === 'completed' && node.job.result_asset_id) {
      const media = resultMedia(node.job, { signal });
      fill(stage, isPicture(node.job) ? link(media) : media);
    } else if (node.job.status === 'completed') fill(stage, h('div', { class: 'card-note' }, icon('trash'), h('p', {}, t('studio.result_gone'))));
    else if (node.job.status === 'aborted') {
      const isCancelled = node.job.error?.code === 'cancelled';
      fill(stage, h('div', { class: ['card-note', !isCancelled && 'bad'] }, icon(isCancelled ? 'stop' : 'error'), h('p', {}, isCancelled ? t('studio.cancelled') : node.job.error?.message)));
    } else {
      bar = progressBar(null);
      stands = h('p', {});
      fill(stage, h('div', { class: 'card-wait' }, h('span', { class: 'card-wait-icon', 'aria-hidden': 'true' }, icon(MODE_ICONS[node.job.mode])), stands, bar));
    }
    stage.className = `card-stage ${node.job.mode} ${node.job.status}`;
  }

  function menuItems() {
    const { job: now } = node;
    const hasResult = now.status === 'completed' && now.result_asset_id;
    return [
      { label: t('studio.details'), icon: 'info', href: `/jobs/${now.id}` },
      { label: t('studio.edit'), icon: 'edit', onclick: () => actions.edit(now) },
      isOver(now) && { label: t('studio.repeat'), icon: 'retry', onclick: () => actions.repeat(now) },
      hasResult && isPicture(now) && { label: t('studio.to_restyle'), icon: 'brush', onclick: () => actions.use(now, 'image_to_image') },
      hasResult && isPicture(now) && { label: t('studio.to_film'), icon: 'film', onclick: () => actions.use(now, 'image_to_video') },
      hasResult && now.mode === 'audio' && { label: t('studio.to_film'), icon: 'film', onclick: () => actions.use(now, 'image_to_video') },
      now.status !== 'running' && null,
      now.status !== 'running' && { label: t('delete'), icon: 'trash', kind: 'danger', onclick: () => actions.remove(now) },
    ].filter((item) => item !== false);
  }

  async function drawFoot() {
    const { job: now } = node;
    const row = h('div', { class: 'card-actions' });
    const more = iconButton('more', t('studio.more_actions', { name: jobName(now) }));
    attachMenu(more, menuItems);
    if (!isOver(now)) append(row, button(t('cancel'), { size: 'small', kind: 'quiet', onclick: async () => node.show(await cancel(now)) }));
    if (now.status === 'aborted') append(row, button(t('retry'), { size: 'small', icon: 'retry', onclick: () => actions.repeat(now) }));
    if (now.status === 'completed' && now.result_asset_id) append(row, linkButton(null, contentOf(now.result_asset_id), { icon: 'download', kind: 'quiet', class: 'square', download: '', 'aria-label': t('studio.download'), title: t('studio.download') }));
    append(row, more);
    const cost = now.status === 'completed' ? formatCredits(now.credits.charged) : now.credits.held ? t('studio.holds', { credits: formatCredits(now.credits.held) }) : null;
    fill(foot, h('div', { class: 'card-text' }, h('p', { class: 'card-title' }, h('a', { href: `/jobs/${now.id}`, tabindex: isPicture(now) && now.result_asset_id ? '-1' : null }, jobName(now))),
      h('p', { class: 'card-meta' }, icon(MODE_ICONS[now.mode], t(`mode.${now.mode}`)), relativeTime(now.created_at), cost && h('span', {}, cost), now.warnings?.length > 0 && h('span', { class: 'has-warnings', title: now.warnings.join('\n') }, icon('warning', t('studio.has_warnings'))))), row);
    if (now.status === 'completed' && now.result_asset_id && await actions.seeded(now) && node.job === now) {
      row.prepend(iconButton('dice', t('studio.vary'), { onclick: () => actions.vary(now) }));
    }
  }

  node.show = (next) => {
    node.job = next;
    const look = `${next.status} ${next.result_asset_id}`;
    if (look !== drawn) {
      drawn = look;
      const hadFocus = foot.contains(document.activeElement);
      drawStage();
      drawFoot();
      if (hadFocus) node.focus();
    }
    if (!isOver(next)) {
      stands.textContent = standing(next);
      bar.to(next.status === 'running' ? next.progress?.fraction ?? null : 0, standing(next));
    }
  };
  node.show(job);
  return node;
}
