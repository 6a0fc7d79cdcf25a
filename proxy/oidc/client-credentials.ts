/**
 * A service account at an identity provider: what it asks for, and how it proves who it is.
 */
import { type RecognisedProvider } from '../../contract/providers';
import { type KeyAlgorithm, type SecretAlgorithm, type SecretStyle } from '../../contract/settings';
import { type Secret } from '../logging/secret';

/** How the client proves who it is. Files are read at each token request: a platform renews them. */
export type Proof =
  | { readonly kind: 'secret'; readonly secret: Secret; readonly style: SecretStyle }
  | { readonly kind: 'secret-file'; readonly path: string; readonly style: SecretStyle }
  | {
      /** The secret signs an assertion and is not sent (`client_secret_jwt`). */
      readonly kind: 'secret-jwt';
      readonly secret: Secret;
      readonly algorithm: SecretAlgorithm;
    }
  | {
      readonly kind: 'private-key';
      /** PEM. */
      readonly key: Secret;
      /** Undefined: ES256 for an EC key, PS256 for Entra ID with a certificate, else RS256. */
      readonly algorithm?: KeyAlgorithm;
      readonly keyId?: string;
      /** PEM; its thumbprint goes into the assertion's header. */
      readonly certificate?: string;
    }
  | { readonly kind: 'assertion-file'; readonly path: string }
  | { readonly kind: 'google-key'; readonly key: GoogleKey };

export type ProofKind = Proof['kind'];

/** The proof of one token request. Advice gets it as a value, so that it names only what is configured. */
export interface ProofInUse {
  readonly kind: ProofKind;
  /** Of the assertion that was signed here. */
  readonly algorithm?: string;
}

/** A service account key of Google, from its JSON file or pasted bare. */
export interface GoogleKey {
  readonly email: string;
  readonly keyId?: string;
  /** PEM, line ends repaired. */
  readonly privateKey: Secret;
  /** Missing: the token endpoint of Google's discovery document. */
  readonly tokenUri?: string;
}

export interface ClientCredentials {
  readonly issuer: string;
  /** What the form was set to; it counts where the issuer does not tell, at a domain of the customer's own. */
  readonly provider?: RecognisedProvider;
  readonly clientId: string;
  readonly proof: Proof;
  /** For Google the `target_audience`. */
  readonly audience?: string;
  readonly scope?: string;
  /** Authorities (`host:port`) that a discovery document may name beside the issuer's own. */
  readonly endpointHosts?: readonly string[];
  /** Extra parameters of the token request, in order. */
  readonly parameters: ReadonlyArray<readonly [name: string, value: Secret]>;
}
