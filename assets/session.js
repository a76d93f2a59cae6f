// Who is signed in: one truth for all modules, asked of `GET /v1/session`.

/** What `GET /v1/session` told last. */
export const session = {
  state: 'signed_out',
  sign_up: 'closed',
  version: '',
  csrf_token: null,
  account: null,
  expires_at: null,
};

const seen = new Set();
const others = 'BroadcastChannel' in window ? new BroadcastChannel('session') : null;

/** Calls `work` whenever the session or its account changes, until the signal aborts. */
export function onSession(work, signal) {
  seen.add(work);
  signal?.addEventListener('abort', () => seen.delete(work), { once: true });
}

function put(next) {
  Object.assign(session, next);
  for (const work of seen) work(session);
}

/** Asks again who is signed in. */
export async function refreshSession() {
  const answer = await fetch('/v1/session', { credentials: 'same-origin', headers: { accept: 'application/json' } });
  if (!answer.ok) throw new Error(`session: ${answer.status}`);
  put(await answer.json());
  return session;
}

/** Takes over an account as it was answered elsewhere, so that credits shown are today's. */
export function putAccount(account) {
  put({ account });
}

/** Tells other tabs that somebody signed in or out here. */
export function tellOthers() {
  others?.postMessage(session.account?.id ?? null);
}

/** Calls `work` with the account's id, or null, when another tab signs in or out. */
export function onOthers(work) {
  others?.addEventListener('message', (event) => work(event.data));
}
