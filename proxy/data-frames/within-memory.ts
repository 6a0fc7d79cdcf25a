import { ProxyError } from '../errors/proxy-error';

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
