/** The values of a variable, for Grafana's older interface `metricFindQuery`, which other plugins may still call. */
import { type DataSourceApi, type MetricFindValue } from '@grafana/data';
import { t } from '@grafana/i18n';
import { firstValueFrom } from 'rxjs';
import { type MicromegasApi } from '../shared/types';
import { toVariableQuery } from '../shared/interpolation/variable-query';
import { frameValues, withSearchFilter } from './variable-support';

export type FindOptions = Parameters<NonNullable<DataSourceApi['metricFindQuery']>>[1];

/**
 * The values of a variable. Empty for an incomplete query, and without a time range.
 *
 * @param saved The query of the variable, in any saved form.
 * @throws {Error} The first error of the response.
 */
export async function findValues(
  datasource: Pick<MicromegasApi, 'filterQuery' | 'query'>,
  saved: unknown,
  options?: FindOptions
): Promise<MetricFindValue[]> {
  const target = toVariableQuery(saved, options?.variable?.name);
  if (!datasource.filterQuery(target) || !options?.range) {
    return [];
  }
  const response = await firstValueFrom(
    datasource.query({
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
