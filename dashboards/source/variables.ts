/** Variables of the dashboards. */
import {
  CustomVariableBuilder,
  DatasourceVariableBuilder,
  QueryVariableBuilder,
  TextBoxVariableBuilder,
  type VariableModel,
  type VariableHide,
  VariableRefresh,
  VariableSort,
} from '@grafana/grafana-foundation-sdk/dashboard';
import { type Builder } from '@grafana/grafana-foundation-sdk/cog';
import { PLUGIN_ID } from '../../contract/plugin-id';
import { type MicromegasQueryFields, sqlOf } from '../../contract/queries/query';
import { builtQuery, DATA_SOURCE } from './queries';

export type Variable = Builder<VariableModel>;

const ALL = { text: 'All', value: '$__all', selected: true };

/** The name of the import input. On import, Grafana replaces `${DS_MICROMEGAS}` with the chosen data source. */
export const IMPORTED_DATA_SOURCE = 'DS_MICROMEGAS';

/**
 * The variable `datasource`. After an import from the *Dashboards* tab of a data source, the variable selects that data
 * source. A provisioned dashboard keeps the placeholder. Since no data source has the name `${DS_MICROMEGAS}`, Grafana
 * selects the first Micromegas data source.
 */
export const dataSource = (): Variable =>
  new DatasourceVariableBuilder('datasource')
    .label('Data source')
    .type(PLUGIN_ID)
    .allowCustomValue(false)
    .current({ text: `\${${IMPORTED_DATA_SOURCE}}`, value: `\${${IMPORTED_DATA_SOURCE}}` });

interface QueryVariableOptions {
  name: string;
  label: string;
  query: MicromegasQueryFields;
  /**
   * Viewers can select several values if this is `all` (initially all values) or `several` (initially the first value).
   * Default: viewers select one value, initially the first.
   */
  selects?: 'all' | 'several';
  /** Default: shown. */
  hide?: VariableHide;
  /** Default: the order of the query. */
  sort?: VariableSort;
}

/** A variable whose values are read again when the time range changes. */
export function queryVariable({ name, label, query, selects, hide, sort }: QueryVariableOptions): Variable {
  const variable = new QueryVariableBuilder(name)
    .label(label)
    .datasource(DATA_SOURCE)
    .query({ refId: `Var-${name}`, ...query, purpose: 'variable' })
    .definition(sqlOf(query))
    .refresh(VariableRefresh.OnTimeRangeChanged)
    .sort(sort ?? VariableSort.Disabled);
  if (hide !== undefined) {
    variable.hide(hide);
  }
  if (selects !== undefined) {
    variable.multi(true);
  }
  return selects === 'all' ? variable.includeAll(true).current(ALL) : variable;
}

export const programs = (): Variable =>
  queryVariable({
    name: 'exe',
    label: 'Program',
    query: builtQuery({ kind: 'values', of: 'column', table: 'processes', value: { column: 'exe' }, conditions: [] }),
    selects: 'all',
  });

export const versionProperty = (): Variable => textBox('version_property', 'Version property', 'build-version');

export function textBox(name: string, label: string, value: string): Variable {
  return new TextBoxVariableBuilder(name)
    .label(label)
    .defaultValue(value)
    .current({ text: value, value })
    .options([{ text: value, value, selected: true }]);
}

/** @param values The first value is the initial one. */
export function choice(
  name: string,
  label: string,
  values: ReadonlyArray<readonly [text: string, value: string]>
): Variable {
  const options = values.map(([text, value], index) => ({ text, value, selected: index === 0 }));
  return new CustomVariableBuilder(name)
    .label(label)
    .values(values.map(([text, value]) => `${text} : ${value}`).join(', '))
    .current(options[0])
    .options(options)
    .allowCustomValue(false);
}
