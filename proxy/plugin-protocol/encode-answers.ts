/**
 * Encodes the small answers: of health checks, resource calls and metrics. Those of queries: encode-query-data.ts.
 *
 * Field numbers: proto/pluginv2/backend.proto.
 */
import { foreignText } from '../errors/foreign-text';
import { type CheckHealthResult, type ResourceResponse } from '../handlers/plugin-request';
import { bytesField, numberField, textField } from '../protobuf/write-fields';
import { type MessagePieces } from './write-message';

const HEALTH = { status: 1, message: 2, jsonDetails: 3 };
const HEALTH_STATUS = { ok: 1, error: 2 };
const RESOURCE = { code: 1, headers: 2, body: 3 };
const ENTRY = { key: 1, value: 2 };
const STRING_LIST_VALUES = 1;
const METRICS = 1;
const PROMETHEUS = 1;

function jsonBytes(value: unknown): Uint8Array {
  return value === undefined ? new Uint8Array() : Buffer.from(JSON.stringify(value));
}

/** Longest text of a health check, in code points: all stages together, with the words of a server and a provider. */
const MAX_HEALTH_CHARACTERS = 20_000;

/** All texts of a health check may hold words of the server, of the provider or of a token. */
export function encodeHealth({ status, message, details }: CheckHealthResult): MessagePieces {
  const safe = (value: unknown) => (typeof value === 'string' ? foreignText(value, MAX_HEALTH_CHARACTERS) : value);
  return [
    numberField(HEALTH.status, HEALTH_STATUS[status]),
    textField(HEALTH.message, foreignText(message, MAX_HEALTH_CHARACTERS)),
    bytesField(HEALTH.jsonDetails, Buffer.from(JSON.stringify(details, (_key, value: unknown) => safe(value)))),
  ];
}

const JSON_HEADER = bytesField(
  RESOURCE.headers,
  Buffer.concat([
    textField(ENTRY.key, 'Content-Type'),
    bytesField(ENTRY.value, textField(STRING_LIST_VALUES, 'application/json')),
  ])
);

export function encodeResource({ status, body }: ResourceResponse): MessagePieces {
  return [numberField(RESOURCE.code, status), JSON_HEADER, bytesField(RESOURCE.body, jsonBytes(body))];
}

/** @param text Prometheus text exposition. */
export function encodeMetrics(text: string): MessagePieces {
  return [bytesField(METRICS, textField(PROMETHEUS, text))];
}
