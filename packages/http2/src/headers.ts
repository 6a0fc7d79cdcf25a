/** Checks the header fields of a message. Rules: RFC 9113, sections 8.2 and 8.3. */
import { type HeaderField } from './hpack/header-field.ts';

/** Values by lower-case name. The values of repeated fields are joined by a comma. */
export type Headers = ReadonlyMap<string, string>;

export type MessageKind = 'request' | 'response' | 'trailers';

const PSEUDO_HEADERS: Readonly<Record<MessageKind, ReadonlySet<string>>> = {
  request: new Set([':method', ':scheme', ':path', ':authority']),
  response: new Set([':status']),
  trailers: new Set(),
};

const REQUIRED: Readonly<Record<MessageKind, readonly string[]>> = {
  request: [':method', ':scheme', ':path'],
  response: [':status'],
  trailers: [],
};

/** Fields about the connection, which HTTP/1.1 allows and HTTP/2 forbids (section 8.2.2). */
const FORBIDDEN = new Set(['connection', 'proxy-connection', 'keep-alive', 'transfer-encoding', 'upgrade']);

const BAD_NAME = /[^!#$%&'*+\-.^_`|~0-9a-z]/;
const BAD_IN_VALUES = ['\0', '\r', '\n'];

/** Three digits, but not 101: HTTP/2 has no protocol upgrade (section 8.6). */
const STATUS = /^(?!101)[1-9]\d\d$/;

/** @returns The header fields by name; undefined for a malformed message. */
export function readHeaders(fields: readonly HeaderField[], kind: MessageKind): Headers | undefined {
  const headers = new Map<string, string>();
  let isRegular = false;
  for (const [name, value] of fields) {
    if (name.startsWith(':')) {
      if (isRegular || headers.has(name) || !PSEUDO_HEADERS[kind].has(name) || !isValue(value)) {
        return undefined;
      }
    } else {
      isRegular = true;
      if (!isAllowed(name, value)) {
        return undefined;
      }
    }
    const previous = headers.get(name);
    headers.set(name, previous === undefined ? value : `${previous},${value}`);
  }
  const isComplete = REQUIRED[kind].every((name) => (headers.get(name) ?? '') !== '');
  return isComplete && (kind !== 'response' || STATUS.test(headers.get(':status') ?? '')) ? headers : undefined;
}

/** True for an interim response (1xx), which precedes the final one. */
export function isInterim(headers: Headers): boolean {
  return headers.get(':status')?.startsWith('1') === true;
}

/** True for a response whose status excludes a body: 204 and 304. */
export function neverHasBody(headers: Headers): boolean {
  return ['204', '304'].includes(headers.get(':status') ?? '');
}

/** Bytes of the body according to `content-length`; undefined if the message has none; NaN for an invalid value. */
export function contentLength(headers: Headers): number | undefined {
  const value = headers.get('content-length');
  return value === undefined ? undefined : /^\d+$/.test(value) ? Number(value) : NaN;
}

function isValue(value: string): boolean {
  return !BAD_IN_VALUES.some((character) => value.includes(character));
}

function isAllowed(name: string, value: string): boolean {
  return (
    name !== '' &&
    !BAD_NAME.test(name) &&
    isValue(value) &&
    !FORBIDDEN.has(name) &&
    (name !== 'te' || value === 'trailers')
  );
}
