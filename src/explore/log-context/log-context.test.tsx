/** Tests the context of a log line through the methods that Grafana's dialog calls. */
import {
  createDataFrame,
  type DataFrame,
  type DataSourceInstanceSettings,
  FieldType,
  hasLogsContextSupport,
  hasLogsContextUiSupport,
  LogRowContextQueryDirection,
  type LogRowModel,
} from '@grafana/data';
import { type BackendSrvRequest, type TemplateSrv } from '@grafana/runtime';
import { act, render, screen } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import React from 'react';
import { type LogContextRequest } from '../../../contract/logs/log-context';
import { MicromegasDataSource } from '../../datasource';
import { respondWith } from '../../testing/fake-backend';
import { type MicromegasOptions } from '../../shared/types';

const PROCESS = '0b6f5a52-51c4-4d0c-9a3e-6d1d0b7f4a01';
const templates = {
  replace: (template = '') => template,
  getVariables: () => [],
  containsTemplate: () => false,
  updateTimeRange: () => {},
};
const settings = { uid: 'mm', type: 'mm', name: 'mm', jsonData: {} } as Partial<
  DataSourceInstanceSettings<MicromegasOptions>
> as DataSourceInstanceSettings<MicromegasOptions>;

const open = () => new MicromegasDataSource(settings, templates as unknown as TemplateSrv);

const LABELS = { process_id: PROCESS, target: 'ember::net', exe: 'ember-server', computer: 'host-1' };

function logFrame(labels: object = LABELS, others: DataFrame['fields'] = []): DataFrame {
  const base = createDataFrame({
    refId: 'A',
    fields: [
      { name: 'timestamp', type: FieldType.time, values: [1_767_225_600_123] },
      { name: 'body', type: FieldType.string, values: ['a line'] },
      { name: 'severity', type: FieldType.string, values: ['error'] },
      { name: 'id', type: FieldType.string, values: ['1'] },
      { name: 'labels', type: FieldType.other, values: [labels] },
    ],
  });
  base.fields[0]!.nanos = [456_789];
  return { ...base, fields: [...base.fields, ...others] };
}

/** A row as Grafana creates it from the frame. */
function rowOf(dataFrame: DataFrame): LogRowModel {
  return {
    dataFrame,
    rowIndex: 0,
    labels: {},
    entry: 'a line',
    timeEpochNs: '1767225600123456789',
  } as Partial<LogRowModel> as LogRowModel;
}

const sentBy = ({ data }: BackendSrvRequest): LogContextRequest => data.queries[0].logContext;

function linesResponse(refId: string, lines: number) {
  const values = Array.from({ length: lines }, (_, index) => index);
  return {
    results: {
      [refId]: {
        status: 200,
        frames: [
          {
            schema: {
              refId,
              meta: { type: 'log-lines' },
              fields: [
                { name: 'timestamp', type: 'time', typeInfo: { frame: 'time.Time' } },
                { name: 'body', type: 'string', typeInfo: { frame: 'string' } },
                { name: 'labels', type: 'other', typeInfo: { frame: 'json.RawMessage' } },
              ],
            },
            data: { values: [values.map((value) => 1000 - value), values.map(String), values.map(() => LABELS)] },
          },
        ],
      },
    },
  };
}

/** Replaces Grafana's BackendSrv. @returns The list of requests. Each call adds its request. */
function recordWith(respond: (refId: string) => Promise<unknown>): BackendSrvRequest[] {
  const requests: BackendSrvRequest[] = [];
  respondWith((request) => {
    requests.push(request);
    return respond(request.data.queries[0].refId);
  });
  return requests;
}

const BEFORE = { direction: LogRowContextQueryDirection.Backward, limit: 100 };
const AFTER = { direction: LogRowContextQueryDirection.Forward, limit: 100 };

it('has the methods that Grafana looks for', () => {
  const source = open();
  expect(hasLogsContextSupport(source) && hasLogsContextUiSupport(source)).toBe(true);
});

it('sends the values that identify the line, with nanoseconds', async () => {
  const requests = recordWith(async (refId) => linesResponse(refId, 100));
  await open().getLogRowContext(rowOf(logFrame()), AFTER);
  expect(requests.map(sentBy)).toEqual([
    {
      processId: PROCESS,
      time: '1767225600123456789',
      marks: { target: 'ember::net', level: 2, text: 'a line' },
      direction: 'after',
      scope: 'process',
      limit: 100,
      windowMs: 600_000,
    },
  ]);
});

it('reads longer windows until there are enough lines', async () => {
  const counts = [3, 20, 100];
  const requests = recordWith(async (refId) => linesResponse(refId, counts.shift() ?? 0));
  const response = await open().getLogRowContext(rowOf(logFrame()), BEFORE);
  expect(requests.map((request) => sentBy(request).windowMs)).toEqual([600_000, 86_400_000, undefined]);
  expect(response.data[0].length).toBe(100);
});

it('continues from a line of an earlier response', async () => {
  const requests = recordWith(async (refId) => linesResponse(refId, 100));
  const source = open();
  const [frame] = (await source.getLogRowContext(rowOf(logFrame()), BEFORE)).data;
  // Grafana changes the refId of a frame before it requests the lines that follow.
  const last = { ...rowOf({ ...frame, refId: 'context_0_2' }), rowIndex: 99 };
  await source.getLogRowContext(last, BEFORE);
  expect(sentBy(requests[1]!)).toMatchObject({ time: '901000000', marks: { text: '99', repetition: -1 } });
  expect(requests[1]!.data.queries[0].refId).not.toBe(requests[0]!.data.queries[0].refId);
});

