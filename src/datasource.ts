/**
 * Grafana's data source interface. `DataSourceWithBackend` sends queries and Save & test to the backend. This class
 * decides which queries are sent, and interpolates variables.
 */
import {
  type AbstractQuery,
  type AdHocVariableFilter,
  type CoreApp,
  type DataFrame,
  type DataQueryRequest,
  type DataQueryResponse,
  type DataSourceApi,
  type DataSourceGetTagKeysOptions,
  type DataSourceGetTagValuesOptions,
  type DataSourceInstanceSettings,
  type DataSourceWithLogsContextSupport,
  type DataSourceWithQueryExportSupport,
  type DataSourceWithQueryModificationSupport,
  type DataSourceWithSupplementaryQueriesSupport,
  type DataSourceWithToggleableQueryFiltersSupport,
  getDefaultTimeRange,
  type GetTagResponse,
  type LogRowContextOptions,
  type LogRowModel,
  type MetricFindValue,
  type QueryFilterOptions,
  type QueryFixAction,
  type ScopedVars,
  type SupplementaryQueryOptions,
  SupplementaryQueryType,
  type ToggleFilterAction,
} from '@grafana/data';
import { DataSourceWithBackend, getTemplateSrv, type TemplateSrv } from '@grafana/runtime';
import { type DataQuery } from '@grafana/schema';
import { createElement, type ReactNode } from 'react';
import { concatMap, map, type Observable, of, switchMap } from 'rxjs';
import { sqlOf } from '../contract/queries/query';
import { isViewQuery } from '../contract/query-types/view-request';
import { type ColumnsPayload, type TablesPayload } from '../contract/resources/resources';
import { savedSwitch } from '../contract/settings/saved-word';
import { type EditedSql } from '../contract/sql/sql-edits';
import { lookupRange } from './shared/lookups/lookup-range';
import { Lookups } from './shared/lookups/lookups';
import { annotationSupport } from './annotations/annotation-support';
import { announceTest } from './settings/data-source-tests';
import { type Applicability } from './editor/filters/filter-keys';
import { type DrilldownRequest, type Recommendation } from './editor/filters/recommended-drilldowns';
import {
  hasFilter,
  modifyFilters,
  QUERY_MODIFICATIONS,
  toggleFilter,
  withAdHocFilters,
  withGroupByKeys,
} from './editor/filters/query-filters';
import {
  sampleQuery,
  sampleRequest,
  scopedVarsOf,
  volumeQuery,
  volumeRequest,
} from './explore/supplementary/supplementary-queries';
import { SchemaStore } from './shared/schema/schema-store';
import { interpolatedSql, interpolateSql } from './shared/interpolation/interpolation';
import { requestZone, zoneOfScene } from './shared/interpolation/time-zone';
import { keeperOf } from './editor/kept-queries/keeper';
import { keptQuery } from './editor/kept-queries/kept-query';
import { isMixedRequest } from './shared/mixed-request';
import { withPanelNotices } from './shared/panel-notices';
import { panelRequest } from './shared/panel-request';
import { withSqlGaps } from './shared/sql-gaps';
import { VariableFailures } from './shared/variable-failures';
import { withProcessLegends } from './shared/legends/process-legends';
import { canExplore, withoutUnavailableLinks } from './explore/links/link-access';
import { withLinkRanges } from './explore/links/link-ranges';
import { loadedTail } from './explore/live-tail/load-live-tail';
import { LogContext } from './explore/log-context/log-context';
import { LogContextControl } from './explore/log-context/LogContextControl';
import { labelGroup } from './explore/log-details/label-groups';
import { LoadedLogPages } from './explore/log-pages/load-log-pages';
import { withLoadedAlertLinks } from './editor/query-editor/load-alert-links';
import { labeledSql } from './editor/query-editor/query-label';
import { isReadyRequest, newQuery } from './editor/model/query-draft';
import { interpolateRequest, requestJson } from './editor/query-types/view-types';
import { withLoadedLinks } from './explore/links/load-useful-links';
import { type MicromegasOptions, type MicromegasQuery } from './shared/types';
import { type FindOptions, findValues } from './variables/find-values';
import { MicromegasVariableSupport } from './variables/variable-support';

/** @property groupByKeys The keys by which the viewer groups. Sent by Grafana 13.2 and later. */
type GroupedRequest = DataQueryRequest<MicromegasQuery> & { groupByKeys?: string[] };

