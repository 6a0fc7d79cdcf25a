/**
 * Queries of the type `traces`: OpenTelemetry spans by condition, by trace, and as a map of services. The backend
 * writes the SQL.
 */
import {
  boolean,
  check,
  custom,
  finite,
  type InferOutput,
  is,
  nonEmpty,
  number,
  optional,
  picklist,
  pipe,
  regex,
  string,
  union,
} from 'valibot';
import { isFilled, boundedList, missingOr, numberIn, objectOf, shortString } from '../schemas';
import { type QueryType } from './query-type';

/**
 * `search`: a table of traces. `trace`: one trace. `service-map`: a node graph of the services that call each other.
 */
export const TRACE_VIEWS = ['search', 'trace', 'service-map'] as const;
export type TraceView = (typeof TRACE_VIEWS)[number];

export const SPAN_KINDS = ['UNSPECIFIED', 'INTERNAL', 'SERVER', 'CLIENT', 'PRODUCER', 'CONSUMER'] as const;
export type SpanKind = (typeof SPAN_KINDS)[number];

export const SPAN_STATUSES = ['UNSET', 'OK', 'ERROR'] as const;
export type SpanStatus = (typeof SPAN_STATUSES)[number];

/**
 * Operators of a condition on an attribute. `contains`: part of the value, in any letter case. `exists` and `missing`
 * have no value.
 */
export const ATTRIBUTE_OPERATORS = ['=', '!=', '<', '<=', '>', '>=', 'contains', 'exists', 'missing'] as const;
export type AttributeOperator = (typeof ATTRIBUTE_OPERATORS)[number];

/** True for an operator that compares the attribute with a value. */
export function needsValue(operator: AttributeOperator): boolean {
  return operator !== 'exists' && operator !== 'missing';
}

/** Default number of traces of a search. */
export const DEFAULT_TRACES = 50;
/** Maximum number of traces of a search. */
export const MAX_TRACES = 1000;
/** Maximum number of entries of a list of conditions. */
export const MAX_CONDITIONS = 100;
/** Maximum of `minDurationMs` and `maxDurationMs`: 400 days. */
export const MAX_DURATION_MS = 400 * 86_400_000;

const TRACE_ID = /^[0-9a-f]{32}$/i;

/** True for 32 hexadecimal digits, with or without white space around them. Callers trim the id. */
export function isTraceId(value: unknown): value is string {
  return typeof value === 'string' && TRACE_ID.test(value.trim());
}

