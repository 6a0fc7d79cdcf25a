/** For tests: opens each view, with values that make the view send all of its statements. */
import { type ProcessesQuery } from '../../../contract/query-types/processes';
import { type ProfileRequest } from '../../../contract/query-types/profile';
import { type TracesRequest } from '../../../contract/query-types/traces';
import { type ViewRequest } from '../../../contract/query-types/view-request';
import { type WhatChangedRequest } from '../../../contract/query-types/what-changed';
import { type ComposedFrame } from '../../frames/data-frames/composed-frames';
import { readImage } from '../images/read-image';
import { tracePieces } from '../perfetto/trace-pieces';
import { processesFrames } from '../processes/processes-frames';
import { profileFrames } from '../profiles/profile-frames';
import { tracesFrames } from '../traces/traces-frames';
import { type ViewContext } from '../view-context';
import { whatChangedFrames } from '../what-changed/what-changed-frames';

export const ID = '0b6f5a52-51c4-4d0c-9a3e-6d1d0b7f4a01';
export const TRACE = 'ab'.repeat(16);
export const MINUTE_MS = 60_000;
const DAY_MS = 1440 * MINUTE_MS;
const GIF = new TextEncoder().encode('GIF89a');

/** Values that make a view send its next statement. Other columns have a value of their kind. */
export const VIEW_VALUES: Readonly<Record<string, unknown>> = {
  process_id: ID,
  stream_id: ID,
  block_id: ID,
  parent_process_id: ID,
  trace: TRACE,
  tags: ['cpu', 'net'],
  data: GIF,
  payload_size: GIF.length,
  exe: 'a',
  // With this many calls, a flame graph shows only a part of its range.
  calls: 5_000_000,
  part: 'call',
  started_after: 1,
  source: 'a',
  target: 'b',
};

export interface View {
  name: string;
  /** Resolves to the frames of the view, or to the contents of a file. */
  open: (lake: ViewContext) => Promise<unknown>;
  /** Number of statements with different columns. */
  statements: number;
  rangeMs?: number;
  /** The query that opens the view. Undefined for files, which resource calls read. */
  query?: ViewRequest;
}

export const isFrame = (value: unknown): value is ComposedFrame =>
  typeof value === 'object' && value !== null && 'fields' in value;

const IMAGES: ProcessesQuery = { view: 'images', processId: ID };
const take = (bytes: number) => new Uint8Array(bytes);

function framesOf(query: ViewRequest, lake: ViewContext): Promise<unknown> {
  switch (query.type) {
    case 'traces':
      return tracesFrames(query.request, lake);
    case 'profile':
      return profileFrames(query.request, lake);
    case 'processes':
      return processesFrames(query.request, lake);
    case 'what-changed':
      return whatChangedFrames(query.request, lake);
  }
}

const ofQuery = (name: string, statements: number, query: ViewRequest, more: Partial<View> = {}): View => ({
  name,
  open: (lake) => framesOf(query, lake),
  statements,
  query,
  ...more,
});
const profile = (name: string, statements: number, request: Partial<ProfileRequest>, more?: Partial<View>) =>
  ofQuery(name, statements, { type: 'profile', request: { view: 'flame-graph', processId: ID, ...request } }, more);
const processes = (name: string, request: ProcessesQuery) => ofQuery(name, 2, { type: 'processes', request });
const traces = (name: string, request: TracesRequest) => ofQuery(name, 2, { type: 'traces', request });
const changes = (name: string, statements: number, request: WhatChangedRequest) =>
  ofQuery(name, statements, { type: 'what-changed', request });

export const VIEWS: readonly View[] = [
  {
    name: 'an image',
    open: ({ read }) => readImage({ processId: ID, time: 1n, name: 'a', blockId: ID }, read, take),
    statements: 1,
  },
  {
    name: 'a Perfetto trace',
    open: async ({ read }) => {
      const pieces: Uint8Array[] = [];
      for await (const piece of tracePieces({ processId: ID, spans: 'both', fromMs: 0, toMs: 1 }, read, take)) {
        pieces.push(piece);
      }
      return pieces;
    },
    statements: 1,
  },
  processes('the list of processes', { view: 'list' }),
  processes('the tree of a process', { view: 'tree', processId: ID }),
  ofQuery(
    'the images of a process',
    2,
    { type: 'processes', request: IMAGES },
    { open: (lake) => processesFrames(IMAGES, { ...lake, isPanel: true }) }
  ),
  profile('a flame graph', 3, { spans: ['thread', 'async'] }),
  profile('a flame graph of a thread', 2, { streamId: ID }),
  profile('a flame graph of a long range', 4, {}, { rangeMs: DAY_MS }),
  profile('a timeline', 4, { view: 'timeline' }),
  traces('a search of traces', { view: 'search' }),
  traces('a trace', { view: 'trace', traceId: TRACE }),
  traces('a service map', { view: 'service-map' }),
  changes('the changes of a process', 4, { processIds: [ID], scope: 'callers-and-callees' }),
  changes('the changes of a program', 3, { exe: 'a' }),
  changes('the changes of all programs', 3, { scope: 'lakehouse' }),
];
