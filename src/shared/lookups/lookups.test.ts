import { type LookupRequest, type ValuesRequest } from '../../../contract/resources/lookups';
import { growth } from '../../../tests/support/growth';
import { Lookups, type LookupOptions } from './lookups';

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;
const NOW_MS = Date.UTC(2026, 0, 10, 12, 1);
const LAST_HOUR = { fromMs: NOW_MS - HOUR_MS, toMs: NOW_MS };
const NAMES: ValuesRequest = { kind: 'values', table: 'measures', column: 'name', range: LAST_HOUR };
const PROCESSES: LookupRequest = { kind: 'processes', range: LAST_HOUR };

type Responder = (request: LookupRequest) => unknown;

const listOf = (...values: string[]) => ({ items: values.map((value) => ({ value })), isTruncated: false });

/** Lookups whose requests are recorded. A test changes `nowMs` and `respond`. */
function bench(respond: Responder = () => listOf('frame_time', 'Memory'), options: LookupOptions = {}) {
  const made = { sent: [] as LookupRequest[], nowMs: NOW_MS, respond };
  const send = async (request: LookupRequest): Promise<unknown> => {
    made.sent.push(request);
    return made.respond(request);
  };
  return Object.assign(made, { lookups: new Lookups(send, { now: () => made.nowMs, ...options }) });
}

it('shares one request in flight, and its result afterwards', async () => {
  const { lookups, sent } = bench();
  const results = await Promise.all([lookups.get(NAMES), lookups.get({ ...NAMES })]);
  expect(results).toEqual([listOf('frame_time', 'Memory'), listOf('frame_time', 'Memory')]);
  await lookups.get(NAMES);
  expect(sent).toHaveLength(1);
});

it.each<[string, LookupRequest]>([
  ['another table', { ...NAMES, table: 'log_entries' }],
  ['a property', { ...NAMES, property: 'name' }],
  ['an instance', { ...NAMES, instanceId: 'id' }],
  ['another kind', { kind: 'property-keys', table: 'measures', column: 'name', range: LAST_HOUR }],
])('sends another request for %s', async (_name, other) => {
  const { lookups, sent } = bench();
  await lookups.get(NAMES);
  await lookups.get(other);
  expect(sent).toHaveLength(2);
});

it.each([
  { length: HOUR_MS, same: 3 * MINUTE_MS, other: 6 * MINUTE_MS },
  { length: 2 * DAY_MS, same: 50 * MINUTE_MS, other: 2 * HOUR_MS },
  { length: 30 * DAY_MS, same: 11 * HOUR_MS, other: 13 * HOUR_MS },
])('rounds a range of $length ms outwards, so that slightly later ranges need no request', async (range) => {
  const { lookups, sent } = bench();
  const rangeAt = (nowMs: number) => ({ fromMs: nowMs - range.length, toMs: nowMs });
  await lookups.get({ ...NAMES, range: rangeAt(NOW_MS) });
  await lookups.get({ ...NAMES, range: rangeAt(NOW_MS + range.same) });
  expect(sent).toHaveLength(1);
  const [{ range: rounded }] = sent as ValuesRequest[];
  expect(rounded.fromMs).toBeLessThanOrEqual(NOW_MS - range.length);
  expect(rounded.toMs).toBeGreaterThanOrEqual(NOW_MS + range.same);
  await lookups.get({ ...NAMES, range: rangeAt(NOW_MS + range.other) });
  expect(sent).toHaveLength(2);
});

it.each<[LookupRequest, number]>([
  [NAMES, 5 * MINUTE_MS],
  [PROCESSES, MINUTE_MS],
  [{ kind: 'functions' }, 30 * MINUTE_MS],
])('keeps the result of %j for %d ms', async (request, keptMs) => {
  const made = bench();
  await made.lookups.get(request);
  made.nowMs += keptMs - 1;
  await made.lookups.get(request);
  expect(made.sent).toHaveLength(1);
  made.nowMs += 1;
  await made.lookups.get(request);
  expect(made.sent).toHaveLength(2);
});

