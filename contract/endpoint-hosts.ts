/**
 * The setting `oauthEndpointHosts`: hosts to which a discovery document may point beside the issuer's own, such as the
 * custom domain of a Cognito user pool or the back channel of a Keycloak.
 */
import { addressOf, addressText } from './host';

const DEFAULT_PORT = 443;

/** Entries of the setting. @param value Separated by commas or white space; a provisioning file may have a list. */
export function endpointHostEntries(value: string | readonly string[] | undefined): string[] {
  const texts = typeof value === 'string' ? [value] : (value ?? []);
  return texts.flatMap((text) => text.split(/[\s,]+/)).filter((entry) => entry !== '');
}

/**
 * Host and port of a URL, for comparison: lower case, IDNA and odd spellings of addresses resolved by the URL parser,
 * without the dot at the end of a fully qualified name.
 */
export function authorityOf(url: URL): string {
  const { host, port } = addressOf(url);
  return addressText(host.replace(/\.$/, ''), port);
}

/** An authority as the setting takes it: without the port where that is 443. */
export function endpointHostText(authority: string): string {
  const suffix = `:${DEFAULT_PORT}`;
  return authority.endsWith(suffix) ? authority.slice(0, -suffix.length) : authority;
}

/** The authority that an entry stands for, on port 443 where it names none. Undefined for what is no host. */
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

/** What is wrong with the setting, or undefined. */
export function endpointHostsProblem(value: string | readonly string[] | undefined): string | undefined {
  const wrong = endpointHostEntries(value).find((entry) => endpointAuthority(entry) === undefined);
  if (wrong === undefined) {
    return undefined;
  }
  return /^[a-z]+:\/\//i.test(wrong)
    ? `Enter host or host:port only, without scheme and path, in place of "${wrong}".`
    : `"${wrong}" is no host or host:port, for example auth.example.com or keycloak.internal:8443.`;
}
