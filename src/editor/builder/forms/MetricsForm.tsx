/** The builder's form for metrics: one measure, aggregated. */
import { StringMap, StringSet } from '../../../../contract/string-map';
import { t } from '@grafana/i18n';
import { EditorField, EditorRow } from '@grafana/plugin-ui';
import React, { useState } from 'react';
import {
  type Aggregation,
  AGGREGATIONS,
  type MetricsState,
  type ResultShape,
} from '../../../../contract/builder/builder-state';
import { needsLength } from '../../../../contract/builder/metrics-sql';
import { ChoiceBox } from '../../../shared/controls/ChoiceBox';
import { useSuggestions } from '../builder-context';
import { ProcessPicker } from '../ProcessPicker';
import { SuggestBox } from '../SuggestBox';
import { withMetricsDefaults } from '../metrics-defaults';
import { matching, type MeasureOption, measureLabel } from '../suggestions';
import { aggregationOption } from './aggregation-options';
import {
  FillField,
  FiltersRow,
  type BuilderFormProps,
  GroupByField,
  IntervalField,
  processFilters,
} from './form-fields';

function shapeOptions(): Array<{ value: ResultShape; label: string; description: string }> {
  return [
    {
      value: 'series',
      label: t('builder.shape.series.label', 'Over time'),
      description: t('builder.shape.series.description', 'A time series for each group.'),
    },
    {
      value: 'rows',
      label: t('builder.shape.rows.label', 'One row per group'),
      description: t('builder.shape.rows.description', 'One number for each group, over the whole time range.'),
    },
    {
      value: 'number',
      label: t('builder.shape.number.label', 'One number'),
      description: t('builder.shape.number.description', 'A single number, over the whole time range.'),
    },
  ];
}

/** The form for _Metrics_. A change of the aggregation or the interval can also change how gaps are filled. */
export function MetricsForm({ state, idPrefix, onChange: change }: BuilderFormProps<MetricsState>) {
  const onChange = (next: MetricsState) => change(withMetricsDefaults(state, next));
  const table = { table: 'measures', ...(state.processId && { instanceId: state.processId }) };
  return (
    <>
      <EditorRow>
        <MeasureFields state={state} idPrefix={idPrefix} onChange={onChange} />
        <EditorField label={t('builder.aggregation.label', 'Aggregation')} htmlFor={`${idPrefix}-aggregation`}>
          <ChoiceBox<Aggregation>
            id={`${idPrefix}-aggregation`}
            width={20}
            options={AGGREGATIONS.map((value) => aggregationOption(value))}
            value={state.aggregation}
            onChange={(aggregation) => onChange({ ...state, aggregation })}
          />
        </EditorField>
        <EditorField label={t('builder.shape.label', 'Result')} htmlFor={`${idPrefix}-shape`}>
          <ChoiceBox<ResultShape>
            id={`${idPrefix}-shape`}
            width={24}
            options={shapeOptions()}
            value={state.shape}
            onChange={(shape) => onChange({ ...state, shape })}
          />
        </EditorField>
      </EditorRow>
      <EditorRow>
        {state.shape !== 'number' && (
          <GroupByField
            id={`${idPrefix}-group-by`}
            table={table}
            groupBy={state.groupBy}
            onChange={(groupBy) => onChange({ ...state, groupBy })}
          />
        )}
        {state.shape === 'series' && <SeriesFields state={state} idPrefix={idPrefix} onChange={onChange} />}
        <ProcessPicker
          id={`${idPrefix}-process`}
          value={state.processId ?? ''}
          onChange={(processId) => onChange({ ...state, processId: processId || undefined })}
        />
      </EditorRow>
      <FiltersRow
        table={table}
        conditions={state.conditions}
        quickFilters={[{ label: t('builder.quick.target', 'Target'), column: 'target' }, ...processFilters()]}
        onChange={(conditions) => onChange({ ...state, conditions })}
      />
    </>
  );
}

/** Interval and gap filling of time series. */
function SeriesFields({ state, idPrefix, onChange }: BuilderFormProps<MetricsState>) {
  return (
    <>
      <IntervalField
        id={`${idPrefix}-interval`}
        value={state.interval}
        needsLength={needsLength(state)}
        onChange={(interval) => onChange({ ...state, interval: interval === '' ? 'auto' : interval })}
      />
      <FillField id={`${idPrefix}-gaps`} value={state.fill} onChange={(fill) => onChange({ ...state, fill })} />
    </>
  );
}

/**
 * The measure and its unit. A choice from the list of measures sets name and unit, because measures with the same name
 * may have different units.
 */
function MeasureFields({ state, idPrefix, onChange }: BuilderFormProps<MetricsState>) {
  const suggestions = useSuggestions();
  const [listed, setListed] = useState<ReadonlyMap<string, MeasureOption>>(new StringMap());
  const load = async (search: string) => {
    const measures = await suggestions.measures(search, state.processId);
    setListed((before) => new StringMap([...before, ...measures.map((measure) => [measure.value, measure] as const)]));
    return [...measures, ...suggestions.variables(search)];
  };
  const loadUnits = async (search: string) => {
    const measures = state.name === '' ? [] : await suggestions.measures(state.name, state.processId);
    const units = measures.filter(({ name, unit }) => name === state.name && unit !== '').map(({ unit }) => unit);
    return matching(
      [...new StringSet(units)].map((unit) => ({ value: unit, label: unit })),
      search
    );
  };
  const withUnit = measureLabel(state.name, state.unit ?? '', false);
  return (
    <>
      <EditorField
        label={t('builder.measure.label', 'Measure')}
        htmlFor={`${idPrefix}-measure`}
        tooltip={t('builder.measure.tooltip', 'The name of the measure. The list shows its unit, target and program.')}
      >
        <SuggestBox
          id={`${idPrefix}-measure`}
          width={36}
          value={listed.has(withUnit) ? withUnit : state.name}
          placeholder={t('builder.measure.placeholder', 'Choose a measure')}
          options={load}
          onChange={(entered) => {
            const { name, unit } = listed.get(entered) ?? { name: entered, unit: '' };
            onChange({ ...state, name, unit: unit || undefined });
          }}
        />
      </EditorField>
      <EditorField
        label={t('builder.unit.label', 'Unit')}
        htmlFor={`${idPrefix}-unit`}
        optional
        tooltip={t(
          'builder.unit.tooltip',
          'Only samples with this unit. Empty: samples with any unit, each unit as a series or a row of its own.'
        )}
      >
        <SuggestBox
          id={`${idPrefix}-unit`}
          width={14}
          value={state.unit ?? ''}
          placeholder={t('builder.unit.placeholder', 'any')}
          options={loadUnits}
          onChange={(unit) => onChange({ ...state, unit: unit || undefined })}
        />
      </EditorField>
    </>
  );
}
