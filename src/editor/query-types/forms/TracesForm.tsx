/** The form for traces: search, one trace by its id, and the map of the services. */
import { t } from '@grafana/i18n';
import { EditorField, EditorRow } from '@grafana/plugin-ui';
import { RadioButtonGroup } from '@grafana/ui';
import React from 'react';
import {
  DEFAULT_TRACES,
  MAX_CONDITIONS,
  MAX_TRACES,
  readTimeMs,
  SPAN_KINDS,
  SPAN_STATUSES,
  type SpanKind,
  type SpanStatus,
  type TracesRequest,
  type TraceView,
} from '../../../../contract/query-types/traces';
import { traceOrder, type TraceOrder } from '../../../../contract/query-types/trace-order';
import { useSuggestions } from '../../builder/builder-context';
import { ProcessPicker } from '../../builder/ProcessPicker';
import { AttributeRows } from './AttributeRows';
import { NumberField } from '../../builder/NumberField';
import { ChoicesField, DurationField, stringToSave, savedStrings, StringListField, ViewField } from './fields';
import { type RequestFormProps } from './request-form';
import { useSpanSuggestions } from './span-suggestions';
import { TraceIdField } from './TraceIdField';
import { WindowChip } from './WindowChip';

function kindLabel(kind: SpanKind): string {
  switch (kind) {
    case 'UNSPECIFIED':
      return t('query-types.kind.unspecified', 'Unspecified');
    case 'INTERNAL':
      return t('query-types.kind.internal', 'Internal');
    case 'SERVER':
      return t('query-types.kind.server', 'Server');
    case 'CLIENT':
      return t('query-types.kind.client', 'Client');
    case 'PRODUCER':
      return t('query-types.kind.producer', 'Producer');
    case 'CONSUMER':
      return t('query-types.kind.consumer', 'Consumer');
  }
}

function statusLabel(status: SpanStatus): string {
  switch (status) {
    case 'UNSET':
      return t('query-types.status.unset', 'Unset');
    case 'OK':
      return t('query-types.status.ok', 'OK');
    case 'ERROR':
      return t('query-types.status.error', 'Error');
  }
}

/** The time of a request in nanoseconds since 1970. Undefined if it is missing, or if it is a variable. */
function nanosecondsOf(time: string | undefined): string | undefined {
  const ms = readTimeMs(time) ?? Number.NaN;
  return Number.isFinite(ms) ? String(BigInt(Math.round(ms)) * 1_000_000n) : undefined;
}

/** The form of the type _Traces_. */
export function TracesForm(props: RequestFormProps<TracesRequest>) {
  const { request, idPrefix, onChange } = props;
  const { view, traceId = '' } = request;
  return (
    <>
      <ViewField<TraceView>
        views={[
          { value: 'search', label: t('query-types.traces.search', 'Search') },
          { value: 'trace', label: t('query-types.traces.by-id', 'By id') },
          { value: 'service-map', label: t('query-types.traces.map', 'Service map') },
        ]}
        value={view}
        onChange={(next) => onChange({ ...request, view: next })}
      />
      {view === 'trace' && (
        <EditorRow>
          <TraceIdField
            id={`${idPrefix}-trace-id`}
            value={traceId}
            onChange={(next) => onChange({ ...request, traceId: next })}
          />
        </EditorRow>
      )}
      {view === 'service-map' && (
        <EditorRow>
          <ServiceField {...props} />
          <ProcessField {...props} />
        </EditorRow>
      )}
      {view === 'search' && <SearchRows {...props} />}
    </>
  );
}

function ServiceField({ request, idPrefix, onChange }: RequestFormProps<TracesRequest>) {
  const suggestions = useSuggestions();
  return (
    <StringListField
      id={`${idPrefix}-services`}
      label={t('query-types.traces.services', 'Service')}
      tooltip={t('query-types.traces.services-tooltip', 'Only traces with spans of at least one of these programs.')}
      width={32}
      placeholder={t('query-types.any', 'Any')}
      values={request.services}
      options={(search) => suggestions.processStrings('exe', search)}
      onChange={(entered) => onChange({ ...request, services: savedStrings(entered, MAX_CONDITIONS) })}
    />
  );
}

