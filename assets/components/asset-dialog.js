// One file in full over the library, with the way to the next and the one before.

import { remove } from '../api.js';
import { append, fill, h } from '../dom.js';
import { formatBytes, formatLength, formatMoment } from '../format.js';
import { contentOf } from '../jobs.js';
import { navigate } from '../router.js';
import { t } from '../strings.js';
import { button, iconButton, linkButton } from './button.js';
import { confirm, openDialog } from './dialog.js';
import { assetMedia } from './media.js';
import { factList } from './panel.js';

function actions(asset, close, removed) {
  const use = (mode) => () => {
    close();
    navigate(`/?use=${asset.id}&as=${mode}`);
  };
  return h(
    'div',
    { class: 'button-row' },
    linkButton(t('studio.download'), contentOf(asset.id), { icon: 'download', kind: 'primary', download: '' }),
    asset.kind === 'image' && button(t('studio.to_restyle'), { icon: 'brush', onclick: use('image_to_image') }),
    asset.kind !== 'video' && button(t('studio.to_film'), { icon: 'film', onclick: use('image_to_video') }),
    asset.job_id && linkButton(t('library.to_job'), `/jobs/${asset.job_id}`, { icon: 'info', onclick: close }),
    iconButton('trash', t('delete'), {
      kind: 'danger',
      onclick: async () => {
        if (
          await confirm({
            title: t('library.delete_title', { count: 1 }),
            text: t('library.delete.files'),
            action: t('delete'),
            work: () => remove(`/v1/assets/${asset.id}`),
          })
        ) {
          close();
          removed();
        }
      },
    }),
  );
}

/**
 * Shows the asset at `index` of `total`; `item(index)` brings one, `moved(index)` hears where one ended, `removed` that
 * it was deleted.
 */
export async function showAsset({ index, total, item, moved, removed, signal }) {
  const [stage, side, place] = [
    h('div', { class: 'detail-stage' }),
    h('div', { class: 'asset-side' }),
    h('span', { class: 'quiet small' }),
  ];
  let at = index;
  const back = iconButton('left', t('library.before'), { onclick: () => go(-1) });
  const on = iconButton('right', t('library.after'), { onclick: () => go(1) });
  const dialog = openDialog({
    title: t('library.file'),
    size: 'wide',
    signal,
    closed: () => moved(at),
    content: h('div', { class: 'asset-view' }, stage, append(side)),
    actions: [back, place, on],
  });
  const draw = async () => {
    const asset = await item(at);
    if (!asset) return;
    dialog.node.querySelector('h2').textContent = asset.job_id ? t('library.made') : (asset.file_name ?? t(`kind.${asset.kind}`));
    place.textContent = t('library.place', { at: at + 1, total });
    [back.disabled, on.disabled] = [at === 0, at === total - 1];
    fill(stage, assetMedia(asset, { signal }));
    fill(
      side,
      actions(asset, dialog.close, removed),
      factList([
        [t('library.stored'), formatMoment(asset.created_at)],
        [t('library.kind'), asset.content_type],
        asset.width && [t('job.pixels'), `${asset.width} × ${asset.height}`],
        asset.duration_seconds && [t('job.length'), formatLength(asset.duration_seconds)],
        [t('library.bytes'), formatBytes(asset.bytes)],
        asset.expires_at && [t('job.expires'), formatMoment(asset.expires_at)],
        [t('library.id'), h('code', {}, asset.id)],
        [t('job.sha256'), h('code', {}, asset.sha256)],
      ]),
    );
  };
  const go = (step) => {
    at = Math.max(0, Math.min(total - 1, at + step));
    return draw();
  };
  dialog.node.addEventListener('keydown', (event) => {
    if (event.target.matches('input, video, [role=menu] *')) return;
    if (event.key === 'ArrowLeft') go(-1);
    if (event.key === 'ArrowRight') go(1);
  });
  await draw();
}
