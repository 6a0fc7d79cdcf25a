/**
 * Tests pages of log lines over the plugin protocol: a reader that scrolls like Grafana gets every line of the whole
 * result once. The test imitates Grafana, which joins the frames and drops known ids. In the demo's lakehouse, lines
 * with the same time have an arbitrary order.
 */
import { type DataFrame, type DataQueryRequest, type DataQueryResponse, type Field } from '@grafana/data';
import { firstValueFrom, from, type Observable } from 'rxjs';
import { arrowTable } from '../../demo/plugin-host/arrow-files';
import { type DataResponse } from '../../proxy/generated/pluginv2/backend_pb';
import { randomNumbers } from '../../proxy/sql/macros/testing/random-numbers';
import { LogPages } from '../../src/explore/log-pages/log-pages';
import { type MicromegasQuery } from '../../src/shared/types';
import { useSharedPlugin } from '../support/shared-plugin';
import { runQuery } from '../support/plugin';
import { expectNoSecretsAtEnd } from '../support/secret-watch';

const lab = useSharedPlugin();
expectNoSecretsAtEnd();

type Request = DataQueryRequest<MicromegasQuery>;

const MINUTE_MS = 60_000;
const toMs = lab.demo.lakehouseStartMs - MINUTE_MS;
const RANGE = { fromMs: toMs - 5 * MINUTE_MS - 12_345, toMs };

/** The frames as Grafana decodes them in the browser: a time field has `nanos` only if one of its times needs them. */
function framesOf(refId: string, response: DataResponse): DataFrame[] {
  return response.frames.map((bytes) => {
    const table = arrowTable(bytes);
    const fields = table.schema.fields.map(({ name, type }): Field => {
      const column = table.getChild(name)!;
      if (!String(type).startsWith('Timestamp')) {
        const values = [...column].map((value: unknown) =>
          value instanceof Uint8Array
            ? (JSON.parse(new TextDecoder().decode(value)) as unknown)
            : typeof value === 'bigint'
              ? Number(value)
              : value
        );
        return { name, type: 'string', config: {}, values } as Partial<Field> as Field;
      }
      const times = column.data.flatMap(({ values }) => [...(values as BigInt64Array)]);
      const nanos = times.map((time) => Number(((time % 1_000_000n) + 1_000_000n) % 1_000_000n));
      const values = times.map((time, row) => Number((time - BigInt(nanos[row])) / 1_000_000n));
      const extra = nanos.some((value) => value !== 0) ? { nanos } : {};
      return { name, type: 'time', config: {}, values, ...extra } as Partial<Field> as Field;
    });
    const meta = JSON.parse(table.schema.metadata.get('meta') ?? '{}') as DataFrame['meta'];
    return { refId, meta, fields, length: table.numRows };
  });
}

interface Line {
  id: string;
  ms: number;
  /** All values of the line except its id. */
  content: string;
}

function linesOf({ fields, length }: DataFrame): Line[] {
  const column = (name: string) => fields.find((field) => field.name === name);
  return Array.from({ length }, (_, row) => ({
    id: String(column('id')?.values[row]),
    ms: Number(column('timestamp')?.values[row]),
    content: JSON.stringify(
      fields.filter(({ name }) => name !== 'id').map(({ values, nanos }) => [values[row], nanos?.[row] ?? 0])
    ),
  }));
}

const momentOf = (ms: number) => ({ valueOf: () => ms }) as Request['range']['from'];

/** Imitates Explore: shows lines, and requests more lines until there are none. */
class Reader {
  readonly failures: string[] = [];
  readonly #pages = new LogPages((messages) => this.failures.push(...messages));
  readonly #targets: MicromegasQuery[];
  readonly #shown = new Map<string, Line>();

