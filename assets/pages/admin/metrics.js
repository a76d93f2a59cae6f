// What the machine does: jobs by the hour over two days, the process over two hours.

import { get, poll } from '../../api.js';
import { barList } from '../../components/bars.js';
import { barChart, lineChart } from '../../components/chart.js';
import { pageHead, panel } from '../../components/panel.js';
import { fill, h } from '../../dom.js';
import { formatBytes, formatDuration, formatNumber, formatPercent } from '../../format.js';
import { LOCALE, t, word } from '../../strings.js';

const EVERY_MS = 10_000;
const MODES = ['text_to_image', 'image_to_image', 'audio', 'image_to_video'];
const HOURS = 48;
/** Samples that are drawn at most: a point every half minute over two hours. */
const POINTS_MAX = 240;

const clock = new Intl.DateTimeFormat(LOCALE, { hour: '2-digit', minute: '2-digit', hourCycle: 'h23' });
const hour = new Intl.DateTimeFormat(LOCALE, {
  weekday: 'short',
  hour: '2-digit',
  minute: '2-digit',
  hourCycle: 'h23',
});

export default {
  title: t('admin.metrics.title'),
  async render(root, { signal }) {
    const place = h('div', { class: 'stack' });
    const look = async () => {
      const told = await get('/v1/admin/metrics', {}, { signal });
      // What somebody is reading isn't pulled away from under the eyes.
      if (!place.contains(document.activeElement) && !place.querySelector('details[open]')) fill(place, draw(told));
    };
    await look();
    root.append(pageHead(t('admin.metrics.title'), { about: t('admin.metrics.lead') }), place);
    poll(() => look().catch(() => {}), EVERY_MS, signal);
  },
};

/** Every hour of the last two days: also those in which nothing was made have a point. */
function hourly(rows, value) {
  const last = Math.floor(Date.now() / 3_600_000);
  const series = MODES.map((mode, i) => ({ name: word('mode', mode), tone: i + 1 }));
  const points = Array.from({ length: HOURS }, (_, i) => {
    const at = new Date((last - HOURS + 1 + i) * 3_600_000);
    const here = rows.filter((row) => Math.floor(new Date(row.at) / 3_600_000) * 3_600_000 === at.getTime());
    return {
      label: hour.format(at),
      short: clock.format(at),
      values: MODES.map((mode) => value(here.filter((row) => row.mode === mode))),
    };
  });
  return { series, points };
}

const sum = (name) => (rows) => rows.reduce((all, row) => all + row[name], 0);

/** How long a run of each mode took, over all of its completed jobs. */
function runs(hours) {
  const items = MODES.map((mode) => {
    const rows = hours.filter((row) => row.mode === mode && row.completed > 0 && row.run_seconds_mean !== null);
    const jobs = sum('completed')(rows);
    const seconds = rows.reduce((all, row) => all + row.run_seconds_mean * row.completed, 0) / jobs;
    return {
      label: word('mode', mode),
      hint: t('admin.metrics.of_jobs', { count: jobs }),
      value: seconds,
      text: formatDuration(seconds),
      jobs,
    };
  }).filter((item) => item.jobs > 0);
  return h(
    'div',
    { class: 'chart' },
    h('strong', {}, t('admin.metrics.run_seconds')),
    items.length > 0
      ? barList(items, { label: t('admin.metrics.run_seconds') })
      : h('p', { class: 'quiet' }, t('nothing')),
  );
}

function samples(rows, names, tones = [1]) {
  const step = Math.max(1, Math.ceil(rows.length / POINTS_MAX));
  const kept = rows.filter((_, i) => (rows.length - 1 - i) % step === 0);
  return {
    series: names.map((name, i) => ({ name: t(`admin.metrics.${name}`), tone: tones[i] ?? i + 1 })),
    points: kept.map((row) => {
      const at = new Date(row.at);
      return { label: clock.format(at), short: clock.format(at), values: names.map((name) => row[name] ?? null) };
    }),
  };
}

function draw({ hours, samples: rows }) {
  const whole = { show: formatNumber, wholes: true };
  const charts = [
    lineChart({ ...samples(rows, ['rss_bytes'], [1]), show: formatBytes, title: t('admin.metrics.memory') }),
    lineChart({ ...samples(rows, ['cpu_fraction'], [2]), show: formatPercent, title: t('admin.metrics.cpu') }),
    lineChart({ ...samples(rows, ['queued', 'running'], [1, 3]), ...whole, title: t('admin.metrics.queue') }),
    lineChart({ ...samples(rows, ['requests', 'errors'], [1, 5]), ...whole, title: t('admin.metrics.http') }),
  ];
  return [
    panel(
      t('admin.metrics.process'),
      rows.length > 1 ? h('div', { class: 'charts' }, charts) : h('p', { class: 'quiet' }, t('admin.metrics.soon')),
      { about: t('admin.metrics.process_lead') },
    ),
    panel(
      t('admin.metrics.jobs'),
      h(
        'div',
        { class: 'charts' },
        barChart({ ...hourly(hours, sum('completed')), show: formatNumber, title: t('admin.metrics.completed') }),
        barChart({ ...hourly(hours, sum('aborted')), show: formatNumber, title: t('admin.metrics.aborted') }),
        runs(hours),
      ),
      { about: t('admin.metrics.jobs_lead') },
    ),
  ];
}
