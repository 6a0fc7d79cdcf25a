/**
 * Checks of single settings. Each function `…Problem` returns the problem of a value. If the value can be used, it
 * returns undefined. The settings page and the backend call these functions.
 */
import { isLoopback } from '../settings/host';
import { message, type Message } from '../messages/message';
import { urlOf } from '../settings/providers';
import {
  MAX_INCREMENTAL_REFRESH_MINUTES,
  MAX_MAX_STATEMENTS,
  MAX_QUERY_TIMEOUT_SECONDS,
  MAX_RESULT_AGE_SECONDS,
} from '../settings/settings';

/** The problem of the server's address, which is `host:port`. */
export function hostProblem(host: string | undefined): Message | undefined {
  const value = host?.trim() ?? '';
  if (value === '') {
    return message('host-missing');
  }
  const scheme = /^([a-z][a-z0-9+.-]*):\/\//i.exec(value);
  if (scheme) {
    return message('host-with-scheme', { scheme: scheme[0] });
  }
  if (/[\s/?#@]/.test(value)) {
    return message('host-with-path');
  }
  const match = /^(?:\[([0-9a-f:.]+)\]|([^:[\]]+)):(\d+)$/i.exec(value);
  if (!match) {
    return /^[^:]+$/.test(value) ? message('host-without-port', { address: value }) : message('host-malformed');
  }
  const port = Number(match[3]);
  return isPort(port) ? undefined : message('port-out-of-range', { port: match[3] ?? '' });
}

/**
 * Ends of URLs that people copy from the pages and documents of a provider in place of the issuer. Group 1 is the path
 * of the issuer.
 */
const BEYOND_ISSUER: readonly RegExp[] = [
  /^(.*)\/\.well-known\/(?:openid-configuration|oauth-authorization-server)\/?$/,
  // Keycloak: endpoints, the account console, and other pages of a realm.
  /^(.*\/realms\/[^/]+)\/(?:protocol|account|clients-registrations|broker|login-actions|\.well-known)(?:\/.*)?$/,
  // Entra ID, Okta, Auth0, Hydra and others: the token endpoint and its neighbours.
  /^(.*)\/oauth2\/v2\.0\/(?:token|authorize)\/?$/,
  /^(.*)\/(?:v1|oauth|oauth2|connect|as|protocol\/openid-connect)\/(?:token|authorize|keys|certs|userinfo|introspect)(?:\.oauth2)?\/?$/,
];

/** The issuer in the URL of an endpoint or a page of a provider. Undefined if the URL may be an issuer. */
export function issuerIn(url: URL): string | undefined {
  const console = /^(.*)\/admin\/([^/]+)\/console(?:\/.*)?$/.exec(url.pathname);
  if (console !== null) {
    return `${url.origin}${console[1]}/realms/${console[2]}`;
  }
  const path = BEYOND_ISSUER.map((end) => end.exec(url.pathname)).find((match) => match !== null)?.[1];
  if (path === undefined) {
    return undefined;
  }
  // In Entra ID, the issuer of these endpoints ends in /v2.0.
  return `${url.origin}${path}${/\/oauth2\/v2\.0\//.test(url.pathname) ? '/v2.0' : ''}`;
}

/** The problem of the issuer, which is the URL of the identity provider. */
export function issuerProblem(issuer: string | undefined): Message | undefined {
  const value = issuer?.trim() ?? '';
  if (value === '') {
    return message('issuer-missing');
  }
  const url = urlOf(value);
  if (url === undefined) {
    return message('issuer-not-a-url');
  }
  if (url.protocol !== 'https:' && !(url.protocol === 'http:' && isLoopback(url.hostname))) {
    return message('issuer-not-https');
  }
  const issuerInUrl = issuerIn(url);
  if (issuerInUrl !== undefined) {
    const isDocument = url.pathname.endsWith('/.well-known/openid-configuration');
    return isDocument ? message('issuer-is-discovery-url') : message('issuer-has-more', { expected: issuerInUrl });
  }
  if (url.search !== '' || url.hash !== '' || url.username !== '' || url.password !== '') {
    return message('issuer-with-extras');
  }
  return undefined;
}

/** The problem of the query timeout. A missing timeout means the default. */
export function timeoutProblem(seconds: number | undefined): Message | undefined {
  if (seconds === undefined) {
    return undefined;
  }
  return seconds >= 1 && seconds <= MAX_QUERY_TIMEOUT_SECONDS
    ? undefined
    : message('timeout-out-of-range', { max: MAX_QUERY_TIMEOUT_SECONDS });
}

/** The problem of the row limit. A missing limit means the default. */
export function maxRowsProblem(rows: number | undefined): Message | undefined {
  if (rows === undefined) {
    return undefined;
  }
  return Number.isInteger(rows) && rows >= 1 ? undefined : message('max-rows-invalid');
}

/** The problem of the size limit of results. A missing limit means no limit. */
export function sizeLimitProblem(megabytes: number | undefined): Message | undefined {
  if (megabytes === undefined) {
    return undefined;
  }
  return Number.isFinite(megabytes) && megabytes >= 1 ? undefined : message('max-answer-invalid');
}

/** The problem of `maxStatements`, the maximum number of open statements. A missing number means the default. */
export function maxStatementsProblem(statements: number | undefined): Message | undefined {
  if (statements === undefined) {
    return undefined;
  }
  return Number.isInteger(statements) && statements >= 0 && statements <= MAX_MAX_STATEMENTS
    ? undefined
    : message('max-statements-invalid', { max: MAX_MAX_STATEMENTS });
}

/** The problem of the maximum time range in hours. A missing number means no limit. */
export function maxRangeProblem(hours: number | undefined): Message | undefined {
  if (hours === undefined) {
    return undefined;
  }
  return Number.isFinite(hours) && hours > 0 ? undefined : message('max-range-invalid');
}

/** The problem of a number below 0 or above `max`. A missing number has no problem. */
function problemBeyond(
  max: number,
  value: number | undefined,
  code: 'result-age-invalid' | 'incremental-refresh-invalid'
): Message | undefined {
  return value === undefined || (value >= 0 && value <= max) ? undefined : message(code, { max });
}

/** The problem of `resultAgeSeconds`, the maximum age of a shared result. A missing number means the default. */
export function resultAgeProblem(seconds: number | undefined): Message | undefined {
  return problemBeyond(MAX_RESULT_AGE_SECONDS, seconds, 'result-age-invalid');
}

/** The problem of `incrementalRefreshMinutes`. A missing number means the default. */
export function incrementalRefreshProblem(minutes: number | undefined): Message | undefined {
  return problemBeyond(MAX_INCREMENTAL_REFRESH_MINUTES, minutes, 'incremental-refresh-invalid');
}

/**
 * The problem of `oauthSigningAlgorithm`. A missing or empty algorithm means the default.
 *
 * @param fitting The algorithms that suit the client authentication.
 */
export function signingAlgorithmProblem(
  algorithm: string | undefined,
  fitting: readonly string[]
): Message | undefined {
  return algorithm === undefined || algorithm === '' || fitting.includes(algorithm)
    ? undefined
    : message('algorithm-unknown', { value: algorithm, known: fitting });
}

/**
 * Headers that the backend or gRPC sets itself, and headers that HTTP/2 does not allow (RFC 9113, section 8.2.2). An
 * entry of `metadata` with such a name would conflict with the header, or make each call malformed.
 */
const RESERVED_METADATA =
  /^(authorization|limit|query_range_begin|query_range_end|preserve_dictionary|te|content-type|content-length|connection|keep-alive|proxy-connection|transfer-encoding|upgrade|user-agent|x-user-.*|x-client-.*|x-auth-.*|x-allow-delegation|grpc-.*|:.*)$/;

/**
 * True for names that a metadata entry must not have. Older settings may have such entries. The backend does not send
 * them.
 *
 * @param name In lower case.
 */
export function isReservedMetadata(name: string): boolean {
  return RESERVED_METADATA.test(name);
}

/** The problem of the name of a metadata entry. An empty name means no entry. */
export function metadataKeyProblem(key: string): Message | undefined {
  const name = key.trim().toLowerCase();
  if (name === '') {
    return undefined;
  }
  if (isReservedMetadata(name)) {
    return message('name-is-reserved', { name });
  }
  if (name.endsWith('-bin')) {
    return message('name-is-binary', { name });
  }
  return /^[0-9a-z_.-]+$/.test(name) ? undefined : message('header-name-invalid', { name: key });
}

/** The problem of the value of a metadata entry. */
export function metadataValueProblem(value: string): Message | undefined {
  return /^[\x20-\x7e]*$/.test(value) ? undefined : message('header-value-invalid');
}

/** Parameters of the token request that the backend sets itself. */
const RESERVED_PARAMETERS = new Set([
  'grant_type',
  'client_id',
  'client_secret',
  'client_assertion',
  'client_assertion_type',
  'assertion',
]);

/** The problem of the name of an additional parameter of the token request. An empty name means no parameter. */
export function parameterNameProblem(name: string): Message | undefined {
  const trimmed = name.trim();
  if (RESERVED_PARAMETERS.has(trimmed)) {
    return message('name-is-reserved', { name: trimmed });
  }
  return /^[\x21-\x7e]*$/.test(trimmed) ? undefined : message('parameter-name-invalid', { name: trimmed });
}

/** The problem of the path of a file on the machine where the backend runs. */
export function filePathProblem(path: string | undefined): Message | undefined {
  const value = path?.trim() ?? '';
  if (value === '') {
    return message('file-path-missing');
  }
  return /^(?:\/|[a-z]:[\\/]|\\\\)/i.test(value) ? undefined : message('file-path-relative');
}

/** The problem of the URL of an HTTP proxy. An empty URL means the HTTP proxy from the environment variables. */
export function proxyUrlProblem(address: string | undefined): Message | undefined {
  const value = address?.trim() ?? '';
  if (value === '') {
    return undefined;
  }
  const url = urlOf(value);
  if (url === undefined || (url.protocol !== 'http:' && url.protocol !== 'https:')) {
    return message('proxy-url-invalid');
  }
  if (url.username !== '' || url.password !== '') {
    return message('proxy-url-with-password');
  }
  return url.pathname === '/' && url.search === '' && url.hash === '' ? undefined : message('proxy-url-with-path');
}

/** Placeholders for the path of a source file and for the line number in the URL of source links. */
export const SOURCE_FILE = '{file}';
export const SOURCE_LINE = '{line}';
export const SOURCE_URL_EXAMPLE = 'https://github.com/acme/game/blob/main/{file}#L{line}';

/**
 * The problem of the URL of source links, which has placeholders. An empty URL means no links. If there is a
 * problem, the backend logs a warning and makes no links.
 */
export function sourceUrlProblem(template: string | undefined): Message | undefined {
  const value = template?.trim() ?? '';
  if (value === '') {
    return undefined;
  }
  const filled = (part: string) => value.replaceAll(SOURCE_FILE, part).replaceAll(SOURCE_LINE, part);
  const url = urlOf(filled('1'));
  const isWeb = url?.protocol === 'http:' || url?.protocol === 'https:';
  if (url === undefined || !isWeb || /\s/.test(value) || url.username !== '' || url.password !== '') {
    return message('source-url-invalid', { example: SOURCE_URL_EXAMPLE });
  }
  if (!value.includes(SOURCE_FILE)) {
    return message('source-url-without-file', { placeholder: SOURCE_FILE });
  }
  return urlOf(filled('2'))?.origin === url.origin
    ? undefined
    : message('source-url-host', {
        placeholder: value.includes(SOURCE_LINE) ? `${SOURCE_FILE}, ${SOURCE_LINE}` : SOURCE_FILE,
      });
}

/** True for a number that a TCP port may have, from 1 to 65535. */
export function isPort(port: number): boolean {
  return port >= 1 && port <= 65_535;
}
