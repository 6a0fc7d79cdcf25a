/** @jest-environment jsdom */
import { CoreApp, createDataFrame, type QueryResultMetaNotice } from '@grafana/data';
import { withPanelNotices } from './panel-notices';

const warning = (text: string): QueryResultMetaNotice => ({ severity: 'warning', text });
const info = (text: string): QueryResultMetaNotice => ({ severity: 'info', text });

function noticesOf(frames: Array<[refId: string, ...notices: QueryResultMetaNotice[]]>, app = CoreApp.Dashboard) {
  const data = frames.map(([refId, ...notices]) => createDataFrame({ refId, fields: [], meta: { notices } }));
  return withPanelNotices({ data }, app).data.map(({ meta }) => meta.notices);
}

it('adds the notices of other queries to the last notice of the same severity', () => {
  expect(noticesOf([['A', warning('Late.'), info('Rounded.')], ['B', warning('Truncated.')], ['C']])).toEqual([
    [warning('Late.'), info('Rounded.')],
    [warning('Query A: Late.\nQuery B: Truncated.')],
    [],
  ]);
});

it.each<[string, Array<[string, ...QueryResultMetaNotice[]]>, string]>([
  [
    'once, if several queries have it',
    [
      ['A', warning('x')],
      ['B', warning('x')],
    ],
    'x',
  ],
  [
    'with the names of all queries that have it',
    [
      ['A', warning('x')],
      ['B', warning('x')],
      ['C', warning('y')],
    ],
    'Query A, B: x\nQuery C: y',
  ],
  [
    'once, if a later frame of the same query repeats the text',
    [
      ['A', warning('x')],
      ['A', warning('• x\n• y')],
    ],
    '• x\n• y',
  ],
  [
    'with the texts of all frames of a query, if they differ',
    [
      ['A', info('x')],
      ['A', warning('y')],
      ['A', warning('z')],
    ],
    'y\nz',
  ],
  [
    'with the texts of all frames after the name of their query',
    [
      ['A', warning('• w\n• x')],
      ['A', warning('• y\n• z')],
      ['B', warning('x')],
      ['B', warning('x')],
    ],
    'Query A: • w\n• x\n• y\n• z\nQuery B: x',
  ],
])('shows a notice %s', (_name, frames, expected) => {
  expect(noticesOf(frames).at(-1)).toEqual([warning(expected)]);
});

it('changes nothing in Explore, which shows the notices of each query', () => {
  const frames: Parameters<typeof noticesOf>[0] = [
    ['A', warning('x')],
    ['B', warning('y')],
  ];
  expect(noticesOf(frames, CoreApp.Explore)).toEqual([[warning('x')], [warning('y')]]);
});
