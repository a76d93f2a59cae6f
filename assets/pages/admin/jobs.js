// Every job of the appliance.

import { cancelJob, jobWords } from '../../admin/jobs.js';
import { choiceBox, searchBox } from '../../components/filters.js';
import { badge, pageHead, panel } from '../../components/panel.js';
import { listTable } from '../../components/table.js';
import { relativeTime } from '../../components/time.js';
import { h } from '../../dom.js';
import { formatDuration, formatNumber } from '../../format.js';
import { putQuery } from '../../router.js';
import { t, word } from '../../strings.js';

const MODES = ['text_to_image', 'image_to_image', 'audio', 'image_to_video'];
const STATUSES = ['queued', 'running', 'completed', 'aborted'];
const NAMES = ['q', 'account', 'mode', 'status'];

export default {
  title: t('admin.jobs.title'),
  async render(root, { signal, query }) {
    const wanted = Object.fromEntries(NAMES.map((name) => [name, query.get(name) ?? '']));
    const list = listTable(
      '/v1/admin/jobs',
      columns(() => list.load()),
      { label: t('admin.jobs.title'), signal, query: { ...wanted } },
    );
    const change = (name) => (value) => {
      wanted[name] = value;
      putQuery(wanted);
      return list.setQuery({ ...wanted });
    };
    const words = (group, values) => values.map((value) => [value, word(group, value)]);
    const filters = [
      searchBox(t('admin.jobs.search'), change('q'), wanted.q),
      searchBox(t('admin.jobs.account'), change('account'), wanted.account),
      choiceBox(t('admin.jobs.mode'), words('mode', MODES), change('mode'), wanted.mode),
      choiceBox(t('admin.jobs.status'), words('status', STATUSES), change('status'), wanted.status),
    ];
    root.append(
      pageHead(t('admin.jobs.title'), { about: t('admin.jobs.lead') }),
      h('div', { class: 'filter-row' }, filters),
      panel(null, list),
    );
    await list.load();
  },
};

const columns = (reload) => [
  { label: t('admin.jobs.prompt'), wide: true, cell: jobWords },
  { label: t('admin.jobs.account'), cell: (job) => job.account_email },
  {
    label: t('admin.jobs.status'),
    cell: (job) => [
      badge(job.status),
      job.error && h('small', { class: 'quiet fault-words' }, job.error.message ?? job.error),
    ],
  },
  { label: t('admin.jobs.model'), cell: (job) => job.model },
  {
    label: t('admin.jobs.took'),
    align: 'end',
    cell: (job) => (job.run_seconds === null ? '–' : formatDuration(job.run_seconds)),
  },
  { label: t('admin.jobs.credits'), align: 'end', cell: (job) => formatNumber(job.credits) },
  { label: t('admin.jobs.created'), cell: (job) => relativeTime(job.created_at) },
  { label: t('actions'), hideLabel: true, align: 'end', cell: (job) => cancelJob(job, reload) },
];
