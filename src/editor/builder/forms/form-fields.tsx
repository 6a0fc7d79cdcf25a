/** Fields that several forms of the builder have, and the props of a form. */
import { t } from '@grafana/i18n';
import { EditorField, EditorRow } from '@grafana/plugin-ui';
import React from 'react';
import { type ColumnRef } from '../../../../contract/builder/builder-state';
import { MAX_ROW_LIMIT } from '../../../../contract/queries/query';
import { type FillMode } from '../../../../contract/result-format';
import { hasLength, isInterval } from '../../../../contract/builder/sql-terms';
import { type LookupTable } from '../../../../contract/resources/lookups';
import { useColumnOptions, useSuggestions } from '../builder-context';
import { parseRef, refName } from '../column-refs';
import { Conditions, type ConditionsProps, type QuickFilter } from '../Conditions';
import { ChoiceBox } from '../../../shared/controls/ChoiceBox';
import { growing } from '../../../shared/controls/fit-parent';
import { fillModes } from '../../model/query-options';
import { NumberField } from '../NumberField';
import { SuggestBox, SuggestMany } from '../SuggestBox';

/** Props of each form. `onChange` is called with a complete state, which is saved. */
export interface BuilderFormProps<State> {
  state: State;
  /** Prefix of the ids of the controls, unique per editor. */
  idPrefix: string;
  onChange: (state: State) => void;
}

/** The conditions as a row of a form. */
export function FiltersRow(props: ConditionsProps) {
  return (
    <EditorRow>
      <EditorField label={t('builder.filters', 'Filters')} optional>
        <Conditions {...props} />
      </EditorField>
    </EditorRow>
  );
}

/** The buttons that add a filter on the program, the computer or the user of a process. */
export function processFilters(): QuickFilter[] {
  return [
    { label: t('builder.quick.program', 'Program'), column: 'exe' },
    { label: t('builder.quick.computer', 'Computer'), column: 'computer' },
    { label: t('builder.quick.user', 'User'), column: 'username' },
  ];
}

interface LimitProps {
  id: string;
  value: number | undefined;
  /** The limit of the query if `value` is undefined. Default: no limit. */
  defaultLimit?: number;
  onChange: (limit: number | undefined) => void;
}

/** A field for the maximum number of rows. Invalid input is marked, and not saved. */
export function LimitField({ defaultLimit, ...props }: LimitProps) {
  return (
    <NumberField
      {...props}
      label={t('builder.limit', 'Limit')}
      isOptional
      max={MAX_ROW_LIMIT}
      placeholder={defaultLimit === undefined ? t('builder.no-limit', 'none') : String(defaultLimit)}
    />
  );
}

interface GroupByProps {
  id: string;
  table: LookupTable;
  groupBy: readonly ColumnRef[];
  onChange: (groupBy: ColumnRef[]) => void;
}

const groupByStyle = growing(200, 400);

/** The columns by which metrics are grouped. The keys of properties are loaded when the field gets the focus. */
export function GroupByField({ id, table, groupBy, onChange }: GroupByProps) {
  const { columns, options, loadKeys } = useColumnOptions(table);
  return (
    <div className={groupByStyle}>
      <EditorField
        label={t('builder.group-by.label', 'Group by')}
        htmlFor={id}
        optional
        tooltip={t(
          'builder.group-by.tooltip',
          'Columns and properties. Each combination of their values is a series or a row.'
        )}
      >
        <SuggestMany
          id={id}
          values={groupBy.map(refName)}
          placeholder={t('builder.column-placeholder', 'Column or property')}
          options={options}
          onFocus={loadKeys}
          onChange={(names) => onChange(names.map((name) => parseRef(name, columns)))}
        />
      </EditorField>
    </div>
  );
}

const INTERVALS = ['auto', '1s', '10s', '30s', '1m', '5m', '10m', '15m', '30m', '1h', '6h', '12h', '1d'];

interface IntervalProps {
  id: string;
  value: string;
  placeholder?: string;
  /** True if the SQL divides values by the interval. Then the interval cannot be a variable. Default: false. */
  needsLength?: boolean;
  onChange: (interval: string) => void;
}

/** The width of the time bins. An invalid interval is marked, and still passed to `onChange`. */
export function IntervalField({ id, value, placeholder, needsLength = false, onChange }: IntervalProps) {
  const suggestions = useSuggestions();
  const isInvalid = value !== '' && !(needsLength ? hasLength(value) : isInterval(value));
  return (
    <EditorField
      label={t('builder.interval.label', 'Interval')}
      htmlFor={id}
      tooltip={t(
        'builder.interval.tooltip',
        'The time between two points. “auto” is the interval of the panel. Otherwise a duration, such as 30s, 5m or 1h, or a variable.'
      )}
      invalid={isInvalid}
      error={
        needsLength
          ? t('builder.interval.no-length', 'A rate of increments needs auto, or a duration such as 5m.')
          : t('builder.interval.unknown', 'Enter auto, a duration such as 5m, or a variable.')
      }
    >
      <SuggestBox
        id={id}
        width={15}
        value={value}
        placeholder={placeholder}
        invalid={isInvalid}
        options={[
          ...INTERVALS.map((interval) => ({ value: interval, label: interval })),
          ...(needsLength ? [] : suggestions.variables()),
        ]}
        onChange={onChange}
      />
    </EditorField>
  );
}

/** A choice of the control. `off` stands for a state without `fill`. */
type FillChoice = FillMode | 'off';

interface FillProps {
  id: string;
  value: FillMode | undefined;
  onChange: (fill: FillMode | undefined) => void;
}

/** The choice of a fill mode. Undefined stands for _Off_. */
export function FillField({ id, value, onChange }: FillProps) {
  return (
    <EditorField
      label={t('builder.fill.label', 'Fill gaps')}
      htmlFor={id}
      tooltip={t('builder.fill.tooltip', 'The value of a series at times without a row.')}
    >
      <ChoiceBox<FillChoice>
        id={id}
        width={14}
        options={fillModes()}
        value={value ?? 'off'}
        onChange={(fill) => onChange(fill === 'off' ? undefined : fill)}
      />
    </EditorField>
  );
}

interface TimeColumnProps {
  id: string;
  value: string;
  names: readonly string[];
  onChange: (column: string) => void;
}

/** The column to which the time range applies. @param names Time columns of the table. Other names can be typed. */
export function TimeColumnField({ id, value, names, onChange }: TimeColumnProps) {
  return (
    <EditorField
      label={t('builder.time-column.label', 'Time column')}
      htmlFor={id}
      optional
      tooltip={t('builder.time-column.tooltip', 'Only rows whose time is in the time range.')}
    >
      <SuggestBox
        id={id}
        width={22}
        value={value}
        placeholder={t('builder.time-column.placeholder', 'none')}
        options={names.map((name) => ({ value: name, label: name }))}
        onChange={onChange}
      />
    </EditorField>
  );
}
