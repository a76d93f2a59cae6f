// The disk as one bar: what of ours lies on it, everything else, what is free.

import { partBar } from '../components/bars.js';
import { formatBytes } from '../format.js';
import { t } from '../strings.js';

/**
 * The bar. `own` is `[[name, bytes, tone], …]`; `free_bytes` and `total_bytes` are null where the machine doesn't tell
 * them: then only ours is shown.
 */
export function diskBar(own, { free_bytes, total_bytes }) {
  const part = ([name, bytes, tone]) => ({
    label: t(`admin.storage.${name}`),
    value: bytes,
    text: formatBytes(bytes),
    tone,
  });
  const ours = own.reduce((sum, [, bytes]) => sum + bytes, 0);
  if (!total_bytes) return partBar(own.map(part), { label: t('admin.storage.disk'), whole: Math.max(ours, 1) });
  const others = Math.max(total_bytes - free_bytes - ours, 0);
  const all = [...own, ['others', others, 6], ['free', free_bytes, 0]];
  return partBar(all.map(part), { label: t('admin.storage.disk'), whole: total_bytes });
}
