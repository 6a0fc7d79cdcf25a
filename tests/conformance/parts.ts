/** Decides which parts of a conformance run are run or skipped, and which fail because a tool is missing. */

/** In the order in which they run. Later parts use servers that earlier parts started. */
export const PARTS = ['h2spec', 'grafana', 'mutations', 'keycloak', 'micromegas'] as const;

export type Part = (typeof PARTS)[number];

/** What a part needs to run, or why it is missing. */
export type Tool<T> = T | { missing: string };

export interface Selection {
  /** The parts that the command line names. Empty: all parts run. */
  only: readonly string[];
  /** Value of `CONFORMANCE_SKIP`: names with commas between them. */
  skip: string | undefined;
  /** Value of `CI`. */
  ci: string | undefined;
}

/** `why` completes a line such as `skipped keycloak: …`. */
export type Decision = { kind: 'run' } | { kind: 'skip'; why: string } | { kind: 'fail'; why: string };

/**
 * A part whose tools are missing is skipped on a developer's machine. Under CI, such a part fails unless `CONFORMANCE_SKIP` names it,
 * because nobody reads the output of a run that passed.
 *
 * @param missing For each part that cannot run, the reason.
 * @throws {Error} for a name that is not a part.
 */
export function decide(
  { only, skip, ci }: Selection,
  missing: Readonly<Partial<Record<Part, string>>>
): Record<Part, Decision> {
  const wanted = only.map((name) => partOf(name, 'The command line'));
  const skipped = namesIn(skip).map((name) => partOf(name, 'CONFORMANCE_SKIP'));
  const decisionOn = (part: Part): Decision => {
    if (wanted.length > 0 && !wanted.includes(part)) {
      return { kind: 'skip', why: 'the command line names other parts' };
    }
    if (skipped.includes(part)) {
      return { kind: 'skip', why: 'CONFORMANCE_SKIP names it' };
    }
    const why = missing[part];
    return why === undefined ? { kind: 'run' } : missingTool(part, why, ci);
  };
  return {
    h2spec: decisionOn('h2spec'),
    grafana: decisionOn('grafana'),
    mutations: decisionOn('mutations'),
    keycloak: decisionOn('keycloak'),
    micromegas: decisionOn('micromegas'),
  };
}

/** The decision on a part whose tool is missing. */
export function missingTool(part: Part, why: string, ci: string | undefined): Decision {
  return isCi(ci) ? { kind: 'fail', why: `${why}. CONFORMANCE_SKIP=${part} skips it.` } : { kind: 'skip', why };
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

function partOf(name: string, place: string): Part {
  const part = PARTS.find((each) => each === name);
  if (part === undefined) {
    throw new Error(`${place} names "${name}", which is no part of the conformance run. Parts: ${PARTS.join(', ')}.`);
  }
  return part;
}
