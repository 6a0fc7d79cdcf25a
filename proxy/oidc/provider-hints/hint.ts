import { type ErrorCode } from '../../errors/catalogue';

/** What is known of one error that providers report. */
export interface ProviderHint {
  /** Looked for in "<error>: <description>". */
  readonly pattern: RegExp;
  /** The class of the failure, where the provider's `error` and the status do not show it. */
  readonly code?: ErrorCode;
  /** What to do, and where. */
  readonly advice: string;
  /** True: it counts only when the client signed an assertion, whose words are too common otherwise. */
  readonly isOfAssertion?: boolean;
}
