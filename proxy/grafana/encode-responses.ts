/**
 * Encodes the responses of the plugin's services. Field numbers: proto/pluginv2/backend.proto.
 *
 * The response to a query is encoded as a list of pieces. The bytes of the frames are not copied. A generated encoder
 * would copy all frames into one buffer, and then copy that buffer into the gRPC message.
 */
import { BinaryWriter, WireType } from '@bufbuild/protobuf/wire';
import { foreignString } from '../base/errors/foreign-string';
import { ProxyError } from '../base/errors/proxy-error';
import {
  type CheckHealthResult,
  type DataChunk,
  type DataResponse,
  type FileResponse,
  type JsonResponse,
} from '../query/plugin-request';
import { type MessagePieces } from './grpc-method';
import { byteLength, MAX_RESPONSE_BYTES } from './write-message';

// The field numbers of each message.
const ENTRY = { key: 1, value: 2 };
const RESPONSES = 1;
const RESPONSE = { frames: 1, error: 2, status: 4, errorSource: 5, format: 6 };
const CHUNK = { refId: 1, frameId: 2, frame: 3, error: 4, status: 5, errorSource: 6, format: 7 };
const HEALTH = { status: 1, message: 2, jsonDetails: 3 };
const RESOURCE = { code: 1, headers: 2, body: 3 };
const STRING_LIST_VALUES = 1;
const METRICS = 1;
const PROMETHEUS = 1;

/** `DataFrameFormat.JSON`. `DataFrameFormat.ARROW` is not written, because it is 0, the default of the field. */
const JSON_FORMAT = 1;
const HEALTH_STATUS = { ok: 1, error: 2 };

/** One encoded entry of the map of responses. */
interface Entry {
  refId: string;
  pieces: MessagePieces;
  bytes: number;
}

/**
 * Encodes the message as pieces. Frames are passed on unchanged. If the message is too long for gRPC, the largest
 * responses are replaced by the error `result_too_large` until the message fits. So the other queries of the request
 * succeed, even if one response is huge.
 */
export function encodeQueryData(
  responses: ReadonlyMap<string, DataResponse>,
  maxBytes: number = MAX_RESPONSE_BYTES
): MessagePieces {
  const entries = Array.from(responses, ([refId, response]) => entryOf(refId, response));
  shrinkToFit(entries, maxBytes);
  return entries.flatMap((entry) => entry.pieces);
}

function shrinkToFit(entries: Entry[], maxBytes: number): void {
  const bySize = entries.map((_, index) => index).sort((a, b) => entries[b].bytes - entries[a].bytes);
  let total = entries.reduce((sum, entry) => sum + entry.bytes, 0);
  for (const index of bySize) {
    if (total <= maxBytes) {
      return;
    }
    const { refId, bytes } = entries[index];
    entries[index] = entryOf(refId, tooLarge());
    total += entries[index].bytes - bytes;
  }
}

function tooLarge(): DataResponse {
  const error = new ProxyError('result_too_large');
  return { frames: [], error: error.viewerMessage, errorSource: error.source, status: error.status };
}

function entryOf(refId: string, response: DataResponse): Entry {
  const value = [
    ...response.frames.flatMap((frame) => fieldPieces(RESPONSE.frames, frame)),
    outcomeFields(response, RESPONSE),
  ];
  const key = new BinaryWriter().tag(ENTRY.key, WireType.LengthDelimited).string(refId).finish();
  const pieces = fieldPieces(RESPONSES, [key, ...fieldPieces(ENTRY.value, value)]);
  return { refId, pieces, bytes: byteLength(pieces) };
}

/** One message of a chunked response. */
export function encodeDataChunk(chunk: DataChunk): MessagePieces {
  const writer = new BinaryWriter().tag(CHUNK.refId, WireType.LengthDelimited).string(chunk.refId);
  return [
    writer.tag(CHUNK.frameId, WireType.LengthDelimited).string(chunk.frameId).finish(),
    ...(chunk.frame.length === 0 ? [] : fieldPieces(CHUNK.frame, chunk.frame)),
    outcomeFields(chunk, CHUNK),
  ];
}

