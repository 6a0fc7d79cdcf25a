import { type DataFrame, dateTimeFormat } from '@grafana/data';
import { act, render, screen } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import React from 'react';
import { type QueryCostsPayload } from '../../../contract/resources/query-costs';
import { TEST_IDS } from '../../shared/test-ids';
import { QueryInspector } from './QueryInspector';

const NONE: QueryCostsPayload = { costs: [], hasRecords: true };
const RECORD: QueryCostsPayload = { costs: [{ status: 'ok', bytesScanned: 2048 }], hasRecords: true };
const DATA: DataFrame[] = [
  {
    refId: 'A',
    fields: [],
    length: 0,
    meta: {
      executedQueryString: 'SELECT 1',
      custom: { session: '0b6f5a52-51c4-4d0c-9a3e-6d1d0b7f4a01', startedMs: 1000 },
    },
  },
];

let searches: number;

/** Opens the tab. @param recordAfter Number of searches that find no record. */
function open(recordAfter: number) {
  searches = 0;
  const getResource = async <T,>() => (searches++ < recordAfter ? NONE : RECORD) as T;
  return render(<QueryInspector datasource={{ getResource }} data={DATA} />);
}

function openWith(sent: object) {
  const data = [{ ...DATA[0], meta: { ...DATA[0].meta, custom: { startedMs: 1000, ...sent } } }];
  render(<QueryInspector datasource={{ getResource: async <T,>() => NONE as T }} data={data} />);
  return screen.queryByTestId(TEST_IDS.fromMemory);
}

const status = () => screen.getByTestId(TEST_IDS.inspectedQuery).dataset.status;
const pass = (ms: number) => act(() => jest.advanceTimersByTimeAsync(ms));

beforeEach(() => void jest.useFakeTimers());
afterEach(() => jest.useRealTimers());

it('shows a record that the server writes after the inspector has opened', async () => {
  open(3);
  await pass(0);
  expect(status()).toBe('waiting');
  expect(screen.getByText(/server writes the record some seconds after/)).toBeInTheDocument();
  await pass(10_000);
  expect(status()).toBe('ready');
  expect(screen.getByText('2 KiB')).toBeInTheDocument();
  expect(searches).toBe(4);
});

it('searches at most seven times, then offers to search again', async () => {
  open(10);
  await pass(31_000);
  expect(searches).toBe(7);
  expect(screen.getByText(/no record of this query yet/)).toBeInTheDocument();
  await pass(60_000);
  expect(searches).toBe(7);
  const user = userEvent.setup({ advanceTimers: jest.advanceTimersByTime });
  await user.click(screen.getByRole('button', { name: 'Search again' }));
  await pass(31_000);
  expect(status()).toBe('ready');
  expect(searches).toBe(11);
});

it('offers to search for later records of further statements', async () => {
  open(0);
  await pass(0);
  expect(status()).toBe('ready');
  expect(screen.getByText(/sent further statements/)).toBeInTheDocument();
  const user = userEvent.setup({ advanceTimers: jest.advanceTimersByTime });
  await user.click(screen.getByRole('button', { name: 'Search again' }));
  await pass(0);
  expect(searches).toBe(2);
});

it('ends the search when the tab is closed', async () => {
  const { unmount } = open(10);
  await pass(0);
  unmount();
  await pass(60_000);
  expect(searches).toBe(1);
});

it('says which parts of the result come from memory, and when the whole range was read', () => {
  const at = (minutes: number) => Date.UTC(2026, 0, 10, 12, minutes);
  const parts = [0, 10, 20, 30, 40, 50].map((minute) => ({ fromMs: at(minute), toMs: at(minute + 5) }));
  const text = openWith({ kept: { parts, wholeReadMs: at(58) } })?.textContent;
  expect(text).toContain(`memory: ${dateTimeFormat(at(0))} to ${dateTimeFormat(at(5))}; `);
  expect(text).toContain(`${dateTimeFormat(at(40))} to ${dateTimeFormat(at(45))}; 1 more.`);
  expect(text).toContain(`The whole range was last read at ${dateTimeFormat(at(58))}.`);
});

it('says when the statement of a shared result was sent', () => {
  const sharedAtMs = Date.UTC(2026, 0, 10, 12);
  expect(openWith({ sharedFrom: 'memory', sharedAtMs })?.textContent).toContain(
    `was sent at ${dateTimeFormat(sharedAtMs)}. No statement was sent for this panel.`
  );
});

it('says nothing about memory if the whole result was read', () => {
  expect(openWith({})).toBeNull();
});
