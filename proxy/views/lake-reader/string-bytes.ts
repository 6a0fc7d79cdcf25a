/** An estimate of the memory of JavaScript strings, in bytes. Strings may have two bytes per character. */
export function stringBytes(...strings: ReadonlyArray<string | undefined>): number {
  return strings.reduce((sum, string) => sum + (string?.length ?? 0) * 2, 0);
}
