import { ERRORS, type ErrorCode } from '../../proxy/errors/catalogue';

export function isErrorCode(name: string): name is ErrorCode {
  return Object.hasOwn(ERRORS, name);
}

/** The code whose sentence a message of a panel begins with: the plugin protocol has no field for it. */
export function codeOf(message: string): ErrorCode | undefined {
  return Object.keys(ERRORS)
    .filter(isErrorCode)
    .find((code) => message.startsWith(ERRORS[code].message));
}
