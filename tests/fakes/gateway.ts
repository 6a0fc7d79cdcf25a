/** A gateway in front of a gRPC server: it forwards calls over HTTP/2, and changes their headers. For tests only. */
import { connect, constants, createServer, type IncomingHttpHeaders, type ServerHttp2Stream } from 'node:http2';
import { listen } from '../../proxy/lakehouse/network/testing/loopback';

const { HTTP2_HEADER_VIA } = constants;

/**
 * Starts a gateway that adds `Via` to each response. `endLoopback` stops it.
 *
 * @param upstream `host:port` of the server, without TLS.
 * @param change Returns the headers of the forwarded request.
 * @returns `host:port` of the gateway.
 */
export async function startGateway(
  upstream: string,
  change: (headers: IncomingHttpHeaders) => IncomingHttpHeaders
): Promise<string> {
  const server = createServer();
  const session = connect(`http://${upstream}`);
  session.on('error', () => undefined);
  server.on('close', () => session.destroy());
  server.on('stream', (stream: ServerHttp2Stream, headers: IncomingHttpHeaders) => {
    const forwarded = session.request(change(headers));
    stream.on('error', () => forwarded.close()).on('close', () => forwarded.close());
    forwarded.on('error', () => stream.close());
    forwarded.on('response', ({ ':status': status = 502, ...fields }, flags) => {
      const endStream = (flags & constants.NGHTTP2_FLAG_END_STREAM) !== 0;
      stream.respond(
        { ':status': status, ...fields, [HTTP2_HEADER_VIA]: '1.1 edge' },
        { waitForTrailers: !endStream, endStream }
      );
      let trailers: IncomingHttpHeaders = {};
      forwarded.on('trailers', (received: IncomingHttpHeaders) => (trailers = received));
      stream.on('wantTrailers', () => stream.sendTrailers(trailers));
      if (!endStream) {
        forwarded.pipe(stream);
      }
    });
    stream.pipe(forwarded);
  });
  return `127.0.0.1:${await listen(server)}`;
}
