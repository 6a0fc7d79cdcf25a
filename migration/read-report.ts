/** Reads the data sources, dashboards and alert rules of a Grafana server, and collects the findings about them. */
import { PLUGIN_ID } from '../contract/plugin-id';
import { dataSourceFindings, queryFindings } from './findings';
import { GrafanaError, type GrafanaApi, type ListedDataSource } from './grafana-api';
import { type Place, type Report } from './report';
import { dashboardQueries, libraryQueries, ruleQueries, type SavedQuery } from './saved-queries';

class ReportBuilder {
  readonly report: Report = {
    read: { dataSources: 0, dashboards: 0, libraryPanels: 0, alertRules: 0, queries: 0 },
    places: [],
    unread: [],
  };

  /**
   * @returns True if the dashboard, panel or rule has a query of this plugin.
   */
  addQueries(place: Omit<Place, 'finding'>, queries: readonly SavedQuery[]): boolean {
    this.report.read.queries += queries.length;
    for (const query of queries) {
      try {
        const findings = queryFindings(query);
        this.report.places.push(...findings.map((finding) => ({ ...place, where: query.where, finding })));
      } catch (reason) {
        this.unread(`${place.kind} "${place.name}", ${query.where}`, reason);
      }
    }
    return queries.length > 0;
  }

  /**
   * Lists an object that could not be read. Models may have any shape, because people and other programs write them. If
   * one model is invalid, the report must still have the findings about the other models.
   */
  unread(what: string, reason: unknown): void {
    const problem = reason instanceof GrafanaError ? reason.message : 'It has an unexpected shape.';
    this.report.unread.push({ what, problem });
  }
}

async function readDataSources(api: GrafanaApi, own: readonly ListedDataSource[], builder: ReportBuilder) {
  for (const { uid, name } of own) {
    try {
      const findings = dataSourceFindings(await api.dataSource(uid));
      const place = { kind: 'data source', name, path: `/connections/datasources/edit/${uid}` } as const;
      builder.report.places.push(...findings.map((finding) => ({ ...place, finding })));
      builder.report.read.dataSources++;
    } catch (reason) {
      builder.unread(`data source "${name}"`, reason);
    }
  }
}

/**
 * Reads the whole organization of the account. The report lists what could not be read.
 *
 * @throws {GrafanaError} If the data sources cannot be listed.
 */
export async function readReport(api: GrafanaApi): Promise<Report> {
  const builder = new ReportBuilder();
  const { read } = builder.report;
  const sources = await api.dataSources();
  const own = sources.filter(({ type }) => type === PLUGIN_ID);
  await readDataSources(api, own, builder);
  try {
    const onProblem = (title: string, problem: string) =>
      builder.unread(`dashboard "${title}"`, new GrafanaError(problem));
    for await (const { title, path, model } of api.dashboards(onProblem)) {
      const place = { kind: 'dashboard', name: title, path } as const;
      read.dashboards += builder.addQueries(place, dashboardQueries(model, sources)) ? 1 : 0;
    }
  } catch (reason) {
    builder.unread('dashboards', reason);
  }
  try {
    for await (const { name, model } of api.libraryPanels()) {
      const place = { kind: 'library panel', name, path: '/library-panels' } as const;
      read.libraryPanels += builder.addQueries(place, libraryQueries(model, sources)) ? 1 : 0;
    }
  } catch (reason) {
    builder.unread('library panels', reason);
  }
  try {
    for (const rule of await api.alertRules()) {
      const place = { kind: 'alert rule', name: rule.title, path: `/alerting/grafana/${rule.uid}/view` } as const;
      read.alertRules += builder.addQueries(place, ruleQueries(rule, sources)) ? 1 : 0;
    }
  } catch (reason) {
    builder.unread('alert rules', reason);
  }
  return builder.report;
}
