/** Traces: a search, one trace, and the map of services. */
import { t } from '@grafana/i18n';
import { type AttributeCondition, type TracesRequest } from '../../../../contract/query-types/traces';
import { formatValue, hasReference, readValue } from '../attribute-values';
import { formatDuration } from '../durations';
import { condition, UNESCAPED } from '../label-parts';
import { type Strings } from '../strings';
import { type ViewType } from '../view-type';

function duration(milliseconds: number | undefined, operator: string): string {
  return milliseconds === undefined ? '' : `duration ${operator} ${formatDuration(milliseconds)}`;
}

function attributeOf(saved: AttributeCondition, strings: Strings): AttributeCondition {
  const { key, operator, value } = saved;
  return {
    ...saved,
    key: strings.one(key),
    ...(typeof value === 'string' && hasReference(value) && { value: readValue(strings.one(value), operator) }),
  };
}

export const traces: ViewType<TracesRequest> = {
  label: () => t('query-types.traces.label', 'Traces'),
  newRequest: { view: 'search' },
  loadForm: async () => (await import(/* webpackChunkName: "query-types" */ '../forms/TracesForm')).TracesForm,
  interpolate: (request, strings) => ({
    ...request,
    traceId: strings.one(request.traceId),
    processId: strings.one(request.processId),
    fromMs: strings.one(request.fromMs),
    toMs: strings.one(request.toMs),
    services: strings.list(request.services),
    operations: strings.list(request.operations),
    attributes: request.attributes?.map((each) => attributeOf(each, strings)),
  }),
  describe: (request) => {
    const { view, traceId = '', attributes = [] } = request;
    if (view === 'trace') {
      return [t('query-types.text.trace', 'Trace {{id}}', { id: traceId, ...UNESCAPED })];
    }
    return [
      view === 'search' ? t('query-types.text.traces', 'Traces') : t('query-types.text.service-map', 'Service map'),
      condition('service', request.services),
      condition('operation', request.operations),
      condition('kind', request.kinds),
      condition('status', request.statuses),
      duration(request.minDurationMs, '>='),
      duration(request.maxDurationMs, '<='),
      ...attributes.map(({ key, operator, value }) => `${key} ${operator} ${formatValue(value, operator)}`),
      condition('process', request.processId),
    ];
  },
};
