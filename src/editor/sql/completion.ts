/**
 * Suggestions of the SQL editor, without a dependency on Monaco: `editor/query-editor/monaco-providers.ts` converts
 * them to Monaco's types.
 */
import { StringMap, StringSet } from '../../../contract/string-map';
import { t } from '@grafana/i18n';
import { quoteLiteral, quoteName } from '../../../contract/sql/sql-names';
import { type Position, positionAt } from './editor-position';
import { otherFunctions, SCALAR_FUNCTIONS, TABLE_FUNCTIONS } from '../../shared/sql/functions';
import { columnDescription, knownTable } from '../../shared/sql/known-tables';
import { isLevelColumn } from '../../shared/sql/literal-context';
import { levelSuggestions, literalSuggestions, literalValues, type LookupSource } from './literal-suggestions';
import { type ReadColumns, type ScopeColumn, ScopeColumns } from '../../shared/sql/scope-columns';
import {
  CLAUSES,
  EXPRESSION_KEYWORDS,
  functionSuggestions,
  macroSuggestions,
  escapeSnippet,
  STATEMENTS,
  type Suggestion,
} from './suggestion';
import { timeColumnOf } from '../../shared/sql/time-column';

/** Names that completion offers. The promises never reject. */
export interface CompletionSource extends LookupSource {
  tableNames: () => Promise<readonly string[]>;
  columns: ReadColumns;
  variableNames: () => string[];
}

interface Completion {
  /** The suggestions replace the SQL from `start` to `end`. */
  start: number;
  /**
   * Offset of the cursor. Inside quotes, the offset of the closing quote if there is one. Before a closing brace that
   * the editor inserted, the offset after the brace.
   */
  end: number;
  suggestions: Suggestion[];
  /** True if the list is truncated, so that the next typed character may need other suggestions. */
  isIncomplete: boolean;
}

const TABLE_FUNCTION_SUGGESTIONS = functionSuggestions(TABLE_FUNCTIONS);
const SCALAR_FUNCTION_SUGGESTIONS = functionSuggestions(SCALAR_FUNCTIONS);

function variables(names: string[]): Suggestion[] {
  return names.map((name) => ({
    label: `$${name}`,
    insertText: `\${${name}}`,
    isSnippet: false,
    kind: 'variable',
    detail: t('sql.completion.variable', 'dashboard variable'),
    // `${na` matches `$name`, too.
    filterText: `$${name} \${${name}}`,
  }));
}

function columnSuggestions(columns: readonly ScopeColumn[]): Suggestion[] {
  // Each label is translated once: one translation per column of a large join would take most of the time.
  const origins = new StringMap<string>();
  const originLabel = (origin: string) => {
    const known =
      origins.get(origin) ??
      t('sql.hover.column', 'Column of {{origin}}.', { origin, interpolation: { escapeValue: false } });
    origins.set(origin, known);
    return known;
  };
  return columns.map(({ name, type, origin, stored }) => {
    const description = stored && columnDescription(stored.table, stored.column);
    return {
      label: name,
      insertText: quoteName(name),
      isSnippet: false,
      kind: 'column',
      detail: type,
      documentation: [description, originLabel(origin)].filter(Boolean).join('\n\n'),
    };
  });
}

/**
 * Reuses the last list for the same names. Without this reuse, each key press would build a list of up to a thousand
 * suggestions.
 */
class TableList {
  #names: readonly string[] = [];
  #suggestions: readonly Suggestion[] = [];

  of(names: readonly string[]): readonly Suggestion[] {
    if (names !== this.#names) {
      this.#names = names;
      this.#suggestions = names.map((name) => ({
        label: name,
        insertText: quoteName(name),
        isSnippet: false,
        kind: 'table',
        ...(knownTable(name) && { documentation: knownTable(name)?.description }),
      }));
    }
    return this.#suggestions;
  }
}

const tableList = new TableList();

