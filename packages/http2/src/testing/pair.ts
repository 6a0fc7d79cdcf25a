/** For tests: a client of this package, and a server that sends the frames that the test writes. */
import { type HeaderField } from '../hpack/header-field.ts';
import { type Http2Stream } from '../stream.ts';
import { connectTo, SMALL_WINDOWS, type Client } from './connections.ts';
import { END_HEADERS, END_STREAM, headers, post, RawPeer, settings } from './raw-peer.ts';
import { StreamLog } from './stream-log.ts';

export const OK: HeaderField[] = [[':status', '200']];

/** A request without a body, as a frame. */
export const requestFrame = (streamId: number, path?: string) =>
  headers(streamId, post(path), END_HEADERS | END_STREAM);

/** @param first The first frame of the server. */
export async function connectPair(
  first = settings(),
  limits = SMALL_WINDOWS
): Promise<{ client: Client; server: RawPeer }> {
  const { port, peer } = await RawPeer.listen(first);
  const client = await connectTo(port, limits);
  const server = await peer;
  await client.ready;
  return { client, server };
}

/** Sends a request without a body. */
export function sendRequest({ connection }: Client): { log: StreamLog; stream: Http2Stream } {
  const log = new StreamLog();
  const stream = connection.request(post(), log);
  stream.end();
  return { log, stream };
}
