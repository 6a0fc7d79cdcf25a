/**
 * Names the variables without a value in errors about SQL. Only the browser knows the variables: the backend receives
 * SQL with gaps in place of the values.
 */
import { type DataFrame, type DataQueryError, type DataQueryRequest, type DataQueryResponse } from '@grafana/data';
import { t } from '@grafana/i18n';
import { sqlOf } from '../../contract/queries/query';
import { isViewQuery } from '../../contract/query-types/view-request';
import { gapsOf } from './interpolation/interpolation';
import { type Templates } from './interpolation/variables';
import { type MicromegasQuery } from './types';

/** Codes of errors that a gap in the SQL often causes. */
const ABOUT_SQL: readonly unknown[] = ['query_invalid', 'macro_invalid'];
/**
 * Code of errors that a gap causes less often. A cast of an empty string has this code, and a division by zero, too.
 */
const RUN_FAILURE = 'query_failed';

type Request = Pick<DataQueryRequest<MicromegasQuery>, 'targets' | 'scopedVars'>;

/**
 * If variables left gaps in the SQL of a query, adds the names of these variables to the error of the query. The gaps
 * are not always the cause of the error, because some authors insert optional parts of the SQL with a variable.
 *
 * @param request The request with references to variables.
 */
export function withSqlGaps(
  response: DataQueryResponse,
  { targets, scopedVars }: Request,
  templates: Templates
): DataQueryResponse {
  const explained = (failure: DataQueryError): DataQueryError => {
    const target = targets.find(({ refId }) => refId === failure.refId);
    const code = target && !isViewQuery(target) ? codeOf(response.data, target) : undefined;
    const isAboutSql = ABOUT_SQL.includes(code);
    const names = target && (isAboutSql || code === RUN_FAILURE) ? shownGaps(target, scopedVars, templates) : '';
    if (names === '') {
      return failure;
    }
    const notes = [gapsMessage(names), ...(isAboutSql ? [gapsAdvice()] : [])];
    return { ...failure, message: [failure.message ?? '', ...notes].join(' ').trim() };
  };
  const withErrors = response.errors ? { ...response, errors: response.errors.map(explained) } : response;
  // Parts of Grafana may show only the deprecated field.
  // eslint-disable-next-line @typescript-eslint/no-deprecated
  return response.error ? { ...withErrors, error: explained(response.error) } : withErrors;
}

/** The code of the error of a query. The backend puts it into the frame of the failed query. */
function codeOf(frames: readonly DataFrame[], target: MicromegasQuery): unknown {
  return frames.find(({ refId, meta }) => refId === target.refId && meta?.custom?.code !== undefined)?.meta?.custom
    ?.code;
}

/** The variables with their labels, as the dashboard shows them. Only variables of the dashboard. */
function shownGaps(target: MicromegasQuery, scopedVars: DataQueryRequest['scopedVars'], templates: Templates): string {
  const gaps = gapsOf(sqlOf(target), templates, scopedVars);
  return templates
    .getVariables()
    .filter(({ name }) => gaps.includes(name))
    .map(({ name, label }) => (label && label !== name ? `$${name} (${label})` : `$${name}`))
    .join(', ');
}

function gapsMessage(names: string): string {
  return t('request.sql-gaps', 'Variables without a value: {{names}}. They leave gaps in the SQL.', {
    names,
    interpolation: { escapeValue: false },
  });
}

function gapsAdvice(): string {
  return t(
    'request.sql-gaps-advice',
    'If the query needs a value, choose one on the dashboard. If the list is empty, check the query of the variable.'
  );
}
