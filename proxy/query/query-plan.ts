/**
 * The plan of a query: its kind and its options. `planOf` creates the plan from the saved model and from the fields
 * that the browser attached.
 */
import { isTailRequest, TAIL_PURPOSE, type TailRequest } from '../../contract/logs/tail-request';
import { isLogContextRequest, type LogContextRequest } from '../../contract/logs/log-context';
import { isLogPageRequest, type LogPageRequest } from '../../contract/logs/log-page';
import { parseJson } from '../../contract/parse-json';
import { MAX_MODEL_BYTES, queryProblem } from '../../contract/queries/query-bounds';
import {
  filtersOf,
  isSupplementaryRequest,
  type MicromegasQueryFields,
  readQuery,
  type SqlQuery,
  sqlOf,
} from '../../contract/queries/query';
import { type QueryFormat } from '../../contract/result-format';
import { isPanelRequest, type PanelRequest } from '../../contract/queries/panel-request';
import { hasInput, type ViewRequest, viewRequestOf } from '../../contract/query-types/view-request';
import { ProxyError } from '../base/errors/proxy-error';
import { viewTypeOf } from '../views/view-types';
import { AuthoredSql } from './authored-sql';
import { hasViewer, isAlerting } from './caller';
import { type DataQuery, type QueryDataRequest } from './plugin-request';
import { inMegabytes } from './result-limits';

interface Plan<Type extends string> {
  type: Type;
  /**
   * The purpose of a query that is not for a panel. The server's audit trail records the purpose as the entry point,
   * see `originOf`.
   */
  purpose: string | undefined;
}

/** A plan that runs the SQL of an author or of the builder. */
interface SqlPlanOf<Type extends string> extends Plan<Type> {
  sql: AuthoredSql;
  options: SqlQuery;
}

/** Nothing to run: the SQL or the form is empty. */
export interface EmptyPlan extends Plan<'empty'> {
  format: QueryFormat | ViewRequest['type'];
}

/** A query whose result is the rows of its SQL. */
export interface SqlPlan extends SqlPlanOf<'sql'> {
  /** The fields of the panel's request. Empty if the browser did not attach them. */
  panel: PanelRequest;
}

/** The number of lines of a logs query by time and level. */
export interface LogVolumePlan extends SqlPlanOf<'log-volume'> {
  /** Interval of the logs query, in milliseconds, for its macros. Default: the interval of the request. */
  linesIntervalMs: number | undefined;
}

/** The patterns of the lines of a logs query. */
export type LogPatternsPlan = SqlPlanOf<'log-patterns'>;

/** The lines of a logs query before or after the shown lines. */
export interface LogPagePlan extends SqlPlanOf<'log-page'> {
  page: LogPageRequest;
}

/** A step of the live tail of a logs query. */
export interface TailPlan extends SqlPlanOf<'tail'> {
  step: TailRequest;
}

/** The neighbours of a log line. No filters apply, because they would hide some of the neighbours. */
export interface LogContextPlan extends Plan<'log-context'> {
  request: LogContextRequest;
}

/** A view, which the backend builds from its own statements. */
export interface ViewPlan extends Plan<'view'> {
  view: ViewRequest;
  /** Time zone of the viewer. Default: UTC. */
  timezone: string | undefined;
  /** True if the request has filters. Filters do not apply to views. */
  hasFilters: boolean;
}

/** The plan of a query, one type for each kind. `kinds/` has a file for each kind. */
export type QueryPlan =
  EmptyPlan | SqlPlan | LogVolumePlan | LogPatternsPlan | LogPagePlan | TailPlan | LogContextPlan | ViewPlan;

/**
 * The saved model as a JSON value, after a check of its fields. Any user who may run queries can send any model.
 *
 * @throws {ProxyError} 'query_model_invalid', 'query_too_long'
 */
