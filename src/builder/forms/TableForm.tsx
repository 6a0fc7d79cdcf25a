/** Any table: columns, aggregates, filters, grouping, order and limit. Queries of the older plugin's builder open here. */
import { t } from '@grafana/i18n';
import { EditorField, EditorRow } from '@grafana/plugin-ui';
import React from 'react';
import { type TableState } from '../../../contract/builder/builder-state';
import { type LookupTable } from '../../../contract/lookups';
import { useColumns, useKnownColumns, useSuggestions, useTableNames } from '../builder-context';
import { conditionTypeOf } from '../column-refs';
import { ProcessPicker } from '../ProcessPicker';
import { SuggestBox } from '../SuggestBox';
import { withTable, withTableDefaults } from '../table-defaults';
import { FiltersRow, type FormProps, IntervalField, TimeColumnField } from './form-fields';
import { ColumnRows, GroupRows, SortRows } from './table-lists';

export function TableForm({ state, idPrefix, onChange: change }: FormProps<TableState>) {
  const suggestions = useSuggestions();
  const knownColumns = useKnownColumns();
  const onChange = (next: TableState) => change(withTableDefaults(state, next));
  const table = { table: state.table, ...(state.instanceId && { instanceId: state.instanceId }) };
  const set = (patch: Partial<TableState>) => onChange({ ...state, ...patch });
  return (
    <>
      <EditorRow>
        <TableField
          id={`${idPrefix}-table`}
          value={state.table}
          onChange={(name) => change(withTable(state, name, knownColumns(name)))}
        />
        <ProcessPicker
          id={`${idPrefix}-instance`}
          label={t('builder.instance.label', 'Process or stream')}
          tooltip={t('builder.instance.tooltip', 'Reads the instance of the view for this process or stream.')}
          value={state.instanceId ?? ''}
          onChange={(instanceId) => set({ instanceId: instanceId || undefined })}
        />
        <EditorField label={t('builder.limit', 'Limit')} htmlFor={`${idPrefix}-limit`} optional>
          <SuggestBox
            id={`${idPrefix}-limit`}
            width={16}
            value={state.limit ?? ''}
            placeholder={t('builder.no-limit', 'none')}
            options={[...['10', '100', '1000'].map((value) => ({ value, label: value })), ...suggestions.variables()]}
            onChange={(limit) => set({ limit: limit === '' ? undefined : limit })}
          />
        </EditorField>
      </EditorRow>
      {state.table !== '' && <TimeRow table={table} state={state} idPrefix={idPrefix} onChange={onChange} />}
      <EditorRow>
        <EditorField label={t('builder.columns', 'Columns')} optional>
          <ColumnRows table={table} columns={state.columns} onChange={(columns) => set({ columns })} />
        </EditorField>
      </EditorRow>
      <FiltersRow
        table={table}
        conditions={state.conditions}
        quickFilters={[]}
        onChange={(conditions) => set({ conditions })}
      />
      <EditorRow>
        <EditorField label={t('builder.group-by.label', 'Group by')} optional>
          <GroupRows table={table} groupBy={state.groupBy} onChange={(groupBy) => set({ groupBy })} />
        </EditorField>
        <EditorField label={t('builder.order-by', 'Order by')} optional>
          <SortRows table={table} orderBy={state.orderBy} onChange={(orderBy) => set({ orderBy })} />
        </EditorField>
      </EditorRow>
    </>
  );
}

export function TableField({ id, value, onChange }: { id: string; value: string; onChange: (table: string) => void }) {
  const names = useTableNames();
  return (
    <EditorField label={t('builder.table.label', 'Table')} htmlFor={id}>
      <SuggestBox
        id={id}
        width={30}
        value={value}
        placeholder={t('builder.table.placeholder', 'Choose a table')}
        options={names.map((name) => ({ value: name, label: name }))}
        onChange={onChange}
      />
    </EditorField>
  );
}

/** The time column, and the interval by which its rows are grouped. */
function TimeRow({ table, state, idPrefix, onChange }: FormProps<TableState> & { table: LookupTable }) {
  const columns = useColumns(table).filter(({ type }) => conditionTypeOf(type) === 'time');
  const interval = state.time?.interval;
  const setTime = (column: string, every: string | undefined) =>
    onChange({ ...state, time: column === '' ? undefined : { column, ...(every && { interval: every }) } });
  return (
    <EditorRow>
      <TimeColumnField
        id={`${idPrefix}-time-column`}
        value={state.time?.column ?? ''}
        names={columns.map(({ name }) => name)}
        onChange={(column) => setTime(column, interval)}
      />
      {state.time !== undefined && (
        <IntervalField
          id={`${idPrefix}-time-interval`}
          value={interval ?? ''}
          placeholder={t('builder.interval.none', 'not grouped')}
          onChange={(every) => setTime(state.time?.column ?? '', every)}
        />
      )}
    </EditorRow>
  );
}
