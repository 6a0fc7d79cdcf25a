import { Int32, Table } from 'apache-arrow';
import { type IpcMessage } from '../arrow-ipc';
import { ProxyError } from '../../base/errors/proxy-error';
import { buildFrames } from './build-frames';
import { type QueryFacts, type StatsOptions } from './frame-options';
import { columnOf, messagesOf, OPTIONS, readFrame } from './testing/arrow-messages';

const messages = messagesOf(new Table({ n: columnOf(new Int32(), Int32Array.of(1, 2)) }));

/**
 * The metadata of a frame. Each message takes 100 ms to arrive, and the result ends 7 ms after the last message.
 *
 * @param slotMs Additional milliseconds for which each message waits for a slot.
 */
async function stats(facts: QueryFacts, waits: Pick<StatsOptions, 'joinedMs'> = {}, queuedMs = 0, slotMs = 0) {
  let nowMs = 1000;
  let queued = queuedMs;
  async function* slow(): AsyncGenerator<IpcMessage> {
    for (const message of messages) {
      nowMs += 100 + slotMs;
      queued += slotMs;
      yield message;
    }
    nowMs += 7;
  }
  const clock = { now: () => nowMs, startedMs: 980, queuedMs: () => queued };
  const options = { ...OPTIONS, custom: { limit: 5 }, stats: { ...clock, ...waits, facts: () => facts } };
  const { frames } = await buildFrames(slow(), options);
  return readFrame(frames[0] ?? []).meta;
}

it('reports rows, bytes and times', async () => {
  const meta = await stats({});
  const bytes = messages.reduce((sum, { header, body }) => sum + header.length + body.length, 0);
  expect(meta.stats).toEqual([
    { displayName: 'Rows received', value: 2, unit: 'locale', decimals: 0 },
    { displayName: 'Bytes received', value: bytes, unit: 'bytes' },
    { displayName: 'Time to first rows', value: 220, unit: 'ms' },
    { displayName: 'Time waiting for Micromegas', value: 207, unit: 'ms' },
    { displayName: 'Time in the data source', value: 20, unit: 'ms' },
  ]);
  expect(meta.custom).toEqual({ limit: 5 });
});

it.each([
  { name: 'before the first message', queuedMs: 15, slotMs: 0, queue: 15, own: 5 },
  { name: 'for each message', queuedMs: 0, slotMs: 30, queue: 60, own: 20 },
])('separates waits for slots $name from other times', async ({ queuedMs, slotMs, queue, own }) => {
  const meta = await stats({}, {}, queuedMs, slotMs);
  expect(meta.stats?.slice(-3)).toEqual([
    { displayName: 'Time waiting for other queries', value: queue, unit: 'ms' },
    { displayName: 'Time waiting for Micromegas', value: 207, unit: 'ms' },
    { displayName: 'Time in the data source', value: own, unit: 'ms' },
  ]);
});

it('counts the wait for the statement of another query as a wait for Micromegas', async () => {
  const meta = await stats({}, { joinedMs: 12 });
  expect(meta.stats?.slice(-2)).toEqual([
    { displayName: 'Time waiting for Micromegas', value: 219, unit: 'ms' },
    { displayName: 'Time in the data source', value: 8, unit: 'ms' },
  ]);
});

it('counts a wait for a message as a wait for Micromegas, even if the message exceeds the memory limit', async () => {
  let nowMs = 1000;
  async function* tooLarge(): AsyncGenerator<IpcMessage> {
    yield* messages;
    nowMs += 100;
    throw new ProxyError('result_too_large');
  }
  const { frames } = await buildFrames(tooLarge(), { ...OPTIONS, stats: { now: () => nowMs, startedMs: 980 } });
  const meta = readFrame(frames[0] ?? []).meta;
  expect(meta.notices?.[0].text).toContain('Showing the first 2 rows');
  expect(meta.stats?.slice(-2)).toEqual([
    { displayName: 'Time waiting for Micromegas', value: 100, unit: 'ms' },
    { displayName: 'Time in the data source', value: 20, unit: 'ms' },
  ]);
});

it('reports the facts of the caller: age of the token and number of endpoints', async () => {
  const meta = await stats({ tokenAgeMs: 60_000, endpoints: 2 });
  expect(meta.stats?.slice(-2)).toEqual([
    { displayName: 'Age of the access token', value: 60_000, unit: 'ms' },
    { displayName: 'Endpoints', value: 2, unit: 'locale', decimals: 0 },
  ]);
});

it('reports no statistics by default', async () => {
  async function* stream(): AsyncGenerator<IpcMessage> {
    yield* messages;
  }
  const { frames } = await buildFrames(stream(), OPTIONS);
  expect(readFrame(frames[0] ?? []).meta).not.toHaveProperty('stats');
});
