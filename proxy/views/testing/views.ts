/** For tests: opens each view, with values that make the view send all of its statements. */
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
}

const take = (bytes: number) => new Uint8Array(bytes);
const profile = (lake: ViewContext, more: object = {}) =>
  profileFrames({ view: 'flame-graph', processId: ID, ...more }, lake);

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
  { name: 'the list of processes', open: (lake) => processesFrames({ view: 'list' }, lake), statements: 2 },
  {
    name: 'the tree of a process',
    open: (lake) => processesFrames({ view: 'tree', processId: ID }, lake),
    statements: 2,
  },
  {
    name: 'the images of a process',
    open: (lake) => processesFrames({ view: 'images', processId: ID }, { ...lake, isPanel: true }),
    statements: 2,
  },
  { name: 'a flame graph', open: (lake) => profile(lake, { spans: ['thread', 'async'] }), statements: 3 },
  { name: 'a flame graph of a thread', open: (lake) => profile(lake, { streamId: ID }), statements: 2 },
  { name: 'a flame graph of a long range', open: (lake) => profile(lake), statements: 4, rangeMs: DAY_MS },
  { name: 'a timeline', open: (lake) => profile(lake, { view: 'timeline' }), statements: 4 },
  { name: 'a search of traces', open: (lake) => tracesFrames({ view: 'search' }, lake), statements: 2 },
  { name: 'a trace', open: (lake) => tracesFrames({ view: 'trace', traceId: TRACE }, lake), statements: 2 },
  { name: 'a service map', open: (lake) => tracesFrames({ view: 'service-map' }, lake), statements: 2 },
  {
    name: 'the changes of a process',
    open: (lake) => whatChangedFrames({ processIds: [ID], scope: 'callers-and-callees' }, lake),
    statements: 4,
  },
  { name: 'the changes of a program', open: (lake) => whatChangedFrames({ exe: 'a' }, lake), statements: 3 },
  {
    name: 'the changes of all programs',
    open: (lake) => whatChangedFrames({ scope: 'lakehouse' }, lake),
    statements: 3,
  },
];
