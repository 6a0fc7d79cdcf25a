/**
 * The builder's form for any table: columns, aggregates, filters, grouping, order and limit. Queries of the older
 * plugin's builder open in this form. Other forms use its fields for a table and an instance.
 */
import { t } from '@grafana/i18n';
import { EditorField, EditorRow } from '@grafana/plugin-ui';
import React from 'react';
import { type TableState, type TimeColumn } from '../../../../contract/builder/builder-state';
import { type LookupTable, type StreamTag } from '../../../../contract/resources/lookups';
import { knownTable } from '../../../shared/sql/known-tables';
import { useColumns, useKnownColumns, useSuggestions, useTables } from '../builder-context';
import { conditionTypeOf } from '../column-refs';
import { ProcessPicker } from '../ProcessPicker';
import { SuggestBox } from '../SuggestBox';
import { matching, type TableChoice } from '../suggestions';
import { newColumn, withTable, withTableDefaults } from '../table-defaults';
import { FillField, FiltersRow, type BuilderFormProps, IntervalField, TimeColumnField } from './form-fields';
import { ColumnRows, GroupRows, SortRows } from './table-lists';

/**
 * The form for _Any table_. Until a table is chosen, the form has no field for the time column, and generates no SQL.
 */
export function TableForm({ state, idPrefix, onChange: change }: BuilderFormProps<TableState>) {
  const suggestions = useSuggestions();
  const knownColumns = useKnownColumns();
  const onChange = (next: TableState) => change(withTableDefaults(state, next));
  const tables = useTables();
  const table = { table: state.table, ...(state.instanceId && { instanceId: state.instanceId }) };
  const set = (patch: Partial<TableState>) => onChange({ ...state, ...patch });
  return (
    <>
      <EditorRow>
        <TableField
          id={`${idPrefix}-table`}
          value={state.table}
          onChange={(name) =>
            change({ ...withTable(state, name, knownColumns(name)), instanceId: instanceFor(name, state, tables) })
          }
        />
        <InstanceField
          id={`${idPrefix}-instance`}
          state={state}
          tables={tables}
          onChange={(instanceId) => set({ instanceId })}
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
          <ColumnRows
            table={table}
            columns={state.columns}
            added={newColumn(state)}
            onChange={(columns) => set({ columns })}
          />
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

/**
 * A table or view. An instance of a view has the rows of one process or stream. `instanceId` is the id of this process
 * or stream, or an empty string while none is chosen.
 */
interface Instance {
  table: string;
  instanceId?: string;
}

const isPerInstance = (table: string, tables: readonly TableChoice[]) =>
  tables.find(({ name }) => name === table)?.isGlobal === false;

/**
 * The `instanceId` after the user has chosen another table. If the instances of both tables are of the same kind
 * (process, stream or unknown), the previous id is kept. If no id is kept, the result is an empty string for a view
 * that exists only per process or stream, and undefined for other tables.
 */
export function instanceFor(table: string, before: Instance, tables: readonly TableChoice[]): string | undefined {
  const isSameKind = knownTable(table)?.instance === knownTable(before.table)?.instance;
  const kept = isSameKind && before.instanceId ? before.instanceId : undefined;
  return kept ?? (isPerInstance(table, tables) ? '' : undefined);
}

interface InstanceProps {
  id: string;
  state: Instance;
  tables: readonly TableChoice[];
  onChange: (instanceId: string | undefined) => void;
}

/** Stream tags by view. For these views, the dialog lists only processes that have a stream with the tag. */
const STREAMS_OF_VIEWS: ReadonlyMap<string, StreamTag> = new Map([
  ['thread_spans', 'cpu'],
  ['async_events', 'cpu'],
  ['otel_spans', 'trace'],
  ['images', 'image'],
]);

/** The process or stream of a view. It is required if the view exists only per process or stream. */
export function InstanceField({ id, state, tables, onChange }: InstanceProps) {
  const isRequired = isPerInstance(state.table, tables);
  const isStream = knownTable(state.table)?.instance === 'stream';
  return (
    <ProcessPicker
      id={id}
      label={isStream ? t('builder.instance.stream', 'Stream') : t('builder.instance.label', 'Process or stream')}
      tooltip={
        isRequired
          ? t('builder.instance.required', 'This view exists only per process or stream.')
          : t('builder.instance.tooltip', 'Reads the instance of the view for this process or stream.')
      }
      isRequired={isRequired}
      requiredTag={STREAMS_OF_VIEWS.get(state.table)}
      picksStream={isStream}
      value={state.instanceId ?? ''}
      onChange={(chosen) => onChange(chosen === '' && !isRequired ? undefined : chosen)}
    />
  );
}

/** The choice of a table. The user can also type a name, for example if the list of tables could not be loaded. */
export function TableField({ id, value, onChange }: { id: string; value: string; onChange: (table: string) => void }) {
  const suggestions = useSuggestions();
  return (
    <EditorField label={t('builder.table.label', 'Table')} htmlFor={id}>
      <SuggestBox
        id={id}
        width={30}
        value={value}
        placeholder={t('builder.table.placeholder', 'Choose a table')}
        options={async (search) =>
          matching(
            (await suggestions.tables()).map(({ name }) => ({
              value: name,
              label: name,
              description: knownTable(name)?.description,
            })),
            search
          )
        }
        onChange={onChange}
      />
    </EditorField>
  );
}

/** The time column, and the interval by which rows are grouped. */
function TimeRow({ table, state, idPrefix, onChange }: BuilderFormProps<TableState> & { table: LookupTable }) {
  const columns = useColumns(table).filter(({ type }) => conditionTypeOf(type) === 'time');
  const { time } = state;
  const setTime = (patch: Partial<TimeColumn>) => {
    const { column = '', interval, fill } = { ...time, ...patch };
    const grouped = interval ? { interval, ...(fill !== undefined && { fill }) } : {};
    onChange({ ...state, time: column === '' ? undefined : { column, ...grouped } });
  };
  return (
    <EditorRow>
      <TimeColumnField
        id={`${idPrefix}-time-column`}
        value={time?.column ?? ''}
        names={columns.map(({ name }) => name)}
        onChange={(column) => setTime({ column })}
      />
      {time !== undefined && (
        <IntervalField
          id={`${idPrefix}-time-interval`}
          value={time.interval ?? ''}
          placeholder={t('builder.interval.none', 'not grouped')}
          onChange={(interval) => setTime({ interval })}
        />
      )}
      {time?.interval !== undefined && (
        <FillField id={`${idPrefix}-gaps`} value={time.fill} onChange={(fill) => setTime({ fill })} />
      )}
    </EditorRow>
  );
}
