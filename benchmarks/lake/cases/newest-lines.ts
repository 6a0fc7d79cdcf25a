/**
 * The newest 1,000 lines with a frequent and with a rare text. Off: the same statement with `OFFSET 0`, which is never
 * read in slices. First: the rate of the lines is not known.
 */
import { runQuery } from '../../../tests/support/plugin';
import { type Lab } from '../lab';
import { FREQUENT_TEXT, RARE_TEXT } from '../telemetry';
import { type LakeCase } from './lake-case';

const REPEATS = 5;

async function readNewest(lab: Lab, text: string, end: string, headers: Record<string, string>): Promise<void> {
  const query = `SELECT time, level, target, msg, process_id, properties FROM log_entries
WHERE $__timeFilter(time) AND msg LIKE '%${text}%' ORDER BY time DESC LIMIT 1000${end}`;
  const range = { fromMs: lab.fromMs, toMs: Date.now() };
  const model = { version: 2, format: 'logs' as const, query };
  const { error } = await runQuery(lab.plugin, lab.source, model, { range, headers });
  if (error !== '') {
    throw new Error(error);
  }
}

export const newestLines: LakeCase = {
  name: 'newest-lines',
  async run(lab) {
    for (const [name, text] of [
      ['frequent', FREQUENT_TEXT],
      ['rare', RARE_TEXT],
    ] as const) {
      const off = (headers: Record<string, string>) => readNewest(lab, text, ' OFFSET 0', headers);
      const on = (headers: Record<string, string>) => readNewest(lab, text, '', headers);
      await off({});
      await lab.measure(`${name} off`, 1, off);
      await lab.measure(`${name} on first`, 1, on);
      for (let repeat = 0; repeat < REPEATS; repeat++) {
        await lab.measure(`${name} off`, 1, off);
        await lab.measure(`${name} on`, 1, on);
      }
    }
  },
};
