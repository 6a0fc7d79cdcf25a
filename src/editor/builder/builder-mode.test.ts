import { type MetricsState } from '../../../contract/builder/builder-state';
import { newState } from '../../../contract/builder/new-state';
import { type MicromegasQueryFields } from '../../../contract/queries/query';
import { shippedDashboards, shippedQueries, variableQueries } from '../../../tests/support/shipped-dashboards';
import { builderPatch, openedMode } from './builder-mode';

const BY_EXE: MetricsState = { ...newState('metrics'), name: 'cpu_usage', groupBy: [{ column: 'exe' }] };
const OTHER = [{ legend: '{{exe}}' }];

/** The legend after a change from one state to another. */
function legendAfter(
  query: MicromegasQueryFields,
  before: MetricsState,
  state: MetricsState,
  others: readonly MicromegasQueryFields[]
): string | undefined {
  return { ...query, ...builderPatch(query, query, state, before, others) }.legend;
}

describe('the legend of a measure', () => {
  const ungrouped = { ...BY_EXE, groupBy: [] };

  it.each([
    ['names only the groups in a panel with one query', BY_EXE, [], '{{exe}}'],
    ['begins with the measure if another query has the same legend', BY_EXE, OTHER, 'avg cpu_usage {{exe}}'],
    [
      'does not name the measure twice',
      { ...BY_EXE, name: '$measure' },
      [{ legend: '{{name}} {{exe}}' }],
      '{{name}} {{exe}}',
    ],
    ['names only the groups if the other queries have other legends', BY_EXE, [{ legend: '{{computer}}' }], '{{exe}}'],
  ] as const)('%s', (_title, state, others, expected) => {
    expect(legendAfter({ legend: 'avg cpu_usage' }, ungrouped, state, others)).toBe(expected);
  });

  it('follows the measure when the other queries change', () => {
    const next = { ...BY_EXE, name: 'memory_used' };
    expect(legendAfter({ legend: 'avg cpu_usage {{exe}}' }, BY_EXE, next, OTHER)).toBe('avg memory_used {{exe}}');
    expect(legendAfter({ legend: 'avg cpu_usage {{exe}}' }, BY_EXE, next, [])).toBe('{{exe}}');
    expect(legendAfter({ legend: '{{exe}}' }, BY_EXE, next, OTHER)).toBe('avg memory_used {{exe}}');
  });

  it('stays as the user has typed it', () => {
    const next = { ...BY_EXE, name: 'memory_used' };
    expect(legendAfter({ legend: 'CPU' }, BY_EXE, next, OTHER)).toBe('CPU');
  });
});

it('opens the queries of the shipped dashboards that have a builder state in the builder', () => {
  const built = shippedDashboards()
    .flatMap((dashboard) => [...shippedQueries(dashboard), ...variableQueries(dashboard)])
    .filter(({ model }) => model.builder !== undefined);
  expect(built.length).toBeGreaterThan(3);
  expect(built.map(({ place, model }) => [place, openedMode(model).mode])).toEqual(
    built.map(({ place }) => [place, 'builder'])
  );
});
