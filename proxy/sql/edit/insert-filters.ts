/**
 * Inserts filters into the author's SQL, as conditions of its WHERE clauses.
 *
 * The SQL is edited at positions from the syntax tree. It is never printed from the tree, so comments, macros and
 * layout do not change. If the author's SQL was parsed, the edited SQL is parsed too. Its tree must be the original
 * tree with these conditions.
 */
import { StringMap } from '../../../contract/string-map';
import { MAX_SQL_CHARACTERS } from '../../../contract/queries/query-bounds';
import { type QueryFilter } from '../../../contract/queries/query-filter';
import { isTableLike } from '../../../contract/sql/column-lineage';
import {
  type QueryShape,
  readScopes,
  type SelectScope,
  type SqlScopes,
  type SqlSource,
} from '../../../contract/sql/query-scopes';
import { MAX_PARSED_CHARACTERS, parserInput } from '../../../contract/sql/parser-input';
import { type ParsedSql, type ParseStatements, type TreeNode } from '../../../contract/sql/sql-parser';
import { child } from '../../../contract/sql/syntax-tree';
import { applyEdits, type EditedSql, type SqlEdit } from '../../../contract/sql/sql-edits';
import { type SqlToken, tokenizeSql } from '../../../contract/sql/sql-scan';
import { ProxyError } from '../../base/errors/proxy-error';
import { filterCondition } from './filter-conditions';
import { effectNotices, noEffectNotice } from './filter-notices';
import { parseOrThrow } from './parse-or-throw';
import { type Catalogue, type FilterPlace, FilterResolver, type Unresolved } from './resolve-filters';
import { unparsedSelect } from './unparsed-sql';
import { type ExpectedEdits, isExpectedEdit } from './verify-edit';

/** The author's SQL with the conditions of the filters. */
export interface FilteredSql extends EditedSql {
  /** Sentences for the user about filters that have no effect, or an unexpected effect, on this query. */
  notices: readonly string[];
  /** The edits that turn the author's SQL into `sql`. */
  edits: readonly SqlEdit[];
}

interface FilterOptions {
  filters: readonly QueryFilter[];
  catalogue: Catalogue;
  /** See `FilterResolver`. */
  isLogs: boolean;
}

/** An occurrence of the macro `$__adHocFilters`. */
interface MacroPlace {
  start: number;
  end: number;
}

/** The destination of conditions: a SELECT, or a macro in it. */
interface Destination {
  select: SelectScope;
  macro: MacroPlace | undefined;
}

function notApplicable(detail: string, { cause }: { cause?: unknown } = {}): ProxyError {
  return new ProxyError('filter_not_applicable', { detail, cause });
}

/** @throws {ProxyError} 'filter_not_applicable' */
function parsed(sql: string, parse: ParseStatements): ParsedSql {
  return parseOrThrow(sql, parse, notApplicable, 'The query is too long or too deeply nested.');
}

/** The occurrences of `$__adHocFilters`, including empty parentheses. */
function macroPlaces(tokens: readonly SqlToken[]): MacroPlace[] {
  return tokens.flatMap(({ kind, raw, start, end }, index) => {
    if (kind !== 'placeholder' || !['$__adHocFilters', '${__adHocFilters}'].includes(raw)) {
      return [];
    }
    const isCall = tokens[index + 1]?.raw === '(' && tokens[index + 2]?.raw === ')';
    return [{ start, end: isCall ? tokens[index + 2].end : end }];
  });
}

/** Stands for the shape of SQL that was not parsed. The columns of the result are not known. */
const NO_RESULT: QueryShape = { branches: [], matchedBy: 'position', columnAliases: [] };

/** SQL into which filters can be inserted. */
export class FilterableSql {
  /** The tables and views whose columns must be known. */
  readonly sources: readonly SqlSource[];
  readonly #sql: string;
  readonly #parse: ParseStatements;
  /** Undefined for SQL that is too long to be parsed. Such SQL must contain the macro. */
  readonly parsed: ParsedSql | undefined;
  readonly scopes: SqlScopes;
  readonly #macros: readonly MacroPlace[];

  /** @throws {ProxyError} 'filter_not_applicable' for SQL that cannot be parsed. */
  constructor(sql: string, parse: ParseStatements) {
    this.#sql = sql;
    this.#parse = parse;
    const tokens = tokenizeSql(sql).filter(({ kind }) => kind !== 'comment');
    this.#macros = macroPlaces(tokens);
    const isParsed = this.#macros.length === 0 || !('problem' in parserInput(sql));
    this.parsed = isParsed ? parsed(sql, parse) : undefined;
    this.scopes =
      this.parsed === undefined
        ? { root: NO_RESULT, selects: [unparsedSelect(tokens, sql.length)] }
        : readScopes(sql, this.parsed);
    this.sources = this.scopes.selects.flatMap(({ sources }) => sources.filter(isTableLike));
  }

