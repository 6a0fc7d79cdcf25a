/**
 * Imports the queries when the user changes the data source of a panel or of Explore to this data source.
 *
 * Grafana's own import passes only label matchers, without line filters and functions. So this data source reads
 * expressions and SQL itself. For other queries, it requests label matchers from the other data source.
 */
import { type DataSourceApi, hasQueryExportSupport } from '@grafana/data';
import { isExpressionReference } from '@grafana/runtime';
import { type DataQuery } from '@grafana/schema';
import { property } from '../../shared/failure-message';
import { type MicromegasQuery } from '../../shared/types';
import { type ExpressionLanguage } from './expression-query';
import { importSql } from './import-sql';
import { importLabelQuery } from './label-queries';

/** The language of the field `expr` in the queries of a data source, by a part of the id of its plugin. */
const LANGUAGES: ReadonlyArray<[part: string, language: ExpressionLanguage]> = [
  ['loki', 'LogQL'],
  ['prometheus', 'PromQL'],
  ['victoriametrics-metrics', 'PromQL'],
];

/** The expression of a query, and its language. Undefined for queries without `expr`, and for unknown languages. */
function expressionOf(query: DataQuery, origin: DataSourceApi) {
  const expression = property(query, 'expr');
  // In a panel with mixed data sources, each query names its own data source.
  const type = `${query.datasource?.type ?? origin.type}`.toLowerCase();
  const [, language] = LANGUAGES.find(([part]) => type.includes(part)) ?? [];
  return typeof expression === 'string' && language !== undefined ? { expression, language } : undefined;
}

async function importQuery(query: DataQuery, origin: DataSourceApi): Promise<MicromegasQuery[]> {
  if (isExpressionReference(query.datasource)) {
    return [query];
  }
  const found = expressionOf(query, origin);
  if (found !== undefined) {
    if (found.expression.trim() === '') {
      return [];
    }
    const { importExpression } = await import(/* webpackChunkName: "import-expressions" */ './expression-query');
    return [importExpression(query, found.expression, found.language, origin.name)];
  }
  const sql = importSql(query, origin.name);
  if (sql !== undefined) {
    return [sql];
  }
  const labels = hasQueryExportSupport(origin) ? await origin.exportToAbstractQueries([query]) : [];
  return labels.map((exported) => importLabelQuery(exported, origin.name));
}

/**
 * The queries of another data source as queries of this data source, in the same order. Queries without a counterpart
 * are dropped. Grafana's own expressions (`__expr__`) are kept.
 */
export async function importQueries(queries: readonly DataQuery[], origin: DataSourceApi): Promise<MicromegasQuery[]> {
  const imported = await Promise.all(queries.map((query) => importQuery(query, origin)));
  return imported.flat();
}
