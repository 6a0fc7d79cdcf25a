/** Most tests compare flame graphs of random calls with a recursive computation. */
import { type ComposedFrame } from '../../frames/data-frames/composed-frames';
import { unlimitedAccount } from '../../observe/memory/testing/accounts';
import { fieldValues } from '../../frames/data-frames/testing/field-values';
import { MAX_THREADS } from './flame-graph';
import { randomIntegers } from '../../sql/macros/testing/random-numbers';
import { framesOfRows, pathsOf, type Row, tables, type Times, windowOf } from './testing/calls';

interface CallNode {
  name: string;
  begin: number;
  end: number;
  calls: CallNode[];
}

/**
 * Random calls. They have few names, so that functions call themselves, and few times, so that many calls begin and end
 * together.
 */
function randomCalls(
  below: (n: number) => number,
  begin: number,
  end: number,
  depth: number,
  least: number
): CallNode[] {
  const calls: CallNode[] = [];
  let at = begin + below(3);
  while (at + least <= end && calls.length < 4 && depth < 6) {
    const until = Math.min(end, at + least + below(Math.max(1, (end - begin) >> 1)));
    calls.push({ name: `f${below(5)}`, begin: at, end: until, calls: randomCalls(below, at, until, depth + 1, least) });
    at = until + below(3);
  }
  return calls;
}

/** The rows of the server: a span for the whole thread, then its calls in the order of their begin. */
function rowsOf(stream: string, calls: readonly CallNode[]): Row[] {
  const rows: Row[] = [{ stream, id: -1, depth: 0, name: `${stream}-1`, begin: 0, end: 1000 }];
  const add = (list: readonly CallNode[], depth: number) => {
    for (const { name, begin, end, calls: below } of list) {
      rows.push({ stream, id: rows.length, depth, name, begin, end });
      add(below, depth + 1);
    }
  };
  add(calls, 1);
  return rows;
}

interface Expected {
  paths: Record<string, Times>;
  functions: Map<string, Times & { calls: number }>;
}

function overlaps({ begin, end }: CallNode, window: [number, number]): boolean {
  const [from, to] = window;
  return begin <= to && end >= from && !(end === from && begin < from) && !(begin === to && end > to);
}

function clippedLength({ begin, end }: CallNode, [from, to]: [number, number]): number {
  return Math.min(end, to) - Math.max(begin, from);
}

/** The expected times, computed recursively. */
function expected(threads: ReadonlyMap<string, CallNode[]>, window: [number, number], root?: string): Expected {
  const paths: Record<string, Times> = {};
  const functions: Expected['functions'] = new Map();
  const add = (path: string, ns: number, self: number) => {
    const times = (paths[path] ??= { total: 0, self: 0 });
    times.total += ns;
    times.self += self;
  };
  const walk = (call: CallNode, path: string, above: readonly string[], isShown: boolean) => {
    if (!overlaps(call, window)) {
      return;
    }
    const shows = isShown || call.name === root;
    const inner = shows ? `${path} > ${call.name}` : path;
    if (shows) {
      const length = clippedLength(call, window);
      const below = call.calls.filter((each) => overlaps(each, window));
      const self = length - below.reduce((sum, each) => sum + clippedLength(each, window), 0);
      add(inner, length, self);
      const times = functions.get(call.name) ?? { total: 0, self: 0, calls: 0 };
      times.calls++;
      times.self += self;
      times.total += above.includes(call.name) ? 0 : length;
      functions.set(call.name, times);
      if (above.length === 0) {
        add(path, length, 0);
        add('total', length, 0);
      }
    }
    call.calls.forEach((each) => walk(each, inner, shows ? [...above, call.name] : above, shows));
  };
  threads.forEach((calls, name) => calls.forEach((call) => walk(call, `total > ${name}`, [], root === undefined)));
  return { paths, functions };
}

function functionsOf(frame: ComposedFrame): Expected['functions'] {
  const [selves, totals, calls] = ['Self', 'Total', 'Calls'].map((name) => fieldValues(frame, name).map(Number));
  return new Map(
    fieldValues(frame, 'Function').map((name, row) => [
      String(name),
      { self: selves[row], total: totals[row], calls: calls[row] },
    ])
  );
}

const SEEDS = Array.from({ length: 12 }, (_, index) => index + 1);

describe.each([
  { shown: 'all calls', window: [0, 1000] as [number, number], root: undefined },
  { shown: 'all calls', window: [301, 640] as [number, number], root: undefined },
  { shown: 'the calls of f2 and the calls below them', window: [301, 640] as [number, number], root: 'f2' },
])('$shown of two threads in the window $window', ({ window, root }) => {
  it.each(SEEDS)('are merged by their path (%i)', async (seed) => {
    const below = randomIntegers(seed);
    const threads = new Map([
      ['render thread', randomCalls(below, 0, 1000, 1, 1)],
      ['physics', randomCalls(below, 0, 1000, 1, 1)],
    ]);
    const rows = [...threads].flatMap(([name, calls]) => rowsOf(name === 'physics' ? name : 'render', calls));
    const parts = tables(rows, (row) => (row.id * 7919) % 31, 20 + below(40));
    const [flame, functions] = await framesOfRows(parts, windowOf(...window), { root });
    const reference = expected(threads, window, root);
    if (reference.functions.size === 0) {
      expect(flame.name).toBe('Functions');
      return;
    }
    expect(pathsOf(flame)).toEqual(reference.paths);
    expect(functionsOf(functions)).toEqual(reference.functions);
  });
});

