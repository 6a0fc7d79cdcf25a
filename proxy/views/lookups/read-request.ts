/**
 * Reads the JSON body of a lookup, for example of a request for the values of a column. Every user who may query can
 * send any bytes, so each field is checked and bounded.
 */
import {
  isInstanceId,
  type LookupRange,
  type LookupRequest,
  type LookupTable,
  STREAM_TAGS,
  type StreamTag,
} from '../../../contract/resources/lookups';
import { ProxyError } from '../../base/errors/proxy-error';

/** Maximum length of a body, in bytes. */
export const MAX_BODY_BYTES = 64 * 1024;

/** Maximum length of a table, column or property name, and of a search string, in characters. */
export const MAX_LOOKUP_CHARACTERS = 1000;

/**
 * The latest time of a lookup, in milliseconds since 1970. The server stores times as 64-bit nanoseconds, from 1677 to
 * 2262. Times are clamped to these limits with a margin of one day, because lookups extend some ranges by a day.
 */
const LAST_LOOKUP_MS = 9_223_372_036_854 - 86_400_000;

function invalid(detail: string): ProxyError {
  return new ProxyError('resource_invalid', { detail });
}

/** The fields of the body. Each method throws 'resource_invalid' for a value of another type or size. */
class Fields {
  readonly #body: object;

  constructor(body: object) {
    this.#body = body;
  }

  string(name: string): string {
    const value = this.optionalString(name);
    if (value === undefined) {
      throw invalid(`The field ${name} is missing.`);
    }
    return value;
  }

  /** Undefined when missing or empty. */
  optionalString(name: string): string | undefined {
    const value = this.#own(name);
    if (value === undefined || value === null || value === '') {
      return undefined;
    }
    if (typeof value !== 'string') {
      throw invalid(`The field ${name} must be a string.`);
    }
    if (value.length > MAX_LOOKUP_CHARACTERS) {
      throw invalid(`The field ${name} has ${value.length} characters; at most ${MAX_LOOKUP_CHARACTERS} are allowed.`);
    }
    return value;
  }

  /** The id of a process or stream. */
  optionalId(name: string): string | undefined {
    const id = this.optionalString(name);
    if (id !== undefined && !isInstanceId(id)) {
      throw invalid(
        `The field ${name} must be the id of a process or stream, such as 5169014b-e479-4e83-bd6b-d6b4f8c74932.`
      );
    }
    return id;
  }

  optionalTag(name: string): StreamTag | undefined {
    const value = this.optionalString(name);
    const tag = STREAM_TAGS.find((each) => each === value);
    if (value !== undefined && tag === undefined) {
      throw invalid(`The field ${name} must be one of ${STREAM_TAGS.join(', ')}.`);
    }
    return tag;
  }

  id(name: string): string {
    return this.optionalId(name) ?? this.string(name);
  }

  table(): LookupTable {
    return { table: this.string('table'), instanceId: this.optionalId('instanceId') };
  }

  range(): LookupRange {
    const range = this.#own('range');
    const [fromMs, toMs] = ['fromMs', 'toMs'].map((end) => {
      const time: unknown = typeof range === 'object' && range !== null ? Reflect.get(range, end) : undefined;
      if (typeof time !== 'number') {
        throw invalid(`The field range.${end} must be a number of milliseconds since 1970.`);
      }
      return Math.min(Math.max(Math.round(time), -LAST_LOOKUP_MS), LAST_LOOKUP_MS);
    }) as [number, number];
    if (fromMs > toMs) {
      throw invalid('The field range.fromMs must not be later than range.toMs.');
    }
    return { fromMs, toMs };
  }

  #own(name: string): unknown {
    return Object.hasOwn(this.#body, name) ? Reflect.get(this.#body, name) : undefined;
  }
}

const READERS: { [K in LookupRequest['kind']]: (fields: Fields) => Extract<LookupRequest, { kind: K }> } = {
  'view-sets': () => ({ kind: 'view-sets' }),
  functions: () => ({ kind: 'functions' }),
  'property-keys': (fields) => ({
    kind: 'property-keys',
    ...fields.table(),
    column: fields.string('column'),
    range: fields.range(),
  }),
  values: (fields) => ({
    kind: 'values',
    ...fields.table(),
    column: fields.string('column'),
    property: fields.optionalString('property'),
    search: fields.optionalString('search'),
    range: fields.range(),
  }),
  processes: (fields) => ({
    kind: 'processes',
    search: fields.optionalString('search'),
    has: fields.optionalTag('has'),
    range: fields.range(),
  }),
  telemetry: (fields) => ({ kind: 'telemetry', range: fields.range() }),
  streams: (fields) => ({ kind: 'streams', processId: fields.id('processId') }),
  measures: (fields) => ({
    kind: 'measures',
    search: fields.optionalString('search'),
    processId: fields.optionalId('processId'),
    range: fields.range(),
  }),
};

const KINDS: readonly string[] = Object.keys(READERS);

function isKind(kind: unknown): kind is LookupRequest['kind'] {
  return typeof kind === 'string' && KINDS.includes(kind);
}

function parseBody(body: Uint8Array): unknown {
  if (body.length > MAX_BODY_BYTES) {
    throw invalid(`The body has ${body.length} bytes; at most ${MAX_BODY_BYTES} are allowed.`);
  }
  try {
    return JSON.parse(Buffer.from(body).toString('utf8'));
  } catch {
    throw invalid('The body is not JSON.');
  }
}

/**
 * Returns the checked request.
 *
 * @param body JSON of a `LookupRequest`.
 * @throws {ProxyError} 'resource_invalid'
 */
export function readLookupRequest(body: Uint8Array): LookupRequest {
  const parsed = parseBody(body);
  if (typeof parsed !== 'object' || parsed === null) {
    throw invalid('The body is not a JSON object.');
  }
  const kind: unknown = Object.hasOwn(parsed, 'kind') ? Reflect.get(parsed, 'kind') : undefined;
  if (!isKind(kind)) {
    throw invalid(`The field kind must be one of ${KINDS.join(', ')}.`);
  }
  return READERS[kind](new Fields(parsed));
}