  constructor(...queries: Array<Partial<MicromegasQuery>>) {
    this.#targets = queries.map((query, index) => ({
      refId: 'AB'[index],
      version: 2,
      format: 'logs',
      autoLimit: false,
      ...query,
    }));
  }

  get lines(): Line[] {
    return [...this.#shown.values()];
  }

  get contents(): string[] {
    return this.lines.map(({ content }) => content).sort();
  }

  get ids(): string[] {
    return [...this.#shown.keys()].sort();
  }

  async open(fromMs = RANGE.fromMs, endMs = RANGE.toMs): Promise<this> {
    await this.#request(fromMs, endMs, false);
    return this;
  }

  /** Scrolls to the start of the range. @returns Number of pages with new lines. */
  async older(): Promise<number> {
    return this.#scroll(() => [RANGE.fromMs, Math.min(...this.lines.map(({ ms }) => ms))]);
  }

  async newer(): Promise<number> {
    return this.#scroll(() => [Math.max(...this.lines.map(({ ms }) => ms)), RANGE.toMs]);
  }

  async #scroll(range: () => readonly [number, number]): Promise<number> {
    for (let pages = 0; ; pages++) {
      const before = this.#shown.size;
      await this.#request(...range(), true);
      if (this.#shown.size === before) {
        return pages;
      }
    }
  }

  async #request(fromMs: number, endMs: number, isPage: boolean): Promise<void> {
    const targets = this.#targets.map((target) =>
      isPage ? { ...target, supportingQueryType: 'infiniteScroll' } : target
    );
    const request = {
      requestId: 'explore_left',
      startTime: 0,
      range: { from: momentOf(fromMs), to: momentOf(endMs) },
      targets,
    } as Partial<Request> as Request;
    const { data } = await firstValueFrom(this.#pages.run(request, send));
    for (const frame of data as DataFrame[]) {
      for (const line of linesOf(frame)) {
        const uid = `${frame.refId}_${line.id}`;
        if (!this.#shown.has(uid)) {
          this.#shown.set(uid, line);
        }
      }
    }
  }
}

function send({ targets, range }: Request): Observable<DataQueryResponse> {
  const { from: start, to: end } = range;
  const responses = targets.map(async (target) => {
    const options = { range: { fromMs: start.valueOf(), toMs: end.valueOf() } };
    const response = await runQuery(lab.plugin, lab.source, target, options);
    return {
      data: framesOf(target.refId, response),
      errors: response.error === '' ? [] : [{ message: response.error }],
    };
  });
  return from(
    Promise.all(responses).then((parts) => ({
      data: parts.flatMap(({ data }) => data),
      errors: parts.flatMap(({ errors }) => errors),
    }))
  );
}

/** Every line of the result. */
const whole = async (query: string, changes: Partial<MicromegasQuery> = {}) => new Reader({ query, ...changes }).open();

/** Lists of columns. Each list gives many lines the same time, and some lists also give lines the same message. */
const LISTS = [
  '*',
  'time, msg, level',
  "date_trunc('second', time) AS time, target AS msg, exe, process_id",
  "date_trunc('millisecond', time) AS time, msg, process_id, properties",
  "date_trunc('minute', time) AS time, exe AS msg, target, level",
];
const CONDITIONS = ['level <= 4', "target LIKE 'ember%'", "msg LIKE '%1%'", 'level <> 6'];

interface Case {
  lines: string;
  /** Approximate number of pages. */
  pages: number;
  /** True for LIMIT in the SQL, false for the row limit of the query. */
  isWritten: boolean;
}

function randomCases(seed: number, count: number): Case[] {
  const random = randomNumbers(seed);
  const pick = <T>(list: readonly T[]): T => list[Math.floor(random() * list.length)];
  return Array.from({ length: count }, (_, index) => ({
    lines: `SELECT ${LISTS[index % LISTS.length]} FROM log_entries WHERE ${pick(CONDITIONS)}`,
    pages: 2 + random() * 4,
    isWritten: random() < 0.5,
  }));
}

/** A reader of the first page, and the whole result. */
async function opened({ lines, pages, isWritten }: Case, order: string): Promise<{ reader: Reader; all: Reader }> {
  const all = await whole(lines);
  const rows = Math.ceil(all.lines.length / pages);
  const limit = isWritten ? ` LIMIT ${rows}` : '';
  const changes = isWritten ? {} : { rowLimit: rows };
  const reader = await new Reader({ query: `${lines} ORDER BY ${order}${limit}`, ...changes }).open();
  expect(reader.lines).toHaveLength(rows);
  expect(rows).toBeLessThan(all.lines.length);
  return { reader, all };
}

it.each(randomCases(5, 10))('continues to the start of the range: $lines', async (given) => {
  const { reader, all } = await opened(given, 'time DESC');
  expect(await reader.older()).toBeGreaterThan(0);
  expect(reader.contents).toEqual(all.contents);
  expect(reader.ids).toEqual(all.ids);
  expect(reader.failures).toEqual([]);
});

it.each(randomCases(7, 5))('continues to the end of the range: $lines', async (given) => {
  const { reader, all } = await opened(given, 'time');
  expect(await reader.newer()).toBeGreaterThan(0);
  expect(reader.contents).toEqual(all.contents);
  expect(reader.ids).toEqual(all.ids);
});

