/**
 * The setting `oauthEndpointHosts`: hosts that a discovery document may name in addition to the issuer's host, such as
 * the custom domain of a Cognito user pool or the back channel of Keycloak.
 */
import { addressOf, formatAddress } from '../settings/host';
import { message, type Message } from '../messages/message';

const DEFAULT_PORT = 443;

/**
 * The entries of the setting.
 *
 * @param value Entries with commas or white space between them. A provisioning file may have a list of such strings.
 */
export function endpointHostEntries(value: string | readonly string[] | undefined): string[] {
  const values = typeof value === 'string' ? [value] : (value ?? []);
  return values.flatMap((list) => list.split(/[\s,]+/)).filter((entry) => entry !== '');
}

/**
 * Host and port of a URL, such as `example.com:443`. The dot at the end of a host is removed. The URL parser has
 * already normalized the host, for example to lower case.
 */
export function authorityOf(url: URL): string {
  const { host, port } = addressOf(url);
  return formatAddress(host.replace(/\.$/, ''), port);
}

/** An authority (`host:port`) as an entry of the setting. The default port 443 is omitted. */
export function formatEndpointHost(authority: string): string {
  const suffix = `:${DEFAULT_PORT}`;
  return authority.endsWith(suffix) ? authority.slice(0, -suffix.length) : authority;
}

/** The authority of an entry. The default port is 443. Undefined if the entry is neither a host nor `host:port`. */
export function endpointAuthority(entry: string): string | undefined {
  if (/[\s/?#@*\\]/.test(entry)) {
    return undefined;
  }
  try {
    return authorityOf(new URL(`https://${entry}/`));
  } catch {
    return undefined;
  }
}

/** The problem of the setting. Undefined if each entry is a host or `host:port`. */
export function endpointHostsProblem(value: string | readonly string[] | undefined): Message | undefined {
  const wrong = endpointHostEntries(value).find((entry) => endpointAuthority(entry) === undefined);
  if (wrong === undefined) {
    return undefined;
  }
  return /^[a-z]+:\/\//i.test(wrong)
    ? message('endpoint-host-with-scheme', { entry: wrong })
    : message('endpoint-host-invalid', { entry: wrong });
}
