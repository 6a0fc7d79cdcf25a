/** The lists of the builder's table form: columns, groups and order. */
import { t } from '@grafana/i18n';
import { type ComboboxOption } from '@grafana/ui';
import React, { useId } from 'react';
import {
  type ColumnRef,
  type SelectedColumn,
  type SortKey,
  TABLE_AGGREGATIONS,
  type TableAggregation,
} from '../../../../contract/builder/builder-state';
import { type LookupTable } from '../../../../contract/resources/lookups';
import { ChoiceBox } from '../../../shared/controls/ChoiceBox';
import { useColumnOptions } from '../builder-context';
import { parseRef, refName } from '../column-refs';
import { AddButton, Labelled, RowList } from '../RowList';
import { CommitInput, SuggestBox } from '../SuggestBox';
import { type Option } from '../suggestions';
import { aggregationOption } from './aggregation-options';

type Expression = ColumnRef | { raw: string };

interface ExpressionProps {
  /** Accessible name of the control. */
  label: string;
  table: LookupTable;
  value: Expression;
  /** Entries after the columns. */
  otherOptions?: Option[];
  onChange: (value: Expression) => void;
}

/** A column or property from a list, or an expression in SQL. */
function ExpressionBox({ label, table, value, otherOptions = [], onChange }: ExpressionProps) {
  const id = useId();
  const { columns, options, loadKeys } = useColumnOptions(table);
  return (
    <Labelled htmlFor={id} label={label}>
      {'raw' in value ? (
        <CommitInput
          id={id}
          width={40}
          value={value.raw}
          placeholder={t('builder.expression-placeholder', 'Expression in SQL')}
          onChange={(raw) => onChange({ raw })}
        />
      ) : (
        <SuggestBox
          id={id}
          width={26}
          value={refName(value)}
          placeholder={t('builder.column-placeholder', 'Column or property')}
          options={[...options, ...otherOptions]}
          onFocus={loadKeys}
          onChange={(entered) => onChange(parseRef(entered, columns))}
        />
      )}
    </Labelled>
  );
}

interface ListProps {
  table: LookupTable;
}

const addColumnLabel = () => t('builder.add-column', 'Column');
const addSqlLabel = () => t('builder.add-expression', 'SQL expression');

interface ColumnRowsProps extends ListProps {
  columns: readonly SelectedColumn[];
  /** The column that the button adds. */
  added: SelectedColumn;
  onChange: (columns: SelectedColumn[]) => void;
}

/**
 * The selected columns. If the list is empty, the query selects its time bin and its groups, or all columns if it does
 * not group.
 */
export function ColumnRows({ table, columns, added, onChange }: ColumnRowsProps) {
  const allRows = { value: '*', label: '*', description: t('builder.all-rows', 'all rows, to count them') };
  return (
    <RowList<SelectedColumn>
      label={t('builder.columns', 'Columns')}
      items={columns}
      onChange={onChange}
      render={(item, index, replace) => (
        <>
          <ExpressionBox
            label={t('builder.column', 'Column {{number}}', { number: index + 1 })}
            table={table}
            value={item}
            otherOptions={[allRows]}
            onChange={(value) => replace('raw' in value || 'raw' in item ? value : withOptionsOf(item, value))}
          />
          {!('raw' in item) && <ColumnOptions item={item} number={index + 1} onChange={replace} />}
        </>
      )}
    >
      <AddButton label={addColumnLabel()} onClick={() => onChange([...columns, added])} />
      <AddButton label={addSqlLabel()} onClick={() => onChange([...columns, { raw: '' }])} />
    </RowList>
  );
}

type PlainColumn = Exclude<SelectedColumn, { raw: string }>;

/**
 * Replaces a column by `ref`, and keeps aggregation and alias. The column `*` (all rows) always has the aggregation
 * `count`.
 */
function withOptionsOf({ aggregation, alias }: PlainColumn, ref: ColumnRef): PlainColumn {
  const kept = ref.column === '*' ? 'count' : aggregation;
  return { ...(kept && { aggregation: kept }), ...(alias !== undefined && { alias }), ...ref };
}

