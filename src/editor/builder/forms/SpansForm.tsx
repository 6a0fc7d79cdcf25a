/** The builder's form for spans of one process. */
import { t } from '@grafana/i18n';
import { EditorField, EditorRow } from '@grafana/plugin-ui';
import React from 'react';
import { type SpansState } from '../../../../contract/builder/builder-state';
import { ChoiceBox } from '../../../shared/controls/ChoiceBox';
import { PROCESS_SPANS } from '../column-refs';
import { ProcessPicker } from '../ProcessPicker';
import { FiltersRow, type BuilderFormProps, LimitField } from './form-fields';

/** The form for _Spans_. It generates no SQL until a process is chosen. */
export function SpansForm({ state, idPrefix, onChange }: BuilderFormProps<SpansState>) {
  const kinds: Array<{ value: SpansState['spans']; label: string; description: string }> = [
    {
      value: 'otel',
      label: t('builder.spans.otel.label', 'OpenTelemetry'),
      description: t('builder.spans.otel.description', 'Spans that were sent with OTLP.'),
    },
    {
      value: 'thread',
      label: t('builder.spans.thread.label', 'Threads'),
      description: t('builder.spans.thread.description', 'Instrumented functions, by thread.'),
    },
    {
      value: 'async',
      label: t('builder.spans.async.label', 'Async'),
      description: t('builder.spans.async.description', 'Instrumented asynchronous functions.'),
    },
  ];
  const orders: Array<{ value: SpansState['order']; label: string }> = [
    { value: 'slowest', label: t('builder.order.slowest', 'Slowest first') },
    { value: 'newest', label: t('builder.order.newest', 'Newest first') },
  ];
  const filters = [
    { label: t('builder.quick.name', 'Name'), column: 'name' },
    { label: t('builder.quick.duration', 'Duration (ms)'), column: 'duration', operator: '>=' as const },
  ];
  return (
    <>
      <EditorRow>
        <ProcessPicker
          id={`${idPrefix}-process`}
          isRequired
          requiredTag={state.spans === 'otel' ? 'trace' : 'cpu'}
          tooltip={t('builder.spans.process', 'Spans are read for one process at a time.')}
          value={state.processId}
          onChange={(processId) => onChange({ ...state, processId })}
        />
        <EditorField label={t('builder.spans.label', 'Spans')} htmlFor={`${idPrefix}-spans`}>
          <ChoiceBox<SpansState['spans']>
            id={`${idPrefix}-spans`}
            width={20}
            options={kinds}
            value={state.spans}
            onChange={(spans) => onChange({ ...state, spans })}
          />
        </EditorField>
        <EditorField label={t('builder.order.label', 'Order')} htmlFor={`${idPrefix}-order`}>
          <ChoiceBox<SpansState['order']>
            id={`${idPrefix}-order`}
            width={18}
            options={orders}
            value={state.order}
            onChange={(order) => onChange({ ...state, order })}
          />
        </EditorField>
        <LimitField id={`${idPrefix}-limit`} value={state.limit} onChange={(limit) => onChange({ ...state, limit })} />
      </EditorRow>
      <FiltersRow
        table={{
          table: state.spans === 'otel' ? 'otel_spans' : PROCESS_SPANS,
          ...(state.processId && { instanceId: state.processId }),
        }}
        conditions={state.conditions}
        hasDuration
        quickFilters={
          state.spans === 'otel'
            ? [...filters, { label: t('builder.quick.status', 'Status'), column: 'status' }]
            : filters
        }
        onChange={(conditions) => onChange({ ...state, conditions })}
      />
    </>
  );
}
