// One job: what it made in full, how it was made, and the call that makes it again.

import { get } from '../api.js';
import { hasSeed } from '../catalogue.js';
import { append, fill, h } from '../dom.js';
import { formatBytes, formatCredits, formatDuration, formatLength, formatMoment } from '../format.js';
import { cancel, contentOf, follow, isOver, isPicture } from '../jobs.js';
import { plainRequest, snippets } from '../snippets.js';
import { has, t, word } from '../strings.js';
import { button, copyButton, iconButton, linkButton } from '../components/button.js';
import { codeBlock, codeTabs } from '../components/code.js';
import { jobActions } from '../components/job-actions.js';
import { MODE_ICONS, cardNote, jobName, standing } from '../components/job-card.js';
import { icon } from '../components/icon.js';
import { resultMedia, thumbnail } from '../components/media.js';
import { attachMenu } from '../components/menu.js';
import { badge, factList, notice, panel, progressBar } from '../components/panel.js';
import { relativeTime } from '../components/time.js';
import { voiceName } from '../composer/voice-picker.js';

/** The stage: the result, or how far it is. `put(job)` shows what changed. */
function stageOf(signal) {
  const node = h('div', { class: 'detail-stage' });
  const [bar, stands] = [progressBar(null), h('p', { role: 'status' })];
  let drawn = null;
  const draw = (job) => {
    if (job.status === 'completed' && job.result_asset_id) return result(job, signal);
    if (job.status === 'completed') return cardNote('trash', t('studio.result_gone'));
    if (job.error?.code === 'cancelled') return cardNote('stop', t('studio.cancelled'));
    if (job.status === 'aborted') return cardNote('error', job.error?.message, 'bad');
    const sign = h('span', { class: 'card-wait-icon', 'aria-hidden': 'true' }, icon(MODE_ICONS[job.mode]));
    return h('div', { class: 'card-wait' }, sign, stands, bar);
  };
  node.put = (job) => {
    const look = `${job.status} ${job.result_asset_id}`;
    if (look !== drawn) fill(node, draw(job));
    drawn = look;
    if (isOver(job)) return;
    stands.textContent = standing(job);
    bar.to(job.status === 'running' ? (job.progress?.fraction ?? null) : 0, standing(job));
  };
  return node;
}

function result(job, signal) {
  const media = resultMedia(job, { signal, isLarge: true });
  if (!isPicture(job)) return media;
  const href = contentOf(job.result_asset_id);
  return h('a', { href, target: '_blank', rel: 'noopener', 'aria-label': t('job.full') }, media);
}

/** A JSON value as people read it. */
function valueNode(name, value) {
  if (name === 'voice_id') return `${voiceName(value)} (${value})`;
  if (name === 'format') return has(`studio.formats.${value}`) ? t(`studio.formats.${value}`) : value;
  if (typeof value === 'object') return h('code', {}, JSON.stringify(value));
  return String(value);
}

function inputs(job, signal) {
  const names = ['input_image_asset_id', 'style_image_asset_id', 'audio_asset_id'].filter((name) => job.request[name]);
  return names.map((name) => {
    const place = h('span', { class: 'input-asset' }, h('code', {}, job.request[name]));
    get(`/v1/assets/${job.request[name]}`, {}, { signal })
      .then((asset) =>
        fill(
          place,
          h(
            'a',
            { href: contentOf(asset.id), target: '_blank', rel: 'noopener' },
            thumbnail(asset),
            h('span', {}, asset.file_name ?? t(`kind.${asset.kind}`)),
          ),
        ),
      )
      .catch(() => append(place, ' ', h('span', { class: 'quiet' }, t('job.input_gone'))));
    return [t(`job.${name}`), place];
  });
}

