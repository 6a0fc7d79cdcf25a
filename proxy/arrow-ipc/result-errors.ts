import { ProxyError } from '../errors/proxy-error';

/** The failure of an answer whose bytes break the Arrow format. `detail` says which rule, in a few words. */
export function malformed(detail: string): ProxyError {
  return new ProxyError('result_malformed', { detail: `(${detail})` });
}

/** The failure of an answer that no frame of Grafana can hold. */
export function tooLarge(detail: string): ProxyError {
  return new ProxyError('result_too_large', { detail });
}

/**
 * Runs a step of the work. A buffer that JavaScript cannot make is a result too large, not a fault of ours.
 *
 * @throws {ProxyError} 'result_too_large', and whatever the step throws.
 */
export function withinMemory<T>(step: () => T): T {
  try {
    return step();
  } catch (reason) {
    if (reason instanceof Error && reason.name === 'RangeError') {
      throw new ProxyError('result_too_large', { cause: reason });
    }
    throw reason;
  }
}
