import { windowEnd } from './profile';

it.each([
  ['the end of the request', { beginNs: '5', endNs: '7' }, '7'],
  ['undefined if the request has no end', { beginNs: '5' }, undefined],
  [
    'the exact sum of begin and duration',
    { beginNs: '1795963657419000001', endNs: '+20393000' },
    '1795963657439393001',
  ],
  [
    'the largest time if the sum is larger',
    { beginNs: '9223372036854775807', endNs: '+9999999999999999999' },
    '9223372036854775807',
  ],
])('windowEnd returns %s', (_name, window, expected) => {
  expect(windowEnd(window)).toBe(expected);
});
