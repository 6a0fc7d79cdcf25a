/**
 * Compares the check of statements (`checkedSql`) with the server's parser on random statements. Statements that the
 * check accepts must only read, and the check and the parser must find the same words.
 */
import { LinePositions } from '../../../contract/sql/sql-parser';
import { loadParser } from '../../../contract/sql/testing/load-parser';
import { WRITING_FUNCTIONS } from '../../../tests/support/attack-statements';
import { corpusStatements } from '../../../tests/support/sql-corpus/corpus';
import { seededRandom } from '../../../tests/support/sql-corpus/random-sql';
import { StatementMutations } from '../../../tests/support/statement-mutations';
import { ProxyError } from '../../base/errors/proxy-error';
import { checkedSql } from './checked-sql';
import { type StatementToken, StatementTokens } from './statement-tokens';

const SEED = Number(process.env.STATEMENT_SEED ?? 1);
const STATEMENTS = Number(process.env.STATEMENT_COUNT ?? 5000);

const parse = loadParser();

function isAccepted(sql: string): boolean {
  try {
    checkedSql(sql);
    return true;
  } catch (reason) {
    if (ProxyError.from(reason).code !== 'statement_not_allowed') {
      throw reason;
    }
    return false;
  }
}

/** Parses SQL, and returns its statements. Undefined if the parser finds an error. */
function parsed(sql: string): unknown[] | undefined {
  try {
    return parse(sql) as unknown[];
  } catch {
    return undefined;
  }
}

function entriesOf(node: unknown): Array<[string, unknown]> {
  return node !== null && typeof node === 'object' ? Object.entries(node) : [];
}

/** The kind of a statement, for example `Query` or `Explain Query`. */
function kindOf(statement: unknown): string {
  const [kind, content] = entriesOf(statement)[0] ?? [String(statement), undefined];
  const explained = kind === 'Explain' && Object.fromEntries(entriesOf(content)).statement;
  return explained ? `${kind} ${kindOf(explained)}` : kind;
}

/** Kinds of statements that only read. */
const READING = /^(Explain )?(Query|Show\w+|ExplainTable)$/;
/**
 * A quote inside of a name or string. The server writes the names and strings of SHOW into SQL without doubling quotes.
 */
const INNER_QUOTE = /[^"]'|'[^"]/;
/** Kinds of query bodies that write. */
const WRITING_BODIES = ['Insert', 'Update', 'Delete', 'Merge'];

interface NamedPlace {
  name: string;
  /** True for a string that the parser accepts as a name. Such a string names a function only if it is called. */
  isString: boolean;
  /** Undefined if the parser does not report the position. */
  offset: number | undefined;
}

/** Finds everything in the tree that writes, and all names with their positions. */
function readTree(node: unknown, positions: LinePositions, key = '', found = new Tree()): Tree {
  const entries = entriesOf(node);
  const fields = Object.fromEntries(entries);
  if (key === 'body') {
    found.writes ||= entries.some(([kind]) => WRITING_BODIES.includes(kind));
  }
  if (key === 'into') {
    found.writes ||= entries.length > 0;
  }
  if (typeof fields.value === 'string' && fields.span !== undefined && key !== 'alias') {
    const { start } = fields.span as { start: { line: number; column: number } };
    const isString = fields.quote_style === "'";
    const offset = start.line === 0 ? undefined : positions.offsetOf(start);
    found.names.push({ name: fields.value, isString, offset });
  }
  if (fields.name !== undefined && fields.args !== undefined) {
    found.called.push(JSON.stringify(fields.name).toLowerCase());
  }
  entries.forEach(([name, value]) => readTree(value, positions, Array.isArray(node) ? key : name, found));
  return found;
}

class Tree {
  writes = false;
  readonly names: NamedPlace[] = [];
  /** The names of called functions, as JSON. */
  readonly called: string[] = [];
}

function tokensOf(sql: string): StatementToken[] {
  const tokens = new StatementTokens(sql);
  const all: StatementToken[] = [];
  for (let token = tokens.next(); token !== undefined; token = tokens.next()) {
    all.push(token);
  }
  return all;
}

/** The problem of an accepted statement. Undefined if the statement has no problem, or if the parser rejects it. */
function disagreement(sql: string, counts: Counts): string | undefined {
  const statements = parsed(sql);
  if (statements === undefined || statements.length === 0) {
    return undefined;
  }
  counts.parsed++;
  const kind = kindOf(statements[0]);
  if (statements.length > 1 || !READING.test(kind)) {
    return `${statements.length} statements, ${kind}`;
  }
  if (kind.includes('Show') && INNER_QUOTE.test(JSON.stringify(statements[0]))) {
    return 'SQL in SHOW';
  }
  const tree = readTree(statements[0], new LinePositions(sql));
  const tokens = tokensOf(sql);
  const starts = new Set(tokens.map(({ start }) => start));
  const last = tokens.at(-1);
  // The check reads only the first words of some statements. The other words may have syntax that the check does not
  // know.
  const end = last?.kind === 'unknown' || last?.kind === 'unclosed' ? last.start : Infinity;
  counts.names += tree.names.length;
  const other = tree.names.find(({ offset = Infinity }) => offset < end && !starts.has(offset));
  const writing =
    tree.names.some(
      ({ name, isString }) => !isString && WRITING_FUNCTIONS.some((each) => each === name.toLowerCase())
    ) || tree.called.some((name) => WRITING_FUNCTIONS.some((each) => name.includes(`"value":"${each}"`)));
  return tree.writes || writing ? 'writes' : other && `${other.name} is no token`;
}

