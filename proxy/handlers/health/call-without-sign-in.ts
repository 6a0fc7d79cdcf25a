/** A call without a sign-in: shows whether a server is open, and whether it responds at all. */
import { withLimits } from '../../base/async/with-limits';
import { ProxyError } from '../../base/errors/proxy-error';
import { type StageContext } from './check-context';

/** Time limit in milliseconds of the call. A server that has to check no sign-in responds in a moment. */
const LIMIT_MS = 1500;

/**
 * Lists the tables of the server without a sign-in. The server logs a rejection as "missing bearer token".
 *
 * @returns `accepted`, `rejected` for a missing sign-in, or `failed` after any other failure, such as no response.
 */
export async function callWithoutSignIn({
  instance,
  signal,
  memory,
}: StageContext): Promise<'accepted' | 'rejected' | 'failed'> {
  try {
    await withLimits({ limitMs: LIMIT_MS, signal }, async (limited) => {
      const origin = { entrypoint: 'health' };
      const call = { attribution: 'off', origin, timeoutMs: LIMIT_MS, signal: limited, memory } as const;
      for await (const received of instance.client.getTables(call)) {
        void received;
        memory.sent(0);
      }
    });
    return 'accepted';
  } catch (reason) {
    // The stages report the failures of the data source.
    return reason instanceof ProxyError && ['token_refused', 'api_key_refused'].includes(reason.code)
      ? 'rejected'
      : 'failed';
  }
}
