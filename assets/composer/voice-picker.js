// The voices as a list to choose from, each to be heard.

import { h, uid } from '../dom.js';
import { LOCALE, t, word } from '../strings.js';
import { playButton } from '../components/sound.js';

/** `casual_male` and `af_nova` as people read them: "Casual male", "Nova". */
export function voiceName(id) {
  const text = id.replace(/^[ab][fm]_/, '').replaceAll('_', ' ');
  return text.charAt(0).toUpperCase() + text.slice(1);
}

const languages = new Intl.DisplayNames(LOCALE, { type: 'language' });
function languageName(tag) {
  try {
    return languages.of(tag);
  } catch {
    return tag;
  }
}

/** The list. `chosen` is a voice's id, or null for the first one. */
export function voicePicker({ voices, chosen, onchange }) {
  const name = uid('voice');
  const known = voices.some((voice) => voice.id === chosen) ? chosen : voices[0]?.id;
  const rows = voices.map((voice) => voiceRow(voice, name, voice.id === known));
  const list = h('div', { class: 'voice-list' }, rows);
  // Of the many buttons, only the chosen voice's is a stop of the Tab key.
  const look = () => {
    for (const row of rows) row.querySelector('button').tabIndex = row.querySelector('input').checked ? 0 : -1;
  };
  list.addEventListener('change', (event) => {
    look();
    onchange(event.target.value);
  });
  look();
  requestAnimationFrame(() => {
    const at = list.querySelector('input:checked')?.closest('.voice');
    if (at && at.offsetTop > list.clientHeight / 2) list.scrollTop = at.offsetTop - list.clientHeight / 3;
  });
  const caption = h('legend', { class: 'label' }, t('studio.voice'));
  return h('fieldset', { class: 'field voices', data: { field: 'voice_id' } }, caption, list);
}

function voiceRow(voice, name, checked) {
  const id = uid('voice');
  const about = [languageName(voice.language), word('studio.gender', voice.gender)].join(' · ');
  return h(
    'div',
    { class: 'voice' },
    h('input', { type: 'radio', id, name, value: voice.id, checked }),
    h('label', { for: id }, h('strong', {}, voiceName(voice.id)), h('span', { class: 'quiet small' }, about)),
    playButton(new URL(voice.sample_url).pathname, t('studio.hear', { voice: voiceName(voice.id) })),
  );
}
