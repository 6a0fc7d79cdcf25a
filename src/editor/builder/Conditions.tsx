/** The filters of a builder query: conditions on a column, and conditions as SQL. */
import { t } from '@grafana/i18n';
import { FieldValidationMessage } from '@grafana/ui';
import { isEqual, omit } from 'lodash';
import React, { useId, useRef } from 'react';
import {
  type BuilderCondition,
  type ColumnRef,
  type ConditionOperator,
  type RawCondition,
  type TypedCondition,
} from '../../../contract/builder/builder-state';
import { isLevel, isSpanDuration } from '../../../contract/builder/condition-sql';
import { isNumberOrVariable, spanDurationSql } from '../../../contract/builder/sql-terms';
import { type LookupTable } from '../../../contract/resources/lookups';
import { ChoiceBox } from '../../shared/controls/ChoiceBox';
import { focusEmptyControl } from '../../shared/controls/use-focus-on-add';
import { useColumnOptions, useColumns, useSuggestions } from './builder-context';
import { parseRef, refName, typeOfRef } from './column-refs';
import {
  isIncomplete,
  isRaw,
  newCondition,
  operatorOptions,
  operandCount,
  withColumn,
  withListedType,
  withOperator,
} from './condition-operators';
import { AddButton, Labelled, RowList } from './RowList';
import { CommitInput, SuggestBox, SuggestMany } from './SuggestBox';

/** A button that adds a condition on a certain column. */
export interface QuickFilter {
  label: string;
  column: string;
  property?: string;
  operator?: ConditionOperator;
}

export interface ConditionsProps {
  /** The lists offer the columns and values of this table. */
  table: LookupTable;
  conditions: readonly BuilderCondition[];
  /** Buttons that add a condition on a certain column. Default: none. */
  quickFilters?: readonly QuickFilter[];
  /** True if a value for the column `duration` is in milliseconds when it has no unit. Default: false. */
  hasDuration?: boolean;
  onChange: (conditions: BuilderCondition[]) => void;
}

/** Shown in the forms of the builder. Without conditions, it shows only the buttons that add a condition. */
export function Conditions({ table, conditions, quickFilters = [], hasDuration = false, onChange }: ConditionsProps) {
  const columns = useColumns(table);
  const rows = useRef<HTMLDivElement>(null);
  /**
   * Adds a condition. If the list has an equal condition without a value, moves the focus to that condition instead.
   */
  const add = (condition: BuilderCondition) => {
    const same = conditions.findIndex(
      (other) => isIncomplete(other) && isEqual(omit(other, 'values'), omit(condition, 'values'))
    );
    if (same >= 0) {
      focusEmptyControl(rows.current?.firstElementChild?.children[same]);
    } else {
      onChange([...conditions, condition]);
    }
  };
  const addOn = (ref: ColumnRef, operator?: ConditionOperator) => {
    const condition = newCondition(ref, typeOfRef(ref, columns));
    add(operator === undefined ? condition : { ...condition, operator });
  };
  return (
    <div ref={rows}>
      <RowList<BuilderCondition>
        label={t('builder.filters', 'Filters')}
        items={conditions}
        onChange={onChange}
        render={(condition, index, replace) =>
          isRaw(condition) ? (
            <RawRow condition={condition} number={index + 1} onChange={replace} />
          ) : (
            <ConditionRow
              table={table}
              condition={condition}
              isDuration={isSpanDuration(condition, { hasDuration })}
              number={index + 1}
              onChange={replace}
            />
          )
        }
      >
        {quickFilters.map(({ label, column, property, operator }) => (
          <AddButton
            key={label}
            label={label}
            onClick={() => addOn({ column, ...(property !== undefined && { property }) }, operator)}
          />
        ))}
        <AddButton label={t('builder.add-filter', 'Filter')} onClick={() => addOn({ column: '' })} />
        <AddButton label={t('builder.add-sql-filter', 'SQL condition')} onClick={() => add({ raw: '' })} />
      </RowList>
    </div>
  );
}

interface RowProps<Condition> {
  condition: Condition;
  /** Position in the list, from 1. */
  number: number;
  onChange: (condition: Condition) => void;
}

function RawRow({ condition, number, onChange }: RowProps<RawCondition>) {
  const id = useId();
  return (
    <Labelled htmlFor={id} label={t('builder.sql-condition', 'SQL condition {{number}}', { number })}>
      <CommitInput
        id={id}
        width={60}
        value={condition.raw}
        placeholder={t('builder.sql-condition-placeholder', 'Condition in SQL, such as length(msg) > 100')}
        onChange={(raw) => onChange({ raw })}
      />
    </Labelled>
  );
}

interface ConditionProps extends RowProps<TypedCondition> {
  table: LookupTable;
  /** True if a value without a unit is in milliseconds. */
  isDuration: boolean;
}

