// The log as it is written: what the appliance says of itself, filtered, stopped to read.

import { get, listen } from '../../api.js';
import { button, copyButton } from '../../components/button.js';
import { choiceBox, searchBox } from '../../components/filters.js';
import { badge, notice, pageHead } from '../../components/panel.js';
import { append, fill, h } from '../../dom.js';
import { formatMoment } from '../../format.js';
import { LOCALE, t } from '../../strings.js';

const LEVELS = ['error', 'warn', 'info', 'debug', 'trace'];
const TONES = { error: 'bad', warn: 'warn', info: 'info' };
/** Lines that are kept on the page. */
const LINES_MAX = 2000;
const clock = new Intl.DateTimeFormat(LOCALE, {
  hour: '2-digit',
  minute: '2-digit',
  second: '2-digit',
  fractionalSecondDigits: 3,
  hourCycle: 'h23',
});

export default {
  title: t('admin.logs.title'),
  async render(root, { signal }) {
    const log = h('div', {
      class: 'log',
      role: 'log',
      'aria-live': 'off',
      tabindex: '0',
      'aria-label': t('admin.logs.title'),
    });
    const [wanted, held] = [{ level: '', q: '' }, []];
    const state = h('span', { class: 'quiet', role: 'status' });
    let isPaused = false;

    const fits = (line) =>
      (!wanted.level || LEVELS.indexOf(line.level.toLowerCase()) <= LEVELS.indexOf(wanted.level)) &&
      words(line).includes(wanted.q.toLowerCase());
    const isAtEnd = () => log.scrollHeight - log.scrollTop - log.clientHeight < 40;
    const toEnd = () => {
      log.scrollTop = log.scrollHeight;
    };
    function add(lines) {
      const shown = lines.filter(fits);
      if (shown.length === 0) return;
      const follow = isAtEnd();
      append(log, shown.map(row));
      while (log.childElementCount > LINES_MAX) log.firstChild.remove();
      if (follow) toEnd();
    }
    function seen(line) {
      if (isPaused) held.push(line);
      else add([line]);
      fill(state, isPaused && t('admin.logs.held', { count: held.length }));
    }
    async function reload() {
      const { data } = await get('/v1/admin/logs', { ...wanted, limit: 500 }, { signal });
      held.length = 0;
      fill(log, data.toSorted((a, b) => a.seq - b.seq).map(row));
      toEnd();
    }
    const pause = button(t('admin.logs.pause'), {
      icon: 'pause',
      'aria-pressed': 'false',
      onclick: () => {
        isPaused = !isPaused;
        pause.setAttribute('aria-pressed', String(isPaused));
        pause.querySelector('span').textContent = t(isPaused ? 'admin.logs.resume' : 'admin.logs.pause');
        if (!isPaused) add(held.splice(0));
        fill(state);
      },
    });
    const change = (name) => (value) => {
      wanted[name] = value;
      return reload();
    };
    const text = () => [...log.children].map((line) => line.innerText.replaceAll('\n', ' ')).join('\n');
    const lost = h('div');
    root.append(
      pageHead(t('admin.logs.title'), {
        about: t('admin.logs.lead'),
        actions: [copyButton(text, { label: t('admin.logs.copy') }), pause],
      }),
      h(
        'div',
        { class: 'filter-row' },
        choiceBox(
          t('admin.logs.level'),
          LEVELS.slice(0, 4).map((level) => [level, t(`admin.logs.from.${level}`)]),
          change('level'),
        ),
        searchBox(t('admin.logs.search'), change('q')),
        state,
      ),
      lost,
      log,
    );
    await reload();
    listen('/v1/admin/logs/events', 'line', seen, {
      signal,
      lost: () => fill(lost, notice('warn', t('admin.logs.lost'))),
    });
  },
};

const fields = (line) =>
  Object.entries(line.fields ?? {}).map(
    ([name, value]) => `${name}=${typeof value === 'string' ? value : JSON.stringify(value)}`,
  );
const words = (line) => [line.message, line.target, ...fields(line)].join(' ').toLowerCase();

const row = (line) =>
  h(
    'div',
    { class: ['log-line', TONES[line.level.toLowerCase()]] },
    h('time', { datetime: line.at, title: formatMoment(line.at) }, clock.format(new Date(line.at))),
    badge(line.level, { tone: TONES[line.level.toLowerCase()] ?? 'plain', text: line.level.toLowerCase() }),
    h(
      'span',
      { class: 'log-words' },
      line.message,
      ' ',
      h('span', { class: 'quiet' }, line.target, ' ', fields(line).join(' ')),
    ),
  );
