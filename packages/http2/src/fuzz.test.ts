/** Random input with fixed seeds. `npm run fuzz -w packages/http2` uses random seeds. */
import { createServer } from 'node:net';
import { BODY, eventsOfConversation, FUZZ_ROUNDS } from './testing/fuzz.ts';
import { endLoopback, listen } from './testing/loopback.ts';
import { randomOf } from './testing/random.ts';

let port: number;

beforeEach(async () => {
  port = await listen(createServer((socket) => socket.resume()));
});

afterEach(endLoopback);

describe.each([
  { side: 'server', isServer: true },
  { side: 'client', isServer: false },
])('a $side', ({ isServer }) => {
  it('reads the same events from chunks of 1 to 59 bytes', async () => {
    const expected = await eventsOfConversation({ port, isServer }, () => Infinity);
    expect(expected).toMatchObject([
      { body: BODY.toString('latin1') },
      { body: BODY.subarray(0, 500).toString('latin1'), trailers: new Map([['x-trailer', 'yes']]) },
      ...(isServer ? [{ events: 'end' }, { events: 'close' }] : [{ events: 'headers,close' }]),
    ]);
    for (let size = 1; size < 60; size++) {
      expect(await eventsOfConversation({ port, isServer }, () => size)).toEqual(expected);
    }
  });

  it.each(Object.entries(FUZZ_ROUNDS))('survives %s', async (_, { testCount, run }) => {
    const random = randomOf(2);
    for (let count = 0; count < testCount; count++) {
      await expect(run(random, { port, isServer })).resolves.toBeUndefined();
    }
  });
});
