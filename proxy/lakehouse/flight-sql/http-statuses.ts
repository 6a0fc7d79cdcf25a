/**
 * HTTP statuses of responses without gRPC: a reverse proxy, load balancer or web server responded in place of
 * Micromegas, or the HTTP/2 library of the server rejected the request.
 */
import { type ErrorCode } from '../../base/errors/catalogue';

interface StatusMeaning {
  code: ErrorCode;
  /** The likely cause, one sentence. */
  cause: string;
  /** Default: the advice of the catalogue. */
  advice?: string;
}

const NOT_GRPC: StatusMeaning = { code: 'not_flight_sql', cause: 'The response has no gRPC status.' };

const BEHIND_PROXY =
  'Check that proxy: it must pass gRPC (HTTP/2) on to the Flight SQL port of the server, 50051 by default.';

const MEANINGS: Readonly<Record<number, StatusMeaning>> = {
  400: {
    code: 'not_flight_sql',
    cause: 'A web server or reverse proxy did not understand the gRPC request.',
    advice: `Check the port. ${BEHIND_PROXY}`,
  },
  401: {
    code: 'server_intercepted',
    cause:
      'A reverse proxy in front of the server rejected the sign-in: Micromegas itself responds with a gRPC status.',
    advice: 'Configure that proxy to pass gRPC calls on to Micromegas, which checks keys and tokens itself.',
  },
  403: {
    code: 'server_intercepted',
    cause: 'A reverse proxy in front of the server rejected the call: Micromegas itself responds with a gRPC status.',
    advice:
      "Check the rules of that proxy for the address of the plugin's backend, and for the path /arrow.flight.protocol.FlightService.",
  },
  407: {
    code: 'server_intercepted',
    cause: 'A proxy on the way requires a sign-in.',
    advice: 'Let calls from the machine that runs Grafana pass that proxy without a sign-in, or connect without it.',
  },
  404: {
    code: 'not_flight_sql',
    cause: 'A web server or reverse proxy has nothing at the path /arrow.flight.protocol.FlightService.',
    advice: `Check the port. ${BEHIND_PROXY}`,
  },
  408: {
    code: 'gateway_timeout',
    cause: 'A reverse proxy in front of the server did not receive the request in time.',
  },
  413: { code: 'request_too_large', cause: 'The body of the request contains the SQL.' },
  415: {
    code: 'not_flight_sql',
    cause: 'A web server does not accept the content type application/grpc.',
    advice: `Check the port. ${BEHIND_PROXY}`,
  },
  429: { code: 'server_rate_limited', cause: 'Micromegas has no such limit: it is set in a reverse proxy or gateway.' },
  431: { code: 'headers_too_large', cause: 'Micromegas accepts at most 16 KiB of request headers.' },
  500: {
    code: 'server_unavailable',
    cause: 'The server, or a reverse proxy in front of it, had an internal error before the call reached Micromegas.',
    advice: 'Look at the logs of that proxy and of the server.',
  },
  502: {
    code: 'server_unavailable',
    cause: 'A reverse proxy in front of the server cannot reach it, or speaks HTTP/1.1 to it.',
    advice: `Check that the server runs. ${BEHIND_PROXY}`,
  },
  503: {
    code: 'server_unavailable',
    cause: 'A reverse proxy in front of the server has no healthy server, or the server is overloaded.',
    advice: 'Check that the server runs, and that it passes the health check of that proxy.',
  },
  504: {
    code: 'gateway_timeout',
    cause: 'A reverse proxy in front of the server reached its own timeout before the server responded.',
  },
};

const REDIRECT: StatusMeaning = {
  code: 'server_intercepted',
  cause:
    'The response is a redirect. Web servers redirect from HTTP to HTTPS, and access proxies to their sign-in page.',
  advice: `Check the port and whether the server needs TLS. ${BEHIND_PROXY}`,
};

/**
 * The code, the likely cause and the advice.
 *
 * @param status HTTP status of a response without a gRPC status; 0 if the response has none.
 */
export function meaningOfStatus(status: number): StatusMeaning {
  return MEANINGS[status] ?? (status >= 300 && status < 400 ? REDIRECT : NOT_GRPC);
}

/** Sizes of the headers of a call in bytes. */
export interface HeaderSizes {
  /** All metadata of the call. */
  headerBytes: number;
  /** The access token or API key; 0 without one. */
  tokenBytes: number;
}

/** Micromegas rejects requests with larger headers, in bytes. */
const MICROMEGAS_HEADER_BYTES = 16 * 1024;
const LOWER_LIMIT =
  'Micromegas accepts 16 KiB of request headers, so a proxy or gateway in front of it with a lower limit responded.';

const LARGE_TOKEN =
  'Roles and groups make tokens large: configure the identity provider to leave them out of the tokens for this API (in Keycloak, switch off Full scope allowed of the client; in Entra ID, limit the groups claim to groups assigned to the application).';

/**
 * A message with the size of the headers. Also advice if at least half of this size is the token, or if the limit is
 * lower than that of Micromegas.
 */
export function headerSizeDetail({ headerBytes, tokenBytes }: HeaderSizes): {
  detail: string;
  cause?: string;
  advice?: string;
} {
  const detail = `The headers of the call have ${headerBytes} bytes, of which the token takes ${tokenBytes}.`;
  // With a small token, most of the headers come from the settings.
  const advice = tokenBytes * 2 < headerBytes ? {} : { advice: LARGE_TOKEN };
  return headerBytes >= MICROMEGAS_HEADER_BYTES
    ? { detail, ...advice }
    : { detail, cause: LOWER_LIMIT, advice: 'Raise the limit for request headers of that proxy to at least 16 KiB.' };
}
