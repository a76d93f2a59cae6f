// Makes elements. Texts only ever become text nodes; nothing here (or anywhere) parses markup.

const SVG = 'http://www.w3.org/2000/svg';

/** A property that is set as such rather than as an attribute. */
const LIVE = new Set(['value', 'checked', 'selected', 'indeterminate', 'srcObject', 'muted', 'currentTime']);

function set(node, name, value) {
  if (value === null || value === undefined || value === false) return;
  if (name.startsWith('on')) node.addEventListener(name.slice(2), value);
  else if (name === 'style' || name === 'innerHTML') throw new Error(`${name} is not for use`);
  else if (name === 'class') node.setAttribute('class', [value].flat(3).filter(Boolean).join(' '));
  else if (name === 'data') Object.assign(node.dataset, value);
  else if (name === 'css') for (const [key, one] of Object.entries(value)) node.style.setProperty(key, one);
  else if (LIVE.has(name)) node[name] = value;
  else node.setAttribute(name, value === true ? '' : value);
}

function create(node, properties, children) {
  // The value of a select or a range depends on what else it has.
  const { value, ...rest } = properties;
  for (const [name, one] of Object.entries(rest)) set(node, name, one);
  append(node, children);
  set(node, 'value', value);
  return node;
}

/** Appends children: nodes, texts, numbers, arrays of those; null, undefined and false are nothing. */
export function append(node, ...children) {
  for (const child of children.flat(Infinity)) {
    if (child === null || child === undefined || child === false) continue;
    node.append(child instanceof Node ? child : String(child));
  }
  return node;
}

/** Puts these children in place of those that are there. */
export function fill(node, ...children) {
  node.replaceChildren();
  return append(node, children);
}

/**
 * An element: `h('button', { class: ['a', on && 'b'], onclick: f, disabled: true, css: { '--x': '1' } }, 'Text', node)`.
 * The properties may be left out.
 */
export function h(name, properties = {}, ...children) {
  if (
    properties === null ||
    typeof properties !== 'object' ||
    properties instanceof Node ||
    Array.isArray(properties)
  ) {
    return create(document.createElement(name), {}, [properties, ...children]);
  }
  return create(document.createElement(name), properties, children);
}

/** An element of a drawing. */
export function s(name, properties = {}, ...children) {
  return create(document.createElementNS(SVG, name), properties, children);
}

let last = 0;
/** An id that no other element has. */
export function uid(prefix = 'u') {
  last += 1;
  return `${prefix}-${last}`;
}

/** Calls `work` once the calls have rested for `wait_ms`; `.now()` calls at once what is due, `.stop()` forgets it. */
export function debounce(work, wait_ms) {
  let timer = 0;
  let due = null;
  const run = () => {
    clearTimeout(timer);
    const args = due;
    due = null;
    if (args) work(...args);
  };
  const later = (...args) => {
    due = args;
    clearTimeout(timer);
    timer = setTimeout(run, wait_ms);
  };
  later.now = run;
  later.stop = () => {
    clearTimeout(timer);
    due = null;
  };
  return later;
}

/** Resolves after so many milliseconds, or rejects when the signal aborts. */
export function pause(wait_ms, signal) {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(resolve, wait_ms);
    signal?.addEventListener(
      'abort',
      () => {
        clearTimeout(timer);
        reject(signal.reason);
      },
      { once: true },
    );
  });
}

/** Whether the event was typed into something that takes text. */
export function isTyping(event) {
  const node = event.target;
  return (
    node instanceof HTMLElement &&
    (node.isContentEditable ||
      node.matches('input:not([type=checkbox],[type=radio],[type=range],[type=button]), textarea, select'))
  );
}
