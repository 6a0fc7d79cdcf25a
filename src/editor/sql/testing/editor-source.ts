/** A data source for tests of completion and hover. */
import { type LookupResults, type LookupRequest } from '../../../../contract/resources/lookups';
import { type ColumnInfo } from '../../../../contract/resources/resources';
import { type CompletionSource } from '../completion';

/** Reads SQL in which `|` marks the cursor. Returns the SQL without the mark, and the offset of the cursor. */
export function cursor(marked: string): [sql: string, offset: number] {
  const offset = marked.indexOf('|');
  return [marked.replace('|', ''), offset];
}

const TABLES: Readonly<Record<string, ColumnInfo[]>> = {
  log_entries: [
    { name: 'time', type: 'Timestamp' },
    { name: 'level', type: 'Int32' },
    { name: 'target', type: 'Utf8' },
    { name: 'msg', type: 'Utf8' },
    { name: 'properties', type: 'Jsonb' },
  ],
  blocks: [
    { name: 'time', type: 'Timestamp' },
    { name: 'streams.tags', type: 'List' },
  ],
  measures: [
    { name: 'process_id', type: 'Utf8' },
    { name: 'name', type: 'Utf8' },
    { name: 'value', type: 'Float64' },
  ],
  Odd: [],
};

export const LOOKUP_RESULTS: LookupResults = {
  'view-sets': {
    items: [
      { name: 'log_entries', isGlobal: true, hasInstances: true },
      { name: 'otel_spans', isGlobal: false, hasInstances: true },
      { name: 'thread_spans', isGlobal: false, hasInstances: true },
      { name: 'frame_times', isGlobal: true, hasInstances: false },
    ],
    isTruncated: false,
  },
  functions: {
    items: ['date_bin', 'levenshtein', 'retire_partitions', 'materialize_partitions', 'generate_series'],
    isTruncated: false,
    help: {
      levenshtein: { kind: 'scalar', syntax: 'levenshtein(a, b)', description: 'Distance of two texts.' },
      generate_series: { kind: 'table', syntax: 'generate_series(start, stop)' },
    },
  },
  'property-keys': { items: [{ key: 'version' }, { key: 'map' }], isTruncated: false },
  values: { items: [{ value: 'net::tcp' }, { value: "it's" }], isTruncated: false },
  processes: {
    items: [
      {
        processId: '11111111-aaaa',
        exe: 'game-server',
        computer: 'host-1',
        username: 'ada',
        startMs: Date.UTC(2026, 10, 25, 10),
        lastUpdateMs: Date.UTC(2026, 10, 25, 11),
      },
    ],
    isTruncated: false,
  },
  telemetry: { items: [], isTruncated: false },
  streams: {
    items: [
      { streamId: 'stream-1', tags: ['cpu'], name: 'main' },
      { streamId: 'stream-2', tags: ['log'], name: '' },
    ],
    isTruncated: false,
  },
  measures: {
    items: [
      { name: 'frame_time', unit: 'ms', target: 'engine', exe: 'game-server' },
      { name: 'frame_time', unit: 'ms', target: 'engine', exe: 'editor' },
    ],
    isTruncated: false,
  },
};

/** @param changed Results that differ from `LOOKUP_RESULTS`. */
export function editorSource(changed: Partial<LookupResults> = {}): CompletionSource & { asked: LookupRequest[] } {
  const asked: LookupRequest[] = [];
  const all: LookupResults = { ...LOOKUP_RESULTS, ...changed };
  return {
    asked,
    tableNames: async () => Object.keys(TABLES),
    columns: async (table) => TABLES[table] ?? [],
    variableNames: () => ['exe'],
    lookup: async <R extends LookupRequest>(request: R): Promise<LookupResults[R['kind']]> => {
      const kind: R['kind'] = request.kind;
      if (kind !== 'view-sets' && kind !== 'functions') {
        asked.push(request);
      }
      return all[kind];
    },
    range: () => ({ fromMs: 1, toMs: 2 }),
  };
}
