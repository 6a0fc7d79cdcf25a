/**
 * How the proxy gets to the server and to the identity provider: TLS, and what stands in between.
 */
import { type Secret } from '../logging/secret';

export interface TlsSettings {
  /** True: any certificate is taken. */
  readonly skipVerify: boolean;
  /** PEM of the only authorities to trust; undefined: Node's own and the system's. */
  readonly ca?: string;
  /** PEM, for mTLS. Both or neither. */
  readonly clientCertificate?: string;
  readonly clientKey?: Secret;
  /** Name that the certificate must bear, and that is asked for (SNI). Undefined: the host. */
  readonly serverName?: string;
}

/** Grafana's secure SOCKS proxy (private data source connect): SOCKS5 within TLS. */
export interface SocksProxy {
  readonly host: string;
  readonly port: number;
  /** Name that the proxy's certificate must bear. */
  readonly serverName: string;
  /** PEM. Empty with `isPlaintext`. */
  readonly rootCas: readonly string[];
  readonly clientCertificate?: string;
  readonly clientKey?: Secret;
  /** True: no TLS to the proxy, which Grafana allows for tests. */
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
}

/** The way to the Flight SQL server. */
export interface ServerRoute {
  /** Without brackets, also for IPv6. */
  readonly host: string;
  readonly port: number;
  /** Undefined: plaintext. */
  readonly tls?: TlsSettings;
  readonly socks?: SocksProxy;
}

/** The way to the identity provider. */
export interface ProviderRoute {
  readonly tls: TlsSettings;
  /** Undefined: what HTTPS_PROXY and NO_PROXY of the environment say, which Grafana hands on. Not with `socks`. */
  readonly httpProxy?: HttpProxy;
  readonly socks?: SocksProxy;
}

/** The parts of a `Response` that are used. Leaving the iteration of the body closes the connection. */
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
