/**
 * Finds the callers of the calls of one thread, and adds the times to the call paths. The calls must arrive in the
 * order of their begin.
 */
import { type CallPaths } from './call-paths';

/** A call of a thread. */
export interface Call {
  /** Nanoseconds relative to the begin of the window. */
  begin: number;
  end: number;
  /** 1 for a call without a caller. */
  depth: number;
  id: number;
  /** Number of the function. */
  called: number;
}

/** The target to which a thread adds its calls. */
export interface CallTarget {
  paths: CallPaths;
  /** Length of the window in nanoseconds. */
  length: number;
  /**
   * Selects functions. Only calls of these functions, and the calls below them, are added. Undefined: all calls are
   * added.
   */
  isRoot: ((called: number) => boolean) | undefined;
  /** Called with each call that is shown directly below the thread. */
  onTopCall: (call: Call) => void;
}

/** Maximum number of calls with the same begin that are sorted together. */
const MAX_TIED = 65_536;
/**
 * Stands for the node of a call that is not shown, because `isRoot` is false for its function and for the functions of
 * all its callers.
 */
const OUTSIDE = -1;

/**
 * The calls of one thread. The caller of a call is the last earlier call that is less deep and still runs. The times of
 * a call are clipped to its caller and to the end of the preceding call. So the times of calls never exceed the time of
 * their caller, even if rows are inconsistent.
 */
export class ThreadCalls {
  readonly #target: CallTarget;
  readonly #node: number;
  /** Calls that begin at the same time as the last call. */
  readonly #tied: Call[] = [];
  // The running calls, from the outermost to the innermost: their depths, ends, clipped ends and nodes.
  readonly #depths: number[] = [];
  readonly #ends: number[] = [];
  readonly #clippedEnds: number[] = [];
  readonly #nodes: number[] = [];
  /** End of the last call within each running call. */
  readonly #reached: number[] = [];
  /** End of the last call without a caller. */
  #reachedOutside = 0;

  /** @param node Node of the thread. */
  constructor(node: number, target: CallTarget) {
    this.#node = node;
    this.#target = target;
  }

  /** Number of kept calls: running calls, and calls that begin at the same time as the last call. */
  get held(): number {
    return this.#depths.length + this.#tied.length;
  }

  add(call: Call): void {
    if (this.#tied.length > 0 && (this.#tied[0].begin !== call.begin || this.#tied.length >= MAX_TIED)) {
      this.flush();
    }
    this.#tied.push(call);
  }

  /** Call it after the last call. */
  flush(): void {
    const tied = this.#tied;
    if (tied.length > 1) {
      tied.sort((a, b) => a.depth - b.depth || a.id - b.id);
    }
    for (const call of tied) {
      this.#place(call);
    }
    tied.length = 0;
  }

  #place(call: Call): void {
    const { begin, end, depth, called } = call;
    const { paths, length, isRoot, onTopCall } = this.#target;
    if (begin > length || end < 0 || (begin < 0 && end === 0) || (begin === length && end > length)) {
      return;
    }
    const caller = this.#findCaller(begin, end, depth);
    const callerNode = caller < 0 ? (isRoot === undefined ? this.#node : OUTSIDE) : this.#nodes[caller];
    const from = Math.max(begin, caller < 0 ? this.#reachedOutside : this.#reached[caller]);
    const to = Math.max(from, Math.min(end, caller < 0 ? length : this.#clippedEnds[caller]));
    if (caller < 0) {
      this.#reachedOutside = to;
    } else {
      this.#reached[caller] = to;
    }
    const isTop = callerNode === OUTSIDE && isRoot?.(called) === true;
    const parent = isTop ? this.#node : callerNode;
    const node = parent === OUTSIDE ? OUTSIDE : paths.child(parent, called);
    if (node !== OUTSIDE && node !== parent) {
      paths.add(node, to - from);
    }
    if (parent === this.#node) {
      onTopCall(call);
    }
    this.#depths.push(depth);
    this.#ends.push(end);
    this.#clippedEnds.push(to);
    this.#nodes.push(node);
    this.#reached.push(from);
  }

  /**
   * Removes the running calls that have ended or are at least as deep as the new call. Returns the index of the last
   * call that remains, which is the caller; -1 if no call remains.
   */
  #findCaller(begin: number, end: number, depth: number): number {
    let last = this.#depths.length - 1;
    while (
      last >= 0 &&
      (this.#depths[last] >= depth || this.#ends[last] < begin || (this.#ends[last] === begin && end > begin))
    ) {
      this.#depths.pop();
      this.#ends.pop();
      this.#clippedEnds.pop();
      this.#nodes.pop();
      this.#reached.pop();
      last--;
    }
    return last;
  }
}
