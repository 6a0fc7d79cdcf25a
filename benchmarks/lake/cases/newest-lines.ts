/**
 * Reads the newest 1,000 lines that contain a frequent string, and the newest 1,000 lines that contain a rare string.
 * Label `off`: the statement has `OFFSET 0`, so the plugin reads the whole time range at once. Label `on`: the plugin
 * reads one part of the range after the other, until it has enough lines. Label `on first`: the first query with `on`,
 * for which the plugin does not know the rate of the lines yet.
 *
 * Before the measurement, the results with and without `OFFSET 0` are compared for random ranges, orders and limits.
 */
import assert from 'node:assert/strict';
import { randomNumbers } from '../../../proxy/sql/macros/testing/random-numbers';
import { readFrames } from '../../../tests/support/frames';
import { runQuery } from '../../../tests/support/plugin';
import { type Lab } from '../lab';
import { FREQUENT_MESSAGE, RARE_MESSAGE, TARGET } from '../telemetry';
import { type LakeCase } from './lake-case';

const REPEATS = 10;
const COMPARISONS = 24;
const OFF = ' OFFSET 0';

interface LinesQuery {
  pattern: string;
  /** The SQL after the WHERE clause. */
  end: string;
  range: { fromMs: number; toMs: number };
  headers?: Record<string, string>;
}

/** @returns The times of the lines in nanoseconds, and the number of parts of the range. */
async function readLines(
  { plugin, source: { jsonData, ...source } }: Lab,
  { pattern, end, range, headers }: LinesQuery
) {
  const query = `SELECT time, level, target, msg, process_id, properties FROM log_entries
WHERE $__timeFilter(time) AND target = '${TARGET}' AND msg LIKE '%${pattern}%' ${end}`;
  const model = { version: 2, format: 'logs' as const, query };
  const unshared = { ...source, uid: 'newest-lines', jsonData: { ...jsonData, resultAgeSeconds: 0 } };
  const response = await runQuery(plugin, unshared, model, { range, headers });
  assert.equal(response.error, '');
  const [frame] = readFrames(response);
  const parts = frame?.meta.stats?.find(({ displayName }) => displayName === 'Parts of the time range')?.value ?? 1;
  return { times: frame?.column('timestamp') ?? [], parts };
}

async function compare(lab: Lab): Promise<void> {
  const random = randomNumbers(5);
  let inParts = 0;
  for (let round = 0; round < COMPARISONS; round++) {
    const lengthMs = Math.floor((0.6 + 0.4 * random()) * (lab.toMs - lab.fromMs));
    const fromMs = lab.fromMs + Math.floor(random() * (lab.toMs - lab.fromMs - lengthMs));
    const range = { fromMs: fromMs - (fromMs % 1000), toMs: fromMs - (fromMs % 1000) + lengthMs };
    const pattern =
      random() < 0.3 ? `${RARE_MESSAGE} in` : `${FREQUENT_MESSAGE} ${Math.floor(random() * 256).toString(16)}`;
    const end = `ORDER BY time ${random() < 0.5 ? 'ASC' : 'DESC'} LIMIT ${1 + Math.floor(random() ** 2 * 5000)}`;
    const [off, first, again] = [
      await readLines(lab, { pattern, end: end + OFF, range }),
      await readLines(lab, { pattern, end, range }),
      await readLines(lab, { pattern, end, range }),
    ];
    assert.deepEqual(first.times, off.times);
    assert.deepEqual(again.times, off.times);
    inParts += first.parts > 1 ? 1 : 0;
  }
  console.log(
    `${COMPARISONS} results equal the result of one statement; ${inParts} of them were read in several parts of the range`
  );
}

export const newestLines: LakeCase = {
  name: 'newest-lines',
  async run(lab) {
    await compare(lab);
    for (const [name, pattern] of [
      ['frequent', FREQUENT_MESSAGE],
      ['rare', RARE_MESSAGE],
    ] as const) {
      const read = (suffix: string) => (headers: Record<string, string>) =>
        readLines(lab, {
          pattern,
          end: `ORDER BY time DESC LIMIT 1000${suffix}`,
          range: { fromMs: lab.fromMs, toMs: Date.now() },
          headers,
        });
      await lab.measure(`${name} off`, 1, read(OFF));
      await lab.measure(`${name} on first`, 1, read(''));
      for (let repeat = 0; repeat < REPEATS; repeat++) {
        await lab.measure(`${name} off`, 1, read(OFF));
        await lab.measure(`${name} on`, 1, read(''));
      }
    }
  },
};
