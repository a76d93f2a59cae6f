// Calls of the appliance's own API with the session's cookie. A session that ends mid-work is begun again in a dialog
// over the page, and the call that met it is made again: nothing typed is lost.

import { pause } from './dom.js';
import { putAccount, refreshSession, session } from './session.js';
import { t } from './strings.js';

/** What a program is told of a field ("`width` must be …") as a person reads it beside the field ("Must be …"). */
function plainly({ field, message }) {
  const own = `\`${field}\` `;
  const text = (message.startsWith(own) ? message.slice(own.length) : message).replaceAll('`', '');
  return text.charAt(0).toUpperCase() + text.slice(1);
}

/** A refusal, as the API tells it. `status` is 0 where the appliance did not answer at all. */
export class Refused extends Error {
  constructor(status, error, retry_after_seconds = null) {
    super(error?.message ?? (status ? t('error.strange', { status }) : t('error.unreachable')));
    this.status = status;
    this.code = error?.code ?? (status ? 'unknown' : 'unreachable');
    this.details = error?.details ?? null;
    this.request_id = error?.request_id ?? null;
    this.retry_after_seconds = retry_after_seconds;
  }

  /** What is wrong by field: `{ prompt: 'must not be empty' }`. */
  get faults() {
    return Object.fromEntries((this.details?.fields ?? []).map((fault) => [fault.field, plainly(fault)]));
  }
}

/** The longest wait for room among too many requests. */
const WAIT_SECONDS_MAX = 15;

let signInAgain = async () => false;
let asking = null;
let isDeclined = false;

/** Sets what asks a person to sign in again; it answers whether the same account is back. */
export function onUnauthorized(ask) {
  signInAgain = ask;
}

/** One question for however many calls met the end of the session; once declined, only for what a person does. */
function ask() {
  if (isDeclined && !asking && !navigator.userActivation?.isActive) return false;
  asking ??= signInAgain()
    .then((isBack) => {
      isDeclined = !isBack;
      return isBack;
    })
    .finally(() => {
      asking = null;
    });
  return asking;
}

async function send(method, path, { body, headers = {}, signal, keepalive = false }) {
  const all = { accept: 'application/json', ...headers };
  if (method !== 'GET' && session.csrf_token) all['x-csrf-token'] = session.csrf_token;
  if (body !== undefined && !(body instanceof FormData)) all['content-type'] = 'application/json';
  const content = body === undefined || body instanceof FormData ? body : JSON.stringify(body);
  try {
    return await fetch(path, { method, headers: all, body: content, credentials: 'same-origin', signal, keepalive });
  } catch (error) {
    if (signal?.aborted) throw error;
    throw new Refused(0, null);
  }
}

async function refuse(answer) {
  const told = await answer.json().catch(() => null);
  const wait = Number(answer.headers.get('retry-after'));
  throw new Refused(answer.status, told?.error, Number.isFinite(wait) && wait > 0 ? wait : null);
}

/**
 * Makes a call and answers its JSON (null for 204). Options: `body` (JSON or FormData), `headers`, `signal`, `keepalive`
 * (it outlives the page), `raw` (answers the Response), `anonymous` (a 401 is an answer like any other).
 */
export async function call(method, path, options = {}) {
  const before = session.account?.id ?? null;
  for (let again = 0; ; again += 1) {
    const answer = await send(method, path, options);
    if (answer.ok) {
      if (options.raw) return answer;
      return answer.status === 204 ? null : answer.json();
    }
    if (answer.status === 401 && before && !options.anonymous && again < 2 && (await ask())) continue;
    if (answer.status === 403 && again < 1 && method !== 'GET' && !options.anonymous) {
      const told = await answer
        .clone()
        .json()
        .catch(() => null);
      // Somebody signed in again in another tab: this page's token is an old one.
      if (told?.error?.code === 'cross_site' && (await refreshSession()).account?.id === before) continue;
    }
    if (answer.status === 429 && again < 3 && (method === 'GET' || method === 'DELETE')) {
      // Nothing was done yet, and nothing is lost by asking again when there is room.
      await pause(1000 * Math.min(WAIT_SECONDS_MAX, Number(answer.headers.get('retry-after')) || 1), options.signal);
      continue;
    }
    await refuse(answer);
  }
}

/** A path with its query; empty, null and undefined values are left out. */
export function withQuery(path, query = {}) {
  const pairs = Object.entries(query).filter(([, value]) => value !== null && value !== undefined && value !== '');
  return pairs.length ? `${path}?${new URLSearchParams(pairs)}` : path;
}

export const get = (path, query, options) => call('GET', withQuery(path, query), options);
export const post = (path, body, options) => call('POST', path, { body, ...options });
export const put = (path, body, options) => call('PUT', path, { body, ...options });
export const patch = (path, body, options) => call('PATCH', path, { body, ...options });
export const remove = (path, options) => call('DELETE', path, options);

/** Every item of a list, piece by piece. */
export async function* pieces(path, query = {}, options = {}) {
  let after = null;
  for (;;) {
    const piece = await get(path, { limit: 100, ...query, after }, options);
    yield piece.data;
    if (!piece.has_more || piece.data.length === 0) return;
    after = piece.data.at(-1).id;
  }
}

/** Asks for the account again, so that the credits shown everywhere are the true ones. */
export async function refreshAccount() {
  putAccount(await get('/v1/account'));
  return session.account;
}

/** Uploads one file of a kind; answers the asset. `progress` is called with a fraction. */
export function upload(kind, file, options) {
  const form = new FormData();
  form.append('kind', kind);
  form.append('file', file, file.name ?? 'file');
  return sendForm('/v1/assets', form, options);
}

/** Posts a form with a file in it; answers what came back. `progress` is called with a fraction. */
export async function sendForm(path, form, { progress, signal } = {}) {
  const attempt = () =>
    new Promise((resolve, reject) => {
      const request = new XMLHttpRequest();
      request.open('POST', path);
      request.setRequestHeader('x-csrf-token', session.csrf_token ?? '');
      request.setRequestHeader('accept', 'application/json');
      request.responseType = 'json';
      request.upload.onprogress = (event) => event.lengthComputable && progress?.(event.loaded / event.total);
      request.onload = () =>
        request.status < 300 ? resolve(request.response) : reject(new Refused(request.status, request.response?.error));
      request.onerror = () => reject(new Refused(0, null));
      request.onabort = () => reject(signal?.reason ?? new Refused(0, null));
      signal?.addEventListener('abort', () => request.abort(), { once: true });
      request.send(form);
    });
  try {
    return await attempt();
  } catch (error) {
    if (error.status === 401 && session.account && (await ask())) return attempt();
    if (error.code === 'cross_site') {
      await refreshSession();
      return attempt();
    }
    throw error;
  }
}

/**
 * Follows server-sent events named `name` at `path`: `seen` is called with each one's JSON. Answers a function that
 * stops. `lost` is called when the stream breaks for good.
 */
export function listen(path, name, seen, { signal, lost } = {}) {
  const source = new EventSource(path);
  const stop = () => source.close();
  source.addEventListener(name, (event) => seen(JSON.parse(event.data)));
  source.addEventListener('error', () => {
    if (source.readyState !== EventSource.CLOSED) return;
    stop();
    if (!signal?.aborted) lost?.();
  });
  signal?.addEventListener('abort', stop, { once: true });
  return stop;
}

/** Calls `work` at once and every `every_ms` while the page is seen, until the signal aborts. */
export async function poll(work, every_ms, signal) {
  while (!signal.aborted) {
    if (!document.hidden) await work();
    await pause(every_ms, signal).catch(() => {});
  }
}