function settings(job, signal) {
  const { request } = job;
  const shown = [
    'prompt',
    'voice_text',
    'mode',
    'model',
    'seed',
    'width',
    'height',
    'input_image_asset_id',
    'style_image_asset_id',
    'audio_asset_id',
  ];
  const rest = Object.entries(plainRequest(job)).filter(([name]) => !shown.includes(name) && name !== 'metadata');
  return factList([
    [t('job.mode'), t(`mode.${job.mode}`)],
    ...inputs(job, signal),
    [t('studio.model'), job.model],
    request.width && [t('job.size'), `${request.width} × ${request.height}`],
    ...rest.map(([name, value]) => [
      has(`studio.${name}`) ? t(`studio.${name}`) : has(`job.${name}`) ? t(`job.${name}`) : word('job', name),
      valueNode(name, value),
    ]),
    [
      t('studio.seed'),
      h(
        'span',
        { class: 'with-copy' },
        String(job.seed),
        copyButton(String(job.seed), { compact: true, label: t('job.copy_seed') }),
      ),
    ],
    job.motion && [t('job.motion'), word('job.motions', job.motion)],
    ...Object.entries(job.metadata ?? {}).map(([name, value]) => [name, value]),
  ]);
}

function facts(job, asset) {
  const timings = Object.entries(job.timings ?? {}).filter(([, value]) => typeof value === 'number');
  return factList([
    [
      t('job.credits'),
      job.status === 'completed'
        ? formatCredits(job.credits.charged)
        : isOver(job)
          ? t('job.nothing_charged')
          : t('studio.holds', { credits: formatCredits(job.credits.held) }),
    ],
    [t('job.created'), formatMoment(job.created_at)],
    job.started_at && [t('job.waited'), formatDuration((new Date(job.started_at) - new Date(job.created_at)) / 1000)],
    ...timings.map(([name, value]) => [
      has(`job.timing.${name}`) ? t(`job.timing.${name}`) : word('job.timing', name.replace(/_seconds$/, '')),
      formatDuration(value),
    ]),
    asset?.width && [t('job.pixels'), `${asset.width} × ${asset.height}`],
    asset?.duration_seconds && [t('job.length'), formatLength(asset.duration_seconds)],
    asset && [t('job.file'), [asset.content_type, ' · ', formatBytes(asset.bytes)]],
    asset?.expires_at && [t('job.expires'), relativeTime(asset.expires_at)],
    [t('job.id'), h('span', { class: 'with-copy' }, h('code', {}, job.id), copyButton(job.id, { compact: true }))],
    asset && [t('job.sha256'), h('code', {}, asset.sha256)],
    [t('job.digest'), h('code', {}, job.model_digest)],
  ]);
}

/** What can be done with it: the usual at once, the rest in a menu. */
function actionRow(job, actions, put) {
  const row = h('div', { class: 'button-row' });
  const isFilled = job.status === 'completed' && job.result_asset_id;
  const again = {
    label: t(job.status === 'aborted' ? 'retry' : 'studio.repeat'),
    icon: 'retry',
    onclick: () => actions.repeat(job),
  };
  if (!isOver(job)) append(row, button(t('cancel'), { icon: 'stop', onclick: async () => put(await cancel(job)) }));
  if (job.status === 'aborted') append(row, button(again.label, { ...again, kind: 'primary' }));
  if (isFilled)
    append(
      row,
      linkButton(t('studio.download'), contentOf(job.result_asset_id), {
        icon: 'download',
        kind: 'primary',
        download: '',
      }),
    );
  const vary = button(t('job.vary'), {
    icon: 'dice',
    hidden: true,
    title: t('studio.vary'),
    onclick: () => actions.vary(job),
  });
  if (isFilled)
    hasSeed(job)
      .then((yes) => {
        vary.hidden = !yes;
      })
      .catch(() => {});
  append(row, vary);
  if (isFilled && isPicture(job))
    append(row, button(t('studio.to_restyle'), { icon: 'brush', onclick: () => actions.use(job, 'image_to_image') }));
  if (isFilled && job.mode !== 'image_to_video')
    append(row, button(t('studio.to_film'), { icon: 'film', onclick: () => actions.use(job, 'image_to_video') }));
  const more = iconButton('more', t('studio.more_actions', { name: jobName(job) }), { kind: 'plain' });
  attachMenu(more, [
    { label: t('studio.edit'), icon: 'edit', onclick: () => actions.edit(job) },
    isOver(job) && again,
    Boolean(job.subtitles_url) && { label: t('job.subtitles'), icon: 'download', href: job.subtitles_url, download: '' },
    job.status !== 'running' && {
      label: t('delete'),
      icon: 'trash',
      kind: 'danger',
      onclick: () => actions.remove(job),
    },
  ]);
  return append(row, more);
}

