/**
 * Grafana's data source interface. `DataSourceWithBackend` sends queries and Save & test to the proxy. This class decides
 * which queries are sent, and interpolates variables.
 */
import { type CoreApp, type DataSourceInstanceSettings, type MetricFindValue, type ScopedVars } from '@grafana/data';
import { t } from '@grafana/i18n';
import { DataSourceWithBackend, getTemplateSrv, type TemplateSrv } from '@grafana/runtime';
import { firstValueFrom } from 'rxjs';
import { sqlOf } from '../contract/query';
import { type ColumnsPayload, type TablesPayload } from '../contract/resources';
import { Lookups } from './lookups/lookups';
import { annotationSupport } from './annotations/annotation-support';
import { SchemaStore } from './schema/schema-store';
import { formatVariable } from './sql/interpolation';
import { newQuery } from './query-editor/query-draft';
import { type MicromegasOptions, type MicromegasQuery } from './types';
import { toVariableQuery } from './variables/variable-query';
import { frameValues, MicromegasVariableSupport, withSearchFilter } from './variables/variable-support';

type FindOptions = Parameters<NonNullable<DataSourceWithBackend['metricFindQuery']>>[1];

export class MicromegasDataSource extends DataSourceWithBackend<MicromegasQuery, MicromegasOptions> {
  readonly #templateSrv: TemplateSrv;
  /** Tables and columns of this data source, for completion. */
  readonly schema: SchemaStore;
  /** Values, property keys, processes and others, for completion, the builder and the filters. */
  readonly lookups: Lookups;

  constructor(
    instanceSettings: DataSourceInstanceSettings<MicromegasOptions>,
    templateSrv: TemplateSrv = getTemplateSrv()
  ) {
    super(instanceSettings);
    this.#templateSrv = templateSrv;
    this.schema = new SchemaStore({
      tables: () => this.getResource<TablesPayload>('tables', undefined, { showErrorAlert: false }),
      columns: (table) => this.getResource<ColumnsPayload>('columns', { table }, { showErrorAlert: false }),
    });
    this.lookups = new Lookups((request) => this.postResource('lookup', request, { showErrorAlert: false }));
    this.variables = new MicromegasVariableSupport(this);
    this.annotations = annotationSupport;
  }

  override getDefaultQuery(_app: CoreApp): Partial<MicromegasQuery> {
    return newQuery();
  }

  /** Hidden queries and queries without SQL are not sent, so that a new query in Explore shows no error. */
  override filterQuery(query: MicromegasQuery): boolean {
    return !query.hide && sqlOf(query).trim() !== '';
  }

  /** Interpolates variables in the SQL. The proxy expands macros, because alert rules are not run in a browser. */
  override applyTemplateVariables(query: MicromegasQuery, scopedVars: ScopedVars): MicromegasQuery {
    return { ...query, query: this.#templateSrv.replace(sqlOf(query), scopedVars, formatVariable) };
  }

  override getQueryDisplayText(query: MicromegasQuery): string {
    return sqlOf(query).replace(/\s+/g, ' ').trim();
  }

  /** Alerting shows a warning if this is true, because alert rules have no dashboard variables. */
  override targetContainsTemplate(query: MicromegasQuery): boolean {
    return this.#templateSrv.containsTemplate(sqlOf(query));
  }

  /** Names of the dashboard variables, for completion. */
  variableNames(): string[] {
    return this.#templateSrv.getVariables().map((variable) => variable.name);
  }

  /** The older interface to variable queries. Other plugins may still call it. */
  override async metricFindQuery(saved: unknown, options?: FindOptions): Promise<MetricFindValue[]> {
    const target = toVariableQuery(saved, options?.variable?.name);
    if (!this.filterQuery(target) || !options?.range) {
      return [];
    }
    const response = await firstValueFrom(
      this.query({
        app: 'dashboard',
        requestId: `variable-${target.refId}`,
        interval: '1m',
        intervalMs: 60_000,
        range: options.range,
        scopedVars: withSearchFilter(options.scopedVars ?? {}, options.searchFilter),
        targets: [target],
        timezone: 'utc',
        startTime: Date.now(),
      })
    );
    const error = response.errors?.[0];
    if (error) {
      throw new Error(error.message ?? t('variable.failed', 'The variable query failed.'));
    }
    return frameValues(response.data);
  }
}
