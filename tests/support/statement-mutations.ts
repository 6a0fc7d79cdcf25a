/** Creates unusual statements: attacks and queries that are damaged and joined at random. */
import { callAttacks, statementAttacks, WRITING_FUNCTIONS } from './attack-statements';
import { corpusStatements } from './sql-corpus/corpus';
import { seededRandom } from './sql-corpus/random-sql';

/** Parts of SQL that tokenizers treat differently, and words that determine the kind of a statement. */
const PARTS = [
  ...'\'"`$#@!?;,.()[]{}<>|/\\*-+=~^&%:\r\n\t\v\0 1xXeEbBrRnNqQuU_',
  // No part contains the separator.
  ..."''¦\"\"¦``¦$$¦$t$¦$1$¦/*¦*/¦/*!¦/*!50000¦--¦-- \r¦//¦||¦||/¦|/¦<@¦^@¦@@¦@>¦#-¦#>¦##¦{fn ¦0x¦1e¦1.¦._¦..¦E'¦X'¦R'¦R'''¦Q'[¦nq'¦U&'¦U&\"¦N'¦B\"¦\\'¦::¦:=¦;;".split(
    '¦'
  ),
  ...'SELECT|WITH|VALUES|FROM|SHOW|DESCRIBE|DESC|EXPLAIN|ANALYZE|VERBOSE|FORMAT|TREE|EXTENDED|COPY|TO|AS|INTO|INSERT INTO|UPDATE|DELETE FROM|MERGE INTO|CREATE TABLE t AS|SET x = 1|TABLE|LATERAL|UNION ALL|JOIN|EXISTS|RECURSIVE|LIMIT 1|SETTINGS a = 1|FETCH FIRST 1 ROWS ONLY|COMMIT|CALL'
    .split('|')
    .map((word) => ` ${word} `),
  ...'\ufeff|\u0085|\u00a0|\u2028|\u3000|\u200b|\u017f|\u0131|\u212a|é|ª|²|٣|\u0345|ⅷ|😀|𝒜|𞤀|\ud800'.split('|'),
  ...WRITING_FUNCTIONS,
];

export class StatementMutations {
  readonly #random: () => number;
  /** One list of statements for each kind: attacks, calls of writing functions, and queries. */
  readonly #sources: ReadonlyArray<readonly string[]>;

  /** @param file The address of the file that the attacks write or read. */
  constructor(seed: number, file: string) {
    this.#random = seededRandom(seed);
    const queries = corpusStatements().map(({ sql }) => sql);
    this.#sources = [statementAttacks(file), callAttacks(), queries];
  }

  /** A damaged statement, or random parts of SQL. */
  next(): string {
    if (this.#random() < 0.1) {
      return this.#noise();
    }
    let sql = this.#source();
    for (let count = this.#below(4); count >= 0; count--) {
      sql = this.#mutated(sql);
    }
    return sql;
  }

  #below(limit: number): number {
    return Math.floor(this.#random() * limit);
  }

  #pick<T>(items: readonly T[]): T {
    return items[this.#below(items.length)];
  }

  #source(): string {
    return this.#pick(this.#pick(this.#sources));
  }

  #noise(): string {
    const start = this.#pick(['', 'SELECT ', 'EXPLAIN ', 'DESCRIBE ', 'WITH a AS (SELECT 1) ']);
    return start + Array.from({ length: this.#below(20) }, () => this.#pick(PARTS)).join('');
  }

  #mutated(sql: string): string {
    const at = this.#below(sql.length + 1);
    const end = Math.min(at + this.#below(12), sql.length);
    const other = this.#source();
    switch (this.#below(6)) {
      case 0:
        return sql.slice(0, at) + sql.slice(end);
      case 1:
        return sql.slice(0, at) + sql.slice(at, end).repeat(2) + sql.slice(end);
      case 2:
        return sql.slice(0, at) + other.slice(this.#below(other.length));
      case 3:
        return (
          this.#pick([
            'EXPLAIN ',
            'EXPLAIN ANALYZE ',
            'EXPLAIN (ANALYZE) ',
            '(',
            ';',
            'DESC ',
            'WITH a AS (',
            'SELECT * FROM (',
          ]) + sql
        );
      default:
        return sql.slice(0, at) + this.#pick(PARTS) + sql.slice(this.#random() < 0.5 ? at : end);
    }
  }
}
