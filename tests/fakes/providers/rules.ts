/** What one provider does in its own way, in the terms in which the simulator asks for it. */
import { type JWTPayload } from 'jose';
import { type MicromegasSecrets, type MicromegasSettings } from '../../../contract/settings';
import { type SigningKey } from './signing-keys';
import { type TokenRequest } from './token-request';

/** An answer over HTTP. A body that is no text is sent as JSON. */
export interface Reply {
  status: number;
  body: unknown;
  headers?: Record<string, string>;
}

/** A token that the provider grants, before the switches of the simulator change it. */
export interface Grant {
  claims: JWTPayload;
  /** Seconds. */
  lifeSeconds: number;
  /** Header beside `alg` and `kid`. */
  header?: Record<string, string>;
  /** True when this provider answers such a request with an opaque token. */
  isOpaque?: boolean;
  /** The body of the answer, when it is not the usual one. */
  body?: (token: string, lifeSeconds: number) => Record<string, unknown>;
}

export type GrantOutcome = { grant: Grant } | { refusal: Reply };

/** The client as the provider's administrator registered it. */
export interface RegisteredClient {
  id: string;
  secret: string;
  isSecretExpired: boolean;
  /** The access to the API is granted to the client. */
  isGranted: boolean;
  /** RSA, for assertions that the client signs. */
  rsa: SigningKey;
  /** EC, for the same with ES256. */
  ec: SigningKey;
  /** Of the certificate that was uploaded for the client, SHA-256 in base64url. */
  thumbprintSha256?: string;
  /** False: Basic credentials are taken as they are, without undoing their form-encoding. */
  decodesBasic: boolean;
  /** Way of the secret that the provider insists on; undefined: any. */
  onlyBy?: 'post' | 'basic';
  /** How the client must prove who it is; undefined: as the provider sees fit. */
  method?: 'secret' | 'private_key_jwt' | 'client_secret_jwt';
  /** Algorithm that its assertions must have; undefined: any of the method. */
  algorithm?: string;
  /** It gets DPoP-bound tokens only. */
  requiresDpop?: boolean;
}

/** What the rules of a provider may ask the simulator. */
export interface World {
  /** `http://127.0.0.1:port`, where discovery is. */
  origin: string;
  issuer: string;
  tokenEndpoint: string;
  client: RegisteredClient;
  /** Ids of assertions that were used. */
  seenAssertions: Set<string>;
  /** Seconds since 1970 by the provider's clock. */
  nowSeconds(): number;
}

/** Settings and secrets that an administrator saves for this provider. */
export interface SavedForm {
  jsonData: MicromegasSettings;
  secrets: MicromegasSecrets;
  /** What the Micromegas server is configured with beside the issuer. */
  serverAudience: string;
}

export interface ProviderRules {
  name: string;
  /** Appended to the origin. */
  issuerPath: string;
  tokenPath: string;
  /** How ids of clients end. */
  clientIdSuffix?: string;
  jwksPath: string;
  /** Discovery, when it is not below the issuer. */
  discoveryPath?: string;
  /** True when the token endpoint is on another host than discovery. */
  isTokenHostOther?: boolean;
  /** Members of the discovery document beside the endpoints. */
  metadata?: Record<string, unknown>;
  /** Discovery documents beside the usual one, by path: a provider may issue tokens in two names. */
  otherDocuments?: (world: World) => Record<string, { issuer: string }>;
  /** Answer to discovery of a tenant that is not there. */
  unknownTenant: Reply;
  rateLimited: Reply;
  /** Answers have no `Date` header. */
  hasNoDate?: boolean;
  /** How opaque tokens of this provider begin. */
  opaquePrefix?: string;
  grant(request: TokenRequest, world: World): Promise<GrantOutcome>;
  form(world: World): SavedForm | Promise<SavedForm>;
}

/** An OAuth error as RFC 6749, section 5.2, wants it. */
export function oauthError(status: number, error: string, description?: string): { refusal: Reply } {
  return {
    refusal: { status, body: { error, ...(description === undefined ? {} : { error_description: description }) } },
  };
}

/** True when the secret is the client's, sent in a way that this client may use. */
export function hasRightSecret({ client: claimed }: TokenRequest, { client }: World): boolean {
  return claimed.secret === client.secret && (client.onlyBy === undefined || client.onlyBy === claimed.by);
}
