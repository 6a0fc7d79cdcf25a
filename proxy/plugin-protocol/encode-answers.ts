/**
 * Encodes the small answers: of health checks, resource calls and metrics. Answers of queries: encode-query-data.ts.
 *
 * Field numbers: proto/pluginv2/backend.proto.
 */
import { BinaryWriter, WireType } from '@bufbuild/protobuf/wire';
import { foreignText } from '../errors/foreign-text';
import { type CheckHealthResult, type ResourceResponse } from '../handlers/plugin-request';
import { type MessagePieces } from './write-message';

const HEALTH = { status: 1, message: 2, jsonDetails: 3 };
const HEALTH_STATUS = { ok: 1, error: 2 };
const RESOURCE = { code: 1, headers: 2, body: 3 };
const ENTRY = { key: 1, value: 2 };
const STRING_LIST_VALUES = 1;
const METRICS = 1;
const PROMETHEUS = 1;

/** Longest text of a health check, in code points: all stages together, with texts of the server and the provider. */
const MAX_HEALTH_CHARACTERS = 20_000;

/** All texts of a health check may quote the server, the identity provider or a token. */
export function encodeHealth({ status, message, details }: CheckHealthResult): MessagePieces {
  const safe = (value: unknown) => (typeof value === 'string' ? foreignText(value, MAX_HEALTH_CHARACTERS) : value);
  const writer = new BinaryWriter();
  writer.tag(HEALTH.status, WireType.Varint).int32(HEALTH_STATUS[status]);
  writer.tag(HEALTH.message, WireType.LengthDelimited).string(foreignText(message, MAX_HEALTH_CHARACTERS));
  writer
    .tag(HEALTH.jsonDetails, WireType.LengthDelimited)
    .string(JSON.stringify(details, (_key, value: unknown) => safe(value)));
  return [writer.finish()];
}

export function encodeResource({ status, body }: ResourceResponse): MessagePieces {
  const writer = new BinaryWriter().tag(RESOURCE.code, WireType.Varint).int32(status);
  writer.tag(RESOURCE.headers, WireType.LengthDelimited).fork();
  writer.tag(ENTRY.key, WireType.LengthDelimited).string('Content-Type');
  writer.tag(ENTRY.value, WireType.LengthDelimited).fork();
  writer.tag(STRING_LIST_VALUES, WireType.LengthDelimited).string('application/json').join().join();
  const json = body === undefined ? new Uint8Array(0) : Buffer.from(JSON.stringify(body));
  writer.tag(RESOURCE.body, WireType.LengthDelimited).uint32(json.length);
  return [writer.finish(), json];
}

/** @param text Prometheus text exposition. */
export function encodeMetrics(text: string): MessagePieces {
  const writer = new BinaryWriter().tag(METRICS, WireType.LengthDelimited).fork();
  return [writer.tag(PROMETHEUS, WireType.LengthDelimited).string(text).join().finish()];
}

/** A message with one enum field. */
export function encodeEnum(field: number, value: number): MessagePieces {
  return [new BinaryWriter().tag(field, WireType.Varint).int32(value).finish()];
}
