/** Attributes, events and links of spans: converts the server's JSON to the lists that Grafana's trace view shows. */
import { parseJson } from '../../../contract/parse-json';
import { RESOURCE_PROPERTY } from './span-conditions';

/** A tag in Grafana's format. Lists and objects are serialized as JSON. */
export interface Tag {
  key: string;
  value: string | number | boolean | null;
  type?: 'string' | 'bool' | 'int64' | 'float64';
}

interface SpanTags {
  tags: Tag[];
  scopeName: string | undefined;
  scopeVersion: string | undefined;
}

type Attributes = Readonly<Record<string, unknown>>;

const SCOPE_NAME = 'otel.scope.name';
const SCOPE_VERSION = 'otel.scope.version';

/** Matches integers that may be larger than 2^53. */
const LONG_INTEGER = /\d{16}/;

/** The trace and the span to which a link of a span refers. */
export interface SpanReference {
  traceID: string;
  spanID: string;
  tags?: Tag[];
}

/** The tags of a span, from the JSON of its properties. */
export function spanTags(json: string): SpanTags {
  const attributes = objectOf(parsed(json));
  return {
    tags: tagsOf(attributes, (key) => (key === SCOPE_NAME || key === SCOPE_VERSION ? undefined : key)),
    scopeName: stringOf(attributes[SCOPE_NAME]),
    scopeVersion: stringOf(attributes[SCOPE_VERSION]),
  };
}

/**
 * The tags of a service: the strings in `process` that are not empty, and the properties of the process. The prefix
 * `otel.resource.` of keys is removed.
 */
export function serviceTags(json: string, process: Readonly<Record<string, string>>): Tag[] {
  const named = Object.entries(process).filter(([, value]) => value !== '');
  return [
    ...named.map(([key, value]): Tag => ({ key, value, type: 'string' })),
    ...tagsOf(objectOf(parsed(json)), (key) =>
      key.startsWith(RESOURCE_PROPERTY) ? key.slice(RESOURCE_PROPERTY.length) : key
    ),
  ];
}

/**
 * The events of a span as JSON for Grafana's `logs`. Times are in milliseconds with microsecond precision. Undefined if
 * there are no events.
 */
export function eventsJson(json: string): string | undefined {
  const events = listOf(parsed(json)).map(objectOf);
  return events.length === 0
    ? undefined
    : JSON.stringify(
        events.map(({ name, time, attributes }) => ({
          timestamp: eventMs(time),
          name: stringOf(name) ?? '',
          fields: tagsOf(objectOf(attributes)),
        }))
      );
}

/** One shared value for all spans without links, because a trace may have many such spans. */
const NO_REFERENCES: readonly SpanReference[] = [];

/** The links of a span to other spans. */
export function referencesOf(json: string): readonly SpanReference[] {
  const links = listOf(parsed(json));
  if (links.length === 0) {
    return NO_REFERENCES;
  }
  return links.map(objectOf).map(({ trace_id, span_id, attributes }) => {
    const tags = tagsOf(objectOf(attributes));
    return {
      traceID: (stringOf(trace_id) ?? '').toLowerCase(),
      spanID: (stringOf(span_id) ?? '').toLowerCase(),
      ...(tags.length > 0 && { tags }),
    };
  });
}

/** @param ns Nanoseconds since 1970, as a number, or as a bigint beyond 2^53. */
function eventMs(ns: unknown): number {
  const microseconds = typeof ns === 'bigint' ? Number(ns / 1000n) : Math.floor(Number(ns ?? 0) / 1000);
  return Number.isFinite(microseconds) ? microseconds / 1000 : 0;
}

/** @param rename Returns the key to show. Undefined: the attribute is left out. */
function tagsOf(attributes: Attributes, rename: (key: string) => string | undefined = (key) => key): Tag[] {
  const tags: Tag[] = [];
  for (const name in attributes) {
    const key = rename(name);
    if (key !== undefined) {
      tags.push(tagOf(key, attributes[name]));
    }
  }
  return tags;
}

function tagOf(key: string, value: unknown): Tag {
  switch (typeof value) {
    case 'string':
      return { key, value, type: 'string' };
    case 'boolean':
      return { key, value, type: 'bool' };
    case 'number':
      return { key, value, type: Number.isInteger(value) ? 'int64' : 'float64' };
    case 'bigint':
      return { key, value: String(value), type: 'int64' };
    default:
      return { key, value: value === null ? null : JSON.stringify(value, bigintAsString) };
  }
}

/** Integers beyond 2^53 become `bigint`, so that no digit is lost. Undefined for a string that is not JSON. */
function parsed(json: string): unknown {
  try {
    return parseJson(json, LONG_INTEGER.test(json) ? (longInteger as Reviver) : undefined);
  } catch {
    return undefined;
  }
}

type Reviver = (this: unknown, key: string, value: unknown) => unknown;

function longInteger(_key: string, value: unknown, context: { source?: string }): unknown {
  const isLong = typeof value === 'number' && !Number.isSafeInteger(value);
  return isLong && /^-?\d+$/.test(context.source ?? '') ? BigInt(context.source!) : value;
}

function bigintAsString(_key: string, value: unknown): unknown {
  return typeof value === 'bigint' ? String(value) : value;
}

function stringOf(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined;
}

function objectOf(value: unknown): Attributes {
  return value !== null && typeof value === 'object' && !Array.isArray(value) ? (value as Attributes) : {};
}

function listOf(value: unknown): unknown[] {
  return Array.isArray(value) ? value : [];
}