function ProcessField({ request, idPrefix, onChange }: RequestFormProps<TracesRequest>) {
  return (
    <ProcessPicker
      id={`${idPrefix}-process`}
      requiredTag="trace"
      tooltip={t('query-types.traces.process-tooltip', 'Only spans of this process.')}
      value={request.processId ?? ''}
      onChange={(processId) => onChange({ ...request, processId: stringToSave(processId) })}
    />
  );
}

function SearchRows(props: RequestFormProps<TracesRequest>) {
  const { request, idPrefix, onChange } = props;
  const spans = useSpanSuggestions(request);
  const set = (patch: Partial<TracesRequest>) => onChange({ ...request, ...patch });
  return (
    <>
      <EditorRow>
        <ServiceField {...props} />
        <StringListField
          id={`${idPrefix}-operations`}
          label={t('query-types.traces.operations', 'Operation')}
          tooltip={t(
            'query-types.traces.operations-tooltip',
            'Only traces with a span of at least one of these names.'
          )}
          width={32}
          placeholder={t('query-types.any', 'Any')}
          values={request.operations}
          options={spans.operations}
          onChange={(entered) => set({ operations: savedStrings(entered, MAX_CONDITIONS) })}
        />
        <ChoicesField<SpanStatus>
          id={`${idPrefix}-statuses`}
          label={t('query-types.traces.statuses', 'Status')}
          width={20}
          placeholder={t('query-types.any', 'Any')}
          choices={SPAN_STATUSES.map((value) => ({ value, label: statusLabel(value) }))}
          values={request.statuses}
          onChange={(statuses) => set({ statuses })}
        />
        <ChoicesField<SpanKind>
          id={`${idPrefix}-kinds`}
          label={t('query-types.traces.kinds', 'Kind')}
          width={20}
          placeholder={t('query-types.any', 'Any')}
          choices={SPAN_KINDS.map((value) => ({ value, label: kindLabel(value) }))}
          values={request.kinds}
          onChange={(kinds) => set({ kinds })}
        />
      </EditorRow>
      <EditorRow>
        <DurationField
          id={`${idPrefix}-min-duration`}
          label={t('query-types.traces.min-duration', 'Min duration')}
          placeholder={t('query-types.traces.min-placeholder', 'Such as 250ms')}
          value={request.minDurationMs}
          onChange={(minDurationMs) => set({ minDurationMs })}
        />
        <DurationField
          id={`${idPrefix}-max-duration`}
          label={t('query-types.traces.max-duration', 'Max duration')}
          placeholder={t('query-types.traces.max-placeholder', 'Such as 1.5s')}
          value={request.maxDurationMs}
          onChange={(maxDurationMs) => set({ maxDurationMs })}
        />
        <NumberField
          id={`${idPrefix}-limit`}
          label={t('query-types.limit', 'Limit')}
          max={MAX_TRACES}
          placeholder={String(DEFAULT_TRACES)}
          value={request.limit}
          onChange={(limit) => set({ limit })}
        />
        <ProcessField {...props} />
        <EditorField
          label={t('query-types.traces.order', 'Order')}
          tooltip={t(
            'query-types.traces.order-tooltip',
            'Which traces are returned if there are more than the limit, and which come first. For the slowest, the spans of all processes are read.'
          )}
        >
          <RadioButtonGroup<TraceOrder>
            aria-label={t('query-types.traces.order', 'Order')}
            options={[
              { value: 'newest', label: t('query-types.traces.order-newest', 'Newest') },
              { value: 'failed', label: t('query-types.traces.order-failed', 'Failed first') },
              { value: 'slowest', label: t('query-types.traces.order-slowest', 'Slowest first') },
            ]}
            value={traceOrder(request)}
            onChange={(order) =>
              set({ failedFirst: order === 'failed' || undefined, slowestFirst: order === 'slowest' || undefined })
            }
          />
        </EditorField>
        {(request.fromMs || request.toMs) && (
          <EditorField label={t('query-types.traces.window', 'Start of the spans')}>
            <WindowChip
              beginNs={nanosecondsOf(request.fromMs)}
              endNs={nanosecondsOf(request.toMs)}
              onRemove={() => set({ fromMs: undefined, toMs: undefined })}
            />
          </EditorField>
        )}
      </EditorRow>
      <AttributeRows
        attributes={request.attributes}
        suggestions={spans}
        onChange={(attributes) => set({ attributes })}
      />
    </>
  );
}
