import { type MetricsState } from '../../../contract/builder/builder-state';
import { newState } from '../../../contract/builder/new-state';
import { withMetricsDefaults } from './metrics-defaults';

type Patch = Partial<MetricsState>;

const stateOf = (patch: Patch): MetricsState => ({ ...newState('metrics'), name: 'latency', ...patch });

it.each<[name: string, before: Patch, after: Patch, expected: Patch]>([
  ['zero for a count', {}, { aggregation: 'count' }, { fill: 'zero' }],
  ['zero for a sum', {}, { aggregation: 'sum' }, { fill: 'zero' }],
  ['zero for a rate of increments', {}, { aggregation: 'increment-rate' }, { fill: 'zero' }],
  [
    'nothing for the rate of a counter',
    { aggregation: 'sum', fill: 'zero' },
    { aggregation: 'rate', fill: 'zero' },
    {},
  ],
  ['nothing for an average', { aggregation: 'count', fill: 'zero' }, { aggregation: 'avg', fill: 'zero' }, {}],
  ['nothing if the author has removed the fill', { aggregation: 'count', fill: 'zero' }, { aggregation: 'count' }, {}],
  ['nothing if a saved count without a fill becomes a sum', { aggregation: 'count' }, { aggregation: 'sum' }, {}],
  [
    'the previous value if the author has chosen it',
    { fill: 'previous' },
    { aggregation: 'sum', fill: 'previous' },
    { fill: 'previous' },
  ],
  [
    'days that begin at midnight in the time zone of the dashboard',
    { aggregation: 'count', fill: 'zero' },
    { aggregation: 'count', fill: 'zero', interval: '1d' },
    { fill: 'zero', zonedFill: true },
  ],
  [
    'days that begin at midnight UTC, if a saved state has no zonedFill',
    { aggregation: 'count', fill: 'zero', interval: '1d' },
    { aggregation: 'sum', fill: 'zero', interval: '1d' },
    { fill: 'zero' },
  ],
  [
    'hours, for which zonedFill is removed',
    { fill: 'zero', interval: '1d', zonedFill: true },
    { fill: 'zero', interval: '1h', zonedFill: true },
    { fill: 'zero' },
  ],
])('chooses how gaps are filled: %s', (_name, before, after, expected) => {
  const { fill, zonedFill } = withMetricsDefaults(stateOf(before), stateOf(after));
  expect({ fill, zonedFill }).toEqual(expected);
});
