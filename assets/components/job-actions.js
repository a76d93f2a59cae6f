// What every list of jobs does with them: make again, vary, take back to the composer, delete with a way back.

import { get } from '../api.js';
import { hasSeed } from '../catalogue.js';
import { removeJob, repeat, submit, vary } from '../jobs.js';
import { navigate } from '../router.js';
import { t } from '../strings.js';
import { toast, toastError } from './toast.js';

const UNDO_MS = 6000;
const leaving = new Map();

window.addEventListener('pagehide', () => {
  for (const work of leaving.values()) work();
});

/**
 * Deletes after a few seconds in which it can be taken back. `gone` takes it out of sight at once, `back` brings it
 * there again.
 */
export function removeWithUndo(job, { gone, back }) {
  gone();
  let isKept = false;
  const work = async () => {
    if (isKept || !leaving.delete(job.id)) return;
    try {
      await removeJob(job.id);
    } catch (error) {
      back();
      toastError(error);
    }
  };
  leaving.set(job.id, work);
  toast(t('studio.deleted'), {
    wait_ms: UNDO_MS,
    ended: work,
    action: {
      label: t('undo'),
      onclick: () => {
        isKept = true;
        leaving.delete(job.id);
        back();
      },
    },
  });
}

/** Whether the job is on its way out. */
export const isLeaving = (id) => leaving.has(id);

/** The actions of a card; `added(job)` hears of new jobs, `composer` is on the page or null. */
export function jobActions({ added, composer = null, gone, back }) {
  return {
    seeded: hasSeed,
    repeat: async (job) => added(await repeat(job)),
    vary: async (job) => added(await vary(job)),
    submit: async (body) => added(await submit(body)),
    edit: (job) => (composer ? composer.edit(job) : navigate(`/?from=${job.id}`)),
    use: async (job, mode) => {
      if (composer) composer.use(await get(`/v1/assets/${job.result_asset_id}`), mode);
      else navigate(`/?use=${job.result_asset_id}&as=${mode}`);
    },
    remove: (job) => removeWithUndo(job, { gone: () => gone(job), back: () => back(job) }),
  };
}
