/**
 * Suggestions of the SQL editor, without a dependency on the editor: `query-editor/monaco-completion.ts` converts them to
 * Monaco's types.
 */
import { macroArguments, MACROS, macroText } from '../../contract/macros';
import { type ColumnInfo } from '../../contract/resources';
import { quoteName } from '../../contract/sql-syntax/sql-names';
import { positionAt, type Position, type TableReference } from './completion-position';
import { type FunctionInfo, SCALAR_FUNCTIONS, TABLE_FUNCTIONS } from './functions';

export type SuggestionKind = 'column' | 'table' | 'function' | 'macro' | 'variable' | 'keyword';

export interface Suggestion {
  label: string;
  /** Text to insert. In a snippet, `$0` marks the cursor, and `\$` is a plain dollar sign. */
  insertText: string;
  isSnippet: boolean;
  kind: SuggestionKind;
  /** Short text beside the label. */
  detail?: string;
  documentation?: string;
}

/** Names that completion offers. The promises never reject. */
export interface CompletionSource {
  tableNames: () => Promise<string[]>;
  columns: (table: string) => Promise<ColumnInfo[]>;
  variableNames: () => string[];
}

export interface Completion {
  /** The suggestions replace the text from `start` to `end`. */
  start: number;
  /** The cursor, or the offset after a closing brace that the editor inserted. */
  end: number;
  suggestions: Suggestion[];
}

const STATEMENTS = ['SELECT', 'WITH', 'EXPLAIN', 'SHOW TABLES'];
const CLAUSES = 'WHERE|GROUP BY|ORDER BY|HAVING|LIMIT|JOIN|LEFT JOIN|INNER JOIN|CROSS JOIN|ON|USING|AS|UNION ALL'.split(
  '|'
);
const EXPRESSION_WORDS =
  'FROM|AND|OR|NOT|IN|LIKE|ILIKE|BETWEEN|IS NULL|IS NOT NULL|CASE|WHEN|THEN|ELSE|END|AS|ASC|DESC|DISTINCT|OVER|PARTITION BY|INTERVAL|TIMESTAMP|NULL|TRUE|FALSE|SELECT'.split(
    '|'
  );

function keywords(words: readonly string[]): Suggestion[] {
  return words.map((word) => ({ label: word, insertText: word, isSnippet: false, kind: 'keyword' }));
}

function functions(list: readonly FunctionInfo[]): Suggestion[] {
  return list.map(({ name, args, description }) => ({
    label: name,
    insertText: `${name}($0)`,
    isSnippet: true,
    kind: 'function',
    detail: args === '' ? description : `(${args})`,
    documentation: description,
  }));
}

function macros(): Suggestion[] {
  return MACROS.map((macro) => {
    const name = macroText(macro);
    const args = macroArguments(macro);
    return {
      label: name,
      insertText: args === undefined ? `\\${name}` : `\\${name}($0)`,
      isSnippet: true,
      kind: 'macro',
      detail: args === undefined ? 'macro' : `(${args})`,
      documentation: macro.description,
    };
  });
}

function variables(names: string[]): Suggestion[] {
  return names.map((name) => ({
    label: `$${name}`,
    insertText: `\${${name}}`,
    isSnippet: false,
    kind: 'variable',
    detail: 'dashboard variable',
  }));
}

async function columnsOf(tables: TableReference[], source: CompletionSource): Promise<Suggestion[]> {
  const names = [...new Set(tables.map(({ table }) => table))];
  const lists = await Promise.all(names.map((table) => source.columns(table)));
  const seen = new Set<string>();
  return lists.flatMap((columns, index) =>
    columns
      .filter(({ name }) => !seen.has(name) && seen.add(name))
      .map(({ name, type }) => ({
        label: name,
        insertText: quoteName(name),
        isSnippet: false,
        kind: 'column' as const,
        detail: type,
        documentation: `Column of ${names[index]}`,
      }))
  );
}

async function tables(source: CompletionSource): Promise<Suggestion[]> {
  const names = await source.tableNames();
  return names.map((name) => ({ label: name, insertText: quoteName(name), isSnippet: false, kind: 'table' }));
}

/** Tables that a qualifier refers to: the table with this alias, else the table with this name. */
function qualified({ qualifier, tables: references }: Position): TableReference[] {
  const byAlias = references.filter(({ alias }) => alias !== undefined && alias === qualifier);
  return byAlias.length > 0 ? byAlias : references.filter(({ table }) => table === qualifier);
}

async function suggestionsFor(position: Position, source: CompletionSource): Promise<Suggestion[]> {
  switch (position.kind) {
    case 'none':
      return [];
    case 'statement':
      return keywords(STATEMENTS);
    case 'table':
      return [...(await tables(source)), ...functions(TABLE_FUNCTIONS)];
    case 'clause':
      return keywords(CLAUSES);
    case 'placeholder':
      return [...macros(), ...variables(source.variableNames())];
    case 'qualified':
      return columnsOf(qualified(position), source);
    case 'expression':
      return [
        ...(await columnsOf(position.tables, source)),
        ...macros(),
        ...functions(SCALAR_FUNCTIONS),
        ...keywords([...EXPRESSION_WORDS, ...CLAUSES.filter((word) => !EXPRESSION_WORDS.includes(word))]),
      ];
  }
}

/** Suggestions at the cursor. The editor filters the list by the text already typed. */
export async function completeAt(sql: string, offset: number, source: CompletionSource): Promise<Completion> {
  const position = positionAt(sql, offset);
  const isBraceClosed = sql.startsWith('${', position.start) && sql[offset] === '}';
  const end = position.kind === 'placeholder' && isBraceClosed ? offset + 1 : offset;
  return { start: position.start, end, suggestions: await suggestionsFor(position, source) };
}
