import { getLocale } from '../../paraglide/runtime.js';

/** Sizes, speeds, times and numbers as people read them, all through `Intl` in the page's language. */
const sizeUnits = ['byte', 'kilobyte', 'megabyte', 'gigabyte', 'terabyte', 'petabyte'] as const;

/** Steps of 1000, as file managers and the units' own names have it. */
const sizeStep = 1000;

/** A number and its unit stay on one line. */
const unbreakable = '\u00a0';

const formats = new Map<string, Intl.NumberFormat>();

/** Making an `Intl` format costs about as much as fifty uses of it, and rows ask four times a second. */
function numberFormat(options: Intl.NumberFormatOptions): Intl.NumberFormat {
  const key = JSON.stringify(options);
  let format = formats.get(key);
  if (format === undefined) {
    format = new Intl.NumberFormat(getLocale(), options);
    formats.set(key, format);
  }
  return format;
}

/** `bytes` ≥ 0: three digits at most, so that a changing number keeps its width. */
export function size(bytes: number): string {
  let step = 0;
  let scaled = bytes;
  while (rounds(scaled) >= sizeStep && step < sizeUnits.length - 1) {
    scaled /= sizeStep;
    step++;
  }
  return numberFormat({
    style: 'unit',
    unit: sizeUnits[step] ?? 'byte',
    unitDisplay: step === 0 ? 'long' : 'short',
    maximumFractionDigits: digitsOf(scaled, step),
  })
    .format(scaled)
    .replace(' ', unbreakable);
}

function digitsOf(scaled: number, step: number): number {
  return step === 0 || scaled >= 100 ? 0 : 1;
}

function rounds(scaled: number): number {
  return scaled >= 100 ? Math.round(scaled) : scaled;
}

/** Bytes a second. */
export function rate(bytesPerSecond: number): string {
  return `${size(Math.round(bytesPerSecond))}/s`;
}

/** `share` is 0–1. Never says 100 % before everything is there. */
export function percent(share: number): string {
  const whole = share >= 1 ? 1 : Math.min(0.99, Math.floor(share * 100 + 1e-9) / 100);
  return numberFormat({ style: 'percent' }).format(whole);
}

/** What is missing, 0–1: never 0 % while something is. */
export function percentMissing(share: number): string {
  return numberFormat({ style: 'percent' }).format(share > 0 ? Math.max(0.01, Math.round(share * 100) / 100) : 0);
}

export function count(items: number): string {
  return numberFormat({}).format(items);
}

const minuteSeconds = 60;
const hourSeconds = 3600;
const daySeconds = 86_400;

/** A rough time as people say it: "20 sec", "4 min", "3 hr", "2 days". */
export function duration(seconds: number): string {
  const [value, unit] = roughly(Math.max(1, seconds));
  return numberFormat({ style: 'unit', unit, unitDisplay: unit === 'day' ? 'long' : 'short', maximumFractionDigits: 0 })
    .format(value)
    .replace(' ', unbreakable);
}

function roughly(seconds: number): [number, 'second' | 'minute' | 'hour' | 'day'] {
  // Steps of five keep the last digit from dancing.
  if (seconds < 10) return [Math.ceil(seconds), 'second'];
  if (seconds < 55) return [Math.ceil(seconds / 5) * 5, 'second'];
  if (seconds < 59.5 * minuteSeconds) return [Math.max(1, Math.round(seconds / minuteSeconds)), 'minute'];
  if (seconds < 36 * hourSeconds) return [Math.round(seconds / hourSeconds), 'hour'];
  return [Math.round(seconds / daySeconds), 'day'];
}

/** The time of day; with the date where it was not today. Both in milliseconds since the epoch. */
export function clock(atMs: number, nowMs: number): string {
  const sameDay = new Date(atMs).toDateString() === new Date(nowMs).toDateString();
  const options: Intl.DateTimeFormatOptions = sameDay ? { timeStyle: 'short' } : { dateStyle: 'medium', timeStyle: 'short' };
  return new Intl.DateTimeFormat(getLocale(), options).format(atMs);
}
