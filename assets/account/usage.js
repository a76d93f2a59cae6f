// Usage rows as the points of a chart: every day (or month, over a year) has one, also where nothing was made.

import { t, word } from '../strings.js';

const MODES = ['text_to_image', 'image_to_image', 'audio', 'image_to_video'];
/** Series beyond these are gathered in one. */
const KEYS_MAX = 5;
const DAY_MS = 86_400_000;

const shortDay = new Intl.DateTimeFormat('en', { day: 'numeric', month: 'short', timeZone: 'UTC' });
const longDay = new Intl.DateTimeFormat('en', { day: 'numeric', month: 'long', year: 'numeric', timeZone: 'UTC' });
const shortMonth = new Intl.DateTimeFormat('en', { month: 'short', timeZone: 'UTC' });
const longMonth = new Intl.DateTimeFormat('en', { month: 'long', year: 'numeric', timeZone: 'UTC' });

/** The series of the rows, the most used first, as `{name, tone, has(row)}`. */
function seriesOf(rows, { by, measure }) {
  if (by === 'mode')
    return MODES.map((mode, i) => ({ name: word('mode', mode), tone: i + 1, has: (row) => row.mode === mode }));
  const sums = new Map();
  const names = new Map();
  for (const row of rows) {
    sums.set(row.key_id, (sums.get(row.key_id) ?? 0) + row[measure]);
    names.set(row.key_id, row.key_id ? (row.key_name ?? row.key_id) : t('account.by_studio'));
  }
  const ids = [...sums.keys()].sort((a, b) => sums.get(b) - sums.get(a));
  const shown = ids.slice(0, KEYS_MAX);
  const series = shown.map((id, i) => ({ name: names.get(id), tone: i + 1, has: (row) => row.key_id === id }));
  if (ids.length > KEYS_MAX)
    series.push({ name: t('account.by_others'), tone: KEYS_MAX + 1, has: (row) => !shown.includes(row.key_id) });
  return series;
}

/** The periods up to today: the day or month that each begins with, as its rows spell it. */
function periods(days, now) {
  if (days > 100) {
    return Array.from({ length: 12 }, (_, i) => {
      const first = new Date(Date.UTC(now.getUTCFullYear(), now.getUTCMonth() - 11 + i, 1));
      return { key: first.toISOString().slice(0, 7), label: longMonth.format(first), short: shortMonth.format(first) };
    });
  }
  return Array.from({ length: days }, (_, i) => {
    const day = new Date(now.getTime() - (days - 1 - i) * DAY_MS);
    return { key: day.toISOString().slice(0, 10), label: longDay.format(day), short: shortDay.format(day) };
  });
}

/** The chart's `series` and `points` of the last `days`, of `measure` (`charged` or `jobs`) by `mode` or `key`. */
export function daily(rows, { measure, by, days }, now = new Date()) {
  const found = periods(Number(days), now);
  const length = found[0].key.length;
  const within = rows.filter((row) => row.day.slice(0, length) >= found[0].key);
  const series = seriesOf(within, { by, measure });
  const points = found.map(({ key, label, short }) => {
    const here = within.filter((row) => row.day.slice(0, length) === key);
    const values = series.map((one) => here.filter(one.has).reduce((sum, row) => sum + row[measure], 0));
    return { label, short, values };
  });
  return { series, points };
}