  /**
   * Inserts the filters, and returns the edited SQL with its edits and notices.
   *
   * @throws {ProxyError} 'filter_invalid' for a value that does not fit the column; 'filter_not_applicable' if the
   *   filters cannot be inserted without changing another part of the SQL.
   */
  insert({ filters, catalogue, isLogs }: FilterOptions): FilteredSql {
    const resolver = new FilterResolver(this.scopes, catalogue, isLogs);
    const destinations = this.#destinations();
    const conditions = destinations.map((): string[] => []);
    const notices: string[] = [];
    let length = this.#sql.length;
    const maxCharacters = this.parsed === undefined ? MAX_SQL_CHARACTERS : MAX_PARSED_CHARACTERS;
    for (const filter of filters) {
      const missing: Unresolved[] = [];
      const found: FilterPlace[] = [];
      destinations.forEach(({ select, macro }, index) => {
        const places = resolver.resolve(filter, { selects: [select], mayUseSubqueries: macro !== undefined });
        if (typeof places === 'string') {
          missing.push(places);
          return;
        }
        // If there is a macro, the author chose where the filters apply, so the user gets no notices about their
        // effect.
        found.push(...(macro === undefined ? places : []));
        const sqls = places.map(({ target }) => filterCondition(filter, target));
        length += sqls.reduce((sum, condition) => sum + condition.length, 0);
        if (length > maxCharacters) {
          throw notApplicable('The query is too long with its filters.');
        }
        conditions[index].push(...sqls);
      });
      if (missing.length === destinations.length) {
        notices.push(noEffectNotice(filter, missing));
      }
      notices.push(...effectNotices(filter, found));
    }
    return { ...this.#edited(destinations, conditions), notices };
  }

  #destinations(): Destination[] {
    const { root, selects } = this.scopes;
    if (root === undefined) {
      return [];
    }
    if (this.#macros.length === 0) {
      return selects.map((select) => ({ select, macro: undefined }));
    }
    return this.#macros.map((macro) => {
      const around = selects.filter(({ range }) => range.start <= macro.start && macro.end <= range.end);
      const select = around.at(-1);
      if (select === undefined) {
        throw notApplicable('$__adHocFilters is not in a SELECT.');
      }
      return { select, macro };
    });
  }

  #edited(destinations: readonly Destination[], conditions: readonly string[][]): Omit<FilteredSql, 'notices'> {
    const edits: SqlEdit[] = [];
    const added = new Map<number, TreeNode>();
    const replaced = new Map<number, TreeNode>();
    destinations.forEach(({ select, macro }, index) => {
      const list = conditions[index];
      if (macro !== undefined) {
        const value = list.length === 0 ? 'true' : `(${list.join(' AND ')})`;
        edits.push({ at: macro.start, removed: macro.end - macro.start, sql: value });
        replaced.set(macro.start, this.#conditionTree(value));
      } else if (list.length > 0) {
        const value = `(${list.join(' AND ')})`;
        edits.push(...insertion(select, value));
        added.set(select.range.start, this.#conditionTree(value));
      }
    });
    const edited = applyEdits(this.#sql, edits);
    if (edits.length > 0 && this.parsed !== undefined) {
      verify(this.parsed, parsed(edited.sql, this.#parse), { added, replaced });
    }
    return { ...edited, edits };
  }

  readonly #trees = new StringMap<TreeNode>();

  /** Parses a condition. It must be a single expression in parentheses, or `true`. */
  #conditionTree(condition: string): TreeNode {
    const tree =
      this.#trees.get(condition) ??
      child(parsed(`SELECT 1 WHERE ${condition}`, this.#parse).statement, 'Query', 'body', 'Select', 'selection');
    this.#trees.set(condition, tree);
    return tree;
  }
}

function verify(before: ParsedSql, after: ParsedSql, edits: ExpectedEdits): void {
  if (!isExpectedEdit(before, after, edits)) {
    throw notApplicable('The conditions of the filters cannot be inserted into the WHERE clauses of the query.');
  }
}

/** The edits that add a condition to a SELECT. */
function insertion({ where, fromEnd = 0 }: SelectScope, condition: string): SqlEdit[] {
  return where === undefined
    ? [{ at: fromEnd, sql: ` WHERE ${condition}` }]
    : [
        { at: where.start, sql: '(' },
        { at: where.end, sql: `) AND ${condition}` },
      ];
}
