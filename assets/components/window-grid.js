// A grid of very many tiles under headings of days, of which only those in sight are in the document.
//
// Owns layout (from the counts of the days alone), what is loaded when, the keyboard and the selection. Knows nothing of
// what the tiles show.

import { h } from '../dom.js';
import { formatDay, formatNumber } from '../format.js';
import { t } from '../strings.js';

const PIECE = 100;
/** Pieces kept in memory: 20,000 items. */
const PIECES_MAX = 200;
const SETTLE_MS = 60;
/** Pixels a millisecond from which on nobody reads along. */
const FAST = 5;
const HOLD_MS = 450;

/**
 * The grid. `load(skip, limit, signal)` answers items; `draw(item)` answers `{ content, name, href }` of a tile; `size`
 * is `{ min, gap, caption }` in pixels; `opened(item, index)`, `selected(map)` and `deleted()` hear of what is done.
 * The node has `.layOut(days, total)`, `.redraw(id)`, `.item(index)`, `.selection`, `.clear()`, `.selectAll()`.
 */
export class WindowGrid {
  constructor({ label, load, draw, size, opened, selected, deleted, signal }) {
    Object.assign(this, { load, draw, size, opened, selected, deleted, signal });
    // Headings are no items of the list, so they stand beside it.
    this.headings = h('div');
    this.list = h('div', { role: 'list', 'aria-label': label });
    this.node = h('div', { class: 'window-grid', tabindex: '-1' }, this.headings, this.list);
    this.selection = new Map();
    this.reset();
    this.frame = 0;
    const later = () => {
      cancelAnimationFrame(this.frame);
      this.frame = requestAnimationFrame(() => this.#show());
    };
    window.addEventListener('scroll', later, { passive: true, signal });
    const resize = new ResizeObserver(() => {
      if (this.node.clientWidth !== this.width) this.#measure();
    });
    resize.observe(this.node);
    signal.addEventListener('abort', () => resize.disconnect());
    this.node.addEventListener('keydown', (event) => this.#press(event));
    this.node.addEventListener('click', (event) => this.#click(event));
    this.#hold();
  }

  reset() {
    this.pieces = new Map();
    this.asked?.abort();
    this.asked = new AbortController();
    this.tiles = new Map();
    this.heads = new Map();
    this.headings.replaceChildren();
    this.list.replaceChildren();
    [this.days, this.total, this.active, this.anchor, this.turn] = [[], 0, 0, 0, (this.turn ?? 0) + 1];
  }

  /** Lays out so many items on these days (`[{ day, count }]`, newest first) and forgets what was loaded. */
  layOut(days, total) {
    const { active } = this;
    this.reset();
    let from = 0;
    this.days = days.map(({ day, count }) => {
      const section = { day, count, from };
      from += count;
      return section;
    });
    this.total = total;
    this.active = Math.min(active, Math.max(0, total - 1));
    this.#measure();
  }

  #measure() {
    const { min, gap, caption } = this.size;
    this.width = this.node.clientWidth;
    if (!this.width) return;
    const least = this.width < 560 ? Math.min(min, 150) : min;
    this.columns = Math.max(this.width < 560 ? 2 : 1, Math.floor((this.width + gap) / (least + gap)));
    this.side = (this.width - gap * (this.columns - 1)) / this.columns;
    this.row = this.side + caption + gap;
    let top = 0;
    for (const section of this.days) {
      section.top = top;
      section.height = WindowGrid.HEAD + Math.ceil(section.count / this.columns) * this.row;
      top += section.height;
    }
    this.node.style.setProperty('height', `${top}px`);
    for (const node of this.tiles.values()) node.remove();
    for (const node of this.heads.values()) node.remove();
    this.tiles.clear();
    this.heads.clear();
    this.#show();
  }

  static HEAD = 52;

  #sectionOf(index) {
    return this.days.find((section) => index < section.from + section.count) ?? this.days.at(-1);
  }

  /** Where the tile of an index is. */
  #place(index, section = this.#sectionOf(index)) {
    const at = index - section.from;
    return {
      x: (at % this.columns) * (this.side + this.size.gap),
      y: section.top + WindowGrid.HEAD + Math.floor(at / this.columns) * this.row,
    };
  }

