/** Spans for tests. */
import { type Span } from '../span';

export const HERE: Span['process'] = { id: 'p1', exe: 'shop/web', computer: 'host-1', tags: '[]' };
export const THERE: Span['process'] = { id: 'p2', exe: 'shop/cart', computer: 'host-2', tags: '[]' };

/** @param startMs Milliseconds after a fixed time. */
export function span(
  id: string,
  parentId: string | undefined,
  startMs: number,
  durationMs: number,
  changes: Partial<Span> = {}
): Span {
  return {
    id,
    parentId,
    process: HERE,
    startUs: 1_700_000_000_000_000 + Math.floor(startMs * 1000),
    durationNs: durationMs * 1e6,
    name: id,
    kind: 'INTERNAL',
    status: 'UNSET',
    statusMessage: undefined,
    scopeName: undefined,
    scopeVersion: undefined,
    tags: '[]',
    events: undefined,
    references: [],
    ...changes,
  };
}
