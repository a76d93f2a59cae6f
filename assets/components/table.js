// A table of data that becomes a list of cards where there is no room for columns.

import { fill, h } from '../dom.js';
import { get } from '../api.js';
import { t } from '../strings.js';
import { button } from './button.js';
import { emptyState, errorPanel, skeleton } from './panel.js';

/**
 * A table. `columns`: `[{ label, cell(item) -> node or text, align: 'end', wide: true, hideLabel }]`. Options: `label`
 * (its name), `empty` (an emptyState), `key(item)`, `row(item, tr)` (marks a row). The node has `.put(items)`.
 */
export function dataTable(columns, { label, empty, key = (item) => item.id, row, onopen } = {}) {
  const body = h('tbody');
  const table = h(
    'table',
    { class: 'table' },
    h('caption', { class: 'visually-hidden' }, label),
    h(
      'thead',
      {},
      h(
        'tr',
        {},
        columns.map((column) =>
          h(
            'th',
            { scope: 'col', class: [column.align, column.wide && 'wide'] },
            column.hideLabel ? h('span', { class: 'visually-hidden' }, column.label) : column.label,
          ),
        ),
      ),
    ),
    body,
  );
  const node = h('div', { class: 'table-frame' }, table);
  const draw = (item) => {
    const tr = h(
      'tr',
      { data: { key: key(item) ?? '' }, class: onopen && 'opens' },
      columns.map((column) =>
        h(
          'td',
          { class: [column.align, column.wide && 'wide'], data: { label: column.hideLabel ? '' : column.label } },
          h('div', {}, column.cell(item)),
        ),
      ),
    );
    if (onopen)
      tr.addEventListener('click', (event) => !event.target.closest('a, button, input, select, label') && onopen(item));
    row?.(item, tr);
    return tr;
  };
  node.put = (items) => {
    fill(body, items.map(draw));
    node.replaceChildren(items.length ? table : (empty ?? emptyState({ icon: 'list', title: t('nothing') })));
  };
  node.add = (items) => {
    if (!items.length) return;
    node.replaceChildren(table);
    body.append(...items.map(draw));
  };
  node.drop = (id) => body.querySelector(`[data-key="${CSS.escape(id)}"]`)?.remove();
  return node;
}

/**
 * A table of one of the API's lists, piece by piece. `path` and `query` as for `get`; the rest as for `dataTable`.
 * The node has `.load()` which begins anew, and `.setQuery(query)`.
 */
export function listTable(path, columns, { query = {}, signal, limit = 50, ...options }) {
  const table = dataTable(columns, options);
  const more = button(t('more'), { onclick: () => next() });
  const foot = h('div', { class: 'table-more', hidden: true }, more);
  const node = h('div', { class: 'list-table' }, skeleton(4), foot);
  let [after, wanted, turn] = [null, query, 0];
  const next = async () => {
    const mine = turn;
    const piece = await get(path, { limit, ...wanted, after }, { signal });
    if (mine !== turn) return;
    if (after === null) {
      table.put(piece.data);
      node.replaceChildren(table, foot);
    } else table.add(piece.data);
    after = piece.data.at(-1)?.id ?? piece.data.at(-1)?.seq ?? null;
    foot.hidden = !piece.has_more;
  };
  node.load = async () => {
    [after, turn] = [null, turn + 1];
    try {
      await next();
    } catch (error) {
      if (!signal?.aborted) node.replaceChildren(errorPanel(error, node.load), foot);
    }
  };
  node.setQuery = (query) => {
    wanted = query;
    return node.load();
  };
  node.drop = table.drop;
  return node;
}
