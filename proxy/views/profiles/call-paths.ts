/**
 * The call paths of a profile as a tree. A node has the total time of all calls of one function with the same chain of
 * callers.
 */
import { PairIndex } from '../../frames/data-frames/pair-index';
import { type MemoryAccount } from '../../observe/memory/memory-account';
import { OTHER } from './functions';

/** Maximum number of paths. Further paths are merged into one path for each caller. */
const MAX_PATHS = 200_000;
/**
 * Maximum number of levels. Grafana draws a level in 22 pixels, and browsers limit the height of a canvas. The time of
 * deeper calls counts as self time of their caller.
 */
export const MAX_LEVELS = 500;
const NO_PARENT = -1;
export const ROOT = 0;

/** The tree of call paths. Nodes are numbers, and a caller has a lower number than its calls. */
export class CallPaths {
  readonly #pairs: PairIndex;
  readonly #maxPaths: number;
  #totals = new Float64Array(1024);
  #calls = new Float64Array(1024);
  #levels = new Uint16Array(1024);
  /** True after a call beyond `MAX_LEVELS`. */
  isDeep = false;
  /** True after a call whose path is beyond the maximum number of paths. */
  isLarge = false;

  /** @param root The function of the root. */
  constructor(root: number, memory: MemoryAccount, maxPaths = MAX_PATHS) {
    this.#pairs = new PairIndex(memory);
    this.#maxPaths = maxPaths;
    this.#pairs.add(NO_PARENT, root);
  }

  get size(): number {
    return this.#pairs.size;
  }

  /** The bytes of the arrays. */
  get heapBytes(): number {
    return this.#totals.byteLength + this.#calls.byteLength + this.#levels.byteLength;
  }

  parent(node: number): number {
    return this.#pairs.first(node);
  }

  functionOf(node: number): number {
    return this.#pairs.second(node);
  }

  /** Nanoseconds. */
  total(node: number): number {
    return this.#totals[node];
  }

  calls(node: number): number {
    return this.#calls[node];
  }

  level(node: number): number {
    return this.#levels[node];
  }

  /** The node of a called function. If the caller is `OTHER` or at `MAX_LEVELS`, the node of the caller itself. */
  child(parent: number, called: number): number {
    if (this.functionOf(parent) === OTHER) {
      return parent;
    }
    if (this.#levels[parent] >= MAX_LEVELS) {
      this.isDeep = true;
      return parent;
    }
    if (this.size < this.#maxPaths) {
      return this.#node(parent, called);
    }
    const known = this.#pairs.find(parent, called);
    this.isLarge ||= known < 0;
    return known < 0 ? this.#node(parent, OTHER) : known;
  }

  /** Adds calls to a node. @param ns Total time of the calls, in nanoseconds. */
  add(node: number, ns: number, calls = 1): void {
    this.#totals[node] += ns;
    this.#calls[node] += calls;
  }

  #node(parent: number, called: number): number {
    const node = this.#pairs.add(parent, called);
    if (node >= this.#totals.length) {
      this.#totals = longer(this.#totals, new Float64Array(node * 2));
      this.#calls = longer(this.#calls, new Float64Array(node * 2));
      this.#levels = longer(this.#levels, new Uint16Array(node * 2));
    }
    this.#levels[node] = this.#levels[parent] + 1;
    return node;
  }
}

function longer<T extends Float64Array | Uint16Array>(numbers: T, into: T): T {
  into.set(numbers);
  return into;
}
