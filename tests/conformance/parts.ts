/** Decides which parts of a conformance run are executed or skipped, and which fail because a tool is missing. */
import { decider, type Decision, type Selection, toolMissing } from './decisions';

const RUN = { title: 'the conformance run', skipVariable: 'CONFORMANCE_SKIP' };

/** In the order in which they run. Later parts use servers that earlier parts started. */
export const PARTS = ['h2spec', 'grafana', 'mutations', 'oidc-provider', 'keycloak', 'micromegas'] as const;

export type Part = (typeof PARTS)[number];

/**
 * @param missing For each part that cannot run, the reason.
 * @throws {Error} for a name that is not a part.
 */
export function decide(selection: Selection, missing: Readonly<Partial<Record<Part, string>>>): Record<Part, Decision> {
  const decisionOn = decider({ ...RUN, parts: PARTS }, selection, missing);
  return {
    h2spec: decisionOn('h2spec'),
    grafana: decisionOn('grafana'),
    mutations: decisionOn('mutations'),
    'oidc-provider': decisionOn('oidc-provider'),
    keycloak: decisionOn('keycloak'),
    micromegas: decisionOn('micromegas'),
  };
}

/** The decision on a part whose tool is missing. */
export function missingTool(part: Part, why: string, ci: string | undefined): Decision {
  return toolMissing(RUN, part, why, ci);
}
