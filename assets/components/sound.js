// A sound with its waveform: play, see where it is, go somewhere else.

import { get } from '../api.js';
import { h, s } from '../dom.js';
import { formatLength } from '../format.js';
import { t } from '../strings.js';
import { icon } from './icon.js';

const BARS = 96;
let playing = null;

/** One sound at a time. */
function takeTurn(audio) {
  if (playing && playing !== audio) playing.pause();
  playing = audio;
}

/** A round button that plays a short sound, such as a voice's sample. */
export function playButton(url, label) {
  let audio = null;
  const attributes = { type: 'button', class: 'button quiet square round', 'aria-label': label, title: label };
  const node = h('button', attributes, icon('play'));
  const look = () => {
    node.querySelector('use').setAttribute('href', `/static/icons.svg#${audio.paused ? 'play' : 'stop'}`);
    node.setAttribute('aria-pressed', String(!audio.paused));
    // The first time, the sample may have to be spoken before it can be heard.
    const isWaiting = !audio.paused && audio.readyState < HTMLMediaElement.HAVE_FUTURE_DATA;
    node.toggleAttribute('aria-busy', isWaiting);
    if (isWaiting) node.setAttribute('aria-busy', 'true');
  };
  node.addEventListener('click', (event) => {
    event.preventDefault();
    if (!audio) {
      audio = new Audio(url);
      for (const name of ['play', 'playing', 'pause', 'ended', 'error']) audio.addEventListener(name, look);
    }
    if (!audio.paused) {
      audio.pause();
      return;
    }
    takeTurn(audio);
    audio.currentTime = 0;
    audio.play().catch(look);
  });
  return node;
}

/** Bars from 0 to 1 as one path in a box of 100 by 100. */
function wave(peaks) {
  const step = 100 / peaks.length;
  const lines = peaks.map((peak, i) => {
    const height = Math.max(3, peak * 92);
    return `M${(i * step + step / 2).toFixed(2)} ${(50 - height / 2).toFixed(1)}v${height.toFixed(1)}`;
  });
  return s('path', { d: lines.join('') });
}

const drawing = (kind, peaks) =>
  s(
    'svg',
    { class: ['wave', kind], viewBox: '0 0 100 100', preserveAspectRatio: 'none', 'aria-hidden': 'true' },
    wave(peaks),
  );

/** A player of the sound at `url`; the asset's id brings its waveform. */
export function soundPlayer(url, { asset = null, seconds = null, label = t('kind.audio'), signal } = {}) {
  const audio = h('audio', { src: url, preload: seconds === null ? 'metadata' : 'none' });
  const toggle = h(
    'button',
    { type: 'button', class: 'button primary square round', 'aria-label': t('player.play') },
    icon('play'),
  );
  const place = h('input', {
    type: 'range',
    class: 'wave-range',
    min: 0,
    max: 1,
    step: 0.001,
    value: 0,
    'aria-label': t('player.place'),
  });
  const flat = Array.from({ length: BARS }, (_, i) => 0.12 + 0.1 * Math.abs(Math.sin(i * 1.7)));
  const bars = h('div', { class: 'waves' }, drawing('all', flat), drawing('played', flat), place);
  const clock = h('span', { class: 'clock' }, seconds === null ? '' : formatLength(seconds));
  const length = () => (Number.isFinite(audio.duration) ? audio.duration : (seconds ?? 0));
  const look = () => {
    const part = length() ? audio.currentTime / length() : 0;
    place.value = part;
    place.setAttribute('aria-valuetext', formatLength(audio.currentTime));
    bars.style.setProperty('--part', `${part * 100}%`);
    clock.textContent =
      audio.currentTime > 0 ? `${formatLength(audio.currentTime)} / ${formatLength(length())}` : formatLength(length());
    toggle.querySelector('use').setAttribute('href', `/static/icons.svg#${audio.paused ? 'play' : 'pause'}`);
    toggle.setAttribute('aria-label', t(audio.paused ? 'player.play' : 'player.pause'));
  };
  toggle.addEventListener('click', () => {
    if (!audio.paused) return audio.pause();
    takeTurn(audio);
    return audio.play().catch(() => {});
  });
  place.addEventListener('input', () => {
    audio.currentTime = Number(place.value) * length();
  });
  for (const name of ['play', 'pause', 'timeupdate', 'loadedmetadata', 'ended']) audio.addEventListener(name, look);
  if (asset) {
    get(`/v1/assets/${asset}/peaks`, { buckets: BARS }, { signal })
      .then((found) => {
        bars.replaceChildren(drawing('all', found.peaks), drawing('played', found.peaks), place);
        seconds ??= found.duration_seconds;
        look();
      })
      .catch(() => {});
  }
  signal?.addEventListener('abort', () => audio.pause(), { once: true });
  return h('div', { class: 'player', role: 'group', 'aria-label': label }, toggle, bars, clock, audio);
}
