/** Computes the times of call paths, and visits the paths in depth-first order, without recursion. */
import { type Pace } from '../../base/async/turns';
import { type CallPaths, ROOT } from './call-paths';
import { OTHER } from './functions';

const NONE = -1;

/** Call paths with their times. `totals` and `selves` are indexed by node. */
export interface PathTree {
  paths: CallPaths;
  /** Nanoseconds in a node, including its calls. For the root and for threads: the sum of their calls. */
  totals: Float64Array;
  /** Nanoseconds in a node, without its calls. */
  selves: Float64Array;
  /** All nodes, sorted by their total time, the longest last. */
  byTotal: Uint32Array;
}

/** Computes the times of all nodes. @param isGroup True for functions whose time is the sum of their calls. */
export async function pathTree(paths: CallPaths, isGroup: (called: number) => boolean, pace: Pace): Promise<PathTree> {
  const totals = new Float64Array(paths.size);
  const inCalls = new Float64Array(paths.size);
  for (let node = paths.size - 1; node >= 0; node--) {
    const called = paths.functionOf(node);
    totals[node] = called !== OTHER && isGroup(called) ? inCalls[node] : paths.total(node);
    if (node !== ROOT) {
      inCalls[paths.parent(node)] += totals[node];
    }
  }
  const selves = totals.map((total, node) => Math.max(0, total - inCalls[node]));
  // For equal times, a call comes before its caller.
  const byTotal = await pace.sorted([...totals.keys()], (a, b) => totals[a] - totals[b] || b - a);
  return { paths, totals, selves, byTotal: Uint32Array.from(byTotal) };
}

/** Called before and after the calls of a node. */
export interface PathVisitor {
  enter(node: number): void;
  leave(node: number): void;
}

/** Number of values per node that a visitor reads or writes, for `Pace`. */
const VALUES = 4;

/**
 * Visits nodes in steps. The calls of a node are visited by their time, the longest first.
 *
 * @param nodes The root and other nodes, sorted by time, the longest last. If a node is in the list, all its callers
 *   must be in the list, too.
 */
export async function visitPaths(
  paths: CallPaths,
  nodes: Uint32Array,
  visitor: PathVisitor,
  pace: Pace
): Promise<void> {
  const first = new Int32Array(paths.size).fill(NONE);
  const next = new Int32Array(paths.size).fill(NONE);
  for (const node of nodes) {
    if (node !== ROOT) {
      const parent = paths.parent(node);
      next[node] = first[parent];
      first[parent] = node;
    }
  }
  let node: number = ROOT;
  visitor.enter(node);
  for (;;) {
    const stepEnd = pace.worked(VALUES);
    if (stepEnd !== undefined) {
      await stepEnd;
    }
    const below = first[node];
    if (below !== NONE) {
      first[node] = next[below];
      node = below;
      visitor.enter(node);
      continue;
    }
    visitor.leave(node);
    if (node === ROOT) {
      return;
    }
    node = paths.parent(node);
  }
}