function savedModel({ json }: DataQuery): unknown {
  if (json.length > MAX_MODEL_BYTES) {
    throw new ProxyError('query_too_long', {
      detail: `The saved query has ${inMegabytes(json.length)} with all of its fields; at most ${inMegabytes(MAX_MODEL_BYTES)} are allowed.`,
    });
  }
  let saved: unknown;
  try {
    saved = parseJson(new TextDecoder().decode(json));
  } catch (cause) {
    throw new ProxyError('query_model_invalid', { detail: 'The saved query is not JSON.', cause });
  }
  const problem = queryProblem(saved);
  if (problem !== undefined) {
    throw new ProxyError(problem.kind === 'too-long' ? 'query_too_long' : 'query_model_invalid', {
      detail: [problem.message],
    });
  }
  return saved;
}

/** The purposes of queries that do not belong to a panel, as the frontend sends them. */
const PURPOSES: readonly unknown[] = ['variable', 'annotation'];

/** The purpose of a query, as the browser attached it. The query of an annotation has the refId `Anno`. */
function purposeOf({ purpose }: MicromegasQueryFields, { refId }: DataQuery): string | undefined {
  return PURPOSES.includes(purpose) ? purpose : refId === 'Anno' ? 'annotation' : undefined;
}

/**
 * The plan of a query.
 *
 * @throws {ProxyError} 'query_model_invalid', 'query_too_long', 'tail_not_possible' for a live tail of a view, and
 *   'query_field_invalid' for a view whose request must not be incomplete
 */
export function planOf(query: DataQuery, { context: { user }, headers }: QueryDataRequest): QueryPlan {
  const saved = savedModel(query);
  const fields: MicromegasQueryFields = saved !== null && typeof saved === 'object' ? saved : {};
  if (isLogContextRequest(fields.logContext)) {
    return { type: 'log-context', purpose: 'log-context', request: fields.logContext };
  }
  const purpose = purposeOf(fields, query);
  const read = readQuery(saved, isAlerting(user, headers) ? 'alert rule' : 'panel');
  const isViewed = hasViewer(user, headers);
  // If there is no viewer, only the saved query runs: ad hoc filters, groups and other fields that a page attached are
  // ignored.
  const options = isViewed ? read : { ...read, filters: filtersOf(fields.filters), groupByKeys: [] };
  const attached: MicromegasQueryFields = isViewed ? fields : {};
  const step = isTailRequest(attached.tail) ? attached.tail : undefined;
  const view = viewRequestOf(fields);
  if (view !== undefined) {
    return viewPlan(view, options, purpose, step);
  }
  const savedSql = typeof saved === 'string' ? saved : sqlOf(fields);
  if (options.sql === '') {
    return { type: 'empty', purpose, format: options.format };
  }
  const plan = { purpose, sql: new AuthoredSql(savedSql), options };
  if (isSupplementaryRequest(attached.supplementary)) {
    return { ...plan, type: 'log-volume', linesIntervalMs: attached.supplementary.intervalMs };
  }
  if (step !== undefined) {
    return { ...plan, type: 'tail', purpose: purpose ?? TAIL_PURPOSE, step };
  }
  if (options.format === 'patterns') {
    return { ...plan, type: 'log-patterns' };
  }
  return isLogPageRequest(attached.logPage) && options.format === 'logs'
    ? { ...plan, type: 'log-page', page: attached.logPage }
    : { ...plan, type: 'sql', panel: isPanelRequest(attached.panel) ? attached.panel : {} };
}

function viewPlan(
  view: ViewRequest,
  { timezone, filters }: SqlQuery,
  purpose: string | undefined,
  step: TailRequest | undefined
): QueryPlan {
  if (step !== undefined) {
    throw new ProxyError('tail_not_possible', {
      detail: `A query of the type ${view.type} has no log lines to follow.`,
      advice: 'Stop the live tail and run the query.',
    });
  }
  if (hasInput(view)) {
    return { type: 'view', view, purpose, timezone, hasFilters: filters.length > 0 };
  }
  const { incomplete } = viewTypeOf(view);
  if (incomplete !== undefined) {
    throw new ProxyError('query_field_invalid', incomplete);
  }
  return { type: 'empty', purpose, format: view.type };
}
