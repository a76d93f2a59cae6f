// The ways in and out.

import { post, remove } from './api.js';
import { forgetDrafts } from './drafts.js';
import { refreshSession, tellOthers } from './session.js';
import { t } from './strings.js';

async function enter(path, body) {
  await post(path, body, { anonymous: true });
  await refreshSession();
  tellOthers();
}

/** Signs in; what a program is told of a wrong password is said to a person in other words. */
export async function signIn(email, password) {
  try {
    await enter('/v1/sessions', { email, password, cookie: true });
  } catch (error) {
    if (error.status === 401) error.message = t('entrance.wrong');
    throw error;
  }
}

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
