/** The SQL parser of the page. Its files are loaded with its first job. */
import { BrowserParser, type SqlParser } from './browser-parser';

export const sqlParser: SqlParser = new BrowserParser(async () => {
  const { startParser } = await import(/* webpackChunkName: "sql-parser" */ './start-parser');
  return startParser();
});
