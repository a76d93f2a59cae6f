// Choosing one of one's own files.

import { get } from '../api.js';
import { debounce, h } from '../dom.js';
import { formatRelative } from '../format.js';
import { t } from '../strings.js';
import { button } from './button.js';
import { openDialog } from './dialog.js';
import { thumbnail } from './media.js';
import { emptyState, errorPanel, loadingPanel } from './panel.js';

/** Lets a person choose an asset of a kind; resolves to it, or null. */
export function pickAsset(kind, signal) {
  return new Promise((resolve) => {
    let [chosen, after, q, turn] = [null, null, '', 0];
    const grid = h('div', { class: 'picker-grid' });
    const more = button(t('more'), { onclick: () => load() });
    const foot = h('div', { class: 'table-more', hidden: true }, more);
    const search = h('input', {
      type: 'search',
      class: 'input',
      placeholder: t('library.search'),
      'aria-label': t('library.search'),
    });
    const tile = (asset) =>
      h(
        'button',
        {
          type: 'button',
          class: 'picker-tile',
          'aria-label': `${asset.file_name ?? t(`kind.${kind}`)}, ${formatRelative(asset.created_at)}`,
          onclick: () => {
            chosen = asset;
            dialog.close();
          },
        },
        thumbnail(asset),
        h('span', { class: 'small' }, asset.file_name ?? formatRelative(asset.created_at)),
      );
    const load = async () => {
      const mine = turn;
      try {
        const piece = await get('/v1/assets', { kind, q, limit: 48, after });
        if (mine !== turn) return;
        if (after === null) grid.replaceChildren();
        grid.append(...piece.data.map(tile));
        if (!grid.childElementCount) grid.append(emptyState({ icon: 'library', title: t('nothing') }));
        after = piece.data.at(-1)?.id ?? null;
        foot.hidden = !piece.has_more;
      } catch (error) {
        grid.replaceChildren(errorPanel(error, load));
      }
    };
    search.addEventListener(
      'input',
      debounce(() => {
        [q, after, turn] = [search.value.trim(), null, turn + 1];
        load();
      }, 250),
    );
    grid.append(loadingPanel());
    const dialog = openDialog({
      title: t(`studio.pick.${kind}`),
      size: 'wide',
      content: [search, grid, foot],
      closed: () => resolve(chosen),
      signal,
    });
    load();
  });
}