it('continues in both directions from the middle', async () => {
  const lines = 'SELECT time, msg, exe FROM log_entries';
  const all = await whole(lines);
  const reader = new Reader({ query: `${lines} ORDER BY time DESC LIMIT 200` });
  await reader.open(RANGE.fromMs, RANGE.toMs - 2 * MINUTE_MS);
  await reader.older();
  await reader.newer();
  expect(reader.contents).toEqual(all.contents);
});

it('continues each query from its own lines', async () => {
  const queries = ['SELECT * FROM log_entries WHERE level <= 4', 'SELECT time, msg FROM log_entries WHERE level = 5'];
  const reader = new Reader(...queries.map((query) => ({ query: `${query} ORDER BY time DESC LIMIT 250` })));
  await reader.open();
  await reader.older();
  const all = await Promise.all(queries.map((query) => whole(query)));
  expect(reader.contents).toEqual(all.flatMap(({ contents }) => contents).sort());
});

it.each([
  [
    'a union',
    'SELECT time, msg FROM log_entries WHERE level < 4 UNION ALL SELECT time, msg FROM log_entries WHERE level = 5',
  ],
  ['groups', "SELECT date_trunc('second', time) AS time, exe AS msg, count(*) AS n FROM log_entries GROUP BY 1, 2"],
  ['a CTE', 'WITH l AS (SELECT time, msg, exe FROM log_entries WHERE level < 5) SELECT * FROM l'],
  ['a renamed time column', 'SELECT time AS happened, msg FROM log_entries WHERE level < 5'],
])('continues %s', async (_name, lines) => {
  const { reader, all } = await opened({ lines, pages: 4, isWritten: true }, '1 DESC');
  await reader.older();
  expect(reader.contents).toEqual(all.contents);
});

it.each([
  { name: 'the oldest', direction: 'forward' as const, ms: (all: Line[]) => Math.min(...all.map((line) => line.ms)) },
  { name: 'the newest', direction: 'backward' as const, ms: (all: Line[]) => Math.max(...all.map((line) => line.ms)) },
])('starts with $name lines, and continues from them', async ({ direction, ms }) => {
  const query = 'SELECT time, msg, process_id FROM log_entries WHERE level <= 5';
  const all = await whole(query);
  const rowLimit = Math.ceil(all.lines.length / 3);
  const reader = await new Reader({ query, direction, rowLimit }).open();
  expect(reader.lines).toHaveLength(rowLimit);
  expect(reader.lines[0].ms).toBe(ms(all.lines));
  await (direction === 'forward' ? reader.newer() : reader.older());
  expect(reader.contents).toEqual(all.contents);
});

it('ignores the direction if the SQL has an order and a limit', async () => {
  const query = "SELECT time, msg FROM log_entries WHERE target LIKE 'ember%' ORDER BY time DESC LIMIT 20";
  const lines = await Promise.all([whole(query), whole(query, { direction: 'forward' })]);
  expect(lines[1].contents).toEqual(lines[0].contents);
});

it('continues with the filters of the query', async () => {
  const lines = 'SELECT * FROM log_entries';
  const filters = [{ key: 'level', operator: '=', value: 'error' } as const];
  const all = await whole(lines, { filters });
  const reader = await new Reader({ query: `${lines} ORDER BY time DESC LIMIT 2`, filters }).open();
  await reader.older();
  expect(reader.contents).toEqual(all.contents);
  expect(all.lines.length).toBeGreaterThan(2);
});

it('continues a query without a time range', async () => {
  const lines = `SELECT time, msg FROM log_entries WHERE level <= 3 AND time > timestamp '${new Date(RANGE.fromMs).toISOString()}' AND time < timestamp '${new Date(RANGE.toMs).toISOString()}'`;
  const all = await whole(lines, { timeFilter: false });
  const reader = await new Reader({ query: `${lines} ORDER BY time DESC LIMIT 3`, timeFilter: false }).open();
  expect(await reader.older()).toBeGreaterThan(0);
  expect(reader.contents).toEqual(all.contents);
});

it('returns the same ids if the query selects other columns', async () => {
  const narrow = await whole('SELECT time, msg FROM log_entries WHERE level < 4');
  const wide = await whole('SELECT * FROM log_entries WHERE level < 4');
  expect(wide.ids).toEqual(narrow.ids);
});

it('explains why newer lines cannot be read, and reads older lines', async () => {
  const query =
    'SELECT DISTINCT ON (msg, time) time, msg FROM log_entries WHERE level < 5 ORDER BY time DESC, msg LIMIT 300';
  const reader = await new Reader({ query }).open();
  expect(await reader.newer()).toBe(0);
  expect(reader.failures).toEqual([expect.stringContaining('DISTINCT ON')]);
  expect(await reader.older()).toBeGreaterThan(0);
});
