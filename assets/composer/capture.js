// Taking a picture with the camera and recording with the microphone, in the browser itself.

import { fill, h } from '../dom.js';
import { formatLength } from '../format.js';
import { t } from '../strings.js';
import { button } from '../components/button.js';
import { openDialog } from '../components/dialog.js';
import { toast } from '../components/toast.js';

const canCapture = () => Boolean(navigator.mediaDevices?.getUserMedia);
/** The longest recording. */
const RECORDING_SECONDS_MAX = 180;
/** Voices need no more. */
const RATE_HZ = 24000;

async function open(constraints, refused) {
  try {
    return await navigator.mediaDevices.getUserMedia(constraints);
  } catch {
    toast(t(refused), { kind: 'bad' });
    return null;
  }
}

const stop = (stream) => stream.getTracks().forEach((track) => track.stop());

async function takePicture(take) {
  const stream = await open(
    { video: { facingMode: 'user', width: { ideal: 1920 }, height: { ideal: 1080 } } },
    'studio.camera_refused',
  );
  if (!stream) return;
  const video = h('video', {
    autoplay: true,
    playsinline: true,
    muted: true,
    srcObject: stream,
    class: 'viewfinder',
    'aria-label': t('studio.camera'),
  });
  const shoot = button(t('studio.shoot'), {
    kind: 'primary',
    icon: 'camera',
    onclick: () => {
      const canvas = h('canvas', { width: video.videoWidth, height: video.videoHeight });
      canvas.getContext('2d').drawImage(video, 0, 0);
      canvas.toBlob(
        (blob) => {
          dialog.close();
          take(new File([blob], 'camera.jpg', { type: 'image/jpeg' }));
        },
        'image/jpeg',
        0.95,
      );
    },
  });
  const dialog = openDialog({
    title: t('studio.camera'),
    content: video,
    actions: [shoot],
    closed: () => stop(stream),
  });
}

/** A button that takes a picture, for an upload box. On a phone without a secure page, the phone's own camera app. */
export const cameraButton = (take) => {
  if (canCapture())
    return button(t('studio.camera'), { size: 'small', icon: 'camera', onclick: () => takePicture(take) });
  if (!matchMedia('(pointer: coarse)').matches) return null;
  const input = h('input', {
    type: 'file',
    accept: 'image/*',
    capture: 'environment',
    class: 'visually-hidden',
    'aria-label': t('studio.camera'),
  });
  input.addEventListener('change', () => input.files[0] && take(input.files[0]));
  return [input, button(t('studio.camera'), { size: 'small', icon: 'camera', onclick: () => input.click() })];
};

/** One channel of 16-bit PCM in a WAV file. */
export function encodeWav(samples, rate_hz) {
  const view = new DataView(new ArrayBuffer(44 + samples.length * 2));
  const text = (at, word) => [...word].forEach((c, i) => view.setUint8(at + i, c.charCodeAt(0)));
  text(0, 'RIFF');
  view.setUint32(4, 36 + samples.length * 2, true);
  text(8, 'WAVEfmt ');
  view.setUint32(16, 16, true);
  view.setUint16(20, 1, true);
  view.setUint16(22, 1, true);
  view.setUint32(24, rate_hz, true);
  view.setUint32(28, rate_hz * 2, true);
  view.setUint16(32, 2, true);
  view.setUint16(34, 16, true);
  text(36, 'data');
  view.setUint32(40, samples.length * 2, true);
  samples.forEach((sample, i) => view.setInt16(44 + i * 2, Math.max(-1, Math.min(1, sample)) * 32767, true));
  return new Blob([view], { type: 'audio/wav' });
}

/** What the browser recorded (Opus, which the appliance doesn't read) as WAV. */
async function toWav(blob) {
  const context = new OfflineAudioContext(1, 1, RATE_HZ);
  const sound = await context.decodeAudioData(await blob.arrayBuffer());
  const mono = new Float32Array(sound.length);
  for (let channel = 0; channel < sound.numberOfChannels; channel += 1) {
    sound.getChannelData(channel).forEach((sample, i) => {
      mono[i] += sample / sound.numberOfChannels;
    });
  }
  return encodeWav(mono, sound.sampleRate);
}

async function record(take) {
  const stream = await open({ audio: { echoCancellation: true, noiseSuppression: true } }, 'studio.microphone_refused');
  if (!stream) return;
  const recorder = new MediaRecorder(stream);
  const chunks = [];
  let isKept = false;
  const clock = h('strong', { class: 'recording-clock', role: 'timer' }, formatLength(0));
  const began = Date.now();
  const timer = setInterval(() => {
    const seconds = (Date.now() - began) / 1000;
    fill(clock, formatLength(seconds));
    if (seconds > RECORDING_SECONDS_MAX) finish();
  }, 250);
  const finish = () => {
    isKept = true;
    dialog.close();
  };
  recorder.ondataavailable = (event) => chunks.push(event.data);
  recorder.onstop = async () => {
    stop(stream);
    if (!isKept) return;
    try {
      take(new File([await toWav(new Blob(chunks))], 'recording.wav', { type: 'audio/wav' }));
    } catch {
      toast(t('studio.recording_failed'), { kind: 'bad' });
    }
  };
  recorder.start();
  const dialog = openDialog({
    title: t('studio.recording'),
    size: 'small',
    content: h('div', { class: 'recording' }, h('span', { class: 'recording-dot', 'aria-hidden': 'true' }), clock),
    actions: [
      button(t('cancel'), { onclick: () => dialog.close() }),
      button(t('studio.record_stop'), { kind: 'primary', icon: 'stop', onclick: finish }),
    ],
    closed: () => {
      clearInterval(timer);
      if (recorder.state !== 'inactive') recorder.stop();
    },
  });
}

/** A button that records, for an upload box. */
export const recordButton = (take) =>
  canCapture() && 'MediaRecorder' in window
    ? button(t('studio.record'), { size: 'small', icon: 'microphone', onclick: () => record(take) })
    : null;
