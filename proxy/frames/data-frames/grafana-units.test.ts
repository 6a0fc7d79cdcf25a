import { grafanaUnit } from './grafana-units';

it.each([
  ['ms', 'ms'],
  ['us', 'µs'],
  ['seconds', 's'],
  ['Nanoseconds', 'ns'],
  ['By', 'bytes'],
  ['Bytes', 'bytes'],
  ['MiBy', 'mbytes'],
  ['bytes/s', 'binBps'],
  ['%', 'percent'],
  ['1', 'short'],
  ['ticks', 'short'],
  ['{request}', 'short'],
  ['{request}/s', 'reqps'],
  ['{packet}/s', 'cps'],
  [' ms ', 'ms'],
])('maps %s to %s', (unit, id) => {
  expect(grafanaUnit(unit)).toBe(id);
});

it.each(['', 'furlongs', 'MS', 'mb', 'constructor', '{a}{b}'])('does not map %s', (unit) => {
  expect(grafanaUnit(unit)).toBeUndefined();
});
