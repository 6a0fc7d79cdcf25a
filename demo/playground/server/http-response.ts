/**
 * Helpers for node:http: body of a request, response with JSON, and a signal that aborts when the browser disconnects.
 */
import { createHash } from 'node:crypto';
import { type IncomingMessage, type ServerResponse } from 'node:http';

/** Largest request body, in bytes. */
const MAX_BODY_BYTES = 4 * 1024 * 1024;

/** An error whose message is sent to the browser. */
export class HttpError extends Error {
  constructor(
    readonly status: number,
    message: string
  ) {
    super(message);
  }
}

/** Reads the whole body. Rejects a body above the limit. */
export async function readBody(request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let sizeBytes = 0;
  for await (const chunk of request) {
    const bytes = Buffer.from(chunk);
    sizeBytes += bytes.length;
    if (sizeBytes > MAX_BODY_BYTES) {
      throw new HttpError(413, 'The request is too large.');
    }
    chunks.push(bytes);
  }
  return Buffer.concat(chunks);
}

/** Reads a JSON object. The caller validates its fields. */
export async function readJsonObject(request: IncomingMessage): Promise<Record<string, unknown>> {
  const body = await readBody(request);
  try {
    const value: unknown = JSON.parse(body.toString('utf8'));
    if (value !== null && typeof value === 'object' && !Array.isArray(value)) {
      return { ...value };
    }
  } catch {
    // The error is the same as for JSON that is not an object.
  }
  throw new HttpError(400, 'The request body is not a JSON object.');
}

/** Sends a response that browsers do not cache. */
export function sendBytes(
  response: ServerResponse,
  status: number,
  contentType: string,
  body: string | Uint8Array
): void {
  response.writeHead(status, { 'content-type': contentType, 'cache-control': 'no-store' });
  response.end(body);
}

/** Sends a file. Browsers cache the file, and ask before each use whether the file has changed. */
export function sendRevalidated(
  request: IncomingMessage,
  response: ServerResponse,
  contentType: string,
  body: Uint8Array
): void {
  const etag = `"${createHash('sha256').update(body).digest('base64url')}"`;
  const headers = { 'content-type': contentType, 'cache-control': 'no-cache', etag };
  if (request.headers['if-none-match'] === etag) {
    response.writeHead(304, headers);
    response.end();
  } else {
    response.writeHead(200, headers);
    response.end(body);
  }
}

/** Sends a value as JSON. */
export function sendJson(response: ServerResponse, status: number, value: unknown): void {
  sendBytes(response, status, 'application/json', JSON.stringify(value));
}

/** Aborts when the connection closes before the response is sent, like Grafana's request context. */
export function clientGone(response: ServerResponse): AbortSignal {
  const controller = new AbortController();
  response.once('close', () => {
    if (!response.writableFinished) {
      controller.abort(new HttpError(499, 'The browser cancelled the request.'));
    }
  });
  return controller.signal;
}
