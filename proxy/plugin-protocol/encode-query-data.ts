/**
 * Encodes `pluginv2.QueryDataResponse` and `QueryChunkedDataResponse` around the frames instead of through a protobuf library, which would copy every
 * frame into one buffer, and once more into the gRPC message.
 *
 * Field numbers: proto/pluginv2/backend.proto.
 */
import { ProxyError } from '../errors/proxy-error';
import { type DataChunk, type DataResponse, type FrameBytes } from '../handlers/plugin-request';
import { fieldBytes, fieldHeader, numberField, textField } from '../protobuf/write-fields';
import { byteLength, MAX_RESPONSE_BYTES, type MessagePieces } from './write-message';

const RESPONSES = 1;
const ENTRY = { key: 1, value: 2 };
const RESPONSE = { frames: 1, error: 2, status: 4, errorSource: 5, format: 6 };
const CHUNK = { refId: 1, frameId: 2, frame: 3, error: 4, status: 5, errorSource: 6, format: 7 };
/** `DataFrameFormat.JSON`. That of Arrow is 0, which is not written. */
const JSON_FORMAT = 1;

/** One entry of the map, encoded. */
interface Entry {
  refId: string;
  pieces: MessagePieces;
  bytes: number;
}

/**
 * The message as pieces; frames are passed on as they are. A message that gRPC cannot carry loses its largest answers
 * to the error `result_too_large` until it fits: one huge panel query does not take its neighbours with it.
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
  const key = textField(ENTRY.key, refId);
  const value = responsePieces(response);
  const valueBytes = byteLength(value);
  const entryBytes = key.byteLength + fieldBytes(valueBytes);
  const pieces = [fieldHeader(RESPONSES, entryBytes), key, fieldHeader(ENTRY.value, valueBytes), ...value];
  return { refId, pieces, bytes: fieldBytes(entryBytes) };
}

function responsePieces(response: DataResponse): MessagePieces {
  return [
    ...response.frames.flatMap((frame) => framePieces(RESPONSE.frames, frame)),
    ...outcomePieces(response, RESPONSE),
  ];
}

/** One message of a chunked answer. */
export function encodeDataChunk(chunk: DataChunk): MessagePieces {
  return [
    textField(CHUNK.refId, chunk.refId),
    textField(CHUNK.frameId, chunk.frameId),
    ...(chunk.frame.length === 0 ? [] : framePieces(CHUNK.frame, chunk.frame)),
    ...outcomePieces(chunk, CHUNK),
  ];
}

function framePieces(field: number, frame: FrameBytes): MessagePieces {
  return [fieldHeader(field, byteLength(frame)), ...frame];
}

/** What whole answers and chunks say besides the frame. */
type Outcome = Pick<DataResponse, 'error' | 'errorSource' | 'status' | 'encoding'>;
type OutcomeFields = Pick<typeof CHUNK, 'error' | 'status' | 'errorSource' | 'format'>;

function outcomePieces(outcome: Outcome, fields: OutcomeFields): MessagePieces {
  const failed = outcome.error !== undefined && outcome.error !== '';
  return [
    ...(failed ? [textField(fields.error, outcome.error ?? '')] : []),
    numberField(fields.status, statusOf(outcome, failed)),
    ...(failed ? [textField(fields.errorSource, outcome.errorSource ?? 'plugin')] : []),
    ...(outcome.encoding === 'json' ? [numberField(fields.format, JSON_FORMAT)] : []),
  ];
}

/** Grafana shows any status outside 100 to 599 as 500, even where nothing failed. */
function statusOf(response: Outcome, failed: boolean): number {
  const valid = Number.isInteger(response.status) && response.status >= 100 && response.status <= 599;
  if (valid) {
    return response.status;
  }
  return failed ? 500 : 200;
}
