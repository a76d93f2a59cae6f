// The guides: documents in Markdown, read once.

import { Refused } from '../api.js';

const read = new Map();

/** The text of a guide. */
export function readGuide(name) {
  if (!read.has(name)) {
    const reading = fetch(`/static/guides/${name}.md`).then((answer) => {
      if (!answer.ok) throw new Refused(answer.status, null);
      return answer.text();
    });
    reading.catch(() => read.delete(name));
    read.set(name, reading);
  }
  return read.get(name);
}
