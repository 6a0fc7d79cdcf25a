/**
 * Template variables. The query runs as a table. A frame with the columns `value` and `text` contains pairs of a value
 * and its label. In other frames, all columns contribute values, as in the older plugin.
 */
import { StringSet } from '../../contract/string-map';
import {
  CustomVariableSupport,
  type DataFrame,
  type DataQueryError,
  type DataQueryRequest,
  type DataQueryResponse,
  type Field,
  FieldType,
  type MetricFindValue,
  type ScopedVars,
} from '@grafana/data';
import { t } from '@grafana/i18n';
import { getTemplateSrv } from '@grafana/runtime';
import { map, type Observable, tap } from 'rxjs';
import { sqlOf } from '../../contract/queries/query';
import { lazyEditor } from '../shared/controls/lazy-editor';
import { newQuery } from '../editor/model/query-draft';
import { failureMessage } from '../shared/failure-message';
import { requestZone, zoneOfScene } from '../shared/interpolation/time-zone';
import { type MicromegasApi, type MicromegasQuery } from '../shared/types';
import { labelsFor, type ValueOption } from './value-labels';
import { toVariableQuery } from '../shared/interpolation/variable-query';

/**
 * Sets `$__searchFilter` to a LIKE pattern. It matches strings that begin with the text that the user has typed into
 * the list of a variable. Grafana's own SQL data sources do the same.
 *
 * @param typed The typed string. Default: the value that Grafana has set in `scopedVars`, if any.
 */
export function withSearchFilter(scopedVars: ScopedVars, typed?: string): ScopedVars {
  const pattern = `${typed ?? scopedVars.__searchFilter?.value ?? ''}%`;
  return { ...scopedVars, __searchFilter: { value: pattern, text: pattern } };
}

function asString(value: unknown): string | undefined {
  if (value === null || value === undefined) {
    return undefined;
  }
  return typeof value === 'object' ? JSON.stringify(value) : String(value);
}

function fieldNamed(frame: DataFrame, names: string[]): Field | undefined {
  return frame.fields.find((field) => names.includes(field.name.toLowerCase()));
}

/** Values of one frame, in the order of its columns, with duplicates. */
function valuesOf(frame: DataFrame): ValueOption[] {
  const valueField = fieldNamed(frame, ['value', '__value']);
  const labelField = fieldNamed(frame, ['text', '__text']);
  const pairs = valueField && labelField ? [[valueField, labelField]] : frame.fields.map((field) => [field, field]);
  return pairs.flatMap(([values, labels]) =>
    Array.from(values.values, (raw: unknown, row) => {
      const value = asString(raw);
      return value === undefined ? undefined : { value, text: asString(labels.values[row]) ?? value };
    }).filter((item) => item !== undefined)
  );
}

/**
 * The values of a variable, without duplicates and null values.
 *
 * @param withLabel Replaces the label of a value. Default: the label is kept.
 */
export function frameValues(
  frames: DataFrame[],
  withLabel: (item: ValueOption) => ValueOption = (item) => item
): MetricFindValue[] {
  const seen = new StringSet();
  const distinct = frames.flatMap(valuesOf).filter(({ value }) => {
    const isNew = !seen.has(value);
    seen.add(value);
    return isNew;
  });
  return distinct.map(withLabel);
}

/** The values as one frame with the string columns `text` and `value`, which all versions of Grafana support. */
export function variableFrame(
  frames: DataFrame[],
  withLabel: (item: ValueOption) => ValueOption = (item) => item
): DataFrame {
  const values = frameValues(frames, withLabel);
  const column = (name: string, strings: string[]): Field => ({
    name,
    type: FieldType.string,
    config: {},
    values: strings,
  });
  return {
    length: values.length,
    fields: [
      column(
        'text',
        values.map(({ text }) => text)
      ),
      column(
        'value',
        values.map(({ value }) => String(value))
      ),
    ],
  };
}

const VariableQueryEditor = lazyEditor(
  async () => (await import(/* webpackChunkName: "query-editor" */ './VariableQueryEditor')).VariableQueryEditor,
  { heightPx: 300 }
);

/** Registered by `MicromegasDataSource`. Grafana calls `query` for each refresh of a variable. */
export class MicromegasVariableSupport extends CustomVariableSupport<MicromegasApi, MicromegasQuery> {
  readonly #datasource: MicromegasApi;
  override editor = VariableQueryEditor;

  constructor(datasource: MicromegasApi) {
    super();
    this.#datasource = datasource;
  }

  override query(request: DataQueryRequest<MicromegasQuery>): Observable<DataQueryResponse> {
    const targets = request.targets
      .map((target) => toVariableQuery(target))
      .filter((target) => this.#datasource.filterQuery(target));
    const zone = zoneOfScene(getTemplateSrv(), request.scopedVars) ?? requestZone(request.timezone);
    const withLabel = labelsFor(targets.map((target) => sqlOf(target)).join('\n'), zone);
    return this.#datasource.query({ ...request, scopedVars: withSearchFilter(request.scopedVars), targets }).pipe(
      tap(({ errors }) => targets.forEach((target) => this.#record(target, errors?.[0]))),
      map((response) => ({ ...response, data: [variableFrame(response.data, withLabel)] }))
    );
  }

  #record(target: MicromegasQuery, error: DataQueryError | undefined): void {
    const message = error && failureMessage(error, t('variable.failed', 'The variable query failed.'));
    this.#datasource.variableFailures.record(sqlOf(target), message);
  }

  override getDefaultQuery(): Partial<MicromegasQuery> {
    return newQuery();
  }
}
