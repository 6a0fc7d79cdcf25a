/**
 * The hosts to which requests for one issuer may go.
 *
 * A discovery document contains the URLs of the token endpoint and the key set. A malicious document could contain any
 * host that the backend can reach. So an endpoint must be on one of these hosts: the issuer's host (same port, or 443),
 * the host of the discovery document, a known host of the same provider, or a host in the data source settings. `guard`
 * checks every request.
 */
import { StringSet } from '../../../contract/string-map';
import { authorityOf, formatEndpointHost } from '../../../contract/problems/endpoint-hosts';
import { message } from '../../../contract/messages/message';
import { type ErrorCode } from '../../base/errors/catalogue';
import { ProviderError } from './provider-error';
import { isSafeUrl, type ProviderFetch, shownUrl } from './provider-http';
import { presentable, presentableUrl } from '../../observe/logging/redact';

/** Maximum length of an endpoint's URL, in characters. */
const MAX_URL_LENGTH = 2048;

interface HostPair {
  readonly issuer: RegExp;
  /** The groups that both patterns capture, such as a region, must be equal. */
  readonly endpoint: RegExp;
}

/** Providers with endpoints on other hosts than the issuer's. All of them use port 443. */
const PAIRS: readonly HostPair[] = [
  // developers.google.com/identity/openid-connect: the discovery document.
  { issuer: /^accounts\.google\.com$/, endpoint: /^(?:oauth2|www)\.googleapis\.com$/ },
  // Cognito developer guide, "Federation endpoints": prefix domains; auth-fips in GovCloud.
  {
    issuer: /^cognito-idp\.([a-z0-9-]+)\.amazonaws\.com$/,
    endpoint: /^[a-z0-9-]+\.auth(?:-fips)?\.([a-z0-9-]+)\.amazoncognito\.com$/,
  },
  // Microsoft Entra ID, "National clouds": v1 issuers are on sts hosts, token endpoints on login hosts. For tenants of
  // the US government, the documents of the worldwide cloud contain the endpoints of the government cloud.
  {
    issuer: /^(?:login\.microsoftonline\.com|login\.microsoft\.com|login\.windows\.net|sts\.windows\.net)$/,
    endpoint: /^(?:login\.microsoftonline\.(?:com|us)|login\.microsoft\.com|login\.windows\.net)$/,
  },
  {
    issuer: /^(?:login\.microsoftonline\.us|login\.usgovcloudapi\.net)$/,
    endpoint: /^(?:login\.microsoftonline\.us|login\.usgovcloudapi\.net)$/,
  },
  {
    issuer: /^(?:login\.partner\.microsoftonline\.cn|(?:login|sts)\.chinacloudapi\.cn)$/,
    endpoint: /^(?:login\.partner\.microsoftonline\.cn|login\.chinacloudapi\.cn)$/,
  },
  // Entra External ID: the issuer's subdomain is the tenant's id, and the subdomain of the endpoints is the tenant's
  // name.
  { issuer: /^[a-z0-9-]+\.ciamlogin\.com$/, endpoint: /^[a-z0-9-]+\.ciamlogin\.com$/ },
];

/** Host of an authority on port 443. Undefined for other ports. */
function hostOn443(authority: string): string | undefined {
  return authority.endsWith(':443') ? authority.slice(0, -':443'.length) : undefined;
}

function arePaired(issuer: string, endpoint: string): boolean {
  return PAIRS.some((pair) => {
    const ofIssuer = pair.issuer.exec(issuer);
    const ofEndpoint = pair.endpoint.exec(endpoint);
    return ofIssuer !== null && ofEndpoint !== null && ofIssuer[1] === ofEndpoint[1];
  });
}

interface AddressKind {
  readonly subject: string;
  /** Code of the error for an unusable URL. */
  readonly code: ErrorCode;
  readonly advice?: string;
}

/** Sources of endpoint URLs. */
const KINDS = {
  token_endpoint: { subject: 'The token_endpoint of the discovery document', code: 'provider_no_token_endpoint' },
  jwks_uri: { subject: 'The jwks_uri of the discovery document', code: 'provider_not_oidc' },
  token_uri: {
    subject: 'The token_uri of the service account key',
    code: 'provider_no_token_endpoint',
    advice: 'Download the key of the service account again and paste it unchanged.',
  },
} as const satisfies Record<string, AddressKind>;

export type EndpointName = keyof typeof KINDS;

interface EndpointHostsOptions {
  /** An https URL, or an http URL on loopback. */
  issuer: string;
  /** URL of the discovery document. For some issuers of Entra ID, the document is on another host. */
  discoveryUrl: string;
  /** Authorities (`host:port`) in the settings. */
  named: readonly string[];
}

/** The hosts of one issuer. They are fixed when the object is created: a document cannot add hosts. */
export class EndpointHosts {
  readonly #issuer: string;
  readonly #accepted: ReadonlySet<string>;

  constructor({ issuer, discoveryUrl, named }: EndpointHostsOptions) {
    this.#issuer = authorityOf(new URL(issuer));
    this.#accepted = new StringSet([this.#issuer, authorityOf(new URL(discoveryUrl)), ...named]);
  }

  /**
   * Returns a received URL if it may be used.
   *
   * @throws {ProviderError} `provider_endpoint_host` for a foreign host. For a URL that is missing, invalid or not
   *   https: the code in `KINDS`.
   */
  checked(name: EndpointName, address: unknown): string {
    const { subject, code, advice }: AddressKind = KINDS[name];
    const unusable = (problem: string) => new ProviderError(code, { detail: `${subject} ${problem}.`, advice });
    if (typeof address !== 'string' || !URL.canParse(address)) {
      throw unusable('is missing or is not a URL');
    }
    const url = new URL(address);
    if (address.length > MAX_URL_LENGTH || url.username !== '' || url.password !== '') {
      throw unusable(`has more than ${MAX_URL_LENGTH} characters, or a user name`);
    }
    if (!isSafeUrl(url)) {
      throw unusable(`is ${presentableUrl(shownUrl(address), [])}, which is not https`);
    }
    if (!this.#accepts(url)) {
      throw this.#foreign(subject, url);
    }
    return address;
  }

  /** Wraps `fetch`, and rejects requests to other hosts. */
  guard(fetch: ProviderFetch): ProviderFetch {
    return async (address, init) => {
      const url = new URL(address);
      if (!this.#accepts(url)) {
        throw this.#foreign('The address of a request', url);
      }
      return fetch(address, init);
    };
  }

  #accepts(url: URL): boolean {
    const authority = authorityOf(url);
    if (this.#accepted.has(authority)) {
      return true;
    }
    const host = url.protocol === 'https:' ? hostOn443(authority) : undefined;
    return host !== undefined && this.#isOfSameProvider(host);
  }

  /** True for the issuer's host on port 443, and for a paired host. */
  #isOfSameProvider(host: string): boolean {
    const issuer = hostOn443(this.#issuer);
    const isSameHost = this.#issuer.slice(0, this.#issuer.lastIndexOf(':')) === host;
    return isSameHost || (issuer !== undefined && arePaired(issuer, host));
  }

  #foreign(subject: string, url: URL): ProviderError {
    const host = presentable(formatEndpointHost(authorityOf(url)), []);
    return new ProviderError('provider_endpoint_host', {
      detail: `${subject} is on ${host}, the issuer on ${formatEndpointHost(this.#issuer)}.`,
      advice: [message('endpoint-host-foreign', { address: host })],
    });
  }
}