function ConditionRow({ table, condition, isDuration, number, onChange }: ConditionProps) {
  const id = useId();
  const { columns, options, loadKeys } = useColumnOptions(table);
  const listed = withListedType(condition, columns);
  const lacksColumn = condition.column === '' && !isIncomplete(condition);
  return (
    <>
      <Labelled
        htmlFor={`${id}-column`}
        label={t('builder.condition-column', 'Column of filter {{number}}', { number })}
      >
        <SuggestBox
          id={`${id}-column`}
          // The name of a property includes the name of its column.
          width={condition.property === undefined ? 22 : 34}
          value={refName(condition)}
          placeholder={t('builder.column-placeholder', 'Column or property')}
          invalid={lacksColumn}
          options={options}
          onFocus={loadKeys}
          onChange={(entered) => {
            const ref = parseRef(entered, columns);
            onChange(withColumn(condition, ref, typeOfRef(ref, columns)));
          }}
        />
      </Labelled>
      <Labelled
        htmlFor={`${id}-operator`}
        label={t('builder.condition-operator', 'Operator of filter {{number}}', { number })}
      >
        <ChoiceBox<ConditionOperator>
          id={`${id}-operator`}
          width={isLevel(listed) ? 24 : 18}
          options={operatorOptions(listed)}
          value={condition.operator}
          onChange={(operator) => onChange(withOperator(listed, operator))}
        />
      </Labelled>
      {operandCount(condition.operator) !== 'none' && (
        <Labelled
          htmlFor={`${id}-value`}
          label={t('builder.condition-value', 'Value of filter {{number}}', { number })}
        >
          <ValueControl
            id={`${id}-value`}
            table={table}
            condition={condition}
            isDuration={isDuration}
            onChange={(values) => onChange({ ...condition, values })}
          />
        </Labelled>
      )}
      {isDuration && <DurationNote values={condition.values} />}
      {lacksColumn && (
        <FieldValidationMessage>
          {t('builder.condition-no-column', 'Choose a column. Without one, the filter has no effect.')}
        </FieldValidationMessage>
      )}
    </>
  );
}

const isWrongDuration = (value: string) => value !== '' && spanDurationSql(value) === undefined;

/** Shows `ms` if no value has a unit, or an error if a value is not a duration. */
function DurationNote({ values }: { values: readonly string[] }) {
  if (values.some(isWrongDuration)) {
    return (
      <FieldValidationMessage>
        {t('builder.duration-invalid', 'Enter milliseconds, or a duration such as 250us, 5ms or 1.5s.')}
      </FieldValidationMessage>
    );
  }
  return values.every(isNumberOrVariable) ? <span>{t('builder.duration-unit', 'ms')}</span> : null;
}

interface ValueProps {
  id: string;
  table: LookupTable;
  condition: TypedCondition;
  isDuration: boolean;
  onChange: (values: string[]) => void;
}

function placeholderOf({ type, operator }: TypedCondition, isDuration: boolean): string {
  if (isDuration) {
    return t('builder.duration-placeholder', 'Milliseconds, or a duration such as 1.5s');
  }
  if (type === 'time') {
    return t('builder.time-placeholder', '$__timeFrom() or 2026-01-31');
  }
  return operator === 'matches' || operator === 'not-matches'
    ? t('builder.regex-placeholder', 'Regular expression')
    : t('builder.value-placeholder', 'Value');
}

/** True for a condition on strings, log levels, or a property. */
function hasListedValues(condition: TypedCondition): boolean {
  const { type, column, property } = condition;
  return column !== '' && (type === 'text' || property !== undefined || isLevel(condition));
}

/**
 * Input for the value or the values of a condition. Suggests dashboard variables, and the values of some columns.
 */
function ValueControl({ id, table, condition, isDuration, onChange }: ValueProps) {
  const suggestions = useSuggestions();
  const { type, operator, values, column, property } = condition;
  const placeholder = placeholderOf(condition, isDuration);
  const invalid = isDuration && values.some(isWrongDuration);
  const change = (value: string) => onChange(value === '' ? [] : [value]);
  const offers =
    type === 'boolean'
      ? [{ value: 'true' }, { value: 'false' }, ...suggestions.variables()]
      : hasListedValues(condition)
        ? (search: string) => suggestions.values(table, { column, ...(property !== undefined && { property }) }, search)
        : suggestions.variables();
  if (operator === 'in' || operator === 'not-in') {
    return (
      <SuggestMany
        id={id}
        width={40}
        values={values}
        placeholder={placeholder}
        invalid={invalid}
        options={offers}
        onChange={onChange}
      />
    );
  }
  return (
    <SuggestBox
      id={id}
      width={34}
      value={values[0] ?? ''}
      placeholder={placeholder}
      invalid={invalid}
      options={offers}
      onChange={change}
    />
  );
}
