/**
 * The SQL of the documentation: each block of code in the language `sql`, on every page.
 *
 * The word after the language, as in "```sql logs", is the format in which the query is shown; without it a table. A
 * comment `<!-- not run: REASON -->` above a block says why the block is no query that runs as it stands.
 */
import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type QueryFormat } from '../../contract/query';
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
  /** For example `docs/queries.md:18`. */
  place: string;
  sql: string;
  format: QueryFormat;
  /** Why it does not run, where it does not. */
  notRun?: string;
}

function queriesOf(page: string): DocumentedQuery[] {
  const text = readFileSync(join(ROOT, page), 'utf8');
  return [...text.matchAll(BLOCK)].map((match) => {
    const [, notRun, word, sql] = match;
    const place = `${page}:${text.slice(0, match.index).split('\n').length}`;
    if (!(word in FORMATS)) {
      throw new Error(`${place}: ${word} is no format.`);
    }
    return { place, sql: sql.trim(), format: FORMATS[word], ...(notRun !== undefined && { notRun }) };
  });
}

/** In the order of pages and lines. */
export function documentedQueries(): DocumentedQuery[] {
  return globSync(PAGES, { cwd: ROOT }).sort().flatMap(queriesOf);
}
