/** @jest-environment jsdom */
import { type AttributeOperator } from '../../../contract/query-types/traces';
import { readValue, formatValue } from './attribute-values';
import { formatDuration, readDuration } from './durations';
import { LoadingState, toDataFrame, dateTime, type PanelData, systemDateFormats } from '@grafana/data';
import { windowLabel } from './forms/WindowChip';
import { movedWindow, partLabel, profileParts, windowOfPart } from './profile-parts';
import { requestLabel } from './view-types';
import { traceIdIn } from './trace-ids';

const ID = '4bf92f3577b34da6a3ce929d0e0e4736';

it.each([
  ['250ms', 250, '250ms'],
  ['1.5s', 1500, '1.5s'],
  [' 20 ', 20, '20ms'],
  ['300us', 0.3, '300us'],
  ['300 µs', 0.3, '300us'],
  ['1500ns', 0.0015, '1.5us'],
  ['2m', 120_000, '2m'],
  ['0', 0, '0ms'],
])('reads the duration %j', (typed, milliseconds, expected) => {
  expect(readDuration(typed)).toBeCloseTo(milliseconds, 9);
  expect(formatDuration(readDuration(typed) ?? NaN)).toBe(expected);
  expect(readDuration(expected)).toBeCloseTo(milliseconds, 9);
});

it.each(['', 'slow', '-5ms', '1e3', '5 minutes', '$slow', '401d', '9999999h'])('rejects the duration %j', (typed) => {
  expect(readDuration(typed)).toBeUndefined();
});

it.each<[string, AttributeOperator, unknown]>([
  ['500', '=', 500],
  ['-1.5e3', '>', -1500],
  ['true', '=', true],
  ['"500"', '=', '500'],
  ['"true"', '!=', 'true'],
  ['500', 'contains', '500'],
  ['GET /cart', '=', 'GET /cart'],
  ['0x1f', '=', '0x1f'],
  ['1e999', '=', '1e999'],
  ['$code', '=', '$code'],
  ['"$code"', '=', '"$code"'],
  ['"', '=', '"'],
])('detects the type of the value %j after the operator %s', (typed, operator, value) => {
  expect(readValue(typed, operator)).toBe(value);
  const saved = readValue(typed, operator);
  expect(readValue(formatValue(saved, operator), operator)).toBe(value);
});

it.each([
  [ID.toUpperCase(), ID],
  [`https://tempo.example/trace/${ID}?x=1`, ID],
  [`00-${ID}-00f067aa0ba902b7-01`, ID],
  [`trace_id=${ID} other=${ID}`, ID],
  [`trace_id=${ID} other=${ID.toUpperCase()}`, ID],
  [`${ID} ${ID.replace('4', '5')}`, undefined],
  [`${ID}0`, undefined],
  [ID.slice(1), undefined],
  ['', undefined],
])('searches %j for one trace id, and finds %s', (pasted, id) => {
  expect(traceIdIn(pasted)).toBe(id);
});

