/** Random calls of threads as rows of the server, compared with a recursive computation. */
import { Dictionary, Int32, Int64, Table, Uint32, Utf8, vectorFromArray } from 'apache-arrow';
import { type ProfileRequest } from '../../contract/query-types/profile';
import { type AnswerFrame } from '../data-frames/answer-frames';
import { messagesOf, received, timeColumn } from '../data-frames/testing/arrow-messages';
import { readBatches } from '../lake-reader/read-batches';
import { unlimitedAccount } from '../memory/testing/accounts';
import { CallPaths, MAX_LEVELS } from './call-paths';
import { flameFrame } from './flame-frame';
import { FlameGraph, framesOf } from './flame-graph';
import { Functions, OTHER } from './functions';
import { pathTree } from './path-order';
import { type ProfileWindow } from './profile-window';

const BASE = 1_795_000_000_123_456_789n;
const REQUEST: ProfileRequest = { view: 'flame-graph', processId: '00000000-0000-4000-8000-000000000000' };
const TARGET = { uid: 'lake', name: 'Lake' };

interface CallNode {
  name: string;
  begin: number;
  end: number;
  calls: CallNode[];
}

interface Row {
  stream: string;
  id: number;
  depth: number;
  name: string;
  begin: number;
  end: number;
}

/** Numbers that are the same in every run. */
function randomNumbers(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
}

/** Few names, so that functions call themselves, and few times, so that many calls begin and end together. */
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

function windowOf(begin: number, end: number): ProfileWindow {
  return {
    beginNs: BASE + BigInt(begin),
    endNs: BASE + BigInt(end),
    lengthNs: end - begin,
    range: { fromMs: 0, toMs: 1 },
  };
}

/** The rows of the server: a span of the whole thread, then its calls in the order of their begin. */
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

const text = (values: string[]) => vectorFromArray(values, new Dictionary(new Utf8(), new Int32()));

/** @param order Breaks ties of the begin. */
function tables(rows: readonly Row[], order: (row: Row) => number, batch: number): Table[] {
  const sorted = rows.toSorted((a, b) => a.begin - b.begin || order(a) - order(b));
  return Array.from({ length: Math.ceil(sorted.length / batch) }, (_, index) => {
    const part = sorted.slice(index * batch, (index + 1) * batch);
    return new Table({
      stream_id: text(part.map(({ stream }) => stream)),
      id: vectorFromArray(
        part.map(({ id }) => BigInt(id)),
        new Int64()
      ),
      depth: vectorFromArray(
        part.map(({ depth }) => depth),
        new Uint32()
      ),
      name: text(part.map(({ name }) => name)),
      target: text(part.map(() => 'game')),
      filename: text(part.map(({ name }) => `src/${name}.rs`)),
      line: vectorFromArray(
        part.map(() => 7),
        new Uint32()
      ),
      begin: timeColumn(part.map(({ begin }) => BASE + BigInt(begin))),
      end: timeColumn(part.map(({ end }) => BASE + BigInt(end))),
    });
  });
}

async function framesOfRows(
  parts: readonly Table[],
  window: ProfileWindow,
  request: Partial<ProfileRequest> = {},
  sourceUrl?: string
): Promise<AnswerFrame[]> {
  const memory = unlimitedAccount();
  const names = new Map([['render', 'render thread']]);
  const graph = new FlameGraph({ memory }, window, request.root, names);
  for (const part of parts) {
    const account = unlimitedAccount();
    for await (const batch of readBatches(received(messagesOf(part), account), account)) {
      graph.addCalls(batch, undefined);
    }
  }
  graph.finish();
  return framesOf(graph, { ...REQUEST, ...request }, window, { linkTarget: TARGET, sourceUrl });
}

interface Times {
  total: number;
  self: number;
}

