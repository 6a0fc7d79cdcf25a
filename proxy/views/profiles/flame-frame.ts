/** Converts call paths to the nested-set frame that Grafana's flame graph shows. */
import { StringMap } from '../../../contract/string-map';
import { type Pace } from '../../base/async/turns';
import { type ComposedFrame } from '../../frames/data-frames/composed-frames';
import { type Notice } from '../../frames/data-frames/frame-options';
import { ROOT } from './call-paths';
import { type Functions, OTHER } from './functions';
import { type PathTree, visitPaths } from './path-order';

/** Maximum number of paths with separate rows. Other paths are merged into one row per caller. */
export const MAX_SHOWN_PATHS = 50_000;

const NANOSECONDS = { unit: 'ns' };

interface FlameFrame {
  frame: ComposedFrame;
  /** Number of merged paths. */
  merged: number;
}

/** The distinct names of functions, and for each function the index of its name. */
function labelsOf({ list }: Functions): { labels: string[]; labelOf: Uint16Array } {
  const codes = new StringMap<number>();
  const labelOf = Uint16Array.from(list, ({ name }) => {
    const code = codes.get(name) ?? codes.size;
    codes.set(name, code);
    return code;
  });
  return { labels: [...codes.keys()], labelOf };
}

/** The frame of the paths. Only the `maxShown` paths with the most time have separate rows. */
export async function flameFrame(
  tree: PathTree,
  functions: Functions,
  notices: readonly Notice[],
  pace: Pace,
  maxShown = MAX_SHOWN_PATHS
): Promise<FlameFrame> {
  const { paths, totals, selves, byTotal } = tree;
  const shown: number[] = [];
  // Time of the hidden calls, by caller.
  const hidden = new Map<number, number>();
  let merged = 0;
  for (let at = byTotal.length - 1; at >= 0; at--) {
    const node = byTotal[at];
    const isOther = paths.functionOf(node) === OTHER;
    // True for a thread without calls in the window.
    const isEmpty = paths.calls(node) === 0 && totals[node] === 0;
    if (node !== ROOT && isEmpty) {
      continue;
    }
    if (node === ROOT || (!isOther && shown.length < maxShown)) {
      shown.push(node);
    } else {
      merged++;
      const parent = paths.parent(node);
      hidden.set(parent, (hidden.get(parent) ?? 0) + totals[node]);
    }
  }

  const rows = new FlameRows();
  const { labels, labelOf } = labelsOf(functions);
  await visitPaths(
    paths,
    Uint32Array.from(shown).reverse(),
    {
      enter: (node) => rows.add(paths.level(node), totals[node], selves[node], labelOf[paths.functionOf(node)]),
      leave: (node) => {
        const rest = hidden.get(node);
        if (rest !== undefined) {
          rows.add(paths.level(node) + 1, rest, rest, labelOf[OTHER]);
        }
      },
    },
    pace
  );
  return { frame: rows.frame(labels, notices), merged };
}

class FlameRows {
  readonly #levels: number[] = [];
  readonly #values: number[] = [];
  readonly #selves: number[] = [];
  readonly #labels: number[] = [];

  add(level: number, value: number, self: number, label: number): void {
    this.#levels.push(level);
    this.#values.push(value);
    this.#selves.push(self);
    this.#labels.push(label);
  }

  frame(labels: readonly string[], notices: readonly Notice[]): ComposedFrame {
    return {
      kind: { preferredVisualisationType: 'flamegraph' },
      notices,
      fields: [
        { name: 'level', kind: 'uint16', values: this.#levels },
        { name: 'value', kind: 'float64', values: this.#values, config: NANOSECONDS },
        { name: 'self', kind: 'float64', values: this.#selves, config: NANOSECONDS },
        { name: 'label', kind: 'uint16', values: this.#labels, config: { type: { enum: { text: labels } } } },
      ],
    };
  }
}
