// Words of the library.

export const library = {
  title: 'Library', show: 'What to show', search: 'Search prompts and names', tabs: { jobs: 'Work', files: 'Files' },
  filter: { mode: 'Kind', status: 'State', kind: 'Kind', source: 'Source' },
  all: { mode: 'All kinds', status: 'All states', kind: 'All kinds', source: 'Made and uploaded' },
  sources: { upload: 'Uploaded', job: 'Made here' }, made: 'Made here', uploaded: 'Uploaded',
  count: { zero: 'Nothing', one: '{count} item', other: '{count} items' },
  select: 'Select: {name}', selection: 'What is selected', selected: { one: '{count} selected', other: '{count} selected' },
  select_all: 'Select all', select_none: 'Select nothing', too_many: 'The newest {count} are selected; more at once is not possible.',
  delete_title: { one: 'Delete it?', other: 'Delete {count} items?' },
  delete: { jobs: 'The work and its files go for good. Credits are not given back.', files: 'The files go for good. Work that was made with them stays.' },
  deleted: { one: 'Deleted.', other: '{count} items deleted.' }, delete_failed: { one: 'One stays: {reason}', other: '{count} stay: {reason}' },
  none_found: 'Nothing fits', none_found_about: 'Try other words, or fewer filters.', show_all: 'Show everything',
  empty: 'Your library is empty', empty_about: 'Whatever you make or upload is kept here.', to_studio: 'Make something',
  file: 'File', kind: 'Kind', bytes: 'Size', id: 'Asset', to_job: 'How it was made', before: 'The one before', after: 'The next one', place: '{at} of {total}',
};
