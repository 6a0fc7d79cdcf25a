/**
 * Finds the clauses of a SELECT in the author's SQL. The parser's tree has positions of names and values only. So this
 * file finds the keyword of a clause in the tokens after the last name or value of the previous clause.
 */
import { countBelowBy } from '../ascending-list';
import { isSqlWord, type SqlToken, tokenizeSql } from './sql-scan';
import { type LinePositions, type TreeNode } from './sql-parser';
import { child, isAbsent, lastEnd, listOf, spanOf } from './syntax-tree';

/** A part of the author's SQL, in UTF-16 offsets. Without comments and white space at its ends. */
export interface SqlRange {
  start: number;
  /** Offset after the last character. */
  end: number;
}

/** Positions of the clauses of one SELECT, as UTF-16 offsets in the author's SQL. */
export interface SelectClauses {
  /**
   * From the word SELECT to the last token of the last clause. Clauses of the query, such as ORDER BY, are not
   * included.
   */
  range: SqlRange;
  /** End of the SELECT list, where items may be added. Undefined if there is no FROM. */
  listEnd: number | undefined;
  /** Offset of the word FROM. Undefined if there is no FROM. */
  fromStart: number | undefined;
  /** End of the FROM clause. If there is no WHERE clause, one may be inserted here. Undefined if there is no FROM. */
  fromEnd: number | undefined;
  /** The condition after WHERE. */
  where: SqlRange | undefined;
  /**
   * False if there is no FROM, if there is an unusual clause, or if the clauses cannot be separated. If false, do not
   * edit the SELECT.
   */
  isEditable: boolean;
}

/** Words that begin a clause after FROM or WHERE, or that end a SELECT. */
const CLAUSE_WORDS =
  'where prewhere group having qualify window order limit offset fetch union except intersect minus cluster distribute sort connect start for into settings format lateral'.split(
    ' '
  );

/** Fields of the tree for clauses that DataFusion does not support. A SELECT with such a clause is not editable. */
const UNUSUAL = ['into', 'lateral_views', 'prewhere', 'connect_by', 'top', 'exclude'];

/** The tokens of SQL without comments. */
export class CodeTokens {
  readonly #tokens: readonly SqlToken[];
  readonly #positions: LinePositions;

  constructor(sql: string, positions: LinePositions) {
    this.#tokens = tokenizeSql(sql).filter(({ kind }) => kind !== 'comment');
    this.#positions = positions;
  }

  /** Index of the first token that starts at an offset or after it. */
  #indexAt(offset: number): number {
    return countBelowBy(this.#tokens.length, offset, (index) => this.#tokens[index].start);
  }

  /** The clauses of the SELECT with this node. */
  clausesOf(select: TreeNode): SelectClauses {
    const start = this.#positions.offsetOf(spanOf(child(select, 'select_token'))?.start ?? { line: 1, column: 1 });
    const endOf = (...nodes: TreeNode[]) => {
      const end = lastEnd(...nodes);
      return end === undefined ? start : this.#positions.offsetOf(end);
    };
    const hasFrom = listOf(child(select, 'from')).length > 0;
    const condition = child(select, 'selection');
    const search = new LevelSearch(this.#tokens, this.#indexAt(start));
    const beforeFrom = endOf(child(select, 'distinct'), child(select, 'projection'));
    const from = hasFrom ? search.next(beforeFrom, 'from') : -1;
    const isFrom = isSqlWord(this.#tokens[from], 'from');
    const afterFrom = search.next(endOf(child(select, 'from')), ...CLAUSE_WORDS);
    const isWhere = isSqlWord(this.#tokens[afterFrom], 'where');
    const afterWhere = condition === undefined ? afterFrom : search.next(endOf(condition), ...CLAUSE_WORDS);
    const last = search.next(endOf(select), ...CLAUSE_WORDS);
    const where = condition === undefined ? undefined : this.#between(afterFrom + 1, afterWhere);
    const isUsual = child(select, 'flavor') === 'Standard' && UNUSUAL.every((key) => isAbsent(child(select, key)));
    return {
      range: { start, end: this.#tokens[last - 1]?.end ?? start },
      listEnd: isFrom ? this.#tokens[from - 1]?.end : undefined,
      fromStart: isFrom ? this.#tokens[from].start : undefined,
      fromEnd: hasFrom ? this.#tokens[afterFrom - 1]?.end : undefined,
      where,
      isEditable:
        isUsual &&
        isFrom &&
        from < afterFrom &&
        isWhere === (condition !== undefined) &&
        (where === undefined || where.end > where.start),
    };
  }

  #between(first: number, end: number): SqlRange {
    return { start: this.#tokens[first]?.start ?? 0, end: this.#tokens[end - 1]?.end ?? 0 };
  }
}

/** Searches the tokens of one SELECT forwards, and skips the content of parentheses. */
class LevelSearch {
  readonly #tokens: readonly SqlToken[];
  #index: number;
  #depth = 0;

  constructor(tokens: readonly SqlToken[], index: number) {
    this.#tokens = tokens;
    this.#index = index;
  }

  /**
   * Index of the first of the words that is outside of parentheses, at the offset `from` or after it. If there is no
   * such word, the index of the end of the SELECT: a closing parenthesis, a semicolon, or the end of the SQL. The next
   * call starts at the returned index.
   */
  next(from: number, ...words: string[]): number {
    for (; this.#index < this.#tokens.length; this.#index++) {
      const { raw, start } = this.#tokens[this.#index];
      const isOutside = this.#depth === 0;
      if (isOutside && (raw === ')' || raw === ';')) {
        break;
      }
      if (isOutside && start >= from && this.#isWord(words)) {
        break;
      }
      this.#depth += raw === '(' ? 1 : raw === ')' ? -1 : 0;
    }
    return this.#index;
  }

  /** False after a dot, where a word is the name of a column. */
  #isWord(words: readonly string[]): boolean {
    return isSqlWord(this.#tokens[this.#index], ...words) && this.#tokens[this.#index - 1]?.raw !== '.';
  }
}
