import { type ErrorCode } from '../../errors/catalogue';
import { type ProofInUse, type ProofKind } from '../client-credentials';

/** What is known of one error that providers report. */
export interface ProviderHint {
  /** Looked for in "<error>: <description>". */
  readonly pattern: RegExp;
  /** The class of the failure, where the provider's `error` and the status do not show it. */
  readonly code?: ErrorCode;
  /** What to do, and where. What depends on how the client proves who it is gets that as a value. */
  readonly advice: string | ((proof: ProofInUse) => string);
  /** Proofs that it counts for: the same words mean something else to others. Undefined: all, and requests without one. */
  readonly proofs?: readonly ProofKind[];
}

/** Proofs that send an assertion. */
export const ASSERTIONS = ['private-key', 'secret-jwt', 'assertion-file', 'google-key'] as const;

/** Proofs that send the secret itself. */
export const SECRETS = ['secret', 'secret-file'] as const;