it('changes the scope with the control, and resets it when the dialog is closed', async () => {
  const requests = recordWith(async (refId) => linesResponse(refId, 100));
  const source = open();
  const row = rowOf(logFrame());
  const reload = jest.fn();
  const { unmount } = render(<>{source.getLogRowContextUi(row, reload)}</>);
  expect(screen.getByRole('radiogroup')).toHaveAccessibleName('Lines of');
  await userEvent.click(screen.getByRole('radio', { name: 'Same target' }));
  expect(reload).toHaveBeenCalledTimes(1);
  await act(async () => void (await source.getLogRowContext(row, BEFORE)));
  expect(await source.getLogRowContextQuery(row)).toMatchObject({
    format: 'logs',
    builder: { kind: 'logs', processId: PROCESS, conditions: [{ column: 'target', values: ['ember::net'] }] },
  });
  await userEvent.click(screen.getByRole('radio', { name: 'Computer' }));
  await act(async () => void (await source.getLogRowContext(row, BEFORE)));
  const wide = await source.getLogRowContextQuery(row, undefined, { refId: 'B', query: 'SELECT 1' });
  expect(wide).toMatchObject({ refId: 'B', datasource: { uid: 'mm' } });
  expect(wide?.query).toMatch(/FROM log_entries\s+WHERE .*computer = 'host-1'/s);
  unmount();
  await act(async () => void (await source.getLogRowContext(row, BEFORE)));
  expect(requests.map((request) => sentBy(request).scope)).toEqual(['target', 'computer', 'process']);
});

it.each([
  ['without a process', {}, 'Add the column process_id'],
  ['with an invalid process id', { process_id: 'server 1' }, 'does not contain the ID of a process'],
])('explains why a line %s has no context', async (_, labels, template) => {
  const requests = recordWith(async (refId) => linesResponse(refId, 1));
  const source = open();
  const row = rowOf(logFrame(labels));
  render(<>{source.getLogRowContextUi(row)}</>);
  expect(screen.getByText(template, { exact: false })).toBeTruthy();
  expect(screen.queryByRole('radio')).toBeNull();
  await expect(source.getLogRowContext(row, BEFORE)).rejects.toThrow(template);
  expect(await source.getLogRowContextQuery(row)).toBeNull();
  expect(requests).toEqual([]);
});

it('finds the process in a field or in the labels of the row', async () => {
  const requests = recordWith(async (refId) => linesResponse(refId, 100));
  const source = open();
  const field = { name: 'process_id', type: FieldType.string, values: [PROCESS], config: {} };
  await source.getLogRowContext(rowOf(logFrame({}, [field])), BEFORE);
  await source.getLogRowContext({ ...rowOf(logFrame({})), labels: { process_id: PROCESS } }, BEFORE);
  expect(requests.map((request) => sentBy(request).processId)).toEqual([PROCESS, PROCESS]);
});

it('shows why a request failed, because the dialog of Grafana does not show it', async () => {
  recordWith(async (refId) => ({ results: { [refId]: { status: 502, error: 'The server is down.', frames: [] } } }));
  const source = open();
  const row = rowOf(logFrame());
  render(<>{source.getLogRowContextUi(row)}</>);
  await act(async () => {
    await expect(source.getLogRowContext(row, BEFORE)).rejects.toThrow('The server is down.');
  });
  expect(await screen.findByText('The server is down.')).toBeTruthy();
});

it('shows the failure of one direction although the request for the other direction has succeeded', async () => {
  const source = open();
  const row = rowOf(logFrame());
  render(<>{source.getLogRowContextUi(row)}</>);
  recordWith(async (refId) =>
    refId.endsWith('BACKWARD')
      ? { results: { [refId]: { status: 502, error: 'The server is down.', frames: [] } } }
      : linesResponse(refId, 100)
  );
  await act(async () => {
    // Grafana requests both directions at once.
    const before = source.getLogRowContext(row, BEFORE);
    const after = source.getLogRowContext(row, AFTER);
    await expect(before).rejects.toThrow('The server is down.');
    await after;
  });
  expect(screen.getByText('The server is down.')).toBeInTheDocument();
  recordWith(async (refId) => linesResponse(refId, 100));
  await act(async () => void (await source.getLogRowContext(row, BEFORE)));
  expect(screen.queryByText('The server is down.')).not.toBeInTheDocument();
});

it('shows no failure of a request that was sent before the scope was changed or the dialog was closed', async () => {
  const source = open();
  const row = rowOf(logFrame());
  let fail: (response: unknown) => void = () => undefined;
  recordWith((refId) => {
    const response = { results: { [refId]: { status: 502, error: 'The server is down.', frames: [] } } };
    return new Promise((resolve) => (fail = () => resolve(response)));
  });
  const first = render(<>{source.getLogRowContextUi(row)}</>);
  const ofProcess = source.getLogRowContext(row, BEFORE).catch(() => undefined);
  await userEvent.click(screen.getByRole('radio', { name: 'Same target' }));
  await act(async () => {
    fail(undefined);
    await ofProcess;
  });
  expect(screen.queryByText('The server is down.')).not.toBeInTheDocument();
  const ofTarget = source.getLogRowContext(row, BEFORE).catch(() => undefined);
  first.unmount();
  fail(undefined);
  await ofTarget;
  render(<>{source.getLogRowContextUi(row)}</>);
  expect(screen.queryByText('The server is down.')).not.toBeInTheDocument();
});
