/**
 * Checks of single settings, each answering with a sentence for the person who typed the value, or undefined when it is
 * fine. The config editor shows the sentence at the field; the proxy refuses the settings with the same one.
 */
import { isLoopback } from './host';
import { urlOf } from './providers';
import { MAX_QUERY_TIMEOUT_SECONDS } from './settings';

/** What is wrong with a server address, or undefined. */
export function hostProblem(host: string | undefined): string | undefined {
  const value = host?.trim() ?? '';
  if (value === '') {
    return 'Enter the address of the Micromegas server as host:port, for example micromegas.example.com:50051.';
  }
  const scheme = /^([a-z][a-z0-9+.-]*):\/\//i.exec(value);
  if (scheme) {
    return `Leave out "${scheme[0]}": the address is host:port, and the TLS switch decides how to connect.`;
  }
  if (/[\s/?#@]/.test(value)) {
    return 'The address is host:port only: no path, user or spaces.';
  }
  const match = /^(?:\[([0-9a-f:.]+)\]|([^:[\]]+)):(\d+)$/i.exec(value);
  if (!match) {
    return /^[^:]+$/.test(value)
      ? `Add the port: the address is host:port, for example ${value}:50051.`
      : 'The address is host:port, for example micromegas.example.com:50051. Put an IPv6 address in brackets: [::1]:50051.';
  }
  const port = Number(match[3]);
  return port >= 1 && port <= 65535 ? undefined : `The port must be between 1 and 65535, not ${match[3]}.`;
}

/** What is wrong with an OIDC issuer URL, or undefined. */
export function issuerProblem(issuer: string | undefined): string | undefined {
  const value = issuer?.trim() ?? '';
  if (value === '') {
    return 'Enter the issuer URL of your identity provider, for example https://id.example.com.';
  }
  let url: URL;
  try {
    url = new URL(value);
  } catch {
    return 'The issuer is a full URL, for example https://id.example.com.';
  }
  if (url.protocol !== 'https:' && !(url.protocol === 'http:' && isLoopback(url.hostname))) {
    return 'The issuer must be an https:// URL: the client secret is sent there. (http:// is allowed for this machine only.)';
  }
  if (url.pathname.endsWith('/.well-known/openid-configuration')) {
    return 'Leave out "/.well-known/openid-configuration": the issuer is the part before it.';
  }
  if (url.search !== '' || url.hash !== '' || url.username !== '' || url.password !== '') {
    return 'The issuer URL has no query, fragment or user name.';
  }
  return undefined;
}

/** What is wrong with the query timeout, or undefined. */
export function timeoutProblem(seconds: number | undefined): string | undefined {
  if (seconds === undefined) {
    return undefined;
  }
  return Number.isFinite(seconds) && seconds > 0 && seconds <= MAX_QUERY_TIMEOUT_SECONDS
    ? undefined
    : `The timeout is a number of seconds between 1 and ${MAX_QUERY_TIMEOUT_SECONDS}.`;
}

/** What is wrong with the row limit, or undefined. */
export function maxRowsProblem(rows: number | undefined): string | undefined {
  if (rows === undefined) {
    return undefined;
  }
  return Number.isInteger(rows) && rows >= 1 ? undefined : 'The row limit is a whole number of at least 1.';
}

/** What is wrong with the size limit, or undefined. */
export function maxAnswerProblem(megabytes: number | undefined): string | undefined {
  if (megabytes === undefined) {
    return undefined;
  }
  return Number.isFinite(megabytes) && megabytes >= 1
    ? undefined
    : 'The size limit is a number of megabytes of at least 1.';
}

/** Headers that the proxy or gRPC sets itself: an entry of the same name in `metadata` would fight with it. */
const RESERVED_METADATA =
  /^(authorization|limit|query_range_begin|query_range_end|preserve_dictionary|te|content-type|user-agent|x-user-.*|x-client-.*|x-auth-.*|x-allow-delegation|grpc-.*|:.*)$/;

/** True for names that the proxy or gRPC sets: such an entry of an old save is not sent. @param name In lower case. */
export function isReservedMetadata(name: string): boolean {
  return RESERVED_METADATA.test(name);
}

/** What is wrong with the name of a metadata entry, or undefined. An empty name stands for no entry. */
export function metadataKeyProblem(key: string): string | undefined {
  const name = key.trim().toLowerCase();
  if (name === '') {
    return undefined;
  }
  if (isReservedMetadata(name)) {
    return `"${name}" is set by the data source itself and cannot be given here.`;
  }
  if (name.endsWith('-bin')) {
    return `"${name}" would carry binary data, which Micromegas does not read. Choose a name that does not end in -bin.`;
  }
  return /^[0-9a-z_.-]+$/.test(name)
    ? undefined
    : `"${key}" is not a header name: use letters, digits, ".", "-" and "_".`;
}

/** What is wrong with the value of a metadata entry, or undefined. */
export function metadataValueProblem(value: string): string | undefined {
  return /^[\x20-\x7e]*$/.test(value) ? undefined : 'A header value holds printable ASCII characters only.';
}

/** Parameters of the token request that the proxy sets itself. */
const RESERVED_PARAMETERS = new Set([
  'grant_type',
  'client_id',
  'client_secret',
  'client_assertion',
  'client_assertion_type',
  'assertion',
]);

/** What is wrong with the name of an extra parameter of the token request, or undefined. Empty stands for none. */
export function parameterNameProblem(name: string): string | undefined {
  const text = name.trim();
  if (RESERVED_PARAMETERS.has(text)) {
    return `"${text}" is set by the data source itself and cannot be given here.`;
  }
  return /^[\x21-\x7e]*$/.test(text) ? undefined : `"${text}" is no parameter name: it holds no spaces or accents.`;
}

/** What is wrong with the path of a file on the proxy's machine, or undefined. */
export function filePathProblem(path: string | undefined): string | undefined {
  const value = path?.trim() ?? '';
  if (value === '') {
    return "Enter the path of a file on the machine of Grafana's server.";
  }
  return /^(?:\/|[a-z]:[\\/]|\\\\)/i.test(value)
    ? undefined
    : 'The path starts at the root, for example /run/secrets/micromegas.';
}

/** What is wrong with the address of an HTTP proxy, or undefined. Empty stands for what the environment says. */
export function proxyUrlProblem(address: string | undefined): string | undefined {
  const value = address?.trim() ?? '';
  if (value === '') {
    return undefined;
  }
  const url = urlOf(value);
  if (url === undefined || (url.protocol !== 'http:' && url.protocol !== 'https:')) {
    return 'The proxy is a URL with http:// or https://, for example http://proxy.example.com:3128.';
  }
  if (url.username !== '' || url.password !== '') {
    return 'Leave the user name and password out of the URL: they have fields of their own, where they are stored safely.';
  }
  return url.pathname === '/' && url.search === '' && url.hash === ''
    ? undefined
    : 'The URL of the proxy ends with its port: it has no path.';
}
