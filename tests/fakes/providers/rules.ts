/** The rules of a provider, as the simulator needs them. */
import { type JWTPayload } from 'jose';
import { type MicromegasSecrets, type MicromegasSettings } from '../../../contract/settings/settings';
import { type SigningKey } from './signing-keys';
import { type TokenRequest } from './token-request';

/** An HTTP response. A body that is not a string is sent as JSON. */
export interface Reply {
  status: number;
  body: unknown;
  headers?: Record<string, string>;
}

/** A token that the provider grants. `TokenTraits` of the simulator can change it. */
export interface Grant {
  claims: JWTPayload;
  /** Seconds. */
  lifeSeconds: number;
  /** Members of the JWT header in addition to `alg` and `kid`. */
  header?: Record<string, string>;
  /** True: the token is not a JWT. */
  isOpaque?: boolean;
  /** Creates the body of the response. Default: `access_token`, `token_type` and `expires_in`. */
  body?: (token: string, lifeSeconds: number) => Record<string, unknown>;
}

export type GrantOutcome = { grant: Grant } | { rejection: Reply };

/** The client as the provider's administrator registered it. */
export interface RegisteredClient {
  id: string;
  secret: string;
  isSecretExpired: boolean;
  /** True: the client may access the API. */
  isGranted: boolean;
  /** RSA key with which the client signs assertions. */
  rsa: SigningKey;
  /** EC key with which the client signs assertions (ES256). */
  ec: SigningKey;
  /** SHA-256 thumbprint of the client's certificate, base64url. */
  thumbprintSha256?: string;
  /** False: the provider does not form-decode Basic credentials, which violates RFC 6749, section 2.3.1. */
  decodesBasic: boolean;
  /** The required way to send the secret. Undefined: in the body or in the header. */
  onlyBy?: 'post' | 'basic';
  /** The required authentication method. Undefined: the provider's rules decide. */
  method?: 'secret' | 'private_key_jwt' | 'client_secret_jwt';
  /** Required algorithm of assertions. Undefined: any algorithm of the method. */
  algorithm?: string;
  /** True: the client can get only DPoP-bound tokens. */
  requiresDpop?: boolean;
  /** True: the client can get only tokens that are bound to a client certificate. */
  isBoundToCertificate?: boolean;
  /** Keycloak: true if no key is registered for the client. */
  isKeyless?: boolean;
  /** Keycloak: true if the client's key is a certificate, not a JWKS. */
  hasCertificate?: boolean;
  isUserDisabled?: boolean;
  isRealmDisabled?: boolean;
}

/** The part of the simulator that the rules of a provider can read. */
export interface ProviderState {
  /** `http://127.0.0.1:port`, the host of the discovery document. */
  origin: string;
  issuer: string;
  tokenEndpoint: string;
  client: RegisteredClient;
  /** `jti` of used assertions. */
  seenAssertions: Set<string>;
  /** Seconds since 1970 by the provider's clock. */
  nowSeconds(): number;
}

/** Settings and secrets that an administrator saves for this provider. */
export interface SavedForm {
  jsonData: MicromegasSettings;
  secrets: MicromegasSecrets;
  /** The audience in the configuration of the Micromegas server. */
  serverAudience: string;
}

export interface ProviderRules {
  name: string;
  /** Path of the issuer, which is appended to the origin. */
  issuerPath: string;
  tokenPath: string;
  /** Suffix of client ids. */
  clientIdSuffix?: string;
  jwksPath: string;
  /** Path of the discovery document. Default: below the issuer. */
  discoveryPath?: string;
  /** True: the host of the token endpoint differs from the host of the discovery document. */
  isTokenHostOther?: boolean;
  /** Members of the discovery document in addition to the endpoints. */
  metadata?: Record<string, unknown>;
  /** Further discovery documents by path, for a provider with two issuers. */
  otherDocuments?: (provider: ProviderState) => Record<string, { issuer: string }>;
  /** Response to a request for the discovery document of an unknown tenant. */
  unknownTenant: Reply;
  rateLimited: Reply;
  /** True: responses have no `Date` header. */
  hasNoDate?: boolean;
  /** Prefix of opaque tokens. */
  opaquePrefix?: string;
  grant(request: TokenRequest, provider: ProviderState): Promise<GrantOutcome>;
  form(provider: ProviderState): SavedForm | Promise<SavedForm>;
}

/** An OAuth error in the format of RFC 6749, section 5.2. */
export function oauthError(status: number, error: string, description?: string): { rejection: Reply } {
  return {
    rejection: { status, body: { error, ...(description === undefined ? {} : { error_description: description }) } },
  };
}

/** True if the secret is the client's, and the client may send it in this way. */
export function hasRightSecret({ client: claimed }: TokenRequest, { client }: ProviderState): boolean {
  return claimed.secret === client.secret && (client.onlyBy === undefined || client.onlyBy === claimed.by);
}
