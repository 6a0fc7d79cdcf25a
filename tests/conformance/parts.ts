/** Which parts of a conformance run are run, skipped, or fail because a tool is missing. */

/** In the order in which they run: the later ones use what the earlier ones started. */
export const PARTS = ['h2spec', 'grafana', 'mutations', 'keycloak', 'micromegas'] as const;

export type Part = (typeof PARTS)[number];

/** What a part needs to run, or why it is missing. */
export type Tool<T> = T | { missing: string };

export interface Selection {
  /** Values of the command line; empty for all parts. */
  only: readonly string[];
  /** Value of `CONFORMANCE_SKIP`: names with commas between them. */
  skip: string | undefined;
  /** Value of `CI`. */
  ci: string | undefined;
}

/** `why` completes a line such as `skipped keycloak: …`. */
export type Decision = { kind: 'run' } | { kind: 'skip'; why: string } | { kind: 'fail'; why: string };

/**
 * A part whose tools are missing is skipped on a developer's machine and fails under CI, where nobody reads the output of a run
 * that passed. A part that `CONFORMANCE_SKIP` names is skipped in both cases.
 *
 * @param missing Why a part cannot run, for the parts that cannot.
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

/** What to do about a tool that a part needs and that is missing. */
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
