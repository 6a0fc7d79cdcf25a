/**
 * Decides which parts of a run are executed or skipped, and which fail because a tool is missing. The conformance run
 * and the check of the packages use it.
 */

/** The tools that a part needs, or the reason why they are missing. */
export type Tool<T> = T | { missing: string };

/** `why` completes a line such as `skipped keycloak: …`. */
export type Decision = { kind: 'run' } | { kind: 'skip'; why: string } | { kind: 'fail'; why: string };

export interface RunNames {
  /** Name of the run in error messages, for example `the conformance run`. */
  title: string;
  /** Environment variable that names the parts to skip. */
  skipVariable: string;
}

export interface Selection {
  /** The parts named in the command line. Empty: all parts run. */
  only: readonly string[];
  /** Value of the variable that skips parts: comma-separated names. */
  skip: string | undefined;
  /** Value of `CI`. */
  ci: string | undefined;
}

/**
 * A part whose tools are missing is skipped on a developer's machine. Under CI, such a part fails unless `skip` names
 * it, because nobody reads the output of a run that passed.
 *
 * @param missing For each part that cannot run, the reason.
 * @returns The decision on each part.
 * @throws {Error} for a name that is not a part.
 */
export function decider<Part extends string>(
  run: RunNames & { parts: readonly Part[] },
  { only, skip, ci }: Selection,
  missing: Readonly<Partial<Record<Part, string>>>
): (part: Part) => Decision {
  const partOf = (name: string, place: string): Part => {
    const found = run.parts.find((each) => each === name);
    if (found === undefined) {
      throw new Error(`${place} names "${name}", which is not part of ${run.title}. Parts: ${run.parts.join(', ')}.`);
    }
    return found;
  };
  const wanted = only.map((name) => partOf(name, 'The command line'));
  const skipped = namesIn(skip).map((name) => partOf(name, run.skipVariable));
  return (part) => {
    if (wanted.length > 0 && !wanted.includes(part)) {
      return { kind: 'skip', why: 'the command line names other parts' };
    }
    if (skipped.includes(part)) {
      return { kind: 'skip', why: `${run.skipVariable} names it` };
    }
    const why = missing[part];
    return why === undefined ? { kind: 'run' } : toolMissing(run, part, why, ci);
  };
}

/** The decision on a part whose tool is missing. */
export function toolMissing(run: RunNames, part: string, why: string, ci: string | undefined): Decision {
  return isCi(ci) ? { kind: 'fail', why: `${why}. ${run.skipVariable}=${part} skips it.` } : { kind: 'skip', why };
}

function isCi(ci: string | undefined): boolean {
  return ci !== undefined && !['', '0', 'false'].includes(ci.toLowerCase());
}

function namesIn(list: string | undefined): string[] {
  return (list ?? '')
    .split(',')
    .map((name) => name.trim())
    .filter((name) => name !== '');
}