it.each(SEEDS)('computes the times of calls if some calls have no duration (%i)', async (seed) => {
  const below = randomIntegers(seed);
  const threads = new Map([['physics', randomCalls(below, 0, 40, 1, 0)]]);
  const rows = rowsOf('physics', threads.get('physics')!);
  const [flame] = await framesOfRows(
    tables(rows, (row) => (row.id * 7919) % 31, 7),
    windowOf(0, 40)
  );
  const longer = (times: Record<string, Times>) =>
    Object.fromEntries(Object.entries(times).filter(([, { total }]) => total > 0));
  expect(longer(pathsOf(flame))).toEqual(longer(expected(threads, [0, 40]).paths));
});

describe('inconsistent rows', () => {
  it.each(SEEDS)('never add up to more time than the window (%i)', async (seed) => {
    const below = randomIntegers(seed);
    const rows = Array.from({ length: 300 }, (_, id): Row => {
      const begin = below(100);
      return { stream: 'physics', id, depth: below(5), name: `f${below(5)}`, begin, end: begin + below(60) - 5 };
    });
    const [flame] = await framesOfRows(
      tables(rows, (row) => row.id, 50),
      windowOf(0, 120)
    );
    const paths = pathsOf(flame);
    expect(paths.total.total).toBeLessThanOrEqual(120);
    for (const [path, { total, self }] of Object.entries(paths)) {
      expect(self).toBeGreaterThanOrEqual(0);
      const below1 = Object.entries(paths).filter(
        ([other]) => other.startsWith(`${path} > `) && !other.slice(path.length + 3).includes(' > ')
      );
      expect(below1.reduce((sum, [, times]) => sum + times.total, self)).toBe(total);
    }
  });

  it('are added to the running caller if their own caller is missing', async () => {
    const rows: Row[] = [
      { stream: 'physics', id: 1, depth: 1, name: 'frame', begin: 0, end: 100 },
      { stream: 'physics', id: 3, depth: 3, name: 'solve', begin: 10, end: 20 },
      { stream: 'physics', id: 9, depth: 4, name: 'orphan', begin: 120, end: 130 },
    ];
    const [flame] = await framesOfRows(
      tables(rows, () => 0, 10),
      windowOf(0, 200)
    );
    expect(pathsOf(flame)).toEqual({
      total: { total: 110, self: 0 },
      'total > physics': { total: 110, self: 0 },
      'total > physics > frame': { total: 100, self: 90 },
      'total > physics > frame > solve': { total: 10, self: 10 },
      'total > physics > orphan': { total: 10, self: 10 },
    });
  });
});

it.each([
  [{}, /^The process has no calls from 1970-01-01 00:00:00 to .*were searched\.$/],
  [{ streamId: 'physics' }, /^The thread has no calls from /],
])('reports that there are no calls: %j', async (request, text) => {
  const rows: Row[] = [{ stream: 'physics', id: -1, depth: 0, name: 'physics-1', begin: 0, end: 30 }];
  const frames = await framesOfRows(
    tables(rows, () => 0, 10),
    windowOf(0, 50),
    request
  );
  expect(frames).toMatchObject([{ name: 'Functions', notices: [{ text: expect.stringMatching(text) }] }]);
});

it.each([
  { name: 'run at the same time', begin: (index: number) => index, depth: (index: number) => index + 1 },
  { name: 'begin at the same time', begin: () => 5, depth: () => 1 },
])('counts the memory of calls that $name', async ({ begin, depth }) => {
  const rows = Array.from({ length: 20_000 }, (_, index) => {
    return { stream: 'render', id: index, depth: depth(index), name: 'f', begin: begin(index), end: 50_000 };
  });
  const memory = unlimitedAccount();
  await framesOfRows(
    tables(rows, ({ id }) => id, rows.length),
    windowOf(0, 50_000),
    {},
    undefined,
    memory
  );
  expect(memory.heldBytes).toBeGreaterThan(20_000 * 100);
});

it('counts each thread beyond the limit once', async () => {
  const streams = [...Array.from({ length: MAX_THREADS }, (_, index) => `t${index}`), 'more 1', 'more 2'];
  const rows = [...streams, ...streams.slice(-2)].map((stream, id): Row => ({
    stream,
    id,
    depth: 1,
    name: 'f',
    begin: id,
    end: id + 1,
  }));
  const [{ notices }] = await framesOfRows(
    tables(rows, () => 0, 1000),
    windowOf(0, 10_000)
  );
  expect(notices).toMatchObject([{ text: 'Shows 5,000 threads. 2 others are left out.' }]);
});
