/** Changes each column of the result of each statement of each view, as another version of the server might. */
import { Dictionary, Int32, Table, TimestampMillisecond, Utf8, vectorFromArray, type Vector } from 'apache-arrow';
import { ProxyError } from '../base/errors/proxy-error';
import { type LakeStatement } from './lake-reader/lake-reader';
import { type ColumnKind } from './lake-reader/result-columns';
import { readerOf } from './lake-reader/testing/reader';
import { columnOf } from './lake-reader/testing/table-of';
import { MINUTE_MS, type View, VIEW_VALUES, VIEWS } from './testing/views';

type Change = (statement: LakeStatement, columns: Record<string, Vector>) => Record<string, Vector>;

/** Opens a view whose results have one row. @returns The code of its error, or `accepted`. */
async function outcomeOf({ open, rangeMs = MINUTE_MS }: View, change: Change = (_, columns) => columns) {
  const lake = readerOf((statement) => {
    const columns = Object.entries(statement.columns).map(
      ([name, kind]) => [name, columnOf(kind, VIEW_VALUES[name])] as const
    );
    return new Table(change(statement, Object.fromEntries(columns)));
  });
  const range = { fromMs: 0, toMs: rangeMs };
  try {
    await open({ ...lake, range, nowMs: rangeMs });
    return 'accepted';
  } catch (reason) {
    const { code, source } = ProxyError.from(reason);
    return `${code} ${source}`;
  }
}

const shapeOf = ({ columns }: LakeStatement) => Object.keys(columns).join();

/** The statements of a view that have different columns. */
async function statementsOf(view: View): Promise<readonly LakeStatement[]> {
  const found = new Map<string, LakeStatement>();
  const outcome = await outcomeOf(view, (statement, columns) => {
    found.set(shapeOf(statement), statement);
    return columns;
  });
  expect(outcome).toBe('accepted');
  return [...found.values()];
}

/** Opens a view once for each column of its statements, with a change of this column. @returns The outcomes. */
async function outcomesOf(
  view: View,
  change: (columns: Record<string, Vector>, name: string, kind: ColumnKind) => Record<string, Vector>
): Promise<ReadonlySet<string>> {
  const outcomes = new Set<string>();
  for (const changed of await statementsOf(view)) {
    for (const [name, kind] of Object.entries(changed.columns)) {
      const outcome = await outcomeOf(view, (statement, columns) =>
        shapeOf(statement) === shapeOf(changed) ? change(columns, name, kind) : columns
      );
      outcomes.add(outcome === 'accepted' ? `${outcome} ${name}` : outcome);
    }
  }
  return outcomes;
}

const without = (columns: Record<string, Vector>, name: string) =>
  Object.fromEntries(Object.entries(columns).filter(([each]) => each !== name));

const MALFORMED = new Set(['result_malformed downstream']);

describe.each(VIEWS)('$name', (view) => {
  it('sends its statements', async () => {
    expect((await statementsOf(view)).map(shapeOf)).toHaveLength(view.statements);
  });

  it('rejects a result without a column', async () => {
    expect(await outcomesOf(view, without)).toEqual(MALFORMED);
  });

  it('rejects a renamed column', async () => {
    const renamed = await outcomesOf(view, (columns, name) => ({
      ...without(columns, name),
      [`${name}_2`]: columns[name],
    }));
    expect(renamed).toEqual(MALFORMED);
  });

  it('rejects a column of another type', async () => {
    const retyped = await outcomesOf(view, (columns, name, kind) => ({
      ...columns,
      [name]: kind === 'string' ? columnOf('number') : columnOf('string'),
    }));
    expect(retyped).toEqual(MALFORMED);
  });

  it('ignores an additional column', async () => {
    const more = await outcomesOf(view, (columns) => ({ ...columns, more: columnOf('string') }));
    expect([...more].filter((outcome) => !outcome.startsWith('accepted'))).toEqual([]);
  });

  it('accepts other encodings of the same values', async () => {
    const encoded = await outcomesOf(view, (columns, name, kind) => ({
      ...columns,
      [name]: otherEncoding(kind, name) ?? columns[name],
    }));
    expect([...encoded].filter((outcome) => !outcome.startsWith('accepted'))).toEqual([]);
  });
});

/** The value of a column as a dictionary, as a 32-bit integer, or as a time with a time zone. */
function otherEncoding(kind: ColumnKind, name: string): Vector | undefined {
  const value = VIEW_VALUES[name];
  switch (kind) {
    case 'string':
      return vectorFromArray([value ?? 'a'], new Dictionary(new Utf8(), new Int32()));
    case 'number':
      return vectorFromArray([value ?? 0], new Int32());
    case 'int64':
      return vectorFromArray([1], new TimestampMillisecond('+00:00'));
    default:
      return undefined;
  }
}
