import { Int32, Table } from 'apache-arrow';
import { type IpcMessage } from '../arrow-ipc';
import { buildFrames } from './build-frames';
import { type QueryFacts } from './frame-options';
import { columnOf, messagesOf, OPTIONS, readFrame } from './testing/arrow-messages';

const messages = messagesOf(new Table({ n: columnOf(new Int32(), Int32Array.of(1, 2)) }));

/** The metadata of a frame. Each message takes 100 ms to arrive, and the result ends 7 ms after the last message. */
async function stats(facts: QueryFacts) {
  let nowMs = 1000;
  async function* slow(): AsyncGenerator<IpcMessage> {
    for (const message of messages) {
      nowMs += 100;
      yield message;
    }
    nowMs += 7;
  }
  const options = { ...OPTIONS, custom: { limit: 5 }, stats: { now: () => nowMs, startedMs: 980, facts: () => facts } };
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
