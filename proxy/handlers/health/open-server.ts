/**
 * A server without sign-in takes any key, so an accepted query does not prove that the key is good. One look without
 * credentials tells the two apart.
 */
import { withLimits } from '../../async/with-limits';
import { type StageContext } from './stage-context';

const LIMIT_MS = 1500;

/** True when the server lists its tables to somebody without a sign-in. Any failure counts as a refusal. */
export async function answersAnybody({ instance, signal, memory }: StageContext): Promise<boolean> {
  try {
    return await withLimits({ limitMs: LIMIT_MS, signal }, async (limited) => {
      const origin = { entrypoint: 'health' };
      const call = { attribution: 'off', origin, timeoutMs: LIMIT_MS, signal: limited, memory } as const;
      for await (const message of instance.client.getTables(call)) {
        void message;
        memory.sent(0);
      }
      return true;
    });
  } catch {
    // As wanted of a server with a sign-in; whatever else it is, the stages report it.
    return false;
  }
}