/** Maximum number of characters of a string that may be an id. */
const MAX_ID_CHARACTERS = 200;
const ID_DIGITS = /^(?:[0-9a-f]{16}){1,2}$/;
const TRACEPARENT = /^[0-9a-f]{2}-([0-9a-f]{32})-[0-9a-f]{16}-[0-9a-f]{2}$/;
const QUOTED = /^(["'`])(.*)\1$/s;

/**
 * Reads the trace id from a string that consists only of a trace id, in any letter case, possibly with quotes, white
 * space or dashes. Also reads a `traceparent` header. Other data sources and correlations send such strings.
 *
 * @returns 32 lower-case digits, or 16 for a trace id of 64 bits. 16 digits may also be the id of a span. Undefined for
 * other strings.
 */
export function traceIdOf(value: unknown): string | undefined {
  if (typeof value !== 'string' || value.length > MAX_ID_CHARACTERS) {
    return undefined;
  }
  const bare = value.trim().toLowerCase();
  const id = (QUOTED.exec(bare)?.[2] ?? bare).trim();
  const digits = TRACEPARENT.exec(id)?.[1] ?? id.replaceAll('-', '');
  return ID_DIGITS.test(digits) ? digits : undefined;
}

const attributeValue = union([shortString, pipe(number(), finite()), boolean()]);

const attributeCondition = pipe(
  objectOf({
    key: pipe(shortString, nonEmpty()),
    operator: picklist(ATTRIBUTE_OPERATORS),
    /** The type of this value decides whether strings, numbers or booleans are compared. */
    value: optional(custom<InferOutput<typeof attributeValue>>(() => true)),
  }),
  check(({ operator, value }) => !needsValue(operator) || is(attributeValue, value))
);

/** A condition on an attribute of a span. */
export type AttributeCondition = InferOutput<typeof attributeCondition>;

/** Milliseconds since 1970, or a sum of two such numbers: a link cannot add the length of a bin to its start. */
const TIME_MS = /^\d{1,13}(?:\.\d{1,9})?(?:\+\d{1,12})?$/;
/** Later times have nanoseconds that may not fit into 64 bits. */
const LAST_MS = 9e12;

const timeMs = pipe(
  string(),
  regex(TIME_MS),
  check((value) => (readTimeMs(value) ?? Infinity) <= LAST_MS)
);

/** The time of `fromMs` and `toMs` as milliseconds since 1970. Undefined if it is missing. */
export function readTimeMs(value: string | null | undefined): number | undefined {
  return value ? value.split('+').reduce((sum, part) => sum + Number(part), 0) : undefined;
}

const tracesRequest = objectOf({
  view: picklist(TRACE_VIEWS),
  /** The trace of the view `trace`, as a string that `traceIdOf` reads. */
  traceId: missingOr(shortString),
  /** Programs (`exe`). Missing or empty: all. */
  services: missingOr(boundedList(shortString, MAX_CONDITIONS)),
  /** Names of spans. Missing or empty: all. */
  operations: missingOr(boundedList(shortString, MAX_CONDITIONS)),
  kinds: missingOr(boundedList(picklist(SPAN_KINDS), SPAN_KINDS.length)),
  statuses: missingOr(boundedList(picklist(SPAN_STATUSES), SPAN_STATUSES.length)),
  /** Minimum duration of the span, in milliseconds, inclusive. `maxDurationMs` is the maximum, inclusive. */
  minDurationMs: missingOr(numberIn(0, MAX_DURATION_MS)),
  maxDurationMs: missingOr(numberIn(0, MAX_DURATION_MS)),
  attributes: missingOr(boundedList(attributeCondition, MAX_CONDITIONS)),
  /** Only spans of this process. */
  processId: missingOr(shortString),
  /** Maximum number of traces of a search. Default: `DEFAULT_TRACES`. */
  limit: missingOr(numberIn(1, MAX_TRACES)),
  /** True: a search returns traces with failed spans before the others. Default: the newest traces. */
  failedFirst: missingOr(boolean()),
  /** True: a search returns the traces with the longest matching span. All processes are read for it. */
  slowestFirst: missingOr(boolean()),
  /**
   * Only spans that start at this time or later, and before `toMs`. Both replace the time range of the query. A time is
   * milliseconds since 1970, or a sum of two such numbers: `1767225600000+60000`. Used by the view `search` only.
   */
  fromMs: missingOr(timeMs),
  toMs: missingOr(timeMs),
});

export type TracesRequest = InferOutput<typeof tracesRequest>;

/** Conditions on spans. A trace is found if one of its spans fulfils all conditions. */
export type SpanConditions = Pick<
  TracesRequest,
  | 'services'
  | 'operations'
  | 'kinds'
  | 'statuses'
  | 'minDurationMs'
  | 'maxDurationMs'
  | 'attributes'
  | 'processId'
  | 'fromMs'
  | 'toMs'
>;

/**
 * The view `trace` needs an id. A trace id in the field `query` replaces it: Grafana's trace view puts the id there
 * when the user follows a link to a span of another trace.
 */
export const TRACES: QueryType<TracesRequest> = {
  label: 'Traces',
  schema: tracesRequest,
  required: [],
  hasInput: ({ view, traceId }) => view !== 'trace' || isFilled(traceId),
  withSql: (request, query) => {
    const traceId = request.view === 'trace' ? traceIdOf(query) : undefined;
    return traceId === undefined ? request : { ...request, traceId };
  },
};
