/**
 * Lookups: what completion, the builder and the ad hoc filters ask the server. `POST` to the resource `lookup` with a
 * `LookupRequest`; the answer is the payload of its kind. All lists are capped by the proxy.
 *
 * The proxy writes the SQL of a lookup and marks it in the audit log with the entrypoint `completion`. A data source can
 * switch all lookups off; then the answer is the error `lookups_off`.
 */

/** Milliseconds since 1970. Values and keys are read from the newest rows of this range. */
export interface LookupRange {
  fromMs: number;
  toMs: number;
}

/** A table, or one instance of a view. */
export interface LookupTable {
  table: string;
  /** Process or stream, for views that have no global instance. */
  instanceId?: string;
}

export interface ViewSetsRequest {
  kind: 'view-sets';
}

export interface FunctionsRequest {
  kind: 'functions';
}

export interface PropertyKeysRequest extends LookupTable {
  kind: 'property-keys';
  /** A JSONB column. */
  column: string;
  range: LookupRange;
}

export interface ValuesRequest extends LookupTable {
  kind: 'values';
  column: string;
  /** Key in the JSONB column. Missing: the values of the column itself. */
  property?: string;
  /** Only values that contain this text, in any letter case. */
  search?: string;
  range: LookupRange;
}

export interface ProcessesRequest {
  kind: 'processes';
  /** Only processes whose program, computer, user or id contains this text. */
  search?: string;
  range: LookupRange;
}

export interface StreamsRequest {
  kind: 'streams';
  processId: string;
}

export interface MeasuresRequest {
  kind: 'measures';
  search?: string;
  processId?: string;
  range: LookupRange;
}

export type LookupRequest =
  | ViewSetsRequest
  | FunctionsRequest
  | PropertyKeysRequest
  | ValuesRequest
  | ProcessesRequest
  | StreamsRequest
  | MeasuresRequest;

/** A list that ends at the limit of the lookup is truncated. */
export interface LookupList<T> {
  items: T[];
  isTruncated: boolean;
}

export interface ViewSetInfo {
  name: string;
  /** True if the name can be used as a table. */
  isGlobal: boolean;
  /** True if `view_instance('<name>', '<id>')` exists. */
  hasInstances: boolean;
}

export interface PropertyKeyInfo {
  key: string;
}

export interface ValueInfo {
  value: string;
}

export interface ProcessInfo {
  processId: string;
  exe: string;
  computer: string;
  username: string;
  /** Milliseconds since 1970. */
  startMs: number;
  /** The last sign of life of the process. */
  lastUpdateMs: number;
}

export interface StreamInfo {
  streamId: string;
  /** `log`, `metrics`, `trace`, `cpu` and others. */
  tags: string[];
  /** Name of the thread, if the stream has one. */
  name: string;
}

export interface MeasureInfo {
  name: string;
  unit: string;
  target: string;
  exe: string;
}

export interface LookupAnswers {
  'view-sets': LookupList<ViewSetInfo>;
  /** Names of the functions that the server offers, without those that change the lake. */
  functions: LookupList<string>;
  'property-keys': LookupList<PropertyKeyInfo>;
  values: LookupList<ValueInfo>;
  processes: LookupList<ProcessInfo>;
  streams: LookupList<StreamInfo>;
  measures: LookupList<MeasureInfo>;
}