/** Grafana creates one object per data source and page. The editors use `schema` and `lookups`. */
export class MicromegasDataSource
  extends DataSourceWithBackend<MicromegasQuery, MicromegasOptions>
  implements
    DataSourceWithToggleableQueryFiltersSupport<MicromegasQuery>,
    DataSourceWithQueryModificationSupport<MicromegasQuery>,
    DataSourceWithQueryExportSupport<MicromegasQuery>,
    DataSourceWithLogsContextSupport<MicromegasQuery>,
    DataSourceWithSupplementaryQueriesSupport<MicromegasQuery>
{
  readonly #templateSrv: TemplateSrv;
  /** Tables and columns of this data source, for completion. */
  readonly schema: SchemaStore;
  /** Lookups of values, property keys, processes and so on, for completion, the builder, filters, links and legends. */
  readonly lookups: Lookups;
  /** The failures of variable queries, which the editor of a variable shows. */
  readonly variableFailures = new VariableFailures();
  readonly #logContext: LogContext = new LogContext(this);
  readonly #logPages = new LoadedLogPages();

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
    this.lookups = new Lookups((request) => this.postResource('lookup', request, { showErrorAlert: false }), {
      suggestsValues: savedSwitch(instanceSettings.jsonData.suggestValues),
    });
    this.variables = new MicromegasVariableSupport(this);
    this.annotations = annotationSupport;
  }

  override getDefaultQuery(_app: CoreApp): Partial<MicromegasQuery> {
    return newQuery();
  }

  /** Called by Grafana's Save & test. The settings page shows the details, which Grafana shows only after a failure. */
  override async callHealthCheck(): ReturnType<DataSourceWithBackend['callHealthCheck']> {
    const result = super.callHealthCheck();
    announceTest(this.uid, result);
    const body = await result;
    // Each response of the backend has details. Other responses are errors of Grafana.
    if (body?.details !== undefined) {
      return body;
    }
    const { backendDown } = await import(/* webpackChunkName: "config-editor" */ './settings/check/backend-down');
    return backendDown(body) ?? body;
  }

  /** False for hidden and incomplete queries. They are not sent, so a new query in Explore shows no error. */
  override filterQuery(query: MicromegasQuery): boolean {
    return !query.hide && (query.logContext !== undefined || (isReadyRequest(query) ?? sqlOf(query).trim() !== ''));
  }

  /**
   * Emits the results of a request. First attaches values that Grafana does not pass to `applyTemplateVariables`: the
   * time zone of Explore and of panels without a dashboard, the options of the panel, and the keys by which a dashboard
   * groups. If Grafana asks for more lines of a log result, this method requests the next page. In Explore's live mode,
   * it emits new lines until the subscription ends. It drops hidden queries, because the data source "Mixed" does not
   * call `filterQuery`. The request of a panel with expressions does not go through this method, so the backend runs
   * hidden queries that expressions read.
   */
  override query(request: GroupedRequest): Observable<DataQueryResponse> {
    const timezone = requestZone(request.timezone);
    const shown = request.targets.filter(({ hide }) => hide !== true);
    const range = lookupRange(request.range);
    const panel = panelRequest(request);
    // The data source "Mixed" waits for the last response of each data source.
    const showsEach = !isMixedRequest(request);
    const zoned = {
      ...request,
      targets: shown.map((target) => withGroupByKeys({ ...target, timezone, panel }, request.groupByKeys)),
    };
    if (request.liveStreaming === true) {
      return loadedTail(zoned, (step) => super.query(step));
    }
    return this.#logPages
      .run(zoned, (sent) => super.query(sent))
      .pipe(
        map((response) => withSqlGaps(response, request, this.#templateSrv)),
        concatMap((response) =>
          (canExplore()
            ? withLoadedLinks(response, this.lookups, range, this.getRef(), showsEach).pipe(
                map((linked) => withLinkRanges(linked, request.range))
              )
            : of(withoutUnavailableLinks(response))
          ).pipe(
            switchMap((linked) => withProcessLegends(linked, this.lookups, range, this.#shownZone(request), showsEach))
          )
        ),
        concatMap((response) => withLoadedAlertLinks(response, this, request)),
        map((response) => withPanelNotices(response, request.app))
      );
  }

  #shownZone({ scopedVars, timezone }: DataQueryRequest<MicromegasQuery>): string {
    return zoneOfScene(this.#templateSrv, scopedVars) ?? requestZone(timezone);
  }

  /**
   * Interpolates variables, and attaches the ad hoc filters and the time zone of the dashboard. The backend expands
   * macros, because alert rules are not run in a browser.
   */
  override applyTemplateVariables(
    query: MicromegasQuery,
    scopedVars: ScopedVars,
    filters?: AdHocVariableFilter[]
  ): MicromegasQuery {
    const interpolated = {
      ...(isViewQuery(query)
        ? // `query.filters` apply only to SQL. A view query may have saved SQL, which does not run.
          { ...interpolateRequest(query, this.#templateSrv, scopedVars), filters: undefined }
        : { ...query, query: interpolateSql(sqlOf(query), this.#templateSrv, scopedVarsOf(query, scopedVars)) }),
      // A panel with expressions does not go through `query`.
      timezone: zoneOfScene(this.#templateSrv, scopedVars) ?? query.timezone,
    };
    return withAdHocFilters(interpolated, filters);
  }

  /**
   * The queries with the values of variables. Grafana calls this method in three cases: for the request of a panel with
   * expressions, which does not go through `query`; for a panel that is opened in Explore; and for a new alert rule. In
   * the last two cases, Grafana keeps the returned queries.
   */
  override interpolateVariablesInQueries(
    queries: MicromegasQuery[],
    scopedVars: ScopedVars,
    filters?: AdHocVariableFilter[]
  ): MicromegasQuery[] {
    const keeper = keeperOf(scopedVars);
    const options = { templates: this.#templateSrv, scoped: scopedVars, filters };
    return queries.map((query) =>
      keeper === undefined
        ? this.applyTemplateVariables(query, scopedVars, filters)
        : keptQuery(query, { keeper, ...options })
    );
  }

  /** Adds or removes a filter of the query after a click on a value in the details of a log line in Explore. */
  toggleQueryFilter(query: MicromegasQuery, filter: ToggleFilterAction): MicromegasQuery {
    return toggleFilter(query, filter);
  }

  queryHasFilter(query: MicromegasQuery, filter: QueryFilterOptions): boolean {
    return hasFilter(query, filter);
  }

  /** Adds a filter on selected text of a log line in Explore, or on a cell of a table. */
  override modifyQuery(query: MicromegasQuery, action: QueryFixAction): MicromegasQuery {
    return modifyFilters(query, action);
  }

  getSupportedQueryModifications(): string[] {
    return QUERY_MODIFICATIONS;
  }

  /** The lines before or after a log line. */
  getLogRowContext(row: LogRowModel, options?: LogRowContextOptions): Promise<DataQueryResponse> {
    return this.#logContext.load(row, options);
  }

  /**
   * The query that Explore opens in a split view, to show the context of a log line. Null for a line whose process or
   * time is unknown.
   */
  async getLogRowContextQuery(
    row: LogRowModel,
    _options?: LogRowContextOptions,
    query?: MicromegasQuery
  ): Promise<MicromegasQuery | null> {
    return this.#logContext.query(row, query);
  }

  /** The control in the dialog with the context of a log line. */
  getLogRowContextUi(row: LogRowModel, reload?: () => void): ReactNode {
    return createElement(LogContextControl, { row, context: this.#logContext, reload });
  }

  /**
   * True for each log line. For a line without a process, the dialog explains what is missing. Called by older parts of
   * Grafana.
   */
  showContextToggle(): boolean {
    return true;
  }

  /** The heading of a label in the details of a log line. Called by Grafana 12.4 and later. */
  getLabelDisplayTypeFromFrame(label: string, frame: DataFrame | undefined, _index: number | null): string | null {
    return labelGroup(label, frame);
  }

  getSupportedSupplementaryQueryTypes(): SupplementaryQueryType[] {
    return [SupplementaryQueryType.LogsVolume, SupplementaryQueryType.LogsSample];
  }

  /**
   * The request for the log volume or for the logs sample. Explore shows the volume (numbers of log lines over time)
   * above the lines, and the sample (some log lines) below graphs and tables. Undefined if no query needs this request.
   */
  getSupplementaryRequest(
    type: SupplementaryQueryType,
    request: DataQueryRequest<MicromegasQuery>
  ): DataQueryRequest<MicromegasQuery> | undefined {
    return type === SupplementaryQueryType.LogsSample ? sampleRequest(request) : volumeRequest(type, request);
  }

  getSupplementaryQuery({ type }: SupplementaryQueryOptions, query: MicromegasQuery): MicromegasQuery | undefined {
    return type === SupplementaryQueryType.LogsSample ? sampleQuery(query) : volumeQuery(query);
  }

  /** Keys of the ad hoc filters. */
  override async getTagKeys({
    queries,
    timeRange,
  }: DataSourceGetTagKeysOptions<MicromegasQuery>): Promise<GetTagResponse> {
    const { filterKeys } = await import(/* webpackChunkName: "filters" */ './editor/filters/filter-keys');
    return filterKeys(this, queries, timeRange ?? getDefaultTimeRange());
  }

  override async getTagValues({
    key,
    queries,
    timeRange,
  }: DataSourceGetTagValuesOptions<MicromegasQuery>): Promise<GetTagResponse> {
    const { valuesOfKey } = await import(/* webpackChunkName: "filters" */ './editor/filters/filter-keys');
    return valuesOfKey(this, key, queries, timeRange ?? getDefaultTimeRange());
  }

  /** Keys by which panels can be grouped. Called by Grafana 13.2 and later. */
  async getGroupByKeys({ queries, timeRange }: DataSourceGetTagKeysOptions<MicromegasQuery>): Promise<GetTagResponse> {
    const { filterKeys } = await import(/* webpackChunkName: "filters" */ './editor/filters/filter-keys');
    return filterKeys(this, queries, timeRange ?? getDefaultTimeRange(), 'group');
  }

  /**
   * Tells for each ad hoc filter and each group whether it applies to the panel. Called by Grafana 13. If a filter and
   * a group have the same key, Grafana uses the last entry with this key. So the filters come last.
   */
  override async getDrilldownsApplicability({
    filters = [],
    groupByKeys = [],
    queries = [],
  }: Partial<DataSourceGetTagKeysOptions<MicromegasQuery>> & { groupByKeys?: string[] } = {}): Promise<
    Applicability[]
  > {
    const { filterApplicability, groupingApplicability } = await import(
      /* webpackChunkName: "filters" */ './editor/filters/filter-keys'
    );
    const groups = await groupingApplicability(this, queries, groupByKeys);
    return [...groups, ...(await filterApplicability(this, queries, filters))];
  }

  /**
   * Filters and groups that Grafana recommends. Called by Grafana 12.4 and later, again after each change of a filter.
   */
  override async getRecommendedDrilldowns(request: DrilldownRequest = {}): Promise<Recommendation> {
    const { recommendDrilldowns } = await import(
      /* webpackChunkName: "filters" */ './editor/filters/recommended-drilldowns'
    );
    return recommendDrilldowns(this, request, request.timeRange ?? getDefaultTimeRange());
  }

  /** The SQL with the values of the variables. The result also maps offsets back to the author's SQL. */
  interpolated(sql: string, scopedVars: ScopedVars): EditedSql {
    return interpolatedSql(sql, this.#templateSrv, scopedVars);
  }

  /** The query as Grafana shows it in the query history and in collapsed rows. _Copy query_ copies it. */
  override getQueryDisplayText(query: MicromegasQuery): string {
    return labeledSql(query);
  }

  /** Converts the queries of another data source when the user changes a panel to this data source. */
  override async importQueries(queries: DataQuery[], origin: DataSourceApi): Promise<MicromegasQuery[]> {
    const { importQueries } = await import(/* webpackChunkName: "import" */ './editor/import/import-queries');
    return importQueries(queries, origin);
  }

  async exportToAbstractQueries(queries: MicromegasQuery[]): Promise<AbstractQuery[]> {
    const { exportLabelQuery } = await import(/* webpackChunkName: "import" */ './editor/import/label-queries');
    return queries.map(exportLabelQuery);
  }

  /** True if a query contains dashboard variables. Alert rules have no variables, so alerting then shows a warning. */
  override targetContainsTemplate(query: MicromegasQuery): boolean {
    return this.#templateSrv.containsTemplate(isViewQuery(query) ? requestJson(query) : sqlOf(query));
  }

  /** Names of the dashboard variables, for completion. */
  variableNames(): string[] {
    return this.#templateSrv.getVariables().map((variable) => variable.name);
  }

  /** The older interface to variable queries. Other plugins may still call it. */
  override metricFindQuery(saved: unknown, options?: FindOptions): Promise<MetricFindValue[]> {
    return findValues(this, saved, options);
  }
}
