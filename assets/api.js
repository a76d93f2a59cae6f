// Calls of the appliance's own API with the session's cookie. Unsafe methods carry the page's CSRF token.

const csrf = document.querySelector('meta[name="csrf-token"]')?.content ?? '';

/** A refusal, as the API tells it. */
export class Refused extends Error {
  constructor(status, error) {
    super(error?.message ?? 'The appliance did not answer.');
    this.status = status;
    this.code = error?.code;
    this.details = error?.details;
  }
}

async function call(method, path, body) {
  const headers = { 'x-csrf-token': csrf };
  if (body !== undefined && !(body instanceof FormData)) {
    headers['content-type'] = 'application/json';
    body = JSON.stringify(body);
  }
  const answer = await fetch(path, { method, headers, body, credentials: 'same-origin' });
  if (answer.status === 401) location.assign('/sign-in');
  const data = answer.status === 204 ? null : await answer.json().catch(() => null);
  if (!answer.ok) throw new Refused(answer.status, data?.error);
  return data;
}

export const get = (path) => call('GET', path);
export const post = (path, body) => call('POST', path, body);
export const remove = (path) => call('DELETE', path);

/** Uploads one file; answers the asset. */
export function upload(kind, file) {
  const form = new FormData();
  form.append('kind', kind);
  form.append('file', file);
  return call('POST', '/v1/assets', form);
}

/** Calls `seen` with every snapshot of the job until it ends. */
export function follow(id, seen) {
  const source = new EventSource(`/v1/jobs/${id}/events`);
  const isOver = (job) => job.status === 'completed' || job.status === 'aborted';
  source.addEventListener('job', (event) => {
    const job = JSON.parse(event.data);
    if (isOver(job)) source.close();
    seen(job);
  });
  source.addEventListener('deleted', () => source.close());
  return source;
}
