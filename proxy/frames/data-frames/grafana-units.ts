/**
 * Maps units of measures to Grafana's unit ids.
 *
 * Micromegas stores a unit as the string that the program wrote: its own libraries write words (`ms`, `bytes`,
 * `ticks`), OpenTelemetry writes UCUM (`By`, `{request}/s`). Unknown units are not mapped, because a wrong unit is
 * worse than no unit.
 *
 * @see https://ucum.org/ucum, case-sensitive forms; @grafana/data `getValueFormats` for Grafana's ids
 */

/** Case-sensitive symbols. */
const SYMBOLS: Readonly<Record<string, string>> = {
  ns: 'ns',
  us: 'µs',
  µs: 'µs',
  μs: 'µs',
  ms: 'ms',
  s: 's',
  min: 'm',
  h: 'h',
  d: 'd',
  By: 'bytes',
  B: 'bytes',
  kBy: 'deckbytes',
  kB: 'deckbytes',
  KB: 'deckbytes',
  MBy: 'decmbytes',
  MB: 'decmbytes',
  GBy: 'decgbytes',
  GB: 'decgbytes',
  TBy: 'dectbytes',
  TB: 'dectbytes',
  KiBy: 'kbytes',
  KiB: 'kbytes',
  MiBy: 'mbytes',
  MiB: 'mbytes',
  GiBy: 'gbytes',
  GiB: 'gbytes',
  TiBy: 'tbytes',
  TiB: 'tbytes',
  bit: 'bits',
  'By/s': 'binBps',
  'B/s': 'binBps',
  'bit/s': 'bps',
  bps: 'bps',
  '%': 'percent',
  '1': 'short',
  Hz: 'hertz',
  Cel: 'celsius',
  '°C': 'celsius',
  '[degF]': 'fahrenheit',
  '°F': 'fahrenheit',
  K: 'kelvin',
  W: 'watt',
  kW: 'kwatt',
  V: 'volt',
  A: 'amp',
  J: 'joule',
  m: 'lengthm',
  mm: 'lengthmm',
  km: 'lengthkm',
  'm/s': 'velocityms',
  'km/h': 'velocitykmh',
  g: 'massg',
  kg: 'masskg',
  deg: 'degree',
  '°': 'degree',
  rad: 'radian',
  dB: 'dB',
  rpm: 'rotrpm',
};

/** Case-insensitive words. */
const WORDS: Readonly<Record<string, string>> = {
  nanoseconds: 'ns',
  nanosecond: 'ns',
  microseconds: 'µs',
  microsecond: 'µs',
  milliseconds: 'ms',
  millisecond: 'ms',
  seconds: 's',
  second: 's',
  sec: 's',
  minutes: 'm',
  minute: 'm',
  hours: 'h',
  hour: 'h',
  days: 'd',
  day: 'd',
  bytes: 'bytes',
  byte: 'bytes',
  kilobytes: 'deckbytes',
  megabytes: 'decmbytes',
  gigabytes: 'decgbytes',
  kibibytes: 'kbytes',
  mebibytes: 'mbytes',
  gibibytes: 'gbytes',
  bits: 'bits',
  'bytes/s': 'binBps',
  'bytes/sec': 'binBps',
  'bits/s': 'bps',
  percent: 'percent',
  ratio: 'percentunit',
  ticks: 'short',
  count: 'short',
  none: 'short',
  hertz: 'hertz',
  celsius: 'celsius',
  fahrenheit: 'fahrenheit',
  kelvin: 'kelvin',
  watts: 'watt',
  volts: 'volt',
  meters: 'lengthm',
  metres: 'lengthm',
  degrees: 'degree',
  radians: 'radian',
  'requests/s': 'reqps',
  'req/s': 'reqps',
  'ops/s': 'ops',
};

/** UCUM annotations name counted things: `{request}`, `{request}/s`. */
const ANNOTATION = /^\{[^{}]*\}(\/s)?$/;

/** @returns Grafana's unit id. Undefined for an unknown unit. */
export function grafanaUnit(unit: string): string | undefined {
  const name = unit.trim();
  const annotation = ANNOTATION.exec(name);
  if (annotation !== null) {
    return annotation[1] === undefined ? 'short' : /^\{requests?\}/.test(name) ? 'reqps' : 'cps';
  }
  if (Object.hasOwn(SYMBOLS, name)) {
    return SYMBOLS[name];
  }
  const word = name.toLowerCase();
  return Object.hasOwn(WORDS, word) ? WORDS[word] : undefined;
}
