import { formatLocale } from '../../language/current.ts';

/** Formats sizes, rates, times and numbers with `Intl` in the language of the page. */
const sizeUnits = ['byte', 'kilobyte', 'megabyte', 'gigabyte', 'terabyte', 'petabyte'] as const;

/** Decimal units (kB, MB), as file managers show them. */
const sizeStep = 1000;

/** Keeps a number and its unit on one line. */
const nonBreakingSpace = '\u00a0';

const formats = new Map<string, Intl.NumberFormat>();

/** Formats are cached: creating one costs as much as about 50 uses, and rows are rendered four times a second. */
function numberFormat(options: Intl.NumberFormatOptions): Intl.NumberFormat {
  const key = formatLocale() + JSON.stringify(options);
  let format = formats.get(key);
  if (format === undefined) {
    format = new Intl.NumberFormat(formatLocale(), options);
    formats.set(key, format);
  }
  return format;
}

/** `bytes` ≥ 0. At most three digits, so that a changing number keeps its width. */
export function size(bytes: number): string {
  return scaledUnit(bytes, 0, '');
}

/** In the smallest unit from `sizeUnits[leastStep]` on that leaves at most three digits. */
function scaledUnit(bytes: number, leastStep: number, suffix: '' | '-per-second'): string {
  let step = leastStep;
  let scaled = bytes / sizeStep ** leastStep;
  while (rounds(scaled) >= sizeStep && step < sizeUnits.length - 1) {
    scaled /= sizeStep;
    step++;
  }
  return numberFormat({
    style: 'unit',
    unit: `${sizeUnits[step] ?? 'byte'}${suffix}`,
    unitDisplay: step === 0 ? 'long' : 'short',
    maximumFractionDigits: digitsOf(scaled, step),
  })
    .format(scaled)
    .replaceAll(' ', nonBreakingSpace);
}

function digitsOf(scaled: number, step: number): number {
  return step === 0 || scaled >= 100 ? 0 : 1;
}

function rounds(scaled: number): number {
  return scaled >= 100 ? Math.round(scaled) : scaled;
}

/** `bytesPerSecond` ≥ 0, in kilobytes or more: languages write "bytes per second" out. */
export function rate(bytesPerSecond: number): string {
  return scaledUnit(Math.round(bytesPerSecond), 1, '-per-second');
}

/** `fraction` is 0–1. Never 100 % before everything is there. */
export function percent(fraction: number): string {
  const whole = fraction >= 1 ? 1 : Math.min(0.99, Math.floor(fraction * 100 + 1e-9) / 100);
  return numberFormat({ style: 'percent' }).format(whole);
}

/** `fraction` is the missing part, 0–1. Rounds up, so that it and {@link percent} of the rest add up to 100 %. */
export function percentMissing(fraction: number): string {
  return numberFormat({ style: 'percent' }).format(Math.max(0, Math.ceil(fraction * 100 - 1e-9) / 100));
}

export function count(items: number): string {
  return numberFormat({}).format(items);
}

/** A number of any size as it is, for the axes of charts. */
export function plain(value: number): string {
  return numberFormat({ maximumSignificantDigits: 6 }).format(value);
}

/** "1.4": a ratio, at most one digit after the point. */
export function decimal(value: number): string {
  return numberFormat({ maximumFractionDigits: value < 10 ? 1 : 0 }).format(value);
}

const minuteSeconds = 60;
const hourSeconds = 3600;
const daySeconds = 86_400;

/** A rounded time: "20 sec", "4 min", "3 hr", "2 days". */
export function duration(seconds: number): string {
  const [value, unit] = rounded(Math.max(1, seconds));
  return numberFormat({ style: 'unit', unit, unitDisplay: unit === 'day' ? 'long' : 'short', maximumFractionDigits: 0 })
    .format(value)
    .replace(' ', nonBreakingSpace);
}

function rounded(seconds: number): [number, 'second' | 'minute' | 'hour' | 'day'] {
  // Steps of five, so that the last digit does not flicker.
  if (seconds < 10) return [Math.ceil(seconds), 'second'];
  if (seconds < 55) return [Math.ceil(seconds / 5) * 5, 'second'];
  if (seconds < 59.5 * minuteSeconds) return [Math.max(1, Math.round(seconds / minuteSeconds)), 'minute'];
  if (seconds < 36 * hourSeconds) return [Math.round(seconds / hourSeconds), 'hour'];
  return [Math.round(seconds / daySeconds), 'day'];
}

/** The time of day, with the date if it was not today. Both arguments are milliseconds since the epoch. */
export function timeOfDay(atMs: number, nowMs: number): string {
  const sameDay = new Date(atMs).toDateString() === new Date(nowMs).toDateString();
  const options: Intl.DateTimeFormatOptions = sameDay ? { timeStyle: 'short' } : { dateStyle: 'medium', timeStyle: 'short' };
  return new Intl.DateTimeFormat(formatLocale(), options).format(atMs);
}

/** The day, or the time of a day that is today. Both arguments are milliseconds since the epoch. */
export function dateOnly(atMs: number, nowMs: number): string {
  const sameDay = new Date(atMs).toDateString() === new Date(nowMs).toDateString();
  const sameYear = new Date(atMs).getFullYear() === new Date(nowMs).getFullYear();
  return dateFormat(sameDay ? 'time' : sameYear ? 'day' : 'year').format(atMs);
}

const dateOptions = {
  time: { timeStyle: 'short' },
  day: { day: 'numeric', month: 'short' },
  year: { day: 'numeric', month: 'short', year: 'numeric' },
} as const;

const dateFormats = new Map<string, Intl.DateTimeFormat>();

function dateFormat(kind: keyof typeof dateOptions): Intl.DateTimeFormat {
  const key = formatLocale() + kind;
  const format = dateFormats.get(key) ?? new Intl.DateTimeFormat(formatLocale(), dateOptions[kind]);
  dateFormats.set(key, format);
  return format;
}
