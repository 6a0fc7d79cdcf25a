/**
 * The endpoints of a result. Only the configured server is called, because a server at another location would get the
 * token of the data source.
 */
import { addressOf as addressOfUrl, bareHost } from '../../../contract/settings/host';
import { ProxyError } from '../../base/errors/proxy-error';
import { type FlightEndpoint, type FlightInfo } from './flight-messages';

/** The scheme of a location that tells the client to use the existing connection. */
const REUSE_CONNECTION = 'arrow-flight-reuse-connection:';

interface Address {
  host: string;
  port: number;
}

/** Host (in lower case, without brackets) and port of a location. */
function addressOf(uri: string): Address | undefined {
  // The URL parser finds host and port only for schemes that it knows, such as http.
  const url = URL.parse(uri.replace(/^[a-z][a-z0-9+.-]*:\/\//i, 'http://'));
  return url === null ? undefined : addressOfUrl(url);
}

function isHere(uri: string, server: Address): boolean {
  if (uri === '' || uri.toLowerCase().startsWith(REUSE_CONNECTION)) {
    return true;
  }
  const address = addressOf(uri);
  return address?.host === bareHost(server.host).toLowerCase() && address.port === server.port;
}

/** A location for an error message: without user name, path and query. */
function shown(uri: string): string {
  const scheme = /^[a-z][a-z0-9+.-]*:\/\//i.exec(uri)?.[0] ?? '';
  const address = addressOf(uri);
  return address === undefined ? `${scheme}…` : `${scheme}${address.host}:${address.port}`;
}

function ticketOf(endpoint: FlightEndpoint, server: Address): Uint8Array {
  const uris = endpoint.location.map((location) => location.uri);
  if (uris.length > 0 && !uris.some((uri) => isHere(uri, server))) {
    throw new ProxyError('endpoint_elsewhere', { detail: `The server named ${uris.map(shown).join(', ')}.` });
  }
  if (endpoint.ticket === undefined) {
    throw new ProxyError('result_malformed', { detail: 'An endpoint has no ticket.' });
  }
  return endpoint.ticket.ticket;
}

/**
 * The tickets of a result in the order of its rows.
 *
 * @param server The configured address.
 * @throws {ProxyError} `endpoint_elsewhere` if an endpoint has only locations at other servers; `result_malformed` if
 *   an endpoint has no ticket.
 */
export function ticketsOf(info: FlightInfo, server: Address): Uint8Array[] {
  return info.endpoint.map((endpoint) => ticketOf(endpoint, server));
}

const CONTINUATION = 0xffffffff;

/**
 * The schema message of a `FlightInfo`, for a result without endpoints.
 *
 * @returns The FlatBuffers message without its framing; undefined if the schema is missing or truncated.
 */
export function schemaHeaderOf(info: FlightInfo): Uint8Array | undefined {
  const bytes = info.schema;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (bytes.length < 8) {
    return undefined;
  }
  // Before Arrow 0.15, the length came first, without a continuation mark.
  const framing = view.getUint32(0, true) === CONTINUATION ? 8 : 4;
  const length = view.getInt32(framing - 4, true);
  return length > 0 && framing + length <= bytes.length ? bytes.subarray(framing, framing + length) : undefined;
}