interface Counts {
  accepted: number;
  parsed: number;
  names: number;
}

it(`agrees with the server's parser about ${STATEMENTS} statements (STATEMENT_SEED=${SEED})`, () => {
  const mutations = new StatementMutations(SEED, '/tmp/file.csv');
  const counts: Counts = { accepted: 0, parsed: 0, names: 0 };
  for (let count = 0; count < STATEMENTS; count++) {
    const sql = mutations.next().toWellFormed();
    if (isAccepted(sql)) {
      counts.accepted++;
      const problem = disagreement(sql, counts);
      expect(problem && [sql, problem]).toBeUndefined();
    }
  }
  // The comparison is meaningful only if enough statements are accepted, and enough of them are valid SQL.
  expect(counts.accepted).toBeGreaterThan(STATEMENTS / 50);
  expect(counts.parsed).toBeGreaterThan(STATEMENTS / 200);
  expect(counts.names).toBeGreaterThan(STATEMENTS / 50);
});

/** The rest of a write, and what follows a column or a function. Empty: the word replaces a column or a function. */
const AFTER_WORD = [
  ...[
    '',
    '',
    '',
    '',
    ' INTO t',
    ' FROM t',
    ' t SET a = 1',
    ' t SELECT 1',
    ' (t)',
    ' (t) SET a = 1',
    ' (t) USING b ON true',
  ],
  ...['.a', '(a, 1)', '(1)', '(a) b', ' a', ' AS a', ' + 1', ' IS NULL', ' OR a', ' AND a', ' IN (1)', ', a', '::int'],
  ...['[1]', ' ORDER BY a', ' LIKE 1', ' NOT NULL'],
];

/** A statement of the corpus with a writing word after one of its parentheses, in place of tokens or before them. */
function withWord(random: () => number, queries: ReadonlyArray<readonly StatementToken[]>): string {
  const pick = <T>(items: readonly T[]): T => items[Math.floor(random() * items.length)];
  const tokens = pick(queries).map(({ raw }) => raw);
  const opening = pick(tokens.flatMap((raw, index) => (raw === '(' ? [index] : [])));
  const replaced = Math.floor(random() * 3);
  tokens.splice(opening + 1, replaced, pick(['insert', 'UPDATE', 'delete', 'Merge']) + pick(AFTER_WORD));
  return tokens.join(' ');
}

/**
 * Why the check rejects some statements that read: in another statement, the same tokens begin a write. Double quotes
 * make the word a column. Calls are not counted, because the server has no functions with these names.
 */
const CALL = /\( (insert|update|delete|merge) ?\(/i;
const CAUSES: Readonly<Record<string, RegExp>> = {
  'a condition in a list after IN': /\bIN \( (insert|update|delete|merge) /i,
  'a name of a column with its type': /\b[tv] \( (insert|update|delete|merge) \w/i,
};

it(`rejects words after parentheses that write, and few that read (STATEMENT_SEED=${SEED})`, () => {
  const random = seededRandom(SEED);
  const queries = corpusStatements()
    .map(({ sql }) => tokensOf(sql))
    .filter((tokens) => tokens.some(({ raw }) => raw === '('));
  const counts = { reading: 0, writing: 0 };
  const rejected: string[] = [];
  for (let count = 0; count < STATEMENTS; count++) {
    const sql = withWord(random, queries);
    const statements = parsed(sql);
    if (statements === undefined) {
      continue;
    }
    const writes = statements.length > 1 || readTree(statements[0], new LinePositions(sql)).writes;
    const isSent = isAccepted(sql);
    expect(writes && isSent ? sql : undefined).toBeUndefined();
    counts[writes ? 'writing' : 'reading']++;
    if (!writes && !isSent && !CALL.test(sql)) {
      rejected.push(sql);
    }
  }
  const patterns = Object.values(CAUSES);
  expect(rejected.filter((sql) => !patterns.some((pattern) => pattern.test(sql)))).toEqual([]);
  for (const pattern of patterns) {
    expect(rejected.filter((sql) => pattern.test(sql)).length / counts.reading).toBeLessThan(0.01);
  }
  expect(counts.writing).toBeGreaterThan(STATEMENTS / 400);
});