function ColumnOptions({
  item,
  number,
  onChange,
}: {
  item: PlainColumn;
  number: number;
  onChange: (item: PlainColumn) => void;
}) {
  const id = useId();
  const all: Array<ComboboxOption<TableAggregation | 'none'>> = [
    { value: 'none', label: t('builder.aggregation.none', 'no aggregation') },
    ...TABLE_AGGREGATIONS.map((value) => aggregationOption(value)),
  ];
  const aggregations = item.column === '*' ? all.filter(({ value }) => value === 'count') : all;
  return (
    <>
      <Labelled
        htmlFor={`${id}-aggregation`}
        label={t('builder.column-aggregation', 'Aggregation of column {{number}}', { number })}
      >
        <ChoiceBox<TableAggregation | 'none'>
          id={`${id}-aggregation`}
          width={20}
          options={aggregations}
          value={item.aggregation ?? 'none'}
          onChange={(chosen) => onChange({ ...item, aggregation: chosen === 'none' ? undefined : chosen })}
        />
      </Labelled>
      <Labelled htmlFor={`${id}-alias`} label={t('builder.column-alias', 'Alias of column {{number}}', { number })}>
        <CommitInput
          id={`${id}-alias`}
          width={16}
          value={item.alias ?? ''}
          placeholder={t('builder.alias-placeholder', 'Alias')}
          onChange={(alias) => onChange({ ...item, alias: alias === '' ? undefined : alias })}
        />
      </Labelled>
    </>
  );
}

/** The columns by which the query groups. If the list is empty, the query has no groups. */
export function GroupRows({
  table,
  groupBy,
  onChange,
}: ListProps & { groupBy: readonly Expression[]; onChange: (groupBy: Expression[]) => void }) {
  return (
    <RowList<Expression>
      label={t('builder.group-by.label', 'Group by')}
      items={groupBy}
      onChange={onChange}
      render={(item, index, replace) => (
        <ExpressionBox
          label={t('builder.group-by.number', 'Group by {{number}}', { number: index + 1 })}
          table={table}
          value={item}
          onChange={replace}
        />
      )}
    >
      <AddButton label={addColumnLabel()} onClick={() => onChange([...groupBy, { column: '' }])} />
      <AddButton label={addSqlLabel()} onClick={() => onChange([...groupBy, { raw: '' }])} />
    </RowList>
  );
}

/** The order of the result. If the list is empty, a time series is ordered by time, and other results have no order. */
export function SortRows({
  table,
  orderBy,
  onChange,
}: ListProps & { orderBy: readonly SortKey[]; onChange: (orderBy: SortKey[]) => void }) {
  const id = useId();
  const directions = [
    { value: 'ascending', label: t('builder.ascending', 'ascending') },
    { value: 'descending', label: t('builder.descending', 'descending') },
  ];
  return (
    <RowList<SortKey>
      label={t('builder.order-by', 'Order by')}
      items={orderBy}
      onChange={onChange}
      render={(item, index, replace) => (
        <>
          <ExpressionBox
            label={t('builder.order-by-number', 'Order by {{number}}', { number: index + 1 })}
            table={table}
            value={item.by}
            onChange={(by) => replace({ ...item, by })}
          />
          <Labelled
            htmlFor={`${id}-direction-${index}`}
            label={t('builder.direction', 'Direction {{number}}', { number: index + 1 })}
          >
            <ChoiceBox<string>
              id={`${id}-direction-${index}`}
              width={16}
              options={directions}
              value={item.descending ? 'descending' : 'ascending'}
              onChange={(direction) => replace({ ...item, descending: direction === 'descending' })}
            />
          </Labelled>
        </>
      )}
    >
      <AddButton
        label={addColumnLabel()}
        onClick={() => onChange([...orderBy, { by: { column: '' }, descending: true }])}
      />
      <AddButton label={addSqlLabel()} onClick={() => onChange([...orderBy, { by: { raw: '' }, descending: false }])} />
    </RowList>
  );
}
