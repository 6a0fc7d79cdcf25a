/**
 * Reads the SQL of the documentation: every code block with the language `sql`.
 *
 * The word after the language, as in "```sql logs", is the format of the query. The default is `table`. A comment
 * `<!-- not run: REASON -->` above a block marks SQL that cannot run as it is written.
 */
import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type QueryFormat } from '../../contract/result-format';
import { ROOT } from './plugin';

const PAGES = ['README.md', 'CHANGELOG.md', 'CONTRIBUTING.md', 'docs/**/*.md'];
const BLOCK = /^(?:<!-- not run: (.+) -->\n+)?```sql *(\w*)\n([\s\S]*?)^```$/gm;
const FORMATS: Readonly<Record<string, QueryFormat>> = {
  '': 'table',
  table: 'table',
  time_series: 'time_series',
  logs: 'logs',
};

export interface DocumentedQuery {
  /** For example `docs/user/sql.md:18`. */
  place: string;
  sql: string;
  format: QueryFormat;
  /** The reason in the comment `not run`, if the block has that comment. */
  notRun?: string;
}

function queriesOf(page: string): DocumentedQuery[] {
  const markdown = readFileSync(join(ROOT, page), 'utf8');
  return [...markdown.matchAll(BLOCK)].map((match) => {
    const [, notRun, word, sql] = match;
    const place = `${page}:${markdown.slice(0, match.index).split('\n').length}`;
    if (!(word in FORMATS)) {
      throw new Error(`${place}: ${word} is not a query format.`);
    }
    return { place, sql: sql.trim(), format: FORMATS[word], ...(notRun !== undefined && { notRun }) };
  });
}

/** Sorted by page and line. */
export function documentedQueries(): DocumentedQuery[] {
  return globSync(PAGES, { cwd: ROOT }).sort().flatMap(queriesOf);
}
