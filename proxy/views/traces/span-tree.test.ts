/** Tests the checks of parents and clocks of spans. */
import { growth } from '../../../tests/support/growth';
import { Pace } from '../../base/async/turns';
import { type Span } from './span';
import { checkSpans } from './span-tree';
import { HERE, span, THERE } from './testing/spans';

const server = { kind: 'SERVER', process: THERE };
const client = { kind: 'CLIENT' };

const check = (spans: readonly Span[]) => checkSpans(spans, new Pace());

it('finds no problems in a complete trace', async () => {
  const checked = await check([
    span('root', undefined, 0, 100),
    span('call', 'root', 10, 50, client),
    span('response', 'call', 12, 46, server),
    span('inner', 'response', 20, 10, { process: THERE }),
  ]);
  expect(checked).toMatchObject({ orphans: 0, cycles: 0, duplicates: 0, skews: [] });
  expect(checked.spans.map(({ parent, warnings }) => [parent, warnings])).toEqual([
    [-1, []],
    [0, []],
    [1, []],
    [2, []],
  ]);
});

it('keeps the id of a parent that was not found', async () => {
  const { spans, orphans } = await check([span('a', 'edge', 0, 10), span('b', 'a', 1, 2)]);
  expect(orphans).toBe(1);
  expect(spans[0]).toMatchObject({ parent: -1, parentId: 'edge' });
  expect(spans[0].warnings).toEqual([
    'The parent edge was not found. It was not recorded, or it belongs to a process that was not searched.',
  ]);
  expect(spans[1].warnings).toEqual([]);
});

it.each<[string, Span[]]>([
  ['two spans', [span('a', 'b', 0, 1), span('b', 'a', 0, 1), span('c', 'b', 0, 1)]],
  ['a span that is its own parent', [span('a', 'a', 0, 1), span('b', 'a', 0, 1)]],
  ['a cycle with a child', [span('t', 'a', 0, 1), span('a', 'b', 0, 1), span('b', 'c', 0, 1), span('c', 'a', 0, 1)]],
])('breaks a cycle of parents, so that each span is reachable from a root: %s', async (_, spans) => {
  const checked = await check(spans);
  expect(checked.cycles).toBe(1);
  for (const start of checked.spans) {
    let steps = 0;
    for (let at = start; at.parent >= 0; at = checked.spans[at.parent]) {
      expect(++steps).toBeLessThanOrEqual(spans.length);
    }
  }
  const cut = checked.spans.filter(({ warnings }) => warnings.length > 0);
  expect(cut).toHaveLength(1);
  expect(cut[0]).toMatchObject({ parent: -1, parentId: undefined });
});

it('takes linear time for a chain and a cycle of spans', async () => {
  const chainOf = (length: number) => Array.from({ length }, (_, index) => span(`s${index}`, `s${index + 1}`, 0, 1));
  const cycleOf = (length: number) => [...chainOf(length), span(`s${length}`, 's0', 0, 1)];
  expect(await check(chainOf(100_000))).toMatchObject({ orphans: 1, cycles: 0 });
  expect(await check(cycleOf(100_000))).toMatchObject({ orphans: 0, cycles: 1 });
  expect(await growth(check, cycleOf, 3000)).toBeLessThan(8);
});

it('reports ids that occur more than once', async () => {
  const { spans, duplicates } = await check([span('a', undefined, 0, 10), span('b', 'a', 0, 1), span('b', 'a', 2, 1)]);
  expect(duplicates).toBe(1);
  expect(spans.map(({ warnings }) => warnings.length)).toEqual([0, 1, 1]);
});

it.each([
  [
    'ahead, so that its span seems to end after the call',
    430,
    'host-2',
    'host-1',
    420,
    'This span ends 410 ms after its parent',
  ],
  [
    'behind, so that its span seems to start before the call',
    -410,
    'host-1',
    'host-2',
    420,
    'This span starts 410 ms before its parent',
  ],
])('estimates the difference if the clock of the server is %s', async (_, startMs, ahead, behind, ms, message) => {
  const checked = await check([span('call', undefined, 0, 60, client), span('response', 'call', startMs, 40, server)]);
  expect(checked.skews).toEqual([{ ahead, behind, ms, spans: 1 }]);
  expect(checked.spans[1].warnings).toEqual([
    `${message}. The clock of ${ahead} seems to be ${ms} ms ahead of ${behind}. The times are shown as recorded.`,
  ]);
});

it.each<[string, Partial<Span>, Partial<Span>, number, number]>([
  ['a consumer that starts after its producer', { kind: 'PRODUCER' }, { kind: 'CONSUMER', process: THERE }, 5000, 10],
  ['a server that works longer than its client waits', client, server, 10, 5000],
  ['spans of one process', client, { kind: 'SERVER', process: HERE }, -50, 10],
  ['differences below a millisecond', client, server, -0.5, 10],
])('reports no difference of clocks for %s', async (_, parent, child, startMs, durationMs) => {
  const { skews } = await check([span('a', undefined, 0, 100, parent), span('b', 'a', startMs, durationMs, child)]);
  expect(skews).toEqual([]);
});

it('reports a consumer that starts before its producer', async () => {
  const { skews } = await check([
    span('a', undefined, 0, 1, { kind: 'PRODUCER' }),
    span('b', 'a', -20, 100, { kind: 'CONSUMER', process: THERE }),
  ]);
  expect(skews).toEqual([{ ahead: 'host-1', behind: 'host-2', ms: 20, spans: 1 }]);
});

it('shortens names in warnings, because each span may have a warning', async () => {
  const long = 'x'.repeat(1_000_000);
  const far = { kind: 'SERVER', process: { ...THERE, computer: long } };
  const calls = Array.from({ length: 1000 }, (_, index) => span(`c${index}`, 'root', -500, 1, far));
  const { spans, skews } = await check([span('root', undefined, 0, 100), ...calls, span('lost', long, 0, 1)]);
  expect(skews).toMatchObject([{ behind: `${'x'.repeat(100)}…`, spans: 1000 }]);
  expect(JSON.stringify(spans.map(({ warnings }) => warnings)).length).toBeLessThan(1_000_000);
});
