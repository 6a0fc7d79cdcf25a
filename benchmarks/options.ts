/** The options of the benchmark command. */
import { parseArgs } from 'node:util';
import { countOption } from './count-option';

export const USAGE = `npm run bench -- [options]

  --only <text>      Runs the cases whose name contains the text. Can be repeated.
  --rounds <n>       Rounds of each case. Default: 5.
  --plugin <path>    An executable, or a folder with plugin.json. Default: dist. Can be repeated: all plugins are
                     measured in the same rounds, and the others are compared with the first.
  --json <file>      Writes the results to this file. Default: a new file in benchmarks/results.
  --compare <file>   Compares the results with those of an earlier run.

A ratio below 1 means that the result is faster or smaller than the result with which it is compared.`;

export interface BenchOptions {
  only: string[];
  rounds: number;
  plugins: string[];
  json: string | undefined;
  compare: string | undefined;
  help: boolean;
}

/** @throws {Error} for unknown options and invalid values. */
export function readOptions(args: readonly string[]): BenchOptions {
  const { values } = parseArgs({
    args: [...args],
    options: {
      only: { type: 'string', multiple: true, default: [] },
      rounds: { type: 'string', default: '5' },
      plugin: { type: 'string', multiple: true, default: ['dist'] },
      json: { type: 'string' },
      compare: { type: 'string' },
      help: { type: 'boolean', default: false },
    },
  });
  const rounds = countOption('--rounds', values.rounds);
  const { only, plugin, json, compare, help } = values;
  if (new Set(plugin).size < plugin.length) {
    throw new Error('--plugin has the same path twice, so the results could not be distinguished.');
  }
  return { only, rounds, plugins: plugin, json, compare, help };
}
