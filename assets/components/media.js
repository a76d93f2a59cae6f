// How pictures, sounds and films are shown, small and large.

import { h } from '../dom.js';
import { contentOf, isPicture, thumbnailOf } from '../jobs.js';
import { t } from '../strings.js';
import { icon } from './icon.js';
import { soundPlayer } from './sound.js';

/** What says in words what is seen. */
const words = (job) => job.prompt || t(`mode.${job.mode}`);

/** A completed job's result, as large as there is room. */
export function resultMedia(job, { signal, isLarge = false } = {}) {
  const url = contentOf(job.result_asset_id);
  const { width, height } = job.request;
  if (job.mode === 'audio')
    return h(
      'div',
      { class: 'sound-stage' },
      !isLarge && h('p', { class: 'spoken' }, `“${words(job)}”`),
      soundPlayer(url, { asset: job.result_asset_id, label: words(job), signal }),
    );
  if (isPicture(job)) {
    const picture = h('img', {
      src: url,
      alt: words(job),
      loading: isLarge ? 'eager' : 'lazy',
      decoding: 'async',
      width,
      height,
      class: 'shown',
    });
    picture.addEventListener(
      'error',
      () => picture.replaceWith(h('div', { class: 'card-note' }, icon('trash'), h('p', {}, t('studio.result_gone')))),
      { once: true },
    );
    return picture;
  }
  const poster = thumbnailOf(job.result_asset_id);
  const film = { src: url, poster, controls: true, preload: 'metadata', playsinline: true, 'aria-label': words(job) };
  return h('video', { ...film, class: 'shown' }, subtitlesOf(job));
}

/** The film's subtitles, shown from the start. */
function subtitlesOf(job) {
  if (!job.subtitles_url) return null;
  const { pathname } = new URL(job.subtitles_url);
  return h('track', { kind: 'subtitles', src: pathname, srclang: 'en', label: t('studio.subtitles'), default: true });
}

/** How often a small picture is asked for: too many at once are refused for a moment. */
const TRIES = 3;
const AGAIN_AFTER_MS = 2500;

/** An asset's small picture with the sign of its kind. */
export function thumbnail(asset, alt = '') {
  const sign = { audio: 'voice', video: 'film' }[asset.kind];
  const [src, shape] = [thumbnailOf(asset.id), ['thumb', asset.kind]];
  const picture = h('img', { src, alt, loading: 'lazy', decoding: 'async', draggable: 'false', class: shape });
  let tries = 1;
  picture.addEventListener('error', () => {
    if (tries === TRIES) picture.replaceWith(h('span', { class: 'thumb-none' }, icon(sign ?? 'image')));
    else setTimeout(() => picture.setAttribute('src', src), AGAIN_AFTER_MS * tries);
    tries += 1;
  });
  return h('div', { class: 'thumb-frame' }, picture, sign && h('span', { class: 'sign' }, icon(sign)));
}

/** An asset in full, for looking at it. */
export function assetMedia(asset, { signal } = {}) {
  const url = contentOf(asset.id);
  if (asset.kind === 'audio')
    return h(
      'div',
      { class: 'sound-stage' },
      soundPlayer(url, {
        asset: asset.id,
        seconds: asset.duration_seconds,
        label: asset.file_name ?? t('kind.audio'),
        signal,
      }),
    );
  if (asset.kind === 'video')
    return h('video', {
      src: url,
      poster: thumbnailOf(asset.id),
      controls: true,
      preload: 'metadata',
      playsinline: true,
      class: 'shown',
    });
  return h('img', {
    src: url,
    alt: asset.file_name ?? t('kind.image'),
    width: asset.width,
    height: asset.height,
    class: 'shown',
  });
}
