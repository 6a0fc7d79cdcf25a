/** The options of the command. */
import { parseArgs } from 'node:util';

export const USAGE = `npm run bench -- [options]

  --only <text>      Cases whose name contains the text; may be given more than once.
  --rounds <n>       Rounds of each case. Default: 5.
  --plugin <path>    An executable, or a folder with plugin.json. Default: dist. Several are measured in the same
                     rounds, and compared with the first.
  --json <file>      Where the results go. Default: a new file in benchmarks/results.
  --compare <file>   Results of an earlier run, to compare with.

Ratios are those of this result to the other: below 1 is faster, or less.`;

export interface BenchOptions {
  only: string[];
  rounds: number;
  plugins: string[];
  json: string | undefined;
  compare: string | undefined;
  help: boolean;
}

/** @throws {Error} for options that do not exist and values that make no sense. */
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
  const rounds = Number(values.rounds);
  if (!Number.isInteger(rounds) || rounds < 1) {
    throw new Error(`--rounds wants a number from 1 on, not ${values.rounds}.`);
  }
  const { only, plugin, json, compare, help } = values;
  if (new Set(plugin).size < plugin.length) {
    throw new Error('--plugin was given the same path twice: results could not be told apart.');
  }
  return { only, rounds, plugins: plugin, json, compare, help };
}
