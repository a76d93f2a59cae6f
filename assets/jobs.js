// What can be done with jobs, and following them while they are under way.

import { get, listen, post, refreshAccount, remove } from './api.js';
import { pause } from './dom.js';

export const isOver = (job) => job.status === 'completed' || job.status === 'aborted';
export const isPicture = (job) => job.mode === 'text_to_image' || job.mode === 'image_to_image';
export const contentOf = (asset) => `/v1/assets/${asset}/content`;
export const thumbnailOf = (asset) => `/v1/assets/${asset}/thumbnail`;

/** A name for a request that no other has: the same sent twice is one job. */
export function newKey() {
  return Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, '0')).join('');
}

/** Makes a job; answers it. */
export async function submit(body, key = newKey()) {
  const job = await post('/v1/jobs', body, { headers: { 'idempotency-key': key } });
  refreshAccount().catch(() => {});
  return job;
}

/** The request of a job as it can be sent again. */
export function requestOf(job) {
  const request = { ...job.request, mode: job.mode };
  if (Object.keys(job.metadata ?? {}).length) request.metadata = job.metadata;
  return request;
}

/** The same once more. */
export const repeat = (job) => submit(requestOf(job));
/** The same with the next seed. */
export const vary = (job) => submit({ ...requestOf(job), seed: (job.seed + 1) % 4294967296 });
export const cancel = (job) => post(`/v1/jobs/${job.id}/cancel`);

/** Deletes a job; that it is gone already is as good. */
export function removeJob(id) {
  return remove(`/v1/jobs/${id}`, { keepalive: true }).catch((error) => {
    if (error.status !== 404) throw error;
  });
}

// A browser has six connections to one host. So one job at a time is followed by its events, the one that began
// first; the others are looked at together every few seconds.
const LOOK_EVERY_MS = 2000;
const followed = new Map();
let streamed = null;
let looking = false;

function tell(job) {
  const entry = followed.get(job.id);
  if (!entry) return;
  for (const seen of entry) seen(job);
  if (isOver(job)) {
    followed.delete(job.id);
    refreshAccount().catch(() => {});
  }
}

function stream() {
  if (streamed && followed.has(streamed.id) && !document.hidden) return;
  streamed?.stop();
  streamed = null;
  const [id] = followed.keys();
  if (!id || document.hidden) return;
  const forget = () => {
    if (streamed?.id === id) streamed = null;
  };
  const stop = listen(
    `/v1/jobs/${id}/events`,
    'job',
    (job) => {
      tell(job);
      if (isOver(job)) {
        stop();
        forget();
        stream();
      }
    },
    { lost: forget },
  );
  streamed = { id, stop };
}

async function look() {
  if (looking) return;
  looking = true;
  while (followed.size) {
    await pause(LOOK_EVERY_MS);
    if (document.hidden) continue;
    stream();
    for (const id of [...followed.keys()].slice(0, 12)) {
      if (id === streamed?.id) continue;
      try {
        tell(await get(`/v1/jobs/${id}`));
      } catch (error) {
        if (error.status === 404 || error.status === 410) followed.delete(id);
        else break;
      }
    }
  }
  looking = false;
}

/** Calls `seen` with the job whenever it changes, until it is over or the signal aborts. */
export function follow(job, seen, signal) {
  if (isOver(job)) return;
  if (!followed.has(job.id)) followed.set(job.id, new Set());
  followed.get(job.id).add(seen);
  signal?.addEventListener(
    'abort',
    () => {
      const entry = followed.get(job.id);
      entry?.delete(seen);
      if (entry?.size === 0) {
        followed.delete(job.id);
        if (streamed?.id === job.id) stream();
      }
    },
    { once: true },
  );
  stream();
  look();
}
