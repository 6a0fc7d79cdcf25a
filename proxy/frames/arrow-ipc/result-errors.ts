import { isNativeError } from 'node:util/types';
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
 * Messages of V8's and Node.js's RangeErrors for an allocation that is too large. Other RangeErrors, such as those of a
 * read beyond a buffer, do not depend on the size of the result.
 */
const ALLOCATION_FAILED =
  /^(Array buffer allocation failed|Failed to allocate memory|Invalid (array|array buffer|string|typed array) length|(Map|Set) maximum size exceeded|The value of "size" is out of range)/;

/**
 * Runs a step of the conversion.
 *
 * @throws {ProxyError} 'result_too_large' if JavaScript cannot allocate a buffer of the needed size. Other errors of
 *   the step are not changed.
 */
export function withinMemory<T>(step: () => T): T {
  try {
    return step();
  } catch (reason) {
    if (isNativeError(reason) && reason.name === 'RangeError' && ALLOCATION_FAILED.test(reason.message)) {
      throw new ProxyError('result_too_large', { cause: reason });
    }
    throw reason;
  }
}
