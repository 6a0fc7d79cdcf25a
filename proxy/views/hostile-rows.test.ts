/**
 * Opens each view with random rows: NaN, extreme and negative numbers, ids of others, parents in cycles, missing values
 * and strings of any characters. A view returns frames, or fails with an error that says what is wrong.
 */
import { Table } from 'apache-arrow';
import { ProxyError } from '../base/errors/proxy-error';
import { type ComposedFrame } from '../frames/data-frames/composed-frames';
import { randomIntegers } from '../sql/macros/testing/random-numbers';
import { type ColumnKind } from './lake-reader/result-columns';
import { readerOf } from './lake-reader/testing/reader';
import { columnWith } from './lake-reader/testing/table-of';
import { ID, isFrame, MINUTE_MS, TRACE, type View, VIEW_VALUES, VIEWS } from './testing/views';

const RUNS = 150;
const MAX_ROWS = 12;
/** More than a view sends for results of `MAX_ROWS` rows. */
const MAX_STATEMENTS = 60;

const MINUTE_NS = BigInt(MINUTE_MS) * 1_000_000n;
const MAX_INT64 = 2n ** 63n - 1n;
const OTHER_ID = ID.replace('0b', 'ff');
const CHARACTERS = '\ud800¦\udfff¦\0¦\u202e¦\u{1f469}\u200d\u{1f680}¦e\u0301¦<b>¦javascript:¦${__value.raw}¦%2f'.split(
  '¦'
);

const UNUSUAL: Readonly<Record<ColumnKind, readonly unknown[]>> = {
  string: [
    null,
    '',
    ID,
    ID.toUpperCase(),
    OTHER_ID,
    TRACE,
    'cd'.repeat(8),
    '__proto__',
    'x'.repeat(5000),
    ...CHARACTERS,
  ],
  number: [null, NaN, Infinity, -Infinity, -1, -0, 0.5, 1, 7, 1e308, 2 ** 53, -(2 ** 63)],
  int64: [null, 0n, 1n, -1n, 1_000_000n, MINUTE_NS, -MINUTE_NS, MAX_INT64, -MAX_INT64 - 1n],
  boolean: [null, true, false],
  bytes: [null, new Uint8Array(), new Uint8Array(9).fill(255), new TextEncoder().encode('GIF89a')],
  json: [null, [], ['cpu'], ['net', 'cpu', ''], CHARACTERS],
};

/** Random rows for a statement: some values are those that a view expects, and others are unusual. */
function randomTable(columns: Readonly<Record<string, ColumnKind>>, below: (limit: number) => number): Table {
  const rows = below(MAX_ROWS + 1);
  const usual = below(4);
  const valueOf = (name: string, kind: ColumnKind) =>
    below(4) < usual && VIEW_VALUES[name] !== undefined
      ? VIEW_VALUES[name]
      : UNUSUAL[kind][below(UNUSUAL[kind].length)];
  const vectors = Object.entries(columns).map(([name, kind]) => {
    return [
      name,
      columnWith(
        kind,
        Array.from({ length: rows }, () => valueOf(name, kind))
      ),
    ] as const;
  });
  return new Table(Object.fromEntries(vectors));
}

/** What is wrong in a frame: numbers and times in sentences that are none, and fields of different lengths. */
function faultsOf({ fields, notices = [] }: ComposedFrame): string[] {
  const lengths = new Set(fields.map(({ values }) => values.length));
  const sentences = [
    ...notices.map(({ text }) => text),
    ...fields.map(({ config }) => String(config?.displayName ?? '')),
  ];
  return [
    ...sentences.filter((sentence) =>
      /\bNaN\b|Infinity|undefined|Invalid|\[object|-\d+ (?:ms|s|spans|calls)\b/.test(sentence)
    ),
    ...(lengths.size > 1 ? [`fields with ${[...lengths].join(' and ')} values`] : []),
    ...fields.flatMap(({ name, kind, values }) => {
      const isWrong = (value: unknown) =>
        kind === 'float64'
          ? /^(?:duration|value|self|total|calls)$/i.test(name) && Number(value) < 0
          : /^(?:NaN|undefined|-?Infinity|\[object.*)$/.test(String(value ?? ''));
      const all = Array.from({ length: values.length }, (_, row) => values.at(row));
      return all.filter(isWrong).map((value) => `${name} ${String(value)}`);
    }),
  ];
}

/** @returns What is wrong. */
async function faultsOfRun({ open, rangeMs = MINUTE_MS }: View, seed: number): Promise<string[]> {
  const below = randomIntegers(seed);
  let statements = 0;
  const lake = readerOf(({ columns }) => {
    statements++;
    return randomTable(columns, below);
  });
  const linkTarget = { uid: 'lake', name: 'Lake', range: { fromMs: 0, toMs: rangeMs } };
  const faults: string[] = [];
  try {
    const opened = await open({ ...lake, range: { fromMs: 0, toMs: rangeMs }, nowMs: rangeMs, linkTarget });
    faults.push(...[opened].flat().filter(isFrame).flatMap(faultsOf));
  } catch (reason) {
    const { code, detail } = ProxyError.from(reason);
    faults.push(...(code === 'internal' ? [`${code} ${String(detail)} ${(reason as Error).stack}`] : []));
  }
  return statements > MAX_STATEMENTS ? [...faults, `${statements} statements`] : faults;
}

it.each(VIEWS)('$name reads any rows', async (view) => {
  const faults = new Map<string, number>();
  for (let seed = 0; seed < RUNS; seed++) {
    (await faultsOfRun(view, seed)).forEach((fault) => faults.set(fault, seed));
  }
  expect([...faults]).toEqual([]);
});
