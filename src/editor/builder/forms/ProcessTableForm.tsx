/** The form of the query builder for processes, which are programs that ran. */
import { t } from '@grafana/i18n';
import { EditorField, EditorRow, EditorSwitch } from '@grafana/plugin-ui';
import React, { useEffect, useState } from 'react';
import { type ProcessesState } from '../../../../contract/builder/builder-state';
import { VERSION_KEYS } from '../../../../contract/query-types/processes';
import { useSuggestions } from '../builder-context';
import { type QuickFilter } from '../Conditions';
import { FiltersRow, type BuilderFormProps, LimitField, processFilters } from './form-fields';

/** The form for _Process table_: SQL on the table `processes`. */
export function ProcessTableForm({ state, idPrefix, onChange }: BuilderFormProps<ProcessesState>) {
  const version = useVersionFilter();
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
        quickFilters={[...processFilters(), version]}
        onChange={(conditions) => onChange({ ...state, conditions })}
      />
    </>
  );
}

/**
 * A filter on the version of the program. Programs save their version under different keys: the filter uses the first
 * of `VERSION_KEYS` that occurs.
 */
function useVersionFilter(): QuickFilter {
  const suggestions = useSuggestions();
  const [property, setProperty] = useState(VERSION_KEYS[0]);
  useEffect(() => {
    let isCurrent = true;
    void suggestions.propertyKeys({ table: 'processes' }, 'properties').then((keys) => {
      const used = VERSION_KEYS.find((key) => keys.some(({ value }) => value === `properties.${key}`));
      if (isCurrent && used !== undefined) {
        setProperty(used);
      }
    });
    return () => {
      isCurrent = false;
    };
  }, [suggestions]);
  return { label: t('builder.quick.version', 'Version'), column: 'properties', property };
}
