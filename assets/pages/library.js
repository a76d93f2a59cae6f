// The library: everything that was made or uploaded, however much it is.

import { get, remove } from '../api.js';
import { debounce, fill, h } from '../dom.js';
import { formatBytes, formatLength, formatMoment } from '../format.js';
import { contentOf, follow, isOver, removeJob } from '../jobs.js';
import { putQuery } from '../router.js';
import { t, word } from '../strings.js';
import { button, iconButton, linkButton } from '../components/button.js';
import { confirm } from '../components/dialog.js';
import { segmented } from '../components/field.js';
import { MODE_ICONS, jobName, standing } from '../components/job-card.js';
import { icon } from '../components/icon.js';
import { thumbnail } from '../components/media.js';
import { emptyState, errorPanel } from '../components/panel.js';
import { toast, toastError, toastGood } from '../components/toast.js';
import { WindowGrid } from '../components/window-grid.js';
import { showAsset } from '../components/asset-dialog.js';
import { MODES } from '../composer/draft.js';

/** Deletions at once. */
const AT_ONCE = 4;
const KIND_OF_MODE = { text_to_image: 'image', image_to_image: 'image', audio: 'audio', image_to_video: 'video' };

function jobTile(job) {
  const asset = job.result_asset_id && { id: job.result_asset_id, kind: KIND_OF_MODE[job.mode] };
  const state = isOver(job) ? t(job.status === 'aborted' ? 'status.aborted' : 'studio.result_gone') : standing(job);
  const view = asset
    ? thumbnail(asset)
    : h(
        'div',
        { class: ['thumb-frame', 'tile-state', job.status] },
        icon(job.status === 'aborted' ? 'error' : MODE_ICONS[job.mode]),
        h('span', {}, state),
      );
  const name = [jobName(job), t(`mode.${job.mode}`), word('status', job.status), formatMoment(job.created_at)].join(
    ', ',
  );
  return {
    name,
    href: `/jobs/${job.id}`,
    content: [
      view,
      h('span', { class: 'tile-name' }, jobName(job)),
      h(
        'span',
        { class: 'tile-about' },
        asset ? t(`mode.${job.mode}`) : `${t(`mode.${job.mode}`)} · ${word('status', job.status)}`,
      ),
      h('span', { class: 'visually-hidden' }, formatMoment(job.created_at)),
    ],
  };
}

function assetTile(asset) {
  const about = [
    t(`kind.${asset.kind}`),
    asset.duration_seconds ? formatLength(asset.duration_seconds) : asset.width && `${asset.width} × ${asset.height}`,
    formatBytes(asset.bytes),
  ]
    .filter(Boolean)
    .join(' · ');
  const name = asset.job_id ? t('library.made') : (asset.file_name ?? t('library.uploaded'));
  return {
    name: `${name}, ${about}, ${formatMoment(asset.created_at)}`,
    href: asset.job_id ? `/jobs/${asset.job_id}` : contentOf(asset.id),
    content: [
      thumbnail(asset),
      h('span', { class: 'tile-name' }, name),
      h('span', { class: 'tile-about' }, about),
      h('span', { class: 'visually-hidden' }, formatMoment(asset.created_at)),
    ],
  };
}

/** The two halves of the library. */
const HALVES = {
  jobs: {
    path: '/v1/jobs',
    draw: jobTile,
    remove: (job) => removeJob(job.id),
    result: (job) => job.result_asset_id,
    filters: {
      mode: MODES.map((value) => [value, `mode.${value}`]),
      status: ['completed', 'running', 'queued', 'aborted'].map((value) => [value, `status.${value}`]),
    },
  },
  files: {
    path: '/v1/assets',
    draw: assetTile,
    remove: (asset) => remove(`/v1/assets/${asset.id}`),
    result: (asset) => asset.id,
    filters: {
      kind: ['image', 'audio', 'video'].map((value) => [value, `kind.${value}`]),
      source: ['upload', 'job'].map((value) => [value, `library.sources.${value}`]),
    },
  },
};

