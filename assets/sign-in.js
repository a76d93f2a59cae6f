// The ways in and out.

import { post, remove } from './api.js';
import { forgetDrafts } from './drafts.js';
import { refreshSession, tellOthers } from './session.js';

async function enter(path, body) {
  await post(path, body, { anonymous: true });
  await refreshSession();
  tellOthers();
}

export const signIn = (email, password) => enter('/v1/sessions', { email, password, cookie: true });
export const setUp = (token, email, password) => enter('/v1/set-up', { token, email, password });
export const signUp = (email, password, invitation) =>
  enter('/v1/sign-up', { email, password, ...(invitation ? { invitation } : {}) });

/** Ends this session and forgets what was typed in it. */
export async function signOut() {
  await remove('/v1/sessions/current', { anonymous: true }).catch((error) => {
    if (error.status !== 401) throw error;
  });
  forgetDrafts();
  await refreshSession();
  tellOthers();
}
