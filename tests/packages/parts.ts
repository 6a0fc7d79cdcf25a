/** The parts of `npm run package:check`, in the order in which they run. */
import { decider, type Decision, type RunNames, type Selection } from '../conformance/decisions';

export const PARTS = [
  'files',
  'alpine',
  'glibc',
  'distroless',
  'read-only',
  'restricted',
  'old-node',
  'runtime',
  'replace',
  'start-up',
  'arm64',
] as const;

export type Part = (typeof PARTS)[number];

export const RUN: RunNames = { title: 'the check of the packages', skipVariable: 'PACKAGE_CHECK_SKIP' };

/**
 * @param missing For each part that cannot run, the reason.
 * @throws {Error} for a name that is not a part.
 */
export function decide(
  selection: Selection,
  missing: Readonly<Partial<Record<Part, string>>>
): ReadonlyMap<Part, Decision> {
  const decisionOn = decider({ ...RUN, parts: PARTS }, selection, missing);
  return new Map(PARTS.map((part) => [part, decisionOn(part)]));
}
