/** The routes to the server and to the identity provider: TLS settings, HTTP and SOCKS proxies. */
import { type Secret } from '../../observe/logging/secret';

/** TLS of one connection. `tlsProblems` has checked the PEM when the settings were read. */
export interface TlsSettings {
  /** True: accept any certificate. */
  readonly skipVerify: boolean;
  /**
   * PEM of the only certificate authorities to trust. Undefined: the authorities of Node and of the system are trusted.
   */
  readonly ca?: string;
  /** True if the settings contain a certificate authority, but the switch for it is off. Only for advice. */
  readonly hasUnusedCa?: boolean;
  /** PEM, for mTLS. Set together with `clientKey`. */
  readonly clientCertificate?: string;
  readonly clientKey?: Secret;
  /** Name that the certificate must contain, also sent as SNI. Undefined: the host. */
  readonly serverName?: string;
}

/** Grafana's secure SOCKS proxy (Private data source connect): SOCKS5 inside TLS. */
export interface SocksProxy {
  readonly host: string;
  readonly port: number;
  /** Name that the certificate of the SOCKS proxy must contain. Empty: the host. */
  readonly serverName: string;
  /** PEM. Empty with `isPlaintext`. */
  readonly rootCas: readonly string[];
  readonly clientCertificate?: string;
  readonly clientKey?: Secret;
  /** True: no TLS to the SOCKS proxy. Grafana has this setting for tests. */
  readonly isPlaintext: boolean;
  readonly user: string;
  readonly password?: Secret;
}

/** An HTTP proxy that tunnels with CONNECT. */
export interface HttpProxy {
  /** `http:` or `https:`, without user and path. */
  readonly url: string;
  readonly user?: string;
  readonly password?: Secret;
  /**
   * The variable of the environment that sets the HTTP proxy, such as `HTTPS_PROXY`. Undefined: the data source sets
   * the HTTP proxy.
   */
  readonly variable?: string;
}

/** The route to the Flight SQL server. */
export interface ServerRoute {
  /** Without brackets. */
  readonly host: string;
  readonly port: number;
  /** Undefined: plaintext. */
  readonly tls?: TlsSettings;
  readonly socks?: SocksProxy;
}

/** The route to the identity provider. */
export interface ProviderRoute {
  readonly tls: TlsSettings;
  /**
   * Undefined: the HTTP proxy of the environment variables is used, if there is one. With `socks`, no HTTP proxy is
   * used.
   */
  readonly httpProxy?: HttpProxy;
  readonly socks?: SocksProxy;
}

/** The parts of a `Response` that are used. If the iteration of the body ends early, the connection closes. */
export interface ProviderResponse {
  readonly status: number;
  readonly headers: Headers;
  readonly body: AsyncIterable<Uint8Array> | null;
}

/** The part of `fetch` that requests to an identity provider use. Redirects are not followed. */
export type ProviderFetch = (
  url: string,
  init: { method: string; headers: Record<string, string>; body?: string; signal: AbortSignal }
) => Promise<ProviderResponse>;
