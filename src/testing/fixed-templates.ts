/** A fake of Grafana's template service with fixed variables. Follows `public/app/features/templating` (12.2). */
import { type ScopedVars, type TypedVariableModel } from '@grafana/data';
import { type TemplateSrv } from '@grafana/runtime';

export interface FixedVariable {
  /** A list for a variable with several values. */
  value: unknown;
  label?: string;
  multi?: boolean;
  includeAll?: boolean;
  /** True if All is selected. Then `value` is the list of all values. */
  isAll?: boolean;
  /** The string that the author has set for All. */
  allValue?: string;
  type?: string;
  regex?: string;
  query?: string;
}

const REFERENCE = /\$(\w+)|\[\[(\w+?)(?::(\w+))?\]\]|\$\{(\w+)(?:\.([^:^}]+))?(?::([^}]+))?\}/g;

type Formatter = (values: unknown[], argument: string) => string;

const FORMATS: Readonly<Record<string, Formatter>> = {
  glob: (values) => (values.length > 1 ? `{${values.join(',')}}` : String(values[0])),
  raw: (values) => values.join(','),
  csv: (values) => values.join(','),
  pipe: (values) => values.join('|'),
  json: (values) => JSON.stringify(values.length > 1 ? values : values[0]),
  regex: (values) => {
    const escaped = values.map((value) => String(value).replace(/[\\^$*+?.()|[\]{}/]/g, '\\$&'));
    return escaped.length > 1 ? `(${escaped.join('|')})` : escaped[0];
  },
  join: (values, separator) => values.join(separator),
  // These two formats escape quotes as in Grafana, which is wrong for SQL.
  sqlstring: (values) =>
    values.map((value) => `'${String(value).replaceAll("'", "''").replaceAll('"', '\\"')}'`).join(),
  singlequote: (values) => values.map((value) => `'${String(value).replaceAll("'", "\\'")}'`).join(),
};

/** A template service that knows only these variables. */
export function fixedTemplates(
  variables: Readonly<Record<string, FixedVariable>>
): Pick<TemplateSrv, 'replace' | 'getVariables'> {
  return {
    getVariables: () =>
      Object.entries(variables).map(([name, { value, isAll = false, type = 'query', ...settings }]) => ({
        name,
        type,
        ...settings,
        current: { value: isAll ? ['$__all'] : value },
      })) as object[] as TypedVariableModel[],
    replace: (template = '', scoped: ScopedVars = {}, format?: string | Function) =>
      template.replace(REFERENCE, (match, plain, bracketed, bracketFormat, braced, field, braceFormat) => {
        const name: string = plain ?? bracketed ?? braced;
        const variable: FixedVariable | undefined =
          scoped[name] === undefined ? variables[name] : { value: scoped[name].value };
        if (variable === undefined) {
          return match;
        }
        if (variable.isAll === true && variable.allValue !== undefined) {
          return variable.allValue;
        }
        const value = field === undefined ? variable.value : Reflect.get(Object(variable.value), field);
        const chosen: unknown = bracketFormat ?? braceFormat ?? format ?? 'glob';
        if (typeof chosen === 'function') {
          return chosen(value, variables[name] ?? {});
        }
        const [id, ...args] = String(chosen).split(':');
        return (FORMATS[id] ?? FORMATS.glob)(Array.isArray(value) ? value : [value], args.join(':'));
      }),
  };
}
