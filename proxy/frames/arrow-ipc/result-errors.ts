import { ProxyError } from '../../base/errors/proxy-error';

/** The error for a result that violates the Arrow format. @param detail The violated rule, in a few words. */
export function malformed(detail: string): ProxyError {
  return new ProxyError('result_malformed', { detail: `(${detail})` });
}

/** The error for a result that is too large for a data frame. */
export function tooLarge(detail: string): ProxyError {
  return new ProxyError('result_too_large', { detail });
}

/**
 * Runs a step of the conversion. A RangeError means that JavaScript cannot allocate a buffer of the needed size.
 *
 * @throws {ProxyError} 'result_too_large' instead of a RangeError. Other errors of the step are not changed.
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
