/** Finds the queries of this plugin's data sources in saved dashboards, library panels and alert rules. */
import { isObject } from '../contract/is-object';
import { PLUGIN_ID } from '../contract/plugin-id';
import { type QueryUse } from '../contract/queries/query';
import { reductionsOf, savedName } from '../contract/queries/rule-reductions';
import { type AlertRule, type JsonObject, type ListedDataSource } from './grafana-api';

export interface SavedQuery {
  use: QueryUse;
  /** For example `panel "CPU", query A`, `variable exe` or, in an alert rule, `query A`. */
  where: string;
  /** As saved: an object, or the bare SQL of an old variable. */
  model: unknown;
  /**
   * The reducers that the expressions of an alert rule apply to the series, such as `last`. Missing if the expressions
   * do not reduce the series.
   */
  reducers?: readonly string[];
}

/** Maximum nesting of panels in rows. Grafana uses one level. */
const MAX_DEPTH = 8;

function objects(value: unknown): JsonObject[] {
  return Array.isArray(value) ? value.filter(isObject) : [];
}

/**
 * Decides whether a reference names a data source of this plugin. A reference is an object with type and uid. In old
 * dashboards, it may also be a name, a uid, or null for the default data source. As a name or uid, `default` also means
 * the default data source, and a variable such as `${datasource}` means a data source that the viewer selects. If the
 * viewer can select only data sources of this plugin, the field `query` of the variable is the id of the plugin.
 */
class References {
  readonly #known: ReadonlySet<string>;
  readonly #hasDefault: boolean;
  readonly #variables: ReadonlySet<string>;

  constructor(sources: readonly ListedDataSource[], dashboard: JsonObject = {}) {
    const own = sources.filter(({ type }) => type === PLUGIN_ID);
    this.#known = new Set(own.flatMap(({ uid, name }) => [uid, name]));
    this.#hasDefault = own.some(({ isDefault }) => isDefault === true);
    this.#variables = new Set(
      variablesOf(dashboard)
        .filter(({ type, query }) => type === 'datasource' && query === PLUGIN_ID)
        .map(({ name }) => savedName(name))
    );
  }

  /**
   * @param reference Undefined and null mean the default data source.
   */
  isOwn(reference: unknown): boolean {
    if (reference === undefined || reference === null) {
      return this.#hasDefault;
    }
    if (isObject(reference)) {
      const { type, uid } = reference;
      return type === PLUGIN_ID || (type === undefined && this.#isOwnReference(savedName(uid)));
    }
    return this.#isOwnReference(savedName(reference));
  }

  #isOwnReference(value: string): boolean {
    if (value === 'default') {
      return this.#hasDefault;
    }
    const variable = /^\$(?:\{(\w+)(?::\w+)?\}|(\w+))$/.exec(value);
    return variable === null ? this.#known.has(value) : this.#variables.has(variable[1] ?? variable[2] ?? '');
  }
}

function variablesOf({ templating }: JsonObject): JsonObject[] {
  return isObject(templating) ? objects(templating.list) : [];
}

const MIXED = '-- Mixed --';

function isMixed(reference: unknown): boolean {
  return reference === MIXED || (isObject(reference) && reference.uid === MIXED);
}

function panelQueries(panel: JsonObject, references: References): SavedQuery[] {
  const name = savedName(panel.title) || `panel ${savedName(panel.id)}`;
  const hasMixed = isMixed(panel.datasource);
  return objects(panel.targets)
    .filter(({ datasource }) => references.isOwn(datasource ?? (hasMixed ? undefined : panel.datasource)))
    .map((model) => ({ use: 'panel', where: place(`panel "${name}"`, model.refId), model }));
}

function place(name: string, refId: unknown): string {
  return savedName(refId) === '' ? name : `${name}, query ${savedName(refId)}`;
}

function panelsIn(holder: JsonObject, depth = 0): JsonObject[] {
  const panels = objects(holder.panels);
  return depth >= MAX_DEPTH ? panels : panels.flatMap((panel) => [panel, ...panelsIn(panel, depth + 1)]);
}

/** The queries of this plugin in a dashboard. */
export function dashboardQueries(dashboard: JsonObject, sources: readonly ListedDataSource[]): SavedQuery[] {
  const references = new References(sources, dashboard);
  const rows = objects(dashboard.rows);
  const panels = [dashboard, ...rows].flatMap((holder) => panelsIn(holder));
  const variables = variablesOf(dashboard)
    .filter(({ type, datasource }) => type === 'query' && references.isOwn(datasource))
    .map((variable): SavedQuery => ({
      use: 'variable',
      where: `variable ${savedName(variable.name)}`,
      model: variable.query,
    }));
  const annotations = isObject(dashboard.annotations) ? objects(dashboard.annotations.list) : [];
  return [
    ...panels.flatMap((panel) => panelQueries(panel, references)),
    ...variables,
    ...annotations
      .filter(({ builtIn, datasource }) => !builtIn && datasource !== '-- Grafana --' && references.isOwn(datasource))
      .map((annotation): SavedQuery => ({
        use: 'annotation',
        where: `annotation "${savedName(annotation.name)}"`,
        model: isObject(annotation.target) ? annotation.target : annotation,
      })),
  ];
}

/** The queries of this plugin in a library panel. */
export function libraryQueries(model: JsonObject, sources: readonly ListedDataSource[]): SavedQuery[] {
  return panelQueries(model, new References(sources));
}

/** The queries of this plugin in an alert rule. */
export function ruleQueries({ data }: AlertRule, sources: readonly ListedDataSource[]): SavedQuery[] {
  const references = new References(sources);
  const parts = objects(data);
  const reductions = parts.flatMap(({ model }) => (isObject(model) ? reductionsOf(model) : []));
  return parts
    .filter(({ datasourceUid }) => references.isOwn(savedName(datasourceUid)))
    .map(({ refId, model }): SavedQuery => {
      const reducers = reductions.filter(({ of }) => of === refId).map(({ reducer }) => reducer);
      return {
        use: 'alert rule',
        where: `query ${savedName(refId)}`,
        model,
        ...(reducers.length > 0 && { reducers: [...new Set(reducers)] }),
      };
    });
}