class Library {
  constructor(root, { query, signal, restoreScroll }) {
    Object.assign(this, { root, signal, restoreScroll });
    this.tab = query.get('tab') === 'files' ? 'files' : 'jobs';
    this.q = query.get('q') ?? '';
    this.chosen = Object.fromEntries(
      Object.values(HALVES)
        .flatMap((half) => Object.keys(half.filters))
        .map((name) => [name, query.get(name) ?? '']),
    );
    this.bar = h('div', { class: 'library-bar' });
    this.count = h('p', { class: 'quiet', role: 'status' });
    this.body = h('div', { class: 'library-body' });
    this.search = h('input', {
      type: 'search',
      class: 'input',
      value: this.q,
      placeholder: t('library.search'),
      'aria-label': t('library.search'),
    });
    let found = null;
    const look = debounce(() => {
      this.q = this.search.value.trim();
      found = this.load();
    }, 250);
    this.search.addEventListener('input', look);
    this.search.addEventListener('keydown', async (event) => {
      if (event.key === 'ArrowDown' || event.key === 'Enter') {
        event.preventDefault();
        // What was typed is looked for first: its list would take the focus from the one before.
        look.now();
        await found;
        this.grid?.focus(0);
      }
    });
    this.tabs = segmented({
      label: t('library.show'),
      hideLabel: true,
      value: this.tab,
      options: [
        { value: 'jobs', label: t('library.tabs.jobs') },
        { value: 'files', label: t('library.tabs.files') },
      ],
      onchange: (tab) => {
        this.tab = tab;
        this.load();
      },
    });
    this.filters = h('div', { class: 'library-filters' });
    this.bar.append(
      h(
        'div',
        { class: 'library-tools' },
        this.tabs,
        h('div', { class: 'search-box' }, icon('search'), this.search),
        this.filters,
        this.count,
      ),
    );
    root.classList.add('library-page');
    root.append(h('h1', { class: 'visually-hidden' }, t('library.title')), this.bar, this.body);
    if (query.get('focus') === 'search') this.search.focus();
  }

  get half() {
    return HALVES[this.tab];
  }

  get query() {
    const filters = Object.keys(this.half.filters).map((name) => [name, this.chosen[name]]);
    return { q: this.q, ...Object.fromEntries(filters) };
  }

  get isFiltered() {
    return Object.values(this.query).some(Boolean);
  }

  drawFilters() {
    const filters = Object.entries(this.half.filters).map(([name, options]) => {
      const select = h(
        'select',
        { class: 'input', 'aria-label': t(`library.filter.${name}`), value: this.chosen[name] },
        h('option', { value: '' }, t(`library.all.${name}`)),
        options.map(([value, text]) => h('option', { value }, t(text))),
      );
      select.addEventListener('change', () => {
        this.chosen[name] = select.value;
        this.load();
      });
      return select;
    });
    fill(this.filters, filters);
  }

  drawSelection(selection) {
    this.chosenBar?.remove();
    this.chosenBar = null;
    if (!selection.size) return;
    const act = (name, text, work, kind = 'plain') => button(text, { icon: name, kind, onclick: work });
    this.chosenBar = h(
      'div',
      { class: 'selection-bar', role: 'toolbar', 'aria-label': t('library.selection') },
      iconButton('close', t('library.select_none'), { onclick: () => this.grid.clear() }),
      h('strong', { role: 'status' }, t('library.selected', { count: selection.size })),
      act('select', t('library.select_all'), () => this.selectAll(), 'quiet'),
      act('download', t('studio.download'), () => this.download()),
      act('trash', t('delete'), () => this.remove(), 'danger'),
    );
    this.bar.append(this.chosenBar);
  }

  async selectAll() {
    if (!(await this.grid.selectAll())) toast(t('library.too_many', { count: this.grid.selection.size }));
  }

  async download() {
    const assets = [...this.grid.selection.values()].map(this.half.result).filter(Boolean);
    for (const id of assets) {
      const link = h('a', { href: contentOf(id), download: '', hidden: true });
      document.body.append(link);
      link.click();
      link.remove();
      await new Promise((done) => {
        setTimeout(done, 250);
      });
    }
  }

