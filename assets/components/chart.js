// Small charts in SVG: stacked bars and lines. Each can be read by eye, by keyboard (arrows move from point to point and
// the values are spoken), and as a table below it. Colours and sizes are the stylesheet's.

import { h, s } from '../dom.js';
import { t } from '../strings.js';

/** Pixels of the drawing's height, and of the part below it for the days or hours. */
const HEIGHT = 180;
const FOOT = 22;

/** A round number of at least `most`, and the steps to it. */
export function scale(most, wholes = false) {
  const rough = Math.max(most, wholes ? 1 : Number.MIN_VALUE) / 4;
  const power = 10 ** Math.floor(Math.log10(rough));
  const nice = [1, 2, 2.5, 5, 10].map((n) => n * power).find((n) => n >= rough && (!wholes || Number.isInteger(n)));
  const step = wholes ? Math.max(1, Math.ceil(nice ?? 10 * power)) : (nice ?? 10 * power);
  const count = Math.max(1, Math.ceil(most / step));
  return { top: step * count, steps: Array.from({ length: count + 1 }, (_, i) => i * step) };
}

/**
 * Stacked bars. `chart` has `title`, `series` (`{name, tone}`), `points` (`{label, short, values}`, as many values as
 * series), `show` (a value as a short text) and `tell` (a value with its unit, where that is another text).
 */
export function barChart(chart) {
  const sums = chart.points.map((point) => point.values.reduce((a, b) => a + b, 0));
  const { top, steps } = scale(Math.max(...sums, 0), true);
  const share = 100 / Math.max(chart.points.length, 1);
  const bars = chart.points.flatMap((point, i) => {
    let low = HEIGHT;
    return point.values
      .map((value, n) => {
        const height = (value / top) * (HEIGHT - 8);
        low -= height;
        return (
          height > 0 &&
          s('rect', {
            x: `${i * share + share * 0.12}%`,
            width: `${share * 0.76}%`,
            y: low,
            height: Math.max(height - 1, 1),
            rx: 2,
            class: `tone-${chart.series[n].tone}`,
          })
        );
      })
      .filter(Boolean);
  });
  return frame({ ...chart, top, steps, centre: (i) => (i + 0.5) * share, hasSum: chart.series.length > 1 }, bars);
}

/** Lines over time; the same `chart`, whose points may have `null` for a value that nobody measured. */
export function lineChart(chart) {
  const most = Math.max(...chart.points.flatMap((point) => point.values.map((value) => value ?? 0)), 0);
  const { top, steps } = chart.top
    ? { top: chart.top, steps: [0, chart.top / 2, chart.top] }
    : scale(most || 1, chart.wholes);
  const last = Math.max(chart.points.length - 1, 1);
  const lines = chart.series.map((one, n) => {
    let isDown = false;
    const path = chart.points
      .map((point, i) => {
        const value = point.values[n];
        const mark = value === null ? '' : `${isDown ? 'L' : 'M'}${i} ${HEIGHT - (value / top) * (HEIGHT - 8)}`;
        isDown = value !== null;
        return mark;
      })
      .join('');
    return s('path', { d: path || 'M0 0', class: `line tone-${one.tone}`, 'vector-effect': 'non-scaling-stroke' });
  });
  const plot = s(
    'svg',
    {
      x: 0,
      y: 0,
      width: '100%',
      height: HEIGHT,
      viewBox: `0 0 ${last} ${HEIGHT}`,
      preserveAspectRatio: 'none',
    },
    ...lines,
  );
  return frame({ ...chart, top, steps, centre: (i) => (i / last) * 100, hasSum: false }, [plot]);
}

/** Everything around the marks: scale, labels, legend, reading by pointer and keyboard, the table. */
function frame(chart, marks) {
  const { points, series } = chart;
  const grid = chart.steps.map((value) => {
    const y = HEIGHT - (value / chart.top) * (HEIGHT - 8);
    return s('line', { x1: 0, x2: '100%', y1: y, y2: y, class: 'grid' });
  });
  const every = Math.max(1, Math.ceil(points.length / 7));
  const feet = points.flatMap((point, i) =>
    i % every === Math.floor(every / 2) && point.short
      ? [s('text', { x: `${chart.centre(i)}%`, y: HEIGHT + FOOT - 5, 'text-anchor': 'middle' }, point.short)]
      : [],
  );
  const cursor = s('line', { x1: 0, x2: 0, y1: 0, y2: HEIGHT, class: 'cursor', visibility: 'hidden' });
  const drawing = s(
    'svg',
    { class: 'drawing', height: HEIGHT + FOOT, width: '100%', 'aria-hidden': 'true' },
    ...grid,
    ...marks,
    cursor,
    ...feet,
  );
  const axis = s(
    'svg',
    { class: 'axis', height: HEIGHT + FOOT, width: '52', 'aria-hidden': 'true' },
    ...chart.steps.map((value) =>
      s(
        'text',
        {
          x: 46,
          y: HEIGHT - (value / chart.top) * (HEIGHT - 8) + 4,
          'text-anchor': 'end',
        },
        chart.show(value),
      ),
    ),
  );
  const tip = h('p', { class: 'chart-tip', hidden: true });
  const plot = h(
    'div',
    {
      class: 'plot',
      tabindex: '0',
      role: 'slider',
      'aria-label': chart.title,
      'aria-roledescription': t('chart.role'),
      'aria-valuemin': '0',
      'aria-valuemax': String(Math.max(points.length - 1, 0)),
      'aria-orientation': 'horizontal',
    },
    drawing,
    tip,
  );
  const read = reading(chart);
  bindReading(plot, cursor, tip, points.length, chart.centre, read);
  return h(
    'figure',
    { class: 'chart' },
    h('figcaption', {}, h('strong', {}, chart.title), legend(series)),
    h('div', { class: 'chart-body' }, axis, plot),
    tableOf(chart),
  );
}

