/**
 * Replaces `$name`, `${name}`, `${name:format}` and `[[name]]` like Grafana, with the variables of the Variables page,
 * the scoped variables of a request, and the time range. In strings of a dashboard and in data links, the package
 * `@grafana/scenes` replaces the variables.
 */
import { type ScopedVars, type TimeRange, type TypedVariableModel } from '@grafana/data';
import { type TemplateSrv } from '@grafana/runtime';
import { formatVariable, type VariableValue } from './variable-formats';

/** The fields of a variable that the playground needs. */
export interface DemoVariable {
  name: string;
  values: string[];
  multi: boolean;
  includeAll: boolean;
}

/** Replaces variables in strings that belong to a dashboard. */
export interface SceneTemplates {
  /** Undefined if the string does not belong to a dashboard. */
  replace(template: string, scopedVars: ScopedVars, format?: string | Function): string | undefined;
  /** The variables of the dashboard on the screen; undefined without one. */
  variables(): Array<Pick<DemoVariable, 'name' | 'multi' | 'includeAll'>> | undefined;
}

const EXPRESSION = /\$(\w+)|\[\[(\w+)(?::([^\]]+))?\]\]|\$\{(\w+)(?:\.([^:^}]+))?(?::([^}]+))?\}/g;

type Format = string | ((value: unknown, variable: unknown, defaultFormat: unknown) => string);

function valueOf(value: unknown, fieldPath: string | undefined): unknown {
  if (fieldPath === undefined || value === null || typeof value !== 'object') {
    return value;
  }
  return fieldPath
    .split('.')
    .reduce<unknown>(
      (part, key) => (part !== null && typeof part === 'object' ? Reflect.get(part, key) : undefined),
      value
    );
}

function asString(value: unknown): VariableValue {
  return Array.isArray(value) ? value.map(String) : String(value);
}

export class PlaygroundTemplateSrv implements TemplateSrv {
  readonly #variables = new Map<string, DemoVariable>();
  #timeRange: TimeRange | undefined;
  readonly #scenes: SceneTemplates | undefined;

  /** @param scenes Default: no string belongs to a dashboard. */
  constructor(scenes?: SceneTemplates) {
    this.#scenes = scenes;
  }

  /** Sets or replaces a variable. */
  set(variable: DemoVariable): void {
    this.#variables.set(variable.name, variable);
  }

  /** Unused. @grafana/scenes replaces this method of Grafana's service, and warns if it is missing. */
  getAdhocFilters(): [] {
    return [];
  }

  getVariables(): TypedVariableModel[] {
    const ofScene = this.#scenes?.variables();
    if (ofScene) {
      return ofScene.map(({ name, multi, includeAll }) => this.#model(name, [], multi, includeAll));
    }
    return [...this.#variables.values()].map(({ name, values, multi, includeAll }) =>
      this.#model(name, values, multi, includeAll)
    );
  }

  updateTimeRange(timeRange: TimeRange): void {
    this.#timeRange = timeRange;
  }

  containsTemplate(target?: string): boolean {
    return [...(target ?? '').matchAll(EXPRESSION)].some(
      (match) => this.#lookUp(match[1] ?? match[2] ?? match[4], {}) !== undefined
    );
  }

  // `Function` is the type that @grafana/runtime declares for custom formats.
  replace(target?: string, scopedVars?: ScopedVars, format?: string | Function): string {
    const ofScene = this.#scenes?.replace(target ?? '', scopedVars ?? {}, format);
    if (ofScene !== undefined) {
      return ofScene;
    }
    return (target ?? '').replace(
      EXPRESSION,
      (match, plain, bracketed, bracketFormat, braced, fieldPath, braceFormat) => {
        const name: string = plain ?? bracketed ?? braced;
        const found = this.#lookUp(name, scopedVars ?? {});
        if (found === undefined) {
          return match;
        }
        const value = valueOf(found.value, fieldPath);
        if (value === undefined || value === null) {
          return match;
        }
        const chosen = (bracketFormat ?? braceFormat ?? format) as Format | undefined;
        return typeof chosen === 'function'
          ? chosen(value, found.variable ?? {}, formatVariable)
          : formatVariable(asString(value), chosen);
      }
    );
  }

  #lookUp(name: string, scopedVars: ScopedVars): { value: unknown; variable?: unknown } | undefined {
    const scoped = scopedVars[name];
    if (scoped) {
      return { value: scoped.value };
    }
    const variable = this.#variables.get(name);
    if (variable) {
      const { values, multi, includeAll } = variable;
      return { value: multi ? values : values[0], variable: this.#model(name, values, multi, includeAll) };
    }
    if (this.#timeRange && (name === '__from' || name === '__to')) {
      return { value: String((name === '__from' ? this.#timeRange.from : this.#timeRange.to).valueOf()) };
    }
    return undefined;
  }

  #model(name: string, values: string[], multi: boolean, includeAll: boolean): TypedVariableModel {
    const current = {
      text: values.length === 1 ? values[0] : values,
      value: multi ? values : values[0],
      selected: true,
    };
    const options = values.map((value) => ({ text: value, value, selected: true }));
    return {
      type: 'custom',
      id: name,
      name,
      label: name,
      query: values.join(','),
      current,
      options,
      multi,
      includeAll,
    } as TypedVariableModel;
  }
}
