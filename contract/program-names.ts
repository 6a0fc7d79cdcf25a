/** Short names of programs for legends: the last part of a path, such as `foo` of `/usr/local/bin/foo`. */
import { StringMap, StringSet } from './string-map';

/** An absolute path of Unix or Windows. Other names with a slash, such as `shop/cart`, are no paths. */
const ABSOLUTE_PATH = /^(?:[A-Za-z]:)?[\\/]/;

/** Maximum number of parts that are kept of a path. A path that needs more parts is kept whole. */
const MAX_PARTS = 3;

/** The last parts of a path. The whole name if it is no path, or has no more parts. */
function lastParts(name: string, parts: number): string {
  if (!ABSOLUTE_PATH.test(name) || parts > MAX_PARTS) {
    return name;
  }
  let start = name.length;
  for (let part = 0; part < parts; part++) {
    if (start === 0) {
      return name;
    }
    start = Math.max(name.lastIndexOf('/', start - 1), name.lastIndexOf('\\', start - 1));
  }
  return start < 0 || start === name.length - 1 ? name : name.slice(start + 1);
}

function repeated(names: readonly string[]): StringSet {
  const once = new StringSet();
  const twice = new StringSet();
  for (const name of names) {
    (once.has(name) ? twice : once).add(name);
  }
  return twice;
}

/**
 * A short name for each program, by its full name. Two programs never get the same name: if the last parts of their
 * paths are the same, each gets more parts, up to the whole path. Takes linear time.
 */
export function shortProgramNames(programs: Iterable<string>): ReadonlyMap<string, string> {
  const full = [...new StringSet(programs)];
  let names = full.map((program) => lastParts(program, 1));
  for (let parts = 2; parts <= MAX_PARTS + 1; parts++) {
    const same = repeated(names);
    names = names.map((name, index) => (same.has(name) ? lastParts(full[index] ?? name, parts) : name));
  }
  const isDistinct = new StringSet(names).size === full.length;
  return new StringMap(full.map((program, index) => [program, isDistinct ? (names[index] ?? program) : program]));
}
