/** A source of filter keys and values for tests: known tables, and lookups that respond at once. */
import { dateTime, type TimeRange } from '@grafana/data';
import { type LookupRequest } from '../../contract/resources/lookups';
import { type ColumnInfo } from '../../contract/resources/resources';
import { type KeySource } from '../editor/filters/filter-keys';
import { Lookups } from '../shared/lookups/lookups';
import { SchemaStore } from '../shared/schema/schema-store';

const from = dateTime('2026-01-02T12:00:00Z');
const to = dateTime('2026-01-02T13:00:00Z');
/** A time range for requests of keys and values. */
export const KEY_RANGE: TimeRange = { from, to, raw: { from, to } };
/** `KEY_RANGE` in requests. */
export const LOOKUP_RANGE = { fromMs: from.valueOf(), toMs: to.valueOf() };

const columns = (list: string): ColumnInfo[] =>
  list.split(' ').map((column) => {
    const [name, type = 'Utf8'] = column.split(':');
    return { name, type };
  });
const TABLES: Record<string, ColumnInfo[]> = {
  log_entries: columns('time:Timestamp exe level:Int32 msg properties:Binary'),
  measures: columns('time:Timestamp exe name unit value:Float64 properties:Binary process_properties:Binary'),
  spans: columns('time:Timestamp exe name'),
  processes: columns('process_id exe properties:Binary'),
  streams: columns('stream_id tags:List(Utf8) objects_metadata:Binary'),
};

interface KeyBench extends KeySource {
  /** The requests of the lookups, in order. */
  sent: LookupRequest[];
}

/** A source whose property keys contain the name of the table in the request. */
export function keySource(respond?: (request: LookupRequest) => Promise<unknown>): KeyBench {
  const sent: LookupRequest[] = [];
  const listed = async (request: LookupRequest) => ({
    isTruncated: false,
    items:
      request.kind === 'property-keys'
        ? [{ key: `of ${request.table}` }, { key: 'build' }]
        : [{ value: 'a' }, { value: 'b' }],
  });
  return {
    sent,
    lookups: new Lookups((request) => {
      sent.push(request);
      return (respond ?? listed)(request);
    }),
    schema: new SchemaStore({
      tables: async () => ({ tables: [] }),
      columns: async (table) => ({ table, columns: TABLES[table] ?? [] }),
    }),
  };
}
