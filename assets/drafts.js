// What was typed and not sent yet, kept by account for as long as the tab lives, so that a reload loses nothing.

const key = (account, name) => `draft:${account}:${name}`;

/** The draft of this name, or null. */
export function readDraft(account, name) {
  try {
    return JSON.parse(sessionStorage.getItem(key(account, name)));
  } catch {
    return null;
  }
}

/** Keeps a draft; null forgets it. */
export function keepDraft(account, name, value) {
  try {
    if (value === null) sessionStorage.removeItem(key(account, name));
    else sessionStorage.setItem(key(account, name), JSON.stringify(value));
  } catch {
    // A full or forbidden storage costs the convenience, not the work.
  }
}

/** Forgets every draft, at signing out. */
export function forgetDrafts() {
  for (const name of Object.keys(sessionStorage)) if (name.startsWith('draft:')) sessionStorage.removeItem(name);
}
