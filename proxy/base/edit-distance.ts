/** True if at most `edits` insertions, deletions or replacements of a character turn one string into the other. */
export function isWithin(a: string, b: string, edits: number): boolean {
  let same = 0;
  while (same < a.length && a[same] === b[same]) {
    same++;
  }
  const [restA, restB] = [a.slice(same), b.slice(same)];
  if (restA === '' || restB === '') {
    return restA.length + restB.length <= edits;
  }
  return (
    edits > 0 &&
    (isWithin(restA.slice(1), restB.slice(1), edits - 1) ||
      isWithin(restA.slice(1), restB, edits - 1) ||
      isWithin(restA, restB.slice(1), edits - 1))
  );
}
