/** Processes: programs that ran. */
import { t } from '@grafana/i18n';
import { EditorField, EditorRow, EditorSwitch } from '@grafana/plugin-ui';
import React from 'react';
import { type ProcessesState } from '../../../contract/builder/builder-state';
import { FiltersRow, type FormProps, LimitField, processFilters } from './form-fields';

export function ProcessesForm({ state, idPrefix, onChange }: FormProps<ProcessesState>) {
  return (
    <>
      <EditorRow>
        <EditorField
          label={t('builder.alive.label', 'Alive in range')}
          htmlFor={`${idPrefix}-alive`}
          tooltip={t('builder.alive.tooltip', 'Only processes that ran in the time range of the panel.')}
        >
          <EditorSwitch
            id={`${idPrefix}-alive`}
            value={state.aliveInRange}
            onChange={({ currentTarget }) => onChange({ ...state, aliveInRange: currentTarget.checked })}
          />
        </EditorField>
        <LimitField id={`${idPrefix}-limit`} value={state.limit} onChange={(limit) => onChange({ ...state, limit })} />
      </EditorRow>
      <FiltersRow
        table={{ table: 'processes' }}
        conditions={state.conditions}
        quickFilters={processFilters()}
        onChange={(conditions) => onChange({ ...state, conditions })}
      />
    </>
  );
}
