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
  const rows = voices.map((voice, i) => {
    const id = uid('voice');
    const isChosen = voice.id === chosen || (i === 0 && !voices.some((one) => one.id === chosen));
    return h(
      'div',
      { class: 'voice' },
      h('input', { type: 'radio', id, name, value: voice.id, checked: isChosen, onchange: () => onchange(voice.id) }),
      h(
        'label',
        { for: id },
        h('strong', {}, voiceName(voice.id)),
        h(
          'span',
          { class: 'quiet small' },
          [languageName(voice.language), word('studio.gender', voice.gender)].join(' · '),
        ),
      ),
      playButton(new URL(voice.sample_url).pathname, t('studio.hear', { voice: voiceName(voice.id) })),
    );
  });
  const node = h(
    'fieldset',
    { class: 'field voices', data: { field: 'voice_id' } },
    h('legend', { class: 'label' }, t('studio.voice')),
    h('div', { class: 'voice-list' }, rows),
  );
  queueMicrotask(() => {
    const at = node.querySelector('input:checked')?.closest('.voice');
    if (at && at.offsetTop > 120) at.parentElement.scrollTop = at.offsetTop - 60;
  });
  return node;
}