  #show() {
    if (!this.width || this.signal.aborted) return;
    const above = this.node.getBoundingClientRect().top;
    this.#gauge(above);
    const [low, high] = [-above - window.innerHeight * 0.6, -above + window.innerHeight * 1.6];
    const wanted = new Set();
    const heads = new Set();
    for (const section of this.days) {
      if (section.top + section.height < low || section.top > high) continue;
      heads.add(section.day);
      this.#head(section);
      const body = section.top + WindowGrid.HEAD;
      const first = Math.max(0, Math.floor((low - body) / this.row)) * this.columns;
      const last = Math.min(section.count, Math.ceil((high - body) / this.row) * this.columns);
      for (let at = first; at < last; at += 1) {
        wanted.add(section.from + at);
        this.#tile(section.from + at, section);
      }
    }
    for (const [index, node] of this.tiles) {
      if (!wanted.has(index) && !node.contains(document.activeElement)) {
        node.remove();
        this.tiles.delete(index);
      }
    }
    for (const [day, node] of this.heads) {
      if (heads.has(day)) continue;
      node.remove();
      this.heads.delete(day);
    }
    this.#ask([...wanted]);
  }

  #head(section) {
    if (this.heads.has(section.day)) return;
    const node = h(
      'h2',
      { class: 'day', css: { top: `${section.top}px` } },
      formatDay(section.day),
      h('span', {}, formatNumber(section.count)),
    );
    this.heads.set(section.day, node);
    this.headings.append(node);
  }

  #tile(index, section) {
    if (this.tiles.has(index)) return;
    const { x, y } = this.#place(index, section);
    const node = h('div', {
      class: 'tile',
      role: 'listitem',
      'aria-setsize': this.total,
      'aria-posinset': index + 1,
      data: { index },
      css: { transform: `translate(${x}px, ${y}px)`, width: `${this.side}px`, height: `${this.row - this.size.gap}px` },
    });
    this.tiles.set(index, node);
    // In the order of the items, so that reading and tabbing go along.
    const next = [...this.tiles.keys()]
      .filter((one) => one > index)
      .reduce((least, one) => Math.min(least, one), Infinity);
    this.list.insertBefore(node, this.tiles.get(next) ?? null);
    if (!this.isFast) this.#fillTile(index);
  }

  #fillTile(index) {
    const node = this.tiles.get(index);
    const item = this.item(index);
    if (!node || !item) return;
    const { content, name, href } = this.draw(item);
    const isSelected = this.selection.has(item.id);
    const box = h('input', {
      type: 'checkbox',
      class: 'tile-check',
      checked: isSelected,
      tabindex: '-1',
      'aria-label': t('library.select', { name }),
    });
    node.replaceChildren(
      h('a', { href, class: 'tile-link', tabindex: index === this.active ? '0' : '-1', draggable: 'false' }, content),
      box,
    );
    node.classList.toggle('selected', isSelected);
    node.dataset.id = item.id;
  }

  /** The item at an index, once it is loaded. */
  item(index) {
    const piece = this.pieces.get(Math.floor(index / PIECE));
    return Array.isArray(piece) ? piece[index % PIECE] : undefined;
  }

  /** Whether one flies past: tiles stay empty then, and nothing is asked for. */
  #gauge(above) {
    const now = performance.now();
    const { at, when } = this.gauged ?? { at: above, when: now };
    this.isFast = Math.abs(above - at) / Math.max(8, now - when) > FAST;
    this.gauged = { at: above, when: now };
  }

  #ask(indices) {
    const pieces = [...new Set(indices.map((index) => Math.floor(index / PIECE)))];
    const needed = pieces.filter((piece) => !this.pieces.has(piece));
    clearTimeout(this.settling);
    if (!needed.length && !this.isFast) return;
    const settle = () => {
      this.isFast = false;
      for (const piece of needed) this.#bring(piece);
      for (const [index, node] of this.tiles) if (!node.firstChild) this.#fillTile(index);
    };
    this.settling = setTimeout(settle, this.pieces.size ? SETTLE_MS : 0);
  }

  async #bring(piece) {
    const known = this.pieces.get(piece);
    if (known) return known;
    const { turn } = this;
    const coming = this.load(piece * PIECE, PIECE, this.asked.signal);
    this.pieces.set(piece, coming);
    try {
      const items = await coming;
      if (turn !== this.turn) return items;
      this.pieces.set(piece, items);
      if (this.pieces.size > PIECES_MAX) this.pieces.delete(this.pieces.keys().next().value);
      items.forEach((_, i) => this.#fillTile(piece * PIECE + i));
      return items;
    } catch (error) {
      if (turn === this.turn) this.pieces.delete(piece);
      if (error.name !== 'AbortError') console.error(error);
      return [];
    }
  }

  /** The item at an index, brought if need be. */
  async bringItem(index) {
    return (await this.#bring(Math.floor(index / PIECE)))[index % PIECE];
  }

  /** Draws an item anew, as when its job went on; `next` takes its place. */
  redraw(next) {
    for (const [number, piece] of this.pieces) {
      if (!Array.isArray(piece)) continue;
      const at = piece.findIndex((one) => one?.id === next.id);
      if (at < 0) continue;
      piece[at] = next;
      this.#fillTile(number * PIECE + at);
    }
  }

  #told() {
    for (const [, node] of this.tiles) {
      const isSelected = this.selection.has(node.dataset.id);
      node.classList.toggle('selected', isSelected);
      const box = node.querySelector('.tile-check');
      if (box) box.checked = isSelected;
    }
    this.node.classList.toggle('selecting', this.selection.size > 0);
    this.selected(this.selection);
  }

  clear() {
    this.selection.clear();
    this.#told();
  }

  toggle(index) {
    const item = this.item(index);
    if (!item) return;
    if (this.selection.has(item.id)) this.selection.delete(item.id);
    else this.selection.set(item.id, item);
    this.anchor = index;
    this.#told();
  }

  /** Selects everything between the anchor and an index. */
  async selectTo(index) {
    const [first, last] = [Math.min(this.anchor, index), Math.max(this.anchor, index)];
    for (let at = first; at <= last; at += 1) {
      const item = this.item(at) ?? (await this.bringItem(at));
      if (item) this.selection.set(item.id, item);
    }
    this.#told();
  }

  /** Selects the first `most` items; answers whether those were all. */
  async selectAll(most = 1000) {
    this.anchor = 0;
    await this.selectTo(Math.min(this.total, most) - 1);
    return this.total <= most;
  }

  /** Puts the focus on an index and scrolls there. */
  focus(index) {
    if (!this.total) return;
    const before = this.tiles.get(this.active)?.querySelector('a');
    if (before) before.tabIndex = -1;
    this.active = Math.max(0, Math.min(this.total - 1, index));
    const { y } = this.#place(this.active);
    const top = this.node.getBoundingClientRect().top + y;
    const cover = 130;
    if (top < cover) window.scrollBy(0, top - cover);
    else if (top + this.row > window.innerHeight - 20) window.scrollBy(0, top + this.row - window.innerHeight + 20);
    this.#show();
    const link = this.tiles.get(this.active)?.querySelector('a');
    if (link) {
      link.tabIndex = 0;
      link.focus({ preventScroll: true });
    } else
      this.bringItem(this.active).then(() =>
        this.tiles.get(this.active)?.querySelector('a')?.focus({ preventScroll: true }),
      );
  }

  #press(event) {
    const page = this.columns * Math.max(1, Math.floor(window.innerHeight / this.row) - 1);
    const steps = {
      ArrowRight: 1,
      ArrowLeft: -1,
      ArrowDown: this.columns,
      ArrowUp: -this.columns,
      PageDown: page,
      PageUp: -page,
    };
    const { key } = event;
    if (key in steps || key === 'Home' || key === 'End') {
      event.preventDefault();
      const to = key === 'Home' ? 0 : key === 'End' ? this.total - 1 : this.active + steps[key];
      if (event.shiftKey && !this.selection.size) this.anchor = this.active;
      this.focus(to);
      if (event.shiftKey) this.selectTo(this.active);
    } else if (key === ' ') {
      event.preventDefault();
      this.toggle(this.active);
    } else if (key === 'a' && (event.ctrlKey || event.metaKey)) {
      event.preventDefault();
      this.selectAll();
    } else if (key === 'Delete' || key === 'Backspace') {
      event.preventDefault();
      if (!this.selection.size) this.toggle(this.active);
      this.deleted();
    } else if (key === 'Escape' && this.selection.size) {
      event.preventDefault();
      this.clear();
    }
  }

  #click(event) {
    const tile = event.target.closest('.tile');
    if (!tile) return;
    const index = Number(tile.dataset.index);
    const isBox = event.target.classList.contains('tile-check');
    if (isBox || event.shiftKey || event.ctrlKey || event.metaKey || this.selection.size || this.wasHeld) {
      event.preventDefault();
      if (this.wasHeld) this.wasHeld = false;
      else if (event.shiftKey) this.selectTo(index);
      else this.toggle(index);
      // A box that was prevented from ticking itself is ticked after the event.
      setTimeout(() => this.#told());
      return;
    }
    if (!event.target.closest('a') || event.button !== 0) return;
    this.active = index;
    if (this.opened(this.item(index), index)) event.preventDefault();
  }

  /** A long press selects, as on phones. */
  #hold() {
    let timer = 0;
    const stop = () => clearTimeout(timer);
    this.node.addEventListener('pointerdown', (event) => {
      this.wasHeld = false;
      const tile = event.target.closest('.tile');
      if (!tile || event.pointerType === 'mouse') return;
      timer = setTimeout(() => {
        this.wasHeld = true;
        this.toggle(Number(tile.dataset.index));
      }, HOLD_MS);
    });
    for (const name of ['pointerup', 'pointercancel', 'pointermove', 'pointerleave'])
      this.node.addEventListener(name, stop);
    this.node.addEventListener('contextmenu', (event) => this.wasHeld && event.preventDefault());
  }
}
