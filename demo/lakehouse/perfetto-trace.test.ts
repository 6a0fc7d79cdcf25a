/**
 * Reads the traces of `perfetto_trace_chunks` by the field numbers of Perfetto, and compares them with the spans of the
 * process.
 */
import { BinaryReader } from '@bufbuild/protobuf/wire';
import { useLakehouse } from './lakehouse-fixture';
import { processByKey } from './story';

const fixture = useLakehouse();
const SERVER = processByKey('server');
const RANGE = ["timestamp '2026-11-24T11:19:00Z'", "timestamp '2026-11-24T11:19:05Z'"];
const HEADERS = { query_range_begin: '2026-11-24T11:19:00Z', query_range_end: '2026-11-24T11:19:05Z' };

type Message = Map<number, Array<Uint8Array | bigint>>;

function message(bytes: Uint8Array): Message {
  const reader = new BinaryReader(bytes);
  const fields: Message = new Map();
  while (reader.pos < reader.len) {
    const [field, wireType] = reader.tag();
    const value = wireType === 2 ? reader.bytes() : BigInt(reader.uint64());
    fields.set(field, [...(fields.get(field) ?? []), value]);
  }
  return fields;
}

const inner = (fields: Message, field: number) => message(fields.get(field)?.[0] as Uint8Array);
const stringAt = (fields: Message, field: number) => new TextDecoder().decode(fields.get(field)?.[0] as Uint8Array);

async function chunks(kind: string) {
  const sql = `SELECT chunk_id, chunk_data FROM perfetto_trace_chunks('${SERVER.id}', '${kind}', ${RANGE.join(', ')})`;
  const rows = await fixture.client.rows(sql);
  expect(rows.map((row) => row['chunk_id'])).toEqual(rows.map((_row, index) => index));
  return rows.map((row) => row['chunk_data'] as Uint8Array);
}

it.each([
  ['thread', 2],
  ['async', 0],
  ['both', 2],
])('has the spans of the kind %s', async (kind, threads) => {
  const parts = await chunks(kind);
  expect(parts.length).toBeGreaterThan(kind === 'async' ? 0 : 1);
  // Each chunk consists of complete packets.
  const packets = parts.flatMap((part) => message(part).get(1) ?? []).map((packet) => message(packet as Uint8Array));
  const tracks = packets.filter((packet) => packet.has(60)).map((packet) => inner(packet, 60));
  const events = packets.filter((packet) => packet.has(11));
  expect(tracks.length + events.length).toBe(packets.length);
  expect(stringAt(inner(tracks[0]!, 3), 6)).toBe(SERVER.exe);
  expect(
    tracks
      .filter((track) => track.has(4))
      .map((track) => stringAt(inner(track, 4), 5))
      .toSorted()
  ).toEqual(['main', 'net-io'].slice(0, threads));
  const known = new Set(tracks.map((track) => track.get(1)?.[0]));
  const open = new Map<unknown, Array<{ name: string; begin: bigint }>>();
  const spans: string[] = [];
  let last = 0n;
  for (const packet of events) {
    const event = inner(packet, 11);
    const time = packet.get(8)?.[0] as bigint;
    const track = event.get(11)?.[0];
    expect(known).toContain(track);
    expect(time).toBeGreaterThanOrEqual(last);
    last = time;
    const stack = open.get(track) ?? [];
    open.set(track, stack);
    if (event.get(9)?.[0] === 1n) {
      stack.push({ name: stringAt(event, 23), begin: time });
    } else {
      const span = stack.pop();
      spans.push(`${span?.name} ${span?.begin} ${time}`);
    }
  }
  expect([...open.values()].flat()).toEqual([]);
  const sql = `SELECT name, cast("begin" AS bigint) AS b, cast("end" AS bigint) AS e FROM process_spans('${SERVER.id}', '${kind}')`;
  const rows = await fixture.client.rows(sql, HEADERS);
  expect(spans.toSorted()).toEqual(
    rows.map((row) => `${String(row['name'])} ${String(row['b'])} ${String(row['e'])}`).toSorted()
  );
});

it('returns the error of the server for an unknown process and an unknown kind', async () => {
  const call = (id: string, kind: string) =>
    `SELECT * FROM perfetto_trace_chunks('${id}', '${kind}', ${RANGE.join(', ')})`;
  const unknown = '00000000-0000-4000-8000-000000000000';
  expect((await fixture.client.failure(call(unknown, 'both'))).details).toMatch(
    /^error building data stream: Execution error: Trace generation failed: Process 0+-0000-4000-8000-0+ not found/
  );
  expect((await fixture.client.failure(call(SERVER.id, 'net'))).details).toMatch(
    /span_types must be 'thread', 'async'/
  );
});