/** The top: its state, its words. */
function headOf(job) {
  const said = job.mode === 'image_to_video' && job.request.voice_text;
  return h(
    'div',
    { class: 'detail-head' },
    h(
      'div',
      { class: 'detail-tags' },
      badge(job.status),
      h('span', { class: 'quiet' }, icon(MODE_ICONS[job.mode]), t(`mode.${job.mode}`)),
      h('span', { class: 'quiet' }, relativeTime(job.created_at)),
      !job.livemode && badge('test'),
    ),
    h('h1', { class: 'detail-title' }, jobName(job)),
    said && said !== job.prompt && h('p', { class: 'quiet' }, `“${said}”`),
  );
}

function remarks(job) {
  if (!job.warnings?.length) return null;
  const list = h(
    'ul',
    {},
    job.warnings.map((text) => h('li', {}, text)),
  );
  return notice('warn', h('strong', {}, t('job.warnings')), list);
}

/** Whose the 3D models in the picture are, where their licences want it said. */
function creditsTo(job) {
  const credits = job.plan?.credits;
  if (!Array.isArray(credits) || !credits.length) return null;
  const lines = credits.map(({ text }) => h('li', {}, String(text)));
  return h('div', { class: 'quiet' }, h('strong', {}, t('job.credits_to')), h('ul', {}, lines));
}

/** The page of one job. */
class JobPage {
  constructor(root, job, { signal, navigate, setTitle }) {
    Object.assign(this, { job, signal, setTitle });
    this.stage = stageOf(signal);
    const names = ['head', 'tools', 'about', 'made', 'plan', 'again'];
    this.slots = Object.fromEntries(names.map((name) => [name, h('div', { class: 'slot' })]));
    const { head, tools, about, made, plan, again } = this.slots;
    this.actions = jobActions({
      added: (next) => navigate(`/jobs/${next.id}`),
      gone: () => navigate('/library'),
      back: () => navigate(`/jobs/${job.id}`),
    });
    root.classList.add('detail-page');
    const main = h('div', { class: 'detail-main' }, this.stage, again, plan);
    root.append(h('div', { class: 'detail' }, main, h('div', { class: 'detail-side' }, head, tools, about, made)));
  }

  /** Shows the job as it is now. */
  async put(job) {
    const was = this.job.status;
    this.job = job;
    this.stage.put(job);
    if (was !== job.status) await this.draw();
  }

  async draw() {
    const { job, signal, slots } = this;
    this.setTitle(jobName(job));
    this.stage.put(job);
    fill(slots.head, headOf(job));
    fill(
      slots.tools,
      actionRow(job, this.actions, (next) => this.put(next)),
    );
    fill(slots.about, remarks(job), creditsTo(job), panel(t('job.settings'), settings(job, signal)));
    const plan = job.plan && codeBlock(JSON.stringify(job.plan, null, 2), { label: t('job.plan') });
    fill(slots.plan, plan && panel(t('job.plan'), plan, { about: t('job.plan_about') }));
    const calls = codeTabs(snippets(plainRequest(job)), { label: t('job.again') });
    fill(slots.again, panel(t('job.again'), calls, { about: t('job.again_about') }));
    const result = job.result_asset_id && get(`/v1/assets/${job.result_asset_id}`, {}, { signal }).catch(() => null);
    fill(slots.made, panel(t('job.facts'), facts(job, await result)));
  }
}

export default {
  title: t('job.title'),
  async render(root, context) {
    const { params, signal } = context;
    const job = await get(`/v1/jobs/${params.id}`, {}, { signal });
    const page = new JobPage(root, job, context);
    await page.draw();
    follow(job, (next) => page.put(next), signal);
  },
};
