// The price and the time of what is being written, asked for when the writing rests.

import { Refused, post } from '../api.js';
import { debounce, fill, h } from '../dom.js';
import { formatCredits, formatEstimate, formatLength } from '../format.js';
import { session } from '../session.js';
import { t } from '../strings.js';
import { icon } from '../components/icon.js';
import { notice } from '../components/panel.js';

const REST_MS = 350;

/** The price; its `node` stands beside the button that sends. */
export class Price {
  /** `alert` is where a word about missing credits stands; `refused(faults)` shows faults and answers those unshown. */
  constructor({ signal, alert, refused }) {
    Object.assign(this, { signal, alert, refused, turn: 0 });
    this.node = h('div', { class: 'price', 'aria-live': 'polite' });
    this.later = debounce((body, turn) => this.#fetch(body, turn), REST_MS);
    signal.addEventListener('abort', () => this.later.stop());
  }

  /** Asks for the price of a request; null has none. */
  ask(body) {
    this.turn += 1;
    this.later.stop();
    if (body) this.later(body, this.turn);
    else fill(this.node);
  }

  async #fetch(body, turn) {
    try {
      const quote = await post('/v1/quote', body, { signal: this.signal });
      if (turn === this.turn) this.#draw(quote);
    } catch (error) {
      if (turn !== this.turn || this.signal.aborted) return;
      fill(this.node);
      if (!(error instanceof Refused) || error.status !== 422) return;
      const others = this.refused(error.faults);
      fill(this.alert, others.length > 0 && notice('bad', others.join(' ')));
    }
  }

  #draw({ credits, estimated_seconds: seconds, duration_seconds: length, queue_position: position }) {
    const left = session.account?.credits_remaining ?? 0;
    const isShort = credits > left;
    const about = [
      t('studio.takes', { time: formatEstimate(seconds) }),
      length && t('studio.lasts', { length: formatLength(Math.ceil(length)) }),
      position > 1 && t('studio.ahead', { count: position - 1 }),
    ];
    fill(
      this.node,
      h('strong', { class: isShort && 'short' }, icon('credit'), formatCredits(credits)),
      h('span', {}, about.filter(Boolean).join(' · ')),
    );
    const needed = t('studio.too_dear', { needed: formatCredits(credits), left: formatCredits(left) });
    fill(this.alert, isShort && notice('warn', needed, ' ', h('a', { href: '/account' }, t('studio.more_credits'))));
  }
}