it('keeps a failure for some seconds only', async () => {
  const made = bench(() => {
    throw new Error('No server.');
  });
  await expect(made.lookups.get(NAMES)).rejects.toThrow('No server.');
  await expect(made.lookups.get(NAMES)).rejects.toThrow('No server.');
  expect(made.sent).toHaveLength(1);
  made.nowMs += 20_000;
  made.respond = () => listOf('a');
  expect(await made.lookups.get(NAMES)).toEqual(listOf('a'));
});

describe('a search', () => {
  it('filters a complete list without regard to letter case', async () => {
    const { lookups, sent } = bench();
    await lookups.get(NAMES);
    expect(await lookups.get({ ...NAMES, search: ' mEM ' })).toEqual(listOf('Memory'));
    expect(await lookups.get({ ...NAMES, search: 'x' })).toEqual(listOf());
    expect(sent).toHaveLength(1);
  });

  it('filters the result of an earlier search for a shorter string, if that result is complete', async () => {
    const made = bench(() => ({ ...listOf('fa', 'fb'), isTruncated: true }));
    await made.lookups.get(NAMES);
    made.respond = () => listOf('frame_time', 'frame_count');
    await made.lookups.get({ ...NAMES, search: 'fr' });
    expect(await made.lookups.get({ ...NAMES, search: 'frame_c' })).toEqual(listOf('frame_count'));
    expect(made.sent.map((request) => ('search' in request ? request.search : undefined))).toEqual([undefined, 'fr']);
  });

  it('takes linear time for a long string', async () => {
    // Each run has its own lookups, because the result for the string is kept.
    const run = (search: string) => bench().lookups.get({ ...NAMES, search });
    expect(await growth(run, (length) => 'x'.repeat(length), 4000)).toBeLessThan(8);
  });

  it('sends a request if the list without a search is truncated', async () => {
    const { lookups, sent } = bench(() => ({ ...listOf('a'), isTruncated: true }));
    await lookups.get(NAMES);
    await lookups.get({ ...NAMES, search: 'a' });
    expect(sent).toHaveLength(2);
  });

  it('sends a request if the list has expired', async () => {
    const made = bench();
    await made.lookups.get(NAMES);
    made.nowMs += HOUR_MS;
    await made.lookups.get({ ...NAMES, search: 'mem' });
    expect(made.sent).toHaveLength(2);
  });

  it('matches the program, computer, user and id of a process', async () => {
    const ada = { processId: 'p-1', exe: 'ember', computer: 'Atlas', username: 'ada', startMs: 7, lastUpdateMs: 7 };
    const { lookups, sent } = bench(() => ({ items: [ada], isTruncated: false }));
    await lookups.get(PROCESSES);
    for (const search of ['EMBER', 'atlas', 'Ada', 'P-1']) {
      expect((await lookups.get({ ...PROCESSES, search })).items).toEqual([ada]);
    }
    expect((await lookups.get({ ...PROCESSES, search: '7' })).items).toEqual([]);
    expect(sent).toHaveLength(1);
  });
});

it('keeps 200 results, and drops the least recently used ones', async () => {
  const { lookups, sent } = bench();
  const ask = (index: number) => lookups.get({ ...NAMES, column: `c${index}` });
  for (let index = 0; index < 200; index++) {
    await ask(index);
  }
  await ask(0);
  await ask(200);
  expect(sent).toHaveLength(201);
  await ask(0);
  expect(sent).toHaveLength(201);
  await ask(1);
  expect(sent).toHaveLength(202);
});

it('sends no request for telemetry if values are not suggested', async () => {
  const { lookups, sent } = bench(() => ({ items: ['avg'], isTruncated: false, help: {} }), { suggestsValues: false });
  expect(lookups.suggestsValues).toBe(false);
  expect(await lookups.get(NAMES)).toEqual(listOf());
  expect(await lookups.get(PROCESSES)).toEqual(listOf());
  expect(sent).toEqual([]);
  expect((await lookups.get({ kind: 'functions' })).items).toEqual(['avg']);
});
