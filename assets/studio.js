// The studio: makes jobs, follows them, shows what came of them. Texts only ever become text nodes.

import { follow, get, post, remove, upload } from './api.js';

const form = document.querySelector('#make');
const list = document.querySelector('#jobs');
const more = document.querySelector('#more');
const fault = document.querySelector('#fault');
const cards = new Map();
let oldest = null;

const credits = (count) => `${count} credit${count === 1 ? '' : 's'}`;
const mode = () => form.elements.mode.value;
const element = (name, properties = {}, ...children) => {
  const node = Object.assign(document.createElement(name), properties);
  node.append(...children);
  return node;
};

function showFields() {
  for (const label of form.querySelectorAll('[data-modes]')) {
    label.hidden = !label.dataset.modes.split(' ').includes(mode());
  }
  document.querySelector('#prompt-label').textContent = mode() === 'image_to_video' ? 'How to move (optional)' : 'Prompt';
}

function tell(message) {
  fault.textContent = message ?? '';
  fault.hidden = !message;
}

async function showBalance() {
  const account = await get('/v1/account');
  document.querySelector('#balance').textContent = `${credits(account.credits_remaining)} left`;
}

/** The request that the form describes, without its files. */
function describe() {
  const text = (name) => form.elements[name].value.trim();
  const body = { mode: mode() };
  if (mode() !== 'audio' && text('prompt')) body.prompt = text('prompt');
  if (mode() === 'audio' || mode() === 'image_to_video') {
    body.voice_text = text('voice_text');
    if (form.elements.voice_id.value) body.voice_id = form.elements.voice_id.value;
  }
  return body;
}

async function submit(event) {
  event.preventDefault();
  tell();
  const button = form.querySelector('[type=submit]');
  button.disabled = true;
  try {
    const body = describe();
    const file = form.elements.image.files[0];
    if (mode() === 'image_to_image' || mode() === 'image_to_video') {
      if (!file) throw new Error('Choose a picture to start from.');
      body.input_image_asset_id = (await upload('image', file)).id;
    }
    const job = await post('/v1/jobs', body);
    show(job, true);
    track(job);
    await showBalance();
  } catch (error) {
    const fields = error.details?.fields;
    tell(fields ? fields.map((f) => f.message).join(' ') : error.message);
  } finally {
    button.disabled = false;
  }
}

/** What is seen of the job: its result, its progress or what went wrong. */
function view(job) {
  const url = `/v1/assets/${job.result_asset_id}/content`;
  if (job.status === 'completed' && !job.result_asset_id) return element('p', { className: 'quiet', textContent: 'deleted' });
  if (job.status === 'completed') {
    if (job.mode === 'audio') return element('audio', { src: url, controls: true, preload: 'metadata' });
    if (job.mode === 'image_to_video') {
      return element('video', { src: url, controls: true, preload: 'metadata', playsInline: true });
    }
    return element('a', { href: url }, element('img', { src: url, alt: job.prompt ?? '', loading: 'lazy' }));
  }
  if (job.status === 'running') {
    const bar = element('progress', { max: 1, value: job.progress?.fraction ?? 0 });
    return element('div', {}, bar, element('p', { className: 'quiet', textContent: job.progress?.stage ?? 'running' }));
  }
  if (job.status === 'queued') {
    const place = job.queue_position ? `number ${job.queue_position} in the queue` : 'queued';
    return element('p', { className: 'quiet', textContent: place });
  }
  return element('p', { className: 'notice', textContent: job.error?.message ?? 'aborted' });
}

function actions(job) {
  const row = element('div', { className: 'actions' });
  const act = (label, work) => {
    const button = element('button', { type: 'button', className: 'link', textContent: label });
    button.addEventListener('click', () => work().catch((error) => tell(error.message)));
    row.append(button);
  };
  const isOver = job.status === 'completed' || job.status === 'aborted';
  if (!isOver) act('Cancel', async () => show(await post(`/v1/jobs/${job.id}/cancel`)));
  if (isOver) {
    if (job.result_asset_id) {
      row.append(element('a', { href: `/v1/assets/${job.result_asset_id}/content`, download: '', textContent: 'Download' }));
    }
    act('Delete', async () => {
      await remove(`/v1/jobs/${job.id}`);
      cards.get(job.id)?.remove();
      cards.delete(job.id);
    });
  }
  return row;
}

function show(job, first = false) {
  const words = element('p', { className: 'words', textContent: job.prompt ?? job.mode.replaceAll('_', ' ') });
  const cost = job.status === 'completed' ? credits(job.credits.charged) : job.status;
  const warnings = (job.warnings ?? []).map((text) => element('p', { className: 'quiet', textContent: text }));
  const about = element('div', { className: 'about' }, words, ...warnings,
    element('p', { className: 'quiet', textContent: cost }), actions(job));
  const card = element('article', { className: 'card' }, element('div', { className: 'view' }, view(job)), about);
  const before = cards.get(job.id);
  if (before) before.replaceWith(card);
  else if (first) list.prepend(card);
  else list.append(card);
  cards.set(job.id, card);
  document.querySelector('#empty').hidden = true;
}

function track(job) {
  if (job.status === 'queued' || job.status === 'running') {
    follow(job.id, (next) => {
      show(next);
      if (next.status === 'completed' || next.status === 'aborted') showBalance();
    });
  }
}

async function load() {
  const page = await get(`/v1/jobs?limit=24${oldest ? `&after=${oldest}` : ''}`);
  for (const job of page.data) {
    show(job);
    track(job);
    oldest = job.id;
  }
  more.hidden = !page.has_more;
  document.querySelector('#empty').hidden = cards.size > 0;
}

let quoting;
/** Asks for the price when the form rests, where the request is complete without a file. */
function askPrice() {
  clearTimeout(quoting);
  const price = document.querySelector('#price');
  price.textContent = '';
  if (mode() !== 'text_to_image' && mode() !== 'audio') return;
  const body = describe();
  if (!(body.prompt ?? body.voice_text)) return;
  quoting = setTimeout(async () => {
    const quote = await post('/v1/quote', body).catch(() => null);
    if (quote) price.textContent = credits(quote.credits);
  }, 400);
}

form.addEventListener('submit', submit);
form.addEventListener('input', () => {
  showFields();
  askPrice();
});
more.addEventListener('click', () => load().catch((error) => tell(error.message)));
showFields();
Promise.all([showBalance(), load()]).catch((error) => tell(error.message));
