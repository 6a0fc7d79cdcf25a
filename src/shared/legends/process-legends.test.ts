/** @jest-environment jsdom */
import { createDataFrame, DataFrameType, type DataQueryResponse, FieldType, type Labels } from '@grafana/data';
import { lastValueFrom } from 'rxjs';
import { type ProcessInfo } from '../../../contract/resources/lookups';
import { type Lookups } from '../lookups/lookups';
import { withProcessLegends } from './process-legends';

const at = (time: string) => Date.parse(`2026-11-24T${time}Z`);
const RANGE = { fromMs: at('12:00:00'), toMs: at('15:00:00') };

const process = (processId: string, startMs: number): ProcessInfo => ({
  processId,
  exe: 'ember-server',
  computer: 'atlas-07',
  username: 'svc',
  startMs,
  lastUpdateMs: RANGE.toMs,
});
const LIST = [
  process('id-1', at('13:59:00')),
  process('id-2', at('11:22:30')),
  process('id-3', at('11:22:50')),
  process('id-4', Date.parse('2026-11-20T10:00:00Z')),
];

const response = (...series: Array<[labels: Labels, name?: string]>): DataQueryResponse => ({
  data: [
    createDataFrame({
      meta: { type: DataFrameType.TimeSeriesWide },
      fields: [
        { name: 'time', type: FieldType.time, values: [] },
        ...series.map(([labels, displayNameFromDS]) => ({
          name: 'value',
          type: FieldType.number,
          labels,
          config: { displayNameFromDS },
          values: [],
        })),
      ],
    }),
  ],
});

/** The names that `withProcessLegends` sets. */
async function names(given: DataQueryResponse, get: () => Promise<unknown>): Promise<Array<string | undefined>> {
  const lookups = { get } as unknown as Pick<Lookups, 'get'>;
  const { data } = await lastValueFrom(withProcessLegends(given, lookups, RANGE, 'Europe/Berlin', true));
  const [, ...fields] = data[0].fields as Array<{ config: { displayNameFromDS?: string } }>;
  return fields.map(({ config }) => config.displayNameFromDS);
}

const listed = async () => ({ items: LIST, isTruncated: false });

it('shows program, computer and start in the zone of the dashboard', async () => {
  const given = response(
    [{ process_id: 'id-1' }],
    [{ process_id: 'id-1', exe: 'a' }, 'a id-1'],
    [{ process_id: 'id-4' }]
  );
  expect(await names(given, listed)).toEqual([
    'ember-server on atlas-07 (14:59)',
    'a ember-server on atlas-07 (14:59)',
    'ember-server on atlas-07 (2026-11-20 11:00)',
  ]);
});

it('shortens the paths of programs, unless two would have the same name', async () => {
  const given = response([{ process_id: 'id-1' }], [{ process_id: 'id-2' }], [{ process_id: 'id-4' }]);
  const exes: Record<string, string> = { 'id-1': '/opt/a/api', 'id-2': '/opt/b/api', 'id-4': '/usr/local/bin/web' };
  const items = LIST.map((item) => ({ ...item, exe: exes[item.processId] ?? item.exe }));
  expect(await names(given, async () => ({ items, isTruncated: false }))).toEqual([
    'a/api on atlas-07 (14:59)',
    'b/api on atlas-07 (12:22)',
    'web on atlas-07 (2026-11-20 11:00)',
  ]);
});

it('adds seconds to the names of processes that started in the same minute', async () => {
  expect(await names(response([{ process_id: 'id-2' }], [{ process_id: 'id-3' }]), listed)).toEqual([
    'ember-server on atlas-07 (12:22:30)',
    'ember-server on atlas-07 (12:22:50)',
  ]);
});

it('keeps the name of a series if the name has no id, the process is unknown, or the series has other labels', async () => {
  const given = response(
    [{ process_id: 'id-1' }, 'Server'],
    [{ process_id: 'id-9' }],
    [{ process_id: 'id-1', region: 'x' }]
  );
  expect(await names(given, listed)).toEqual(['Server', undefined, undefined]);
});

it('keeps the ids if the lookup fails', async () => {
  expect(await names(response([{ process_id: 'id-1' }]), () => Promise.reject(new Error('down')))).toEqual([undefined]);
});

it.each([
  ['first with ids, and then with names', true, [undefined, 'ember-server on atlas-07 (14:59)']],
  ['once with ids, if Grafana waits for the last response', false, [undefined]],
])('if the lookup is slow, emits the response %s', async (_name, showsEach, expected) => {
  jest.useFakeTimers();
  try {
    const get = () => new Promise((resolve) => setTimeout(() => resolve(listed()), 5000));
    const lookups = { get } as unknown as Pick<Lookups, 'get'>;
    const emitted: unknown[] = [];
    const given = response([{ process_id: 'id-1' }]);
    withProcessLegends(given, lookups, RANGE, 'Europe/Berlin', showsEach).subscribe(({ data }) =>
      emitted.push(data[0].fields[1].config.displayNameFromDS)
    );
    await jest.advanceTimersByTimeAsync(250);
    expect(emitted).toEqual([undefined]);
    await jest.advanceTimersByTimeAsync(10_000);
    expect(emitted).toEqual(expected);
  } finally {
    jest.useRealTimers();
  }
});

it('sends a lookup only for series of processes', async () => {
  const get = jest.fn(listed);
  expect(await names(response([{ exe: 'a' }]), get)).toEqual([undefined]);
  expect(get).not.toHaveBeenCalled();
});
