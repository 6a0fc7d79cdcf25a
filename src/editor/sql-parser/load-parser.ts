/** The SQL parser of the page. Its files are loaded with its first job. */
import { BrowserParser, type BrowserSqlParser } from './browser-parser';

export const sqlParser: BrowserSqlParser = new BrowserParser(async () => {
  const { startParser } = await import(/* webpackChunkName: "sql-parser" */ './start-parser');
  return startParser();
});