  async remove() {
    const items = [...this.grid.selection.values()];
    const count = items.length;
    let failed = [];
    const work = async () => {
      const left = [...items];
      const one = async () => {
        for (let item = left.pop(); item; item = left.pop()) {
          try {
            await this.half.remove(item);
          } catch (error) {
            failed.push(error);
            if (error.status === 0 || error.status === 401) left.length = 0;
          }
        }
      };
      await Promise.all(Array.from({ length: AT_ONCE }, one));
    };
    failed = [];
    const isDone = await confirm({
      title: t('library.delete_title', { count }),
      text: t(`library.delete.${this.tab}`),
      action: t('delete'),
      work,
    });
    if (!isDone) return;
    if (failed.length)
      toastError(
        failed.length === 1
          ? failed[0]
          : new Error(t('library.delete_failed', { count: failed.length, reason: failed[0].message })),
      );
    if (failed.length < count) toastGood(t('library.deleted', { count: count - failed.length }));
    this.grid.clear();
    await this.load();
    this.grid?.focus(this.grid.active);
  }

  async load() {
    putQuery({ tab: this.tab === 'jobs' ? null : this.tab, ...this.query });
    const turn = (this.turn = (this.turn ?? 0) + 1);
    if (this.drawnTab !== this.tab) this.drawFilters();
    this.drawnTab = this.tab;
    const { half, query } = this;
    try {
      const { data, total } = await get(`${half.path}/timeline`, query, { signal: this.signal });
      if (turn !== this.turn) return;
      this.count.textContent = t('library.count', { count: total });
      if (!total) {
        this.grid = null;
        fill(
          this.body,
          this.isFiltered
            ? emptyState({
                icon: 'search',
                title: t('library.none_found'),
                text: t('library.none_found_about'),
                actions: [button(t('library.show_all'), { onclick: () => this.showAll() })],
              })
            : emptyState({
                icon: 'library',
                title: t('library.empty'),
                text: t('library.empty_about'),
                actions: [linkButton(t('library.to_studio'), '/', { kind: 'primary', icon: 'sparkle' })],
              }),
        );
        return;
      }
      this.put(half, query, data, total);
    } catch (error) {
      if (!this.signal.aborted && turn === this.turn)
        fill(
          this.body,
          errorPanel(error, () => this.load()),
        );
    }
  }

  put(half, query, days, total) {
    if (this.grid?.half !== half) {
      this.grid = new WindowGrid({
        label: t('library.title'),
        size: { min: 190, gap: 14, caption: 46 },
        signal: this.signal,
        draw: half.draw,
        load: async (skip, limit, signal) => {
          const { data } = await get(half.path, { ...this.query, skip: skip || null, limit }, { signal });
          if (half === HALVES.jobs) for (const job of data) follow(job, (next) => this.grid?.redraw(next), this.signal);
          return data;
        },
        opened: (item, index) => {
          if (half !== HALVES.files || !item) return false;
          showAsset({
            index,
            total: this.grid.total,
            item: (at) => this.grid.bringItem(at),
            moved: (at) => this.grid.focus(at),
            removed: () => this.load(),
            signal: this.signal,
          });
          return true;
        },
        selected: (selection) => this.drawSelection(selection),
        deleted: () => this.remove(),
      });
      this.grid.half = half;
      fill(this.body, this.grid.node);
    } else if (!this.grid.node.isConnected) fill(this.body, this.grid.node);
    this.grid.selection.clear();
    this.drawSelection(this.grid.selection);
    this.grid.layOut(days, total);
  }

  showAll() {
    this.q = '';
    this.search.value = '';
    for (const name of Object.keys(this.chosen)) this.chosen[name] = '';
    this.drawnTab = null;
    return this.load();
  }
}

export default {
  title: t('library.title'),
  async render(root, context) {
    const library = new Library(root, context);
    window.addEventListener(
      'keydown',
      (event) => {
        if (
          event.key === 'Escape' &&
          library.grid?.selection.size &&
          !document.querySelector('dialog[open], [popover]:popover-open')
        )
          library.grid.clear();
      },
      { signal: context.signal },
    );
    await library.load();
  },
};