/** Tables, CTEs that the SELECT can read, and instances of view sets. */
async function tables({ scope, scopes }: Position, source: CompletionSource): Promise<Suggestion[]> {
  const [names, sets] = await Promise.all([source.tableNames(), source.lookup({ kind: 'view-sets' })]);
  const ctes = new StringSet();
  for (let list = (scope ?? scopes.at(-1))?.ctes; list !== undefined; list = list.outer) {
    [...list.queries.keys()].forEach((name) => ctes.add(name));
  }
  const known = new StringSet(names);
  const views = sets?.items ?? [];
  const global = views.filter(({ name, isGlobal }) => isGlobal && !known.has(name)).map(({ name }) => name);
  return [
    ...[...ctes].map((name): Suggestion => ({
      label: name,
      insertText: quoteName(name),
      isSnippet: false,
      kind: 'table',
      detail: 'WITH',
    })),
    ...tableList.of(names),
    ...new TableList().of(global),
    ...views.filter(({ hasInstances }) => hasInstances).map(({ name }) => instanceSuggestion(name)),
  ];
}

function instanceSuggestion(set: string): Suggestion {
  const known = knownTable(set);
  return {
    label: `view_instance(${quoteLiteral(set)})`,
    insertText: `view_instance(${escapeSnippet(quoteLiteral(set))}, '$0')`,
    isSnippet: true,
    kind: 'table',
    detail:
      known?.instance === 'stream'
        ? t('sql.completion.stream', 'one stream')
        : t('sql.completion.process', 'one process'),
    filterText: `${set} view_instance`,
    isContinued: true,
    ...(known && { documentation: known.description }),
  };
}

async function functionList(source: CompletionSource, isTable: boolean): Promise<Suggestion[]> {
  const list = await source.lookup({ kind: 'functions' });
  return [
    ...(isTable ? TABLE_FUNCTION_SUGGESTIONS : SCALAR_FUNCTION_SUGGESTIONS),
    ...functionSuggestions(list ? otherFunctions(list, isTable) : []),
  ];
}

/** The time column of the tables that the SELECT reads, as it is written in SQL. */
function timeColumnAt({ scope }: Position, columns: ScopeColumns): string | undefined {
  const column = scope && timeColumnOf(columns.visible(scope));
  return column === undefined ? undefined : quoteName(column);
}

async function expression(position: Position, columns: ScopeColumns, source: CompletionSource): Promise<Suggestion[]> {
  const { scope, compared } = position;
  return [
    ...(isLevelColumn(compared) ? levelSuggestions() : []),
    ...(scope ? columnSuggestions(columns.visible(scope)) : []),
    ...macroSuggestions(timeColumnAt(position, columns)),
    ...(await functionList(source, false)),
    ...EXPRESSION_KEYWORDS,
  ];
}

async function suggestionsFor(
  position: Position,
  source: CompletionSource,
  cursor: number
): Promise<Pick<Completion, 'suggestions' | 'isIncomplete'>> {
  const complete = (suggestions: readonly Suggestion[]) => ({ suggestions: [...suggestions], isIncomplete: false });
  const loadColumns = () => ScopeColumns.load(position.scopes, source.columns, cursor);
  switch (position.kind) {
    case 'none':
      return complete([]);
    case 'statement':
      return complete(STATEMENTS);
    case 'table':
      return complete([...(await tables(position, source)), ...(await functionList(source, true))]);
    case 'clause':
      return complete(CLAUSES);
    case 'placeholder':
      return complete([
        ...macroSuggestions(timeColumnAt(position, await loadColumns())),
        ...variables(source.variableNames()),
      ]);
    case 'qualified': {
      const { scope, qualifier } = position;
      const columns = scope && qualifier !== undefined ? (await loadColumns()).qualified(scope, qualifier) : [];
      return complete(columnSuggestions(columns));
    }
    case 'string': {
      const { values, isTruncated } = await literalValues(position, await loadColumns(), source);
      return {
        suggestions: literalSuggestions(values, position.isClosed ?? true),
        isIncomplete: isTruncated,
      };
    }
    case 'expression':
      return complete(await expression(position, await loadColumns(), source));
  }
}

/** Suggestions at the cursor. The editor filters the list by the typed text. */
export async function completeAt(sql: string, offset: number, source: CompletionSource): Promise<Completion> {
  const position = positionAt(sql, offset);
  const { start, end } = position;
  return { start, end, ...(await suggestionsFor(position, source, offset)) };
}
