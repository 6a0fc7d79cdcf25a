/** Function calls of threads, as rows that the server sends, and the frames of their flame graph. */
import { Dictionary, Int32, Int64, Table, Uint32, Utf8, vectorFromArray } from 'apache-arrow';
import { type ProfileRequest } from '../../../../contract/query-types/profile';
import { Pace } from '../../../base/async/turns';
import { type ComposedFrame } from '../../../frames/data-frames/composed-frames';
import { messagesOf, received, timeColumn } from '../../../frames/data-frames/testing/arrow-messages';
import { fieldValues } from '../../../frames/data-frames/testing/field-values';
import { readBatches } from '../../lake-reader/read-batches';
import { unlimitedAccount } from '../../../observe/memory/testing/accounts';
import { FlameGraph } from '../flame-graph';
import { framesOf } from '../flame-graph-frames';
import { type ProfileWindow } from '../profile-window';

export const BASE = 1_795_000_000_123_456_789n;
export const REQUEST: ProfileRequest = { view: 'flame-graph', processId: '00000000-0000-4000-8000-000000000000' };
const TARGET = { uid: 'lake', name: 'Lake', range: { fromMs: 0, toMs: 3_600_000 } };

export interface Row {
  stream: string;
  id: number;
  depth: number;
  name: string;
  begin: number;
  end: number;
}

/** The stream id for a short name in tests. */
export function streamId(name: string): string {
  return `00000000-0000-4000-8000-${Buffer.from(name.padEnd(6)).toString('hex').slice(0, 12)}`;
}

export function windowOf(begin: number, end: number): ProfileWindow {
  return {
    beginNs: BASE + BigInt(begin),
    endNs: BASE + BigInt(end),
    lengthNs: end - begin,
    range: { fromMs: 0, toMs: 1 },
  };
}

const strings = (values: string[]) => vectorFromArray(values, new Dictionary(new Utf8(), new Int32()));

/** @param order Orders rows with the same begin. */
export function tables(rows: readonly Row[], order: (row: Row) => number, batch: number): Table[] {
  const sorted = rows.toSorted((a, b) => a.begin - b.begin || order(a) - order(b));
  return Array.from({ length: Math.ceil(sorted.length / batch) }, (_, index) => {
    const part = sorted.slice(index * batch, (index + 1) * batch);
    return new Table({
      stream_id: strings(part.map(({ stream }) => streamId(stream))),
      id: vectorFromArray(
        part.map(({ id }) => BigInt(id)),
        new Int64()
      ),
      depth: vectorFromArray(
        part.map(({ depth }) => depth),
        new Uint32()
      ),
      name: strings(part.map(({ name }) => name)),
      target: strings(part.map(() => 'game')),
      filename: strings(part.map(({ name }) => `src/${name}.rs`)),
      line: vectorFromArray(
        part.map(() => 7),
        new Uint32()
      ),
      begin: timeColumn(part.map(({ begin }) => BASE + BigInt(begin))),
      end: timeColumn(part.map(({ end }) => BASE + BigInt(end))),
    });
  });
}

export async function framesOfRows(
  parts: readonly Table[],
  window: ProfileWindow,
  request: Partial<ProfileRequest> = {},
  sourceUrl?: string,
  memory = unlimitedAccount()
): Promise<ComposedFrame[]> {
  const names = new Map([
    [streamId('render'), 'render thread'],
    ...['physics', 'idle'].map((name) => [streamId(name), name] as const),
  ]);
  const graph = new FlameGraph({ memory }, window, request.root, names);
  for (const part of parts) {
    const account = unlimitedAccount();
    for await (const batch of readBatches(received(messagesOf(part), account), account)) {
      graph.addCalls(batch, undefined);
    }
  }
  graph.finish();
  return framesOf(graph, { ...REQUEST, ...request }, { window }, { linkTarget: TARGET, sourceUrl, pace: new Pace() });
}

export interface Times {
  total: number;
  self: number;
}

/** Times by call path, such as `total > main > frame`. */
export function pathsOf(frame: ComposedFrame): Record<string, Times> {
  const [levels, values, selves, labels] = frame.fields.map(({ name }) => fieldValues(frame, name) as number[]);
  const names = (frame.fields[3].config as { type: { enum: { text: string[] } } }).type.enum.text;
  const path: string[] = [];
  const entries = Array.from(levels, (level, row) => {
    path.length = level;
    path.push(names[labels[row]]);
    return [path.join(' > '), { total: values[row], self: selves[row] }] as const;
  });
  expect(new Set(entries.map(([key]) => key)).size).toBe(entries.length);
  return Object.fromEntries(entries);
}