const legend = (series) =>
  series.length > 1 &&
  h(
    'ul',
    { class: 'legend' },
    ...series.map((one) =>
      h('li', {}, h('span', { class: `swatch tone-${one.tone}`, 'aria-hidden': 'true' }), one.name),
    ),
  );

/** The values of a point, as a sentence. */
const reading =
  ({ points, series, show: short, tell: show = short, hasSum }) =>
  (i) => {
    const { label, values } = points[i];
    const told = (value) => (value === null ? '–' : show(value));
    const parts = series.map((one, n) => [one.name, values[n]]).filter(([, value]) => value || series.length === 1);
    const each = parts
      .map(([name, value]) => (series.length === 1 ? told(value) : `${name} ${told(value)}`))
      .join(', ');
    const sum = hasSum ? ` ${show(values.reduce((a, b) => a + b, 0))}` : '';
    return `${label}:${sum}${hasSum && each ? ` (${each})` : each && ` ${each}`}`;
  };

function bindReading(plot, cursor, tip, count, centre, read) {
  let at = count - 1;
  const showAt = (i) => {
    at = Math.min(Math.max(i, 0), count - 1);
    const text = read(at);
    plot.setAttribute('aria-valuenow', String(at));
    plot.setAttribute('aria-valuetext', text);
    for (const name of ['x1', 'x2']) cursor.setAttribute(name, `${centre(at)}%`);
    tip.textContent = text;
    tip.style.setProperty('--at', `${centre(at)}%`);
    tip.classList.toggle('late', centre(at) > 50);
  };
  const setShown = (isShown) => {
    tip.hidden = !isShown || count === 0;
    cursor.setAttribute('visibility', tip.hidden ? 'hidden' : 'visible');
  };
  if (count === 0) return;
  showAt(at);
  plot.addEventListener('keydown', (event) => {
    const to = {
      ArrowLeft: at - 1,
      ArrowDown: at - 1,
      ArrowRight: at + 1,
      ArrowUp: at + 1,
      Home: 0,
      End: count - 1,
      PageUp: at + 7,
      PageDown: at - 7,
    }[event.key];
    if (to === undefined) return;
    event.preventDefault();
    showAt(to);
    setShown(true);
  });
  plot.addEventListener('pointermove', (event) => {
    const box = plot.getBoundingClientRect();
    const share = ((event.clientX - box.left) / box.width) * 100;
    let nearest = 0;
    for (let i = 1; i < count; i += 1) if (Math.abs(centre(i) - share) < Math.abs(centre(nearest) - share)) nearest = i;
    showAt(nearest);
    setShown(true);
  });
  plot.addEventListener('pointerleave', () => setShown(document.activeElement === plot));
  plot.addEventListener('focus', () => setShown(true));
  plot.addEventListener('blur', () => setShown(false));
}

/** The same figures as a table, the latest first. */
function tableOf({ title, points, series, show }) {
  const details = h('details', { class: 'chart-table' }, h('summary', {}, t('chart.as_table')));
  // Two hours of samples are seven hundred rows: they are made when somebody opens them.
  details.addEventListener('toggle', () => {
    if (!details.open || details.childElementCount > 1) return;
    const rows = points
      .toReversed()
      .map((point) =>
        h(
          'tr',
          {},
          h('th', { scope: 'row' }, point.label),
          ...point.values.map((value) => h('td', { class: 'end' }, value === null ? '–' : show(value))),
        ),
      );
    details.append(
      h(
        'div',
        { class: 'table-frame', tabindex: '0', role: 'group', 'aria-label': title },
        h(
          'table',
          { class: 'table' },
          h(
            'thead',
            {},
            h(
              'tr',
              {},
              h('th', { scope: 'col' }, t('chart.when')),
              ...series.map((one) => h('th', { scope: 'col', class: 'end' }, one.name)),
            ),
          ),
          h('tbody', {}, ...rows),
        ),
      ),
    );
  });
  return details;
}
