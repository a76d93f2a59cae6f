// Numbers, sizes, lengths and moments as people read them.

import { LOCALE, t } from './strings.js';

const number = new Intl.NumberFormat(LOCALE);
const one = new Intl.NumberFormat(LOCALE, { maximumFractionDigits: 1 });
const moments = new Intl.DateTimeFormat(LOCALE, { dateStyle: 'medium', timeStyle: 'short' });
const days = new Intl.DateTimeFormat(LOCALE, { weekday: 'long', day: 'numeric', month: 'long' });
const daysOfYears = new Intl.DateTimeFormat(LOCALE, { day: 'numeric', month: 'long', year: 'numeric' });
const relative = new Intl.RelativeTimeFormat(LOCALE, { numeric: 'auto' });

export const formatNumber = (value) => number.format(value);
export const formatCredits = (count) => t('credits', { count });

const UNITS = ['bytes.b', 'bytes.kb', 'bytes.mb', 'bytes.gb', 'bytes.tb'];
/** 1,536 -> 1.5 kB, in decimal units as disks have them. */
export function formatBytes(bytes) {
  if (bytes === null || bytes === undefined) return t('unknown');
  let unit = 0;
  let value = bytes;
  while (value >= 1000 && unit < UNITS.length - 1) {
    value /= 1000;
    unit += 1;
  }
  return t(UNITS[unit], { value: value >= 100 || unit === 0 ? number.format(Math.round(value)) : one.format(value) });
}

/** The length of a sound or film: 0:07, 1:02:03. */
export function formatLength(seconds) {
  const whole = Math.max(0, Math.round(seconds));
  const two = (value) => String(value).padStart(2, '0');
  const [hours, minutes] = [Math.floor(whole / 3600), Math.floor(whole / 60) % 60];
  return hours ? `${hours}:${two(minutes)}:${two(whole % 60)}` : `${minutes}:${two(whole % 60)}`;
}

/** About how long something will take, in whole seconds at least. */
export const formatEstimate = (seconds) => formatDuration(Math.max(1, Math.ceil(seconds)));

/** How long something takes: 0.4 s, 12 s, 3 min, 2 h, 4 days. */
export function formatDuration(seconds) {
  if (seconds === null || seconds === undefined) return t('unknown');
  if (seconds < 10) return t('duration.seconds', { value: one.format(seconds) });
  if (seconds < 100) return t('duration.seconds', { value: Math.round(seconds) });
  if (seconds < 5400) return t('duration.minutes', { value: Math.round(seconds / 60) });
  if (seconds < 172800) return t('duration.hours', { value: one.format(seconds / 3600) });
  return t('duration.days', { value: Math.round(seconds / 86400) });
}

export const formatPercent = (fraction) => t('percent', { value: Math.round(fraction * 100) });
export const formatMoment = (time) => moments.format(new Date(time));

/** The heading of a day: Today, Yesterday, Tuesday 3 November, 3 November 2025. */
export function formatDay(day) {
  const date = new Date(`${day.slice(0, 10)}T12:00:00Z`);
  const today = new Date();
  const ago = Math.round(
    (Date.UTC(today.getUTCFullYear(), today.getUTCMonth(), today.getUTCDate(), 12) - date) / 86400000,
  );
  if (ago === 0) return t('day.today');
  if (ago === 1) return t('day.yesterday');
  return (ago < 300 ? days : daysOfYears).format(date);
}

const STEPS = [
  [3600, 60, 'minute'],
  [86400, 3600, 'hour'],
  [2592000, 86400, 'day'],
  [31536000, 2592000, 'month'],
  [Infinity, 31536000, 'year'],
];
/** 3 minutes ago, tomorrow. */
export function formatRelative(time, now = Date.now()) {
  const seconds = (new Date(time).getTime() - now) / 1000;
  if (Math.abs(seconds) < 50) return t('moment.now');
  const [, unit, name] = STEPS.find(([limit]) => Math.abs(seconds) < limit);
  return relative.format(Math.round(seconds / unit), name);
}

/** How many characters the appliance counts: Unicode scalar values. */
export function countCharacters(text) {
  let count = 0;
  for (const _ of text) count += 1;
  return count;
}