/** Times by call path, such as `total > main > frame`. */
function pathsOf(frame: AnswerFrame): Record<string, Times> {
  const [levels, values, selves, labels] = frame.fields.map(({ values }) => values as ArrayLike<number>);
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

/** The recursive computation. */
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

/** The values of a field. */
function valuesOf(frame: AnswerFrame, name: string): unknown[] {
  return Array.from(frame.fields.find((field) => field.name === name)!.values as ArrayLike<unknown>);
}

function functionsOf(frame: AnswerFrame): Expected['functions'] {
  const [selves, totals, calls] = ['Self', 'Total', 'Calls'].map((name) => valuesOf(frame, name).map(Number));
  return new Map(
    valuesOf(frame, 'Function').map((name, row) => [
      String(name),
      { self: selves[row], total: totals[row], calls: calls[row] },
    ])
  );
}

const SEEDS = Array.from({ length: 12 }, (_, index) => index + 1);

describe.each([
  { window: [0, 1000] as [number, number], root: undefined },
  { window: [301, 640] as [number, number], root: undefined },
  { window: [301, 640] as [number, number], root: 'f2' },
])('calls of two threads in the window $window below $root', ({ window, root }) => {
  it.each(SEEDS)('are merged by their path (%i)', async (seed) => {
    const below = randomNumbers(seed);
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

it.each(SEEDS)('has the times of calls some of which take no time (%i)', async (seed) => {
  const below = randomNumbers(seed);
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

describe('rows that contradict each other', () => {
  it.each(SEEDS)('never have more time than the thread (%i)', async (seed) => {
    const below = randomNumbers(seed);
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

  it('belong to the caller that still runs if their own is missing', async () => {
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

describe('the slowest calls', () => {
  const rows = Array.from({ length: 60 }, (_, index): Row => {
    const begin = index * 100;
    return {
      stream: index % 2 === 0 ? 'render' : 'physics',
      id: index,
      depth: 1,
      name: 'frame',
      begin,
      end: begin + 10 + index,
    };
  });

  it('are the longest ones, with links to their moment', async () => {
    const frames = await framesOfRows(
      tables(rows, () => 0, 7),
      windowOf(0, 5990)
    );
    const slowest = frames.find(({ name }) => name === 'Slowest calls')!;
    const field = (name: string) => slowest.fields.find((each) => each.name === name)!;
    expect(valuesOf(slowest, 'Duration')).toEqual(Array.from({ length: 20 }, (_, index) => 69 - index));
    // The last call ends after the window.
    expect(valuesOf(slowest, 'beginNs')[0]).toBe(String(BASE + 5900n));
    expect(valuesOf(slowest, 'endNs')[0]).toBe(String(BASE + 5969n));
    expect(valuesOf(slowest, 'Thread').slice(0, 2)).toEqual(['physics', 'render thread']);
    expect(field('Function').config).toMatchObject({
      links: [
        {
          title: 'Timeline of this call',
          internal: {
            datasourceUid: 'lake',
            query: {
              queryType: 'profile',
              profile: { view: 'timeline', processId: REQUEST.processId, beginNs: '${__data.fields["beginNs"]}' },
            },
          },
        },
        { title: 'Flame graph of this call' },
      ],
    });
  });
});

it('shows the threads by their time in calls, and links to each', async () => {
  const rows: Row[] = [
    { stream: 'render', id: 1, depth: 1, name: 'draw', begin: 0, end: 10 },
    { stream: 'render', id: 2, depth: 2, name: 'cull', begin: 2, end: 4 },
    { stream: 'physics', id: 1, depth: 1, name: 'step', begin: 0, end: 30 },
    { stream: 'idle', id: -1, depth: 0, name: 'idle-1', begin: 0, end: 30 },
  ];
  const frames = await framesOfRows(
    tables(rows, () => 0, 10),
    windowOf(0, 50)
  );
  const threads = frames.find(({ name }) => name === 'Threads')!;
  expect(threads.fields.map(({ name }) => [name, valuesOf(threads, name)])).toEqual([
    ['Name', ['physics', 'render thread']],
    ['Time in calls', [30, 10]],
    ['Calls', [1, 2]],
    ['streamId', ['physics', 'render']],
  ]);
  expect(Object.keys(pathsOf(frames[0]))).not.toContain('total > idle');
});

it('links files and lines to the source, if the settings have a template', async () => {
  const rows: Row[] = [{ stream: 'physics', id: 1, depth: 1, name: 'step', begin: 0, end: 30 }];
  const parts = tables(rows, () => 0, 10);
  const [, plain] = await framesOfRows(parts, windowOf(0, 50));
  expect(plain.fields.map(({ config }) => config?.links)).toEqual(plain.fields.map(() => undefined));
  const [, linked] = await framesOfRows(parts, windowOf(0, 50), {}, 'https://git.example/{file}#L{line}');
  expect(valuesOf(linked, 'source')).toEqual(['https://git.example/src/step.rs#L7']);
  for (const name of ['File', 'Line']) {
    expect(linked.fields.find((field) => field.name === name)!.config).toEqual({
      links: [{ title: 'Source', url: '${__data.fields["source"]:raw}', targetBlank: true }],
    });
  }
});

it('merges the shortest paths of each caller beyond the limit', () => {
  const memory = unlimitedAccount();
  const functions = new Functions(memory);
  const paths = new CallPaths(functions.addGroup('total'), memory);
  const thread = paths.child(0, functions.addGroup('main'));
  const called = (name: string) => functions.of(name, 'src/a.rs', 1, () => 'game');
  const frame = paths.child(thread, called('frame'));
  paths.add(frame, 100);
  for (const [name, ns] of [
    ['a', 40],
    ['b', 30],
    ['c', 20],
    ['d', 5],
  ] as const) {
    const node = paths.child(frame, called(name));
    paths.add(node, ns);
    paths.add(paths.child(node, called('leaf')), 1);
  }
  const tree = pathTree(paths, (each) => functions.list[each].isGroup);
  const { frame: shown, merged } = flameFrame(tree, functions, [], 5);
  expect(merged).toBe(6);
  expect(pathsOf(shown)).toEqual({
    total: { total: 100, self: 0 },
    'total > main': { total: 100, self: 0 },
    'total > main > frame': { total: 100, self: 5 },
    'total > main > frame > a': { total: 40, self: 39 },
    'total > main > frame > a > (other)': { total: 1, self: 1 },
    'total > main > frame > b': { total: 30, self: 29 },
    'total > main > frame > b > (other)': { total: 1, self: 1 },
    'total > main > frame > (other)': { total: 25, self: 25 },
  });
});

it('bounds the number of paths and levels while it reads', () => {
  const memory = unlimitedAccount();
  const functions = new Functions(memory);
  const paths = new CallPaths(functions.addGroup('total'), memory, 4);
  const called = (name: string) => functions.of(name, 'src/a.rs', 1, () => 'game');
  const nodes = ['a', 'b', 'c', 'd', 'e', 'b'].map((name) => paths.child(0, called(name)));
  expect(nodes).toEqual([1, 2, 3, 4, 4, 2]);
  expect(paths.functionOf(4)).toBe(OTHER);
  expect(paths.child(4, called('a'))).toBe(4);
  expect(paths.isLarge).toBe(true);
  const deep = new CallPaths(functions.addGroup('total'), memory);
  let node = 0;
  for (let level = 0; level < 600; level++) {
    node = deep.child(node, called('a'));
  }
  expect(deep.size).toBe(MAX_LEVELS + 1);
  expect(deep.isDeep).toBe(true);
});

it('says that there are no calls', async () => {
  const rows: Row[] = [{ stream: 'physics', id: -1, depth: 0, name: 'physics-1', begin: 0, end: 30 }];
  const frames = await framesOfRows(
    tables(rows, () => 0, 10),
    windowOf(0, 50)
  );
  expect(frames).toMatchObject([
    { name: 'Functions', notices: [{ text: 'The process has no calls in this time range.' }] },
  ]);
});
