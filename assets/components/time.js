// A moment as people say it ("3 minutes ago"), kept true while it is shown; the exact one is its tip.

import { formatMoment, formatRelative } from '../format.js';

class RelativeTime extends HTMLElement {
  static observedAttributes = ['datetime'];
  #timer = 0;

  connectedCallback() {
    this.#draw();
  }

  disconnectedCallback() {
    clearTimeout(this.#timer);
  }

  attributeChangedCallback() {
    if (this.isConnected) this.#draw();
  }

  #draw() {
    const time = this.getAttribute('datetime');
    if (!time) return;
    this.textContent = formatRelative(time);
    this.title = formatMoment(time);
    clearTimeout(this.#timer);
    const age_ms = Math.abs(Date.now() - new Date(time));
    if (age_ms < 86_400_000) this.#timer = setTimeout(() => this.#draw(), age_ms < 3_600_000 ? 20_000 : 600_000);
  }
}
customElements.define('relative-time', RelativeTime);

/** A moment; `none` stands where there is none. */
export function relativeTime(time, none = '–') {
  if (!time) return none;
  const node = document.createElement('relative-time');
  node.setAttribute('datetime', time);
  return node;
}
