import { ERRORS, type ErrorCode } from '../../proxy/base/errors/catalogue';

export function isErrorCode(name: string): name is ErrorCode {
  return Object.hasOwn(ERRORS, name);
}

/**
 * Finds the error code by the first sentence of the error message, because the plugin protocol has no field for the
 * code.
 */
export function codeOf(message: string): ErrorCode | undefined {
  return Object.keys(ERRORS)
    .filter(isErrorCode)
    .find((code) => message.startsWith(ERRORS[code].message));
}
