/**
 * Encodes `pluginv2.QueryDataResponse` and `QueryChunkedDataResponse` as lists of pieces, in which frames are passed on
 * uncopied. A generated encoder would copy every frame into one buffer, and once more into the gRPC message.
 *
 * Field numbers: proto/pluginv2/backend.proto.
 */
import { BinaryWriter, WireType } from '@bufbuild/protobuf/wire';
import { ProxyError } from '../errors/proxy-error';
import { type DataChunk, type DataResponse } from '../handlers/plugin-request';
import { byteLength, MAX_RESPONSE_BYTES, type MessagePieces } from './write-message';

const RESPONSES = 1;
const ENTRY = { key: 1, value: 2 };
const RESPONSE = { frames: 1, error: 2, status: 4, errorSource: 5, format: 6 };
const CHUNK = { refId: 1, frameId: 2, frame: 3, error: 4, status: 5, errorSource: 6, format: 7 };
/** `DataFrameFormat.JSON`. `ARROW` is 0, the default, which is not written. */
const JSON_FORMAT = 1;

/** One entry of the map, encoded. */
interface Entry {
  refId: string;
  pieces: MessagePieces;
  bytes: number;
}

/**
 * The message as pieces; frames are passed on as they are. If gRPC cannot carry the message, the largest answers are
 * replaced by the error `result_too_large` until it fits: one huge panel query does not fail the others.
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
  return { frames: [], error: error.viewerText, errorSource: error.source, status: error.status };
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

/** One message of a chunked answer. */
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
  // uint64, since the length may be beyond 32 bits until `shrinkToFit`.
  const header = new BinaryWriter().tag(field, WireType.LengthDelimited).uint64(byteLength(value)).finish();
  return [header, ...value];
}

/** The fields that whole answers and chunks share. */
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

/** Grafana shows any status outside 100 to 599 as 500, even where nothing failed. */
function statusOf(response: Outcome, failed: boolean): number {
  const valid = Number.isInteger(response.status) && response.status >= 100 && response.status <= 599;
  if (valid) {
    return response.status;
  }
  return failed ? 500 : 200;
}
