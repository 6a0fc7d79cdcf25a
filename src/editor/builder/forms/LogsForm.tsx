/** The form of the query builder for logs: minimum level, order, limit, process and filters. */
import { t } from '@grafana/i18n';
import { EditorField, EditorRow } from '@grafana/plugin-ui';
import React from 'react';
import { type LogsState } from '../../../../contract/builder/builder-state';
import { DEFAULT_LOG_ROWS } from '../../../../contract/result-format';
import { ChoiceBox } from '../../../shared/controls/ChoiceBox';
import { ProcessPicker } from '../ProcessPicker';
import { LEVELS } from '../suggestions';
import { FiltersRow, type BuilderFormProps, LimitField, processFilters } from './form-fields';

/** The form for _Logs_. If no process is chosen, the query reads the lines of all processes. */
export function LogsForm({ state, idPrefix, onChange }: BuilderFormProps<LogsState>) {
  const levels = [
    { value: '', label: t('builder.level.all', 'All') },
    ...LEVELS.map((name, index) => ({ value: String(index + 1), label: name })),
  ];
  const orders: Array<{ value: LogsState['order']; label: string }> = [
    { value: 'newest', label: t('builder.order.newest', 'Newest first') },
    { value: 'oldest', label: t('builder.order.oldest', 'Oldest first') },
  ];
  return (
    <>
      <EditorRow>
        <EditorField
          label={t('builder.level.label', 'Minimum level')}
          htmlFor={`${idPrefix}-level`}
          tooltip={t('builder.level.tooltip', 'Messages of this level, and of the more severe ones.')}
        >
          <ChoiceBox<string>
            id={`${idPrefix}-level`}
            width={16}
            options={levels}
            value={String(state.minLevel ?? '')}
            onChange={(level) => onChange({ ...state, minLevel: level === '' ? undefined : Number(level) })}
          />
        </EditorField>
        <EditorField label={t('builder.order.label', 'Order')} htmlFor={`${idPrefix}-order`}>
          <ChoiceBox<LogsState['order']>
            id={`${idPrefix}-order`}
            width={18}
            options={orders}
            value={state.order}
            onChange={(order) => onChange({ ...state, order })}
          />
        </EditorField>
        <LimitField
          id={`${idPrefix}-limit`}
          value={state.limit}
          defaultLimit={DEFAULT_LOG_ROWS}
          onChange={(limit) => onChange({ ...state, limit })}
        />
        <ProcessPicker
          id={`${idPrefix}-process`}
          value={state.processId ?? ''}
          onChange={(processId) => onChange({ ...state, processId: processId || undefined })}
        />
      </EditorRow>
      <FiltersRow
        table={{ table: 'log_entries', ...(state.processId && { instanceId: state.processId }) }}
        conditions={state.conditions}
        quickFilters={[
          { label: t('builder.quick.message', 'Message'), column: 'msg', operator: 'contains' },
          { label: t('builder.quick.target', 'Target'), column: 'target' },
          ...processFilters(),
        ]}
        onChange={(conditions) => onChange({ ...state, conditions })}
      />
    </>
  );
}
