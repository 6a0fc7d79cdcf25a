import { type FetchResponse } from '@grafana/runtime';
import { act, render, screen } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import React from 'react';
import { Observable, type Subscriber } from 'rxjs';
import { TRACE_END } from '../../../contract/resources/perfetto';
import { TEST_IDS } from '../../shared/test-ids';
import { respondInParts } from '../../testing/fake-backend';
import { PerfettoDownload } from './PerfettoDownload';

const PROCESS = '0b6f5a52-51c4-4d0c-9a3e-6d1d0b7f4a01';
const RANGE = { fromMs: 1000, toMs: 61_000 };
const PART = new Uint8Array(2048);

let saved: Array<{ name: string; size: number }>;
let body: Subscriber<FetchResponse<Uint8Array | undefined>>;
let cancelled: number;
let asked: string[];

beforeEach(() => {
  saved = [];
  cancelled = 0;
  asked = respondInParts(
    () =>
      new Observable((subscriber) => {
        body = subscriber;
        return () => cancelled++;
      })
  );
  let blob: Blob;
  // jsdom has no object URLs.
  URL.createObjectURL = (object) => {
    blob = object as Blob;
    return 'blob:file';
  };
  URL.revokeObjectURL = () => undefined;
  jest.spyOn(HTMLAnchorElement.prototype, 'click').mockImplementation(function (this: HTMLAnchorElement) {
    saved.push({ name: this.download, size: blob.size });
  });
});

afterEach(() => jest.restoreAllMocks());

function respond(data: Uint8Array | undefined, status = 200, headers: Record<string, string> = {}): void {
  const init = { statusText: status === 200 ? 'OK' : 'Not Found', type: 'basic' as const, url: '', redirected: false };
  const response = { ...init, data, status, ok: status < 400, headers: new Headers(headers), config: { url: '' } };
  act(() => body.next(response));
}

const button = () => screen.getByRole('button', { name: 'Download Perfetto trace' });
const outcome = () => screen.getByTestId(TEST_IDS.perfetto);

async function start(): Promise<ReturnType<typeof render>> {
  const page = render(<PerfettoDownload datasource={{ uid: 'a/b' }} processId={PROCESS} {...RANGE} />);
  await userEvent.click(button());
  return page;
}

it('shows the received bytes, and saves the complete file under the name that the server gives', async () => {
  await start();
  expect(asked).toEqual([
    `/api/datasources/uid/a%2Fb/resources/perfetto?process=${PROCESS}&from=1000&to=61000&spans=both`,
  ]);
  expect(outcome()).toHaveTextContent('Waiting for the server…');
  expect(button()).toBeDisabled();
  respond(PART, 200, { 'Content-Disposition': 'attachment; filename="game.perfetto-trace"' });
  expect(outcome()).toHaveTextContent('2.0 KiB received');
  // The end mark may arrive in pieces.
  respond(TRACE_END.subarray(0, 3));
  respond(TRACE_END.subarray(3));
  await act(async () => body.complete());
  expect(outcome()).toHaveAttribute('data-status', 'done');
  expect(outcome()).toHaveTextContent('Saved game.perfetto-trace (2.0 KiB).');
  expect(saved).toEqual([{ name: 'game.perfetto-trace', size: 2048 + TRACE_END.length }]);
});

it('announces the start and the end of the download to screen readers, but not each part', async () => {
  const announced = () => outcome().querySelector('[aria-live]')?.textContent;
  await start();
  expect(announced()).toBe('Waiting for the server…');
  respond(PART);
  expect(announced()).toBe('');
  respond(PART);
  expect(announced()).toBe('');
  respond(TRACE_END);
  await act(async () => body.complete());
  expect(announced()).toMatch(/^Saved /);
});

it.each([
  { name: 'other bytes after the trace', last: new TextEncoder().encode('{"message":"x"}') },
  { name: 'nothing after the trace', last: undefined },
  { name: 'a part of the end mark', last: TRACE_END.subarray(0, 6) },
])('saves no file if the end mark is missing or incomplete: $name', async ({ last }) => {
  await start();
  respond(PART);
  respond(last);
  await act(async () => body.complete());
  expect(outcome()).toHaveAttribute('data-status', 'failed');
  expect(outcome()).toHaveTextContent(/stopped before the end of the trace, so no file was saved/);
  expect(saved).toEqual([]);
  expect(button()).toBeEnabled();
});

it('shows the error of the backend', async () => {
  await start();
  respond(new TextEncoder().encode('{"code":"query_invalid","message":"Process x not found."}'), 400);
  await act(async () => body.complete());
  expect(await screen.findByText('Process x not found.')).toBeInTheDocument();
  expect(saved).toEqual([]);
});

it('shows the message of a failed connection', async () => {
  await start();
  await act(async () => body.error(new TypeError('Failed to fetch')));
  expect(outcome()).toHaveTextContent('Failed to fetch');
});

it('cancels the download when Cancel is pressed, and can start it again', async () => {
  await start();
  respond(PART);
  await userEvent.click(screen.getByRole('button', { name: 'Cancel' }));
  expect(cancelled).toBe(1);
  expect(outcome()).toHaveAttribute('data-status', 'idle');
  await userEvent.click(button());
  expect(asked).toHaveLength(2);
});

it('cancels the download when the page is left', async () => {
  const { unmount } = await start();
  unmount();
  expect(cancelled).toBe(1);
});

it.each(['', '$process', `${PROCESS}/..`])(
  'disables the button for "%s", which is not the id of a process',
  (processId) => {
    render(<PerfettoDownload datasource={{ uid: 'u' }} processId={processId} {...RANGE} />);
    expect(button()).toBeDisabled();
  }
);
