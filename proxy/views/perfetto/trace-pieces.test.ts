import { Binary, Int32, Table, vectorFromArray } from 'apache-arrow';
import { TRACE_END } from '../../../contract/resources/perfetto';
import { readerOf } from '../lake-reader/testing/reader';
import { type TraceFileRequest, tracePieces } from './trace-pieces';

const allocate = (bytes: number) => new Uint8Array(bytes);

const REQUEST: TraceFileRequest = {
  processId: '0b6f5a52-51c4-4d0c-9a3e-6d1d0b7f4a01',
  spans: 'both',
  fromMs: 0,
  toMs: 1000,
};

function chunks(ids: readonly number[], bytes: number): Table {
  const data = ids.map((id) => new Uint8Array(bytes).fill(id + 1));
  return new Table({
    chunk_id: vectorFromArray(ids, new Int32()),
    chunk_data: vectorFromArray(data, new Binary()),
  });
}

async function read(table: Table): Promise<Uint8Array[]> {
  const pieces: Uint8Array[] = [];
  for await (const piece of tracePieces(REQUEST, readerOf(() => table).read, allocate)) {
    pieces.push(Uint8Array.from(piece));
  }
  return pieces;
}

it('returns the chunks in pieces of 64 KiB, and the end mark', async () => {
  const pieces = await read(chunks([0, 1, 2], 50_000));
  expect(pieces.map(({ length }) => length)).toEqual([65_536, 65_536, 150_000 - 2 * 65_536, TRACE_END.length]);
  const all = Buffer.concat(pieces.slice(0, -1));
  expect([0, 49_999, 50_000, 99_999, 100_000, 149_999].map((at) => all[at])).toEqual([1, 1, 2, 2, 3, 3]);
  expect(pieces.at(-1)).toEqual(TRACE_END);
});

it.each([
  { name: 'missing chunks', ids: [0, 2] },
  { name: 'chunks in the wrong order', ids: [1, 0] },
  { name: 'no chunks', ids: [] },
])('fails for $name', async ({ ids }) => {
  await expect(read(chunks(ids, 10))).rejects.toMatchObject({ code: 'result_malformed' });
});

it('sends the time range as arguments of perfetto_trace_chunks', async () => {
  const sent: string[] = [];
  const { read: readStatement } = readerOf(({ sql, range }) => {
    sent.push(sql);
    expect(range).toBeUndefined();
    return chunks([0], 1);
  });
  for await (const _piece of tracePieces(REQUEST, readStatement, allocate)) {
    // Reads all pieces.
  }
  expect(sent).toEqual([
    "SELECT chunk_id, chunk_data FROM perfetto_trace_chunks('0b6f5a52-51c4-4d0c-9a3e-6d1d0b7f4a01', 'both', " +
      "timestamp '1970-01-01T00:00:00.000Z', timestamp '1970-01-01T00:00:01.000Z')",
  ]);
});
