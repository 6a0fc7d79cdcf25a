/** The code of an error of the system, such as `EADDRINUSE`; undefined for any other value. */
export function systemErrorCode(reason: unknown): string | undefined {
  const isObject = typeof reason === 'object' && reason !== null;
  return isObject && 'code' in reason && typeof reason.code === 'string' ? reason.code : undefined;
}
