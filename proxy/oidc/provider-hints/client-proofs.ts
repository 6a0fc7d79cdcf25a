/**
 * Advice about the way in which a client proves who it is. It depends on the proof that is configured, which is passed in
 * as a value, so that nothing is named that the settings do not have: no client secret beside a private key, and no file
 * where none is set.
 */
import { type ProofInUse, type ProofKind } from '../client-credentials';

interface ProofWords {
  /** What the token request contains. */
  readonly sends: string;
  /** The fields to check. */
  readonly check: string;
}

const PROOFS: Readonly<Record<ProofKind, ProofWords>> = {
  secret: { sends: 'a client secret', check: 'Check Client ID and Client Secret.' },
  'secret-file': {
    sends: 'a client secret from a file',
    check: 'Check Client ID, and that Secret file contains the secret of this client.',
  },
  'secret-jwt': {
    sends: 'an assertion signed with the client secret',
    check: 'Check Client ID and Client Secret.',
  },
  'private-key': {
    sends: 'an assertion signed with the private key',
    check:
      'Check Client ID, Private Key and Key ID: the identity provider must hold the public key of this private key for the client.',
  },
  'assertion-file': {
    sends: 'an assertion from a file',
    check:
      'Check Client ID, and that the identity provider trusts the issuer of the assertion in Assertion file for the client.',
  },
  'google-key': {
    sends: 'an assertion signed with the key of a service account',
    check: 'Check the JSON key of the service account.',
  },
};

/** What a client can be set to at its provider. `signed-jwt`: the provider does not say which key signs. */
export type ClientMethod = 'secret' | 'private-key' | 'secret-jwt' | 'signed-jwt';

const METHODS: Readonly<Record<ClientMethod, { is: string; select: string }>> = {
  secret: { is: 'a client secret', select: 'Client secret' },
  'private-key': { is: 'a JWT signed with a private key', select: 'Private key' },
  'secret-jwt': { is: 'a JWT signed with the client secret', select: 'Client secret (signed JWT)' },
  'signed-jwt': {
    is: 'a signed JWT',
    select: 'Private key (or Client secret (signed JWT), if the secret has to sign)',
  },
};

/** Which fields to check after a refusal. */
export function checkCredentials({ kind }: ProofInUse): string {
  return PROOFS[kind].check;
}

/** For a client that is set to another method than the data source uses. */
export function useMethod(method: ClientMethod): (proof: ProofInUse) => string {
  const { is, select } = METHODS[method];
  return ({ kind }) =>
    `The client is set to ${is}, and the data source sends ${PROOFS[kind].sends}. Select ${select} as Client authentication, or change the client at the identity provider.`;
}

/** For a client whose assertions must have another algorithm. */
export function useAlgorithm({ kind, algorithm }: ProofInUse): string {
  return kind === 'assertion-file' || algorithm === undefined
    ? 'Change the algorithm of the assertion in Assertion file, or the one that is set for the client at the identity provider.'
    : `The data source signs with ${algorithm}. Select as Signing algorithm the one that is set for the client at the identity provider, or allow any there.`;
}

/** For an assertion that is too old or too new. */
export function checkClock({ kind }: ProofInUse): string {
  return kind === 'assertion-file'
    ? 'The assertion in Assertion file may have expired: the platform must renew it. Set the clocks of both machines by a time server.'
    : 'Set the clock of the machine of the proxy by a time server.';
}
