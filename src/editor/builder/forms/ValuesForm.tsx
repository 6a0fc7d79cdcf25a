/** The builder's form for the values of a dashboard variable: of a column or property, property keys, or processes. */
import { t } from '@grafana/i18n';
import { EditorField, EditorRow } from '@grafana/plugin-ui';
import React from 'react';
import { MAX_VALUES } from '../../../../contract/builder/builder-sql';
import { type ColumnRef, type ValuesState } from '../../../../contract/builder/builder-state';
import { type LookupTable } from '../../../../contract/resources/lookups';
import { ChoiceBox } from '../../../shared/controls/ChoiceBox';
import { useColumnOptions, useColumns, useKnownColumns, useTables } from '../builder-context';
import { conditionTypeOf, jsonColumns, parseRef, refName } from '../column-refs';
import { SuggestBox } from '../SuggestBox';
import { timeColumnIn } from '../table-defaults';
import { FiltersRow, type BuilderFormProps, LimitField, processFilters, TimeColumnField } from './form-fields';
import { InstanceField, instanceFor, TableField } from './TableForm';

/**
 * The form for _Values_, which only variables have. Values of columns and property keys need a table and a column.
 * Processes do not.
 */
export function ValuesForm({ state, idPrefix, onChange }: BuilderFormProps<ValuesState>) {
  const sources: Array<{ value: ValuesState['of']; label: string; description: string }> = [
    {
      value: 'column',
      label: t('builder.values.column.label', 'Values of a column'),
      description: t('builder.values.column.description', 'The different values of a column or property.'),
    },
    {
      value: 'property-keys',
      label: t('builder.values.keys.label', 'Property keys'),
      description: t('builder.values.keys.description', 'The keys in a column of properties.'),
    },
    {
      value: 'processes',
      label: t('builder.values.processes.label', 'Processes'),
      description: t('builder.values.processes.description', 'Process ids, shown with program and computer.'),
    },
  ];
  const isProcesses = state.of === 'processes';
  return (
    <>
      <EditorRow>
        <EditorField label={t('builder.values.of', 'Values from')} htmlFor={`${idPrefix}-values-of`}>
          <ChoiceBox<ValuesState['of']>
            id={`${idPrefix}-values-of`}
            width={24}
            options={sources}
            value={state.of}
            onChange={(of) => onChange({ ...state, of })}
          />
        </EditorField>
        {!isProcesses && <ColumnFields state={state} idPrefix={idPrefix} onChange={onChange} />}
        <LimitField
          id={`${idPrefix}-limit`}
          value={state.limit}
          defaultLimit={MAX_VALUES}
          onChange={(limit) => onChange({ ...state, limit })}
        />
      </EditorRow>
      <FiltersRow
        table={isProcesses ? { table: 'processes' } : tableOf(state)}
        conditions={state.conditions}
        quickFilters={isProcesses ? processFilters() : []}
        onChange={(conditions) => onChange({ ...state, conditions })}
      />
    </>
  );
}

const tableOf = ({ table, instanceId }: ValuesState): LookupTable => ({ table, ...(instanceId && { instanceId }) });

/** Table, column and label of the values, and the column to which the time range applies. */
function ColumnFields({ state, idPrefix, onChange }: BuilderFormProps<ValuesState>) {
  const table = tableOf(state);
  const tables = useTables();
  const columns = useColumns(table);
  const knownColumns = useKnownColumns();
  const timeColumns = columns.filter(({ type }) => conditionTypeOf(type) === 'time');
  const isKeys = state.of === 'property-keys';
  return (
    <>
      <TableField
        id={`${idPrefix}-table`}
        value={state.table}
        onChange={(name) =>
          onChange({
            ...state,
            table: name,
            instanceId: instanceFor(name, state, tables),
            value: { column: '' },
            text: undefined,
            // A state without a time column stays without one: the author may want the values of all times.
            timeColumn: state.timeColumn && timeColumnIn(knownColumns(name), state.timeColumn),
          })
        }
      />
      <InstanceField
        id={`${idPrefix}-instance`}
        state={state}
        tables={tables}
        onChange={(instanceId) => onChange({ ...state, instanceId })}
      />
      {isKeys ? (
        <EditorField label={t('builder.values.key-column', 'Column of properties')} htmlFor={`${idPrefix}-value`}>
          <SuggestBox
            id={`${idPrefix}-value`}
            value={state.value.column}
            options={jsonColumns(columns).map((name) => ({ value: name, label: name }))}
            onChange={(column) => onChange({ ...state, value: { column } })}
          />
        </EditorField>
      ) : (
        <>
          <RefField
            id={`${idPrefix}-value`}
            label={t('builder.values.value', 'Value')}
            table={table}
            value={state.value}
            onChange={(value) => onChange({ ...state, value: value ?? { column: '' } })}
          />
          <RefField
            id={`${idPrefix}-text`}
            label={t('builder.values.text', 'Text')}
            isOptional
            table={table}
            value={state.text}
            onChange={(entered) => onChange({ ...state, text: entered })}
          />
        </>
      )}
      <TimeColumnField
        id={`${idPrefix}-time-column`}
        value={state.timeColumn ?? ''}
        names={timeColumns.map(({ name }) => name)}
        onChange={(timeColumn) => onChange({ ...state, timeColumn: timeColumn || undefined })}
      />
    </>
  );
}

interface RefProps {
  id: string;
  label: string;
  isOptional?: boolean;
  table: LookupTable;
  value: ColumnRef | undefined;
  onChange: (value: ColumnRef | undefined) => void;
}

function RefField({ id, label, isOptional, table, value, onChange }: RefProps) {
  const { columns, options, loadKeys } = useColumnOptions(table);
  return (
    <EditorField label={label} htmlFor={id} optional={isOptional}>
      <SuggestBox
        id={id}
        value={value === undefined ? '' : refName(value)}
        placeholder={t('builder.column-placeholder', 'Column or property')}
        options={options}
        onFocus={loadKeys}
        onChange={(entered) => onChange(entered === '' ? undefined : parseRef(entered, columns))}
      />
    </EditorField>
  );
}
