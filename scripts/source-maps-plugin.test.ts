import { withFinalHashes } from './source-maps-plugin';

it('replaces the first hash of each chunk with the final hash in all source maps', () => {
  const maps = new Map([
    ['module.js.map', '{"file":"module.js","sourcesContent":["{\\"64\\":\\"aaaa\\"}"]}'],
    ['builder.js.map', '{"file":"builder.js?_cache=aaaa"}'],
  ]);
  expect([...withFinalHashes(maps, ['module.js', 'builder.js?_cache=bbbb', 'builder.js.map']).values()]).toEqual([
    '{"file":"module.js","sourcesContent":["{\\"64\\":\\"bbbb\\"}"]}',
    '{"file":"builder.js?_cache=bbbb"}',
  ]);
});
