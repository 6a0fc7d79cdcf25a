import { Pace } from '../../base/async/turns';
import { MemoryAccount } from '../../observe/memory/memory-account';
import { usedMemory, accountOf } from '../../observe/memory/testing/accounts';
import { type ComposedFrame, writeComposedFrames } from './composed-frames';
import { readFrame } from './testing/arrow-messages';

const FRAME: ComposedFrame = {
  name: 'nodes',
  kind: { preferredVisualisationType: 'nodeGraph' },
  notices: [{ severity: 'warning', text: 'Some spans are missing.' }],
  custom: { traceFormat: 'otlp' },
  fields: [
    { name: 'title', kind: 'utf8', values: ['a', null, 'Grüße'], config: { displayName: 'Title' } },
    { name: 'tags', kind: 'json', values: ['[]', undefined, '{"a":1}'], labels: { exe: 'game' } },
    { name: 'share', kind: 'float64', values: [0.5, Number.NaN, -1] },
    { name: 'code', kind: 'uint16', values: [65_535, null, 0] },
    { name: 'isOpen', kind: 'bool', values: [true, null, false] },
    { name: 'count', kind: 'int64', values: [2n ** 60n, null, -1n] },
    { name: 'time', kind: 'timestamp', values: [1n, null, 1_800_000_000_000_000_001n] },
  ],
};

const options = (encoding: 'arrow' | 'json', memory = usedMemory()) =>
  ({ refId: 'A', executedQueryString: 'SELECT 1', encoding, memory, pace: new Pace() }) as const;

it('writes each kind of field, with nulls', async () => {
  const [pieces] = await writeComposedFrames([FRAME], options('arrow'));
  const { fields, meta, refId } = readFrame(pieces);
  expect(fields.map(({ name, values }) => [name, values])).toEqual([
    ['title', ['a', null, 'Grüße']],
    ['tags', ['[]', null, '{"a":1}']],
    ['share', [0.5, null, -1]],
    ['code', [65_535, null, 0]],
    ['isOpen', [true, null, false]],
    ['count', [2n ** 60n, null, -1n]],
    ['time', [1n, null, 1_800_000_000_000_000_001n]],
  ]);
  expect(fields[0].config).toEqual({ displayName: 'Title' });
  expect(fields[1].labels).toEqual({ exe: 'game' });
  expect(refId).toBe('A');
  expect(meta).toMatchObject({
    preferredVisualisationType: 'nodeGraph',
    executedQueryString: 'SELECT 1',
    notices: FRAME.notices,
    custom: FRAME.custom,
  });
});

it('writes the same frame as JSON', async () => {
  const [pieces] = await writeComposedFrames([FRAME], options('json'));
  const frame = JSON.parse(Buffer.concat(pieces).toString()) as {
    schema: { name: string; fields: Array<{ name: string }> };
    data: { values: unknown[][] };
  };
  expect(frame.schema.name).toBe('nodes');
  expect(frame.data.values.slice(0, 5)).toEqual([
    ['a', null, 'Grüße'],
    [[], null, { a: 1 }],
    [0.5, null, -1],
    [65_535, null, 0],
    [true, null, false],
  ]);
});

it('writes a frame without rows, and a frame without fields', async () => {
  const empty = { kind: {}, fields: [{ name: 'title', kind: 'utf8', values: [] }] } as const;
  const frames = await writeComposedFrames([empty, { kind: {}, fields: [] }], options('arrow'));
  expect(frames.map((pieces) => readFrame(pieces).rows)).toEqual([0, 0]);
});

it('fails if the frames exceed the limit of the account', async () => {
  const long = { kind: {}, fields: [{ name: 'title', kind: 'utf8', values: ['x'.repeat(10_000)] }] } as const;
  await expect(writeComposedFrames([long], options('arrow', accountOf(1000)))).rejects.toMatchObject({
    code: 'result_too_large',
  });
});

it.each(['arrow', 'json'] as const)('writes many rows as %s in batches with small buffers', async (encoding) => {
  const values = Array.from({ length: 20_000 }, (_, row) => `${row} ${'x'.repeat(500)}`);
  const grow = jest.spyOn(MemoryAccount.prototype, 'grow');
  const [pieces] = await writeComposedFrames(
    [{ kind: {}, fields: [{ name: 'title', kind: 'utf8', values }] }],
    options(encoding)
  );
  const largest = Math.max(...grow.mock.calls.map(([, , bytes]) => bytes));
  grow.mockRestore();
  expect(largest).toBeLessThan(5_000_000);
  const written =
    encoding === 'arrow'
      ? readFrame(pieces).fields[0].values
      : (JSON.parse(Buffer.concat(pieces).toString()) as { data: { values: unknown[][] } }).data.values[0];
  expect(written).toEqual(values);
});
