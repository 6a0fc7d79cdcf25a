/**
 * Lookups: queries of completion, the builder and the ad hoc filters. The browser sends a `LookupRequest` to the
 * resource `lookup`, with the method POST. `LookupResults` has the response of each kind. The backend limits the length
 * of all lists.
 *
 * The backend writes the SQL of a lookup. The server records the SQL in the audit log with the entrypoint `completion`.
 * If the setting `suggestValues` is false, lookups that read telemetry (`readsTelemetry`) fail with the error
 * `lookups_off`.
 */

/** The time range that a lookup reads, in milliseconds since 1970. */
export interface LookupRange {
  fromMs: number;
  toMs: number;
}

/** A table, or one instance of a view. */
export interface LookupTable {
  table: string;
  /** Id of the process or stream of the instance. Missing for a table. */
  instanceId?: string;
}

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

/** True for a UUID. The ids of processes and streams are UUIDs, and a lookup with another id fails. */
export function isInstanceId(id: string): boolean {
  return UUID.test(id);
}

interface ViewSetsRequest {
  kind: 'view-sets';
}

interface FunctionsRequest {
  kind: 'functions';
}

/** Requests the keys in the values of a JSONB column. For a large table, only a sample of the rows is read. */
export interface PropertyKeysRequest extends LookupTable {
  kind: 'property-keys';
  /** A JSONB column. */
  column: string;
  range: LookupRange;
}

/**
 * Requests the distinct values of a column or property, without long values. For a large table, only a sample of the
 * rows is read.
 */
export interface ValuesRequest extends LookupTable {
  kind: 'values';
  column: string;
  /** Key in the JSONB column `column`. Default: the values of the column itself. */
  property?: string;
  /** Only values that contain this string, in any letter case. */
  search?: string;
  range: LookupRange;
}

/** Tags for the contents of a stream: calls of threads (`cpu`), OpenTelemetry spans (`trace`), images (`image`). */
export const STREAM_TAGS = ['cpu', 'trace', 'image'] as const;
export type StreamTag = (typeof STREAM_TAGS)[number];

/** Requests the processes that ran in the range. */
export interface ProcessesRequest {
  kind: 'processes';
  /** Only processes whose program, computer, user or id contains this string. */
  search?: string;
  /** Only processes that have a stream with this tag. */
  has?: StreamTag;
  range: LookupRange;
}

/** Requests the stream tags of processes. */
export interface TelemetryRequest {
  kind: 'telemetry';
  range: LookupRange;
}

/** Requests all streams of one process. An id that is not a UUID is an error. */
export interface StreamsRequest {
  kind: 'streams';
  processId: string;
}

/** Requests the measures in a sample of the rows. */
export interface MeasuresRequest {
  kind: 'measures';
  /** Only measures whose name, target or program contains this string. */
  search?: string;
  /** Reads only the measures of this process. */
  processId?: string;
  range: LookupRange;
}

export type LookupRequest =
  | ViewSetsRequest
  | FunctionsRequest
  | PropertyKeysRequest
  | ValuesRequest
  | ProcessesRequest
  | TelemetryRequest
  | StreamsRequest
  | MeasuresRequest;

/**
 * True for lookups that read telemetry. Other lookups read only metadata of the server, and also work if the setting
 * `suggestValues` is false.
 */
export function readsTelemetry(kind: LookupRequest['kind']): boolean {
  return kind !== 'view-sets' && kind !== 'functions';
}

/** The result of a lookup. `isTruncated` is true if the lookup found more than its limit. */
export interface LookupList<T> {
  items: T[];
  isTruncated: boolean;
}

/** The server's documentation of a function. The strings come from the server, so show them as plain text. */
export interface FunctionHelp {
  kind: 'scalar' | 'aggregate' | 'window' | 'table';
  /** For example `date_bin(interval, expression, origin-timestamp)`. */
  syntax?: string;
  /** One line. */
  description?: string;
}

/** Names of functions in alphabetical order. */
export interface FunctionList extends LookupList<string> {
  /** Documentation by name of the function. */
  help: Record<string, FunctionHelp>;
}

/** A view set of the server. A view set without a global instance can be read only through `view_instance`. */
export interface ViewSetInfo {
  name: string;
  /** True if the name can be used as a table. */
  isGlobal: boolean;
  /** True if `view_instance('<name>', '<id>')` exists. */
  hasInstances: boolean;
}

/** A key in a JSONB column. The most frequent keys come first in the list. */
export interface PropertyKeyInfo {
  key: string;
}

/** A value of a column or property. The most frequent values come first in the list. */
export interface ValueInfo {
  value: string;
}

/** A process. The processes that sent data most recently come first in the list. */
export interface ProcessInfo {
  processId: string;
  exe: string;
  computer: string;
  username: string;
  /** Milliseconds since 1970. */
  startMs: number;
  /** Time at which data of the process last arrived. */
  lastUpdateMs: number;
}

/** A process with the tags of its streams. The processes that sent data most recently come first in the list. */
export interface TelemetryInfo {
  processId: string;
  exe: string;
  /** Milliseconds since 1970. */
  startMs: number;
  /** Time at which data last arrived. */
  lastUpdateMs: number;
  /** Tags of the streams of the process. */
  has: StreamTag[];
}

/** A stream of a process, for example the calls of one thread, the log or the metrics. */
export interface StreamInfo {
  streamId: string;
  /** `log`, `metrics`, `trace`, `cpu` and others. */
  tags: string[];
  /** Name of the thread. Empty if the stream does not belong to a thread. */
  name: string;
}

/** A measure. Measures of several programs may have the same name, and different units. */
export interface MeasureInfo {
  name: string;
  unit: string;
  target: string;
  exe: string;
}

/** The fields of an item that `search` is compared with, for each kind of lookup with a `search`. */
export const SEARCHED_FIELDS = {
  values: ['value'],
  processes: ['exe', 'computer', 'username', 'processId'],
  measures: ['name', 'target', 'exe'],
} as const;

/** The result of each kind of lookup. */
export interface LookupResults {
  'view-sets': LookupList<ViewSetInfo>;
  /** The functions that the caller may use, without those that change the lakehouse. */
  functions: FunctionList;
  'property-keys': LookupList<PropertyKeyInfo>;
  values: LookupList<ValueInfo>;
  processes: LookupList<ProcessInfo>;
  telemetry: LookupList<TelemetryInfo>;
  streams: LookupList<StreamInfo>;
  measures: LookupList<MeasureInfo>;
}
