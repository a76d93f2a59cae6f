// Light, dark, or as the system has it.

const KEY = 'theme';
export const THEMES = ['system', 'light', 'dark'];

/** The chosen theme. */
export const theme = () => {
  const kept = localStorage.getItem(KEY);
  return THEMES.includes(kept) ? kept : 'system';
};

/** Puts the chosen theme on the page. */
export function applyTheme() {
  document.documentElement.dataset.theme = theme();
}

/** Chooses a theme and keeps it for this browser. */
export function chooseTheme(name) {
  localStorage.setItem(KEY, name);
  applyTheme();
}
