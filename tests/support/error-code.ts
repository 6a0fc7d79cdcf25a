import { ERRORS, type ErrorCode } from '../../proxy/errors/catalogue';

/** The code whose sentence a message of a panel begins with: the plugin protocol has no field for it. */
export function codeOf(message: string): ErrorCode | undefined {
  const isCode = (name: string): name is ErrorCode => Object.hasOwn(ERRORS, name);
  return Object.keys(ERRORS)
    .filter(isCode)
    .find((code) => message.startsWith(ERRORS[code].message));
}
