/** An estimate of the memory of JavaScript texts, in bytes. Texts may have two bytes per character. */
export function textBytes(...texts: ReadonlyArray<string | undefined>): number {
  return texts.reduce((sum, text) => sum + (text?.length ?? 0) * 2, 0);
}