/** A field of bytes or of a message. The pieces of its value are not copied. */
function fieldPieces(field: number, value: MessagePieces): Uint8Array[] {
  // uint64, because the length may have more than 32 bits before `shrinkToFit`.
  const header = new BinaryWriter().tag(field, WireType.LengthDelimited).uint64(byteLength(value)).finish();
  return [header, ...value];
}

/** The fields that both complete responses and chunks have. */
type Outcome = Pick<DataResponse, 'error' | 'errorSource' | 'status' | 'encoding'>;
type OutcomeFields = Pick<typeof CHUNK, 'error' | 'status' | 'errorSource' | 'format'>;

function outcomeFields(outcome: Outcome, fields: OutcomeFields): Uint8Array {
  const { error = '', errorSource = 'plugin', encoding } = outcome;
  const failed = error !== '';
  const writer = new BinaryWriter();
  if (failed) {
    writer.tag(fields.error, WireType.LengthDelimited).string(error);
  }
  writer.tag(fields.status, WireType.Varint).int32(statusOf(outcome, failed));
  if (failed) {
    writer.tag(fields.errorSource, WireType.LengthDelimited).string(errorSource);
  }
  if (encoding === 'json') {
    writer.tag(fields.format, WireType.Varint).int32(JSON_FORMAT);
  }
  return writer.finish();
}

/**
 * Replaces a status below 100 or above 599, because Grafana would show such a status as 500, even if nothing failed.
 */
function statusOf(response: Outcome, failed: boolean): number {
  const valid = Number.isInteger(response.status) && response.status >= 100 && response.status <= 599;
  if (valid) {
    return response.status;
  }
  return failed ? 500 : 200;
}

/**
 * Longest string in the result of a health check, in code points. The limit is high, because `verboseMessage` contains
 * all stages, with messages of the server and the provider.
 */
const MAX_HEALTH_CHARACTERS = 20_000;

/**
 * The result of a health check. All its strings pass through `foreignString`, because they may quote the server, the
 * identity provider or a token.
 */
export function encodeHealth({ status, message, details }: CheckHealthResult): MessagePieces {
  const safe = (value: unknown) => (typeof value === 'string' ? foreignString(value, MAX_HEALTH_CHARACTERS) : value);
  const writer = new BinaryWriter();
  writer.tag(HEALTH.status, WireType.Varint).int32(HEALTH_STATUS[status]);
  writer.tag(HEALTH.message, WireType.LengthDelimited).string(foreignString(message, MAX_HEALTH_CHARACTERS));
  writer
    .tag(HEALTH.jsonDetails, WireType.LengthDelimited)
    .string(JSON.stringify(details, (_key, value: unknown) => safe(value)));
  return [writer.finish()];
}

/** A JSON body with its Content-Type. An undefined body is sent as an empty body. */
export function encodeResource({ status, body }: JsonResponse): MessagePieces {
  const json = body === undefined ? new Uint8Array(0) : Buffer.from(JSON.stringify(body));
  return encodeFilePart(json, { status, headers: { 'Content-Type': 'application/json' } });
}

/** A part of a file. @param head Only for the first part. */
export function encodeFilePart(part: Uint8Array, head?: Pick<FileResponse, 'status' | 'headers'>): MessagePieces {
  const writer = new BinaryWriter();
  if (head !== undefined) {
    writer.tag(RESOURCE.code, WireType.Varint).int32(head.status);
    for (const [name, value] of Object.entries(head.headers)) {
      writer.tag(RESOURCE.headers, WireType.LengthDelimited).fork();
      writer.tag(ENTRY.key, WireType.LengthDelimited).string(name);
      writer.tag(ENTRY.value, WireType.LengthDelimited).fork();
      writer.tag(STRING_LIST_VALUES, WireType.LengthDelimited).string(value).join().join();
    }
  }
  writer.tag(RESOURCE.body, WireType.LengthDelimited).uint32(part.length);
  return [writer.finish(), part];
}

/** @param metrics Prometheus text exposition. */
export function encodeMetrics(metrics: string): MessagePieces {
  const writer = new BinaryWriter().tag(METRICS, WireType.LengthDelimited).fork();
  return [writer.tag(PROMETHEUS, WireType.LengthDelimited).string(metrics).join().finish()];
}

/** A message with one enum field. */
export function encodeEnum(field: number, value: number): MessagePieces {
  return [new BinaryWriter().tag(field, WireType.Varint).int32(value).finish()];
}
