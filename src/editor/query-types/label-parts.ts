/** One-line labels of queries that have no SQL. The query history and collapsed editors show them. */
import { t } from '@grafana/i18n';
import { type ProcessesQuery } from '../../../contract/query-types/processes';
import { type ProfileRequest } from '../../../contract/query-types/profile';
import { type TracesRequest } from '../../../contract/query-types/traces';
import { type WhatChangedRequest } from '../../../contract/query-types/what-changed';
import { viewRequestOf, type ViewQueryFields, type ViewRequest } from '../../../contract/query-types/view-request';
import { formatValue } from './attribute-values';
import { formatDuration } from './durations';

/** Values are inserted unchanged, because React escapes the label. */
const UNESCAPED = { interpolation: { escapeValue: false } };

/** A condition as `name operator values`. Empty if there are no values. */
function condition(name: string, values: readonly string[] | string | undefined, operator = '='): string {
  const shown = typeof values === 'string' ? values : (values ?? []).join(', ');
  return shown === '' ? '' : `${name} ${operator} ${shown}`;
}

function duration(milliseconds: number | undefined, operator: string): string {
  return milliseconds === undefined ? '' : `duration ${operator} ${formatDuration(milliseconds)}`;
}

function tracesLabels(request: TracesRequest): string[] {
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
}

function profileLabels({ view, processId, streamId, spans, root }: ProfileRequest): string[] {
  const named = { process: processId, ...UNESCAPED };
  return [
    view === 'flame-graph'
      ? t('query-types.text.flame-graph', 'Flame graph of process {{process}}', named)
      : t('query-types.text.timeline', 'Timeline of process {{process}}', named),
    condition('thread', streamId),
    condition('spans', spans),
    condition('root', root),
  ];
}

function processesLabels(request: ProcessesQuery): string[] {
  const { view, processId = '', search } = request;
  const named = { process: processId, ...UNESCAPED };
  switch (view) {
    case 'images':
      return [t('query-types.text.images', 'Images of process {{process}}', named)];
    case 'tree':
      return processId === ''
        ? [t('query-types.text.tree', 'Tree of processes')]
        : [t('query-types.text.tree-of', 'Tree of process {{process}}', named)];
    case 'list':
      return [
        t('query-types.text.processes', 'Processes'),
        condition('process', processId),
        condition('text', search, 'contains'),
        condition('program', request.exe),
        condition('computer', request.computer),
        condition('user', request.username),
        condition('version', request.version),
        condition('state', request.state),
      ];
  }
}

function whatChangedLabels({ processIds, exe, scope, atMs, lookBack }: WhatChangedRequest): string[] {
  const ids = processIds || [];
  const named = [condition('process', ids), ids.length === 0 ? condition('program', exe) : ''];
  return [
    t('query-types.text.what-changed', 'What changed'),
    ...(scope === 'lakehouse' ? [t('query-types.text.lakehouse', 'whole lakehouse')] : named),
    scope === 'callers-and-callees' ? t('query-types.text.callers-and-callees', 'with callers and callees') : '',
    atMs ? condition('before', lookBack) : '',
  ];
}

function partsOf(view: ViewRequest): string[] {
  switch (view.type) {
    case 'traces':
      return tracesLabels(view.request);
    case 'profile':
      return profileLabels(view.request);
    case 'processes':
      return processesLabels(view.request);
    case 'what-changed':
      return whatChangedLabels(view.request);
  }
}

/** The label of a query without SQL. Undefined for SQL, and for a request of unknown shape. */
export function requestLabel(query: ViewQueryFields): string | undefined {
  const view = viewRequestOf(query);
  return (
    view &&
    partsOf(view)
      .map((part) => part.trim())
      .filter((part) => part !== '')
      .join(' | ')
  );
}