it.each([
  [{ queryType: 'traces', traces: { view: 'trace', traceId: ID } }, `Trace ${ID}`],
  [
    {
      queryType: 'traces',
      traces: {
        view: 'search',
        services: ['a', 'b'],
        statuses: ['ERROR'],
        minDurationMs: 250,
        attributes: [
          { key: 'http.route', operator: '=', value: '/cart' },
          { key: 'retry', operator: 'exists' },
        ],
      },
    },
    'Traces | service = a, b | status = ERROR | duration >= 250ms | http.route = /cart | retry exists',
  ],
  [{ queryType: 'traces', traces: { view: 'service-map' } }, 'Service map'],
  [
    { queryType: 'profile', profile: { view: 'timeline', processId: 'p', spans: ['thread', 'net'], root: 'frame' } },
    'Timeline of process p | spans = thread, net | root = frame',
  ],
  [{ queryType: 'profile', profile: { view: 'flame-graph', processId: 'p' } }, 'Flame graph of process p'],
  [
    { queryType: 'processes', processes: { view: 'list', search: 'ember', exe: 'x', state: 'crashed' } },
    'Processes | text contains ember | program = x | state = crashed',
  ],
  [{ queryType: 'processes', processes: { view: 'tree' } }, 'Tree of processes'],
  [{ queryType: 'processes', processes: { view: 'tree', processId: 'p' } }, 'Tree of process p'],
  [{ queryType: 'processes', processes: { view: 'images', processId: 'p' } }, 'Images of process p'],
  [
    { queryType: 'what-changed', 'what-changed': { processIds: ['p', 'q'], exe: 'x', atMs: '1' } },
    'What changed | process = p, q',
  ],
  [{ queryType: 'what-changed', 'what-changed': { exe: 'x' } }, 'What changed | program = x'],
  [
    {
      queryType: 'what-changed',
      'what-changed': { exe: 'x', scope: 'callers-and-callees', atMs: '1', lookBack: '2h' },
    },
    'What changed | program = x | with callers and callees | before = 2h',
  ],
  [
    { queryType: 'what-changed', 'what-changed': { exe: 'x', scope: 'lakehouse', lookBack: '2h' } },
    'What changed | whole lakehouse',
  ],
  [{ queryType: 'traces' }, undefined],
  [{ queryType: 'sql', traces: { view: 'service-map' } }, undefined],
] as const)('labels the query %j as %j', (query, expected) => {
  expect(requestLabel(JSON.parse(JSON.stringify(query)))).toBe(expected);
});

it('labels a time window with its start and length, or with the one bound that it has', () => {
  expect(windowLabel('1000000000', '1016000000')).toMatch(/01\.000, 16ms$/);
  expect(windowLabel('1000000000', undefined)).toMatch(/^from .*01\.000$/);
  expect(windowLabel(undefined, '1000000000')).toMatch(/^until .*01\.000$/);
  expect(windowLabel('1000000000', undefined, 'Asia/Tokyo')).toBe('from 1970-01-01 09:00:01.000');
});

it('shows the slashes of a regional format of times', () => {
  const format = jest.replaceProperty(systemDateFormats, 'fullDateMS', 'MM/DD/YYYY');
  expect(windowLabel('1000000000', undefined, 'utc')).toBe('from 01/01/1970');
  expect(windowLabel(undefined, '1000000000', 'utc')).toBe('until 01/01/1970');
  format.restore();
});

describe('the parts of a long range', () => {
  const HOUR = 3_600_000;
  const START = Date.UTC(2026, 0, 1, 12);
  const part = { beginMs: START, endMs: START + HOUR, calls: 1_234_567 };
  const dataWith = (profileParts: unknown): PanelData => ({
    state: LoadingState.Done,
    series: [toDataFrame({ refId: 'B', fields: [], meta: { custom: { profileParts } } })],
    timeRange: { from: dateTime(0), to: dateTime(1), raw: { from: '', to: '' } },
  });

  it('are read from the result of the query', () => {
    expect(profileParts(dataWith([part]), 'B')).toEqual([part]);
    expect(profileParts(dataWith([part]), 'A')).toEqual([]);
    expect(profileParts(dataWith([{ ...part, calls: 'many' }, null]), 'B')).toEqual([]);
    expect(profileParts(dataWith('none'), 'B')).toEqual([]);
    expect(profileParts(undefined, 'B')).toEqual([]);
  });

  it('have labels with their times and calls, and become the time window of the query', () => {
    expect(partLabel(part, 'utc')).toBe('2026-01-01 12:00:00 to 13:00:00 (1,234,567 calls)');
    expect(partLabel({ ...part, endMs: START + 24 * HOUR }, 'utc')).toContain(' to 2026-01-02 12:00:00 (');
    expect(windowOfPart(part)).toEqual({ beginNs: `${START}000000`, endNs: `${START + HOUR}000000` });
  });
});

it.each([
  ['earlier', { beginNs: '90', endNs: '100' }],
  ['later', { beginNs: '110', endNs: '120' }],
] as const)('moves a time window by its own length: %s', (direction, moved) => {
  expect(movedWindow({ beginNs: '100', endNs: '110' }, direction)).toEqual(moved);
  expect(movedWindow({ beginNs: '100', endNs: undefined }, direction)).toBeUndefined();
});
