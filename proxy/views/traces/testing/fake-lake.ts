/**
 * A fake lakehouse with many processes. It returns rows for the statements of searches and traces, and records what was
 * read.
 */
import { Int64, Table, TimestampNanosecond, Utf8, vectorFromArray } from 'apache-arrow';
import { Pace } from '../../../base/async/turns';
import { messagesOf } from '../../../frames/data-frames/testing/arrow-messages';
import { type LakeStatement } from '../../lake-reader/lake-reader';
import { type ViewContext } from '../../view-context';
import { readBatches } from '../../lake-reader/read-batches';
import { unlimitedAccount } from '../../../observe/memory/testing/accounts';

export const RANGE = { fromMs: 1_700_000_000_000, toMs: 1_700_003_600_000 };

/** A process with one trace of one span. */
export interface FakeProcess {
  id: string;
  exe: string;
  traceId: string;
  /** True if its trace has a failed span. Default: false. */
  hasFailed?: boolean;
  /** Duration of its span in nanoseconds. Default: 5. */
  slowestNs?: bigint;
}

export interface FakeLake extends ViewContext {
  readonly statements: LakeStatement[];
  /** Maximum number of statements that ran at the same time. */
  readonly maxRunning: () => number;
}

export function fakeProcesses(count: number, exe: (index: number) => string = () => 'app'): FakeProcess[] {
  return Array.from({ length: count }, (_, index) => {
    const digits = index.toString(16);
    return {
      id: `00000000-0000-0000-0000-${digits.padStart(12, '0')}`,
      exe: exe(index),
      traceId: digits.padStart(32, '0'),
    };
  });
}

const BEGIN_NS = BigInt(RANGE.fromMs) * 1_000_000n;

const integers = (values: bigint[]) => vectorFromArray(values, new Int64());
const strings = (values: string[]) => vectorFromArray(values, new Utf8());

/**
 * @param failing Processes whose spans cannot be read.
 * @param error   The error of statements that read these processes.
 */
export function fakeLake(
  processes: readonly FakeProcess[],
  failing: readonly string[] = [],
  error = new Error('failed')
): FakeLake {
  const statements: LakeStatement[] = [];
  let running = 0;
  let maxRunning = 0;
  const result = ({ sql, maxRows }: LakeStatement): Table => {
    if (!sql.includes('view_instance')) {
      const ofProgram = ({ exe }: FakeProcess) => !sql.includes('exe" IN') || sql.includes(`'${exe}'`);
      return processTable(processes.filter(ofProgram));
    }
    const read = processes.filter(({ id }) => sql.includes(`'${id}'`));
    if (read.some(({ id }) => failing.includes(id))) {
      throw error;
    }
    const found = read
      .filter(({ traceId }) => !sql.includes('IN (decode') || sql.includes(`'${traceId}'`))
      .sort((a, b) => (sql.includes('has_failed DESC') ? Number(b.hasFailed ?? 0) - Number(a.hasFailed ?? 0) : 0))
      .slice(0, maxRows);
    const count = found.map(() => 1n);
    return new Table({
      trace: strings(found.map(({ traceId }) => traceId)),
      process_id: strings(found.map(({ id }) => id)),
      begin_ns: integers(found.map(() => BEGIN_NS)),
      end_ns: integers(found.map(() => BEGIN_NS + 5n)),
      root_ns: integers(found.map(() => BEGIN_NS)),
      root_name: strings(found.map(() => 'GET')),
      root_exe: strings(found.map(({ exe }) => exe)),
      spans: integers(count),
      errors: integers(found.map(({ hasFailed }) => (hasFailed ? 1n : 0n))),
      rootless: integers(count.map(() => 0n)),
      slowest_ns: integers(found.map(({ slowestNs = 5n }) => slowestNs)),
    });
  };
  return {
    range: RANGE,
    intervalMs: 1000,
    nowMs: RANGE.toMs,
    leftMs: () => 60_000,
    isPanel: false,
    linkTarget: { uid: 'lake', name: 'Lake', range: { fromMs: 0, toMs: 3_600_000 } },
    memory: unlimitedAccount(),
    signal: new AbortController().signal,
    pace: new Pace(),
    statements,
    maxRunning: () => maxRunning,
    async *read(statement) {
      statements.push(statement);
      maxRunning = Math.max(maxRunning, ++running);
      try {
        await new Promise((resolve) => setImmediate(resolve));
        const { maxRows, columns } = statement;
        yield* readBatches(asyncOf(messagesOf(result(statement))), unlimitedAccount(), maxRows, columns);
      } finally {
        running--;
      }
    },
  };
}

function processTable(processes: readonly FakeProcess[]): Table {
  const seen = processes.map((_, index) => RANGE.toMs - index);
  return new Table({
    process_id: strings(processes.map(({ id }) => id)),
    exe: strings(processes.map(({ exe }) => exe)),
    last_seen: vectorFromArray(seen, new TimestampNanosecond()),
  });
}

async function* asyncOf<T>(items: Iterable<T>): AsyncGenerator<T> {
  yield* items;
}
