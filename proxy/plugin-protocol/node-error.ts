/** Whether Node gave this code to what was caught. */
export function hasCode(reason: unknown, code: string): boolean {
  return typeof reason === 'object' && reason !== null && 'code' in reason && reason.code === code;
}
