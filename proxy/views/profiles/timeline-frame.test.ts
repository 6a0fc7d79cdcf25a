import { timelineFrame } from './timeline-frame';
import { type TimelineSpan } from './timeline-spans';

const WINDOW = { beginNs: 0n, endNs: 10n, lengthNs: 10, range: { fromMs: 0, toMs: 1 } };

function spanOf(id: string, parentId: string, depth: number): TimelineSpan {
  return {
    ...{ id, parentId, depth, groupId: 'task', service: 'tasks', name: id, beginNs: 0n, endNs: 1n },
    ...{ tags: [], warnings: [], file: '', line: 0 },
  };
}

it('attaches spans to their group if their parents form a cycle', () => {
  const spans = [spanOf('a', 'b', 2), spanOf('b', 'a', 2), spanOf('c', 'b', 3), spanOf('d', 'd', Number.NaN)];
  const { fields } = timelineFrame('p', spans, WINDOW, undefined, []);
  expect(fields[2].values).toEqual([undefined, 'task', 'task', 'b', 'task']);
});
