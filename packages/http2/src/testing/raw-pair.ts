/** For tests: our client on a server that is made by hand. */
import { type HeaderField } from '../hpack/header-field.ts';
import { type Http2Stream } from '../stream.ts';
import { connectTo, NARROW, post, type Client } from './connections.ts';
import { END_HEADERS, END_STREAM, headers, RawPeer, settings } from './raw-peer.ts';
import { StreamLog } from './stream-log.ts';

export const OK: HeaderField[] = [[':status', '200']];
/** A request without a body. */
export const whole = (streamId: number, path?: string) => headers(streamId, post(path), END_HEADERS | END_STREAM);

/** @param first What the server says first. */
export async function pairOf(first = settings(), limits = NARROW): Promise<{ client: Client; server: RawPeer }> {
  const { port, peer } = await RawPeer.listen(first);
  const client = await connectTo(port, limits);
  const server = await peer;
  await client.greeted;
  return { client, server };
}

export function ask({ connection }: Client): { log: StreamLog; stream: Http2Stream } {
  const log = new StreamLog();
  const stream = connection.request(post(), log);
  stream.end();
  return { log, stream };
}
