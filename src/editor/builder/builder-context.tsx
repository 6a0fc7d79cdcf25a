/**
 * The services that all controls of a builder share: the tables of the data source, and suggestions for names and
 * values.
 */
import { type TimeRange } from '@grafana/data';
import { t } from '@grafana/i18n';
import React, { createContext, useContext, useEffect, useLayoutEffect, useMemo, useRef, useState } from 'react';
import { type LookupTable } from '../../../contract/resources/lookups';
import { type ColumnInfo } from '../../../contract/resources/resources';
import { EditorNotice } from '../../shared/controls/EditorNotices';
import { type SchemaStore, useSchema } from '../../shared/schema/schema-store';
import { type MicromegasApi } from '../../shared/types';
import { columnsOfTable, jsonColumns, PROCESS_SPANS } from './column-refs';
import { type Option, Suggestions, type TableChoice } from './suggestions';

interface BuilderServices {
  suggestions: Suggestions;
  schema: SchemaStore;
  timeZone: string | undefined;
}

const Services = createContext<BuilderServices | undefined>(undefined);

interface Props {
  datasource: MicromegasApi;
  range?: TimeRange;
  /** Time zone of the last request, such as `utc` or `browser`. Default: the time zone of the user. */
  timeZone?: string;
}

/**
 * Provides the services to its children. Below the children, it shows a notice if a lookup has failed, or if lookups
 * are switched off.
 */
export function BuilderContext({ datasource, range, timeZone, children }: React.PropsWithChildren<Props>) {
  const [error, setError] = useState<string>();
  const sources = useMemo(
    () => ({
      schema: datasource.schema,
      suggestions: new Suggestions({
        lookups: datasource.lookups,
        range,
        variables: datasource.variableNames(),
        interpolate: (sql) => datasource.interpolated(sql, {}).sql,
        schema: datasource.schema,
        now: Date.now,
        onLookup: setError,
      }),
    }),
    [datasource, range]
  );
  const services = useMemo(() => ({ ...sources, timeZone }), [sources, timeZone]);
  return (
    <Services.Provider value={services}>
      {children}
      {!datasource.lookups.suggestsValues && (
        <EditorNotice
          message={t(
            'builder.lookups-off',
            'The lists have no values, measures or processes, because “Suggest values” is off in the settings of the data source. You can type names and values.'
          )}
        />
      )}
      {error !== undefined && (
        <EditorNotice
          message={t(
            'builder.lookup-failed',
            'The lists have no suggestions: {{error}} You can type names and values.',
            {
              error,
              interpolation: { escapeValue: false },
            }
          )}
        />
      )}
    </Services.Provider>
  );
}

function useServices(): BuilderServices {
  const services = useContext(Services);
  if (services === undefined) {
    throw new Error('A control of the builder is used outside of BuilderContext.');
  }
  return services;
}

/** The suggestions of the surrounding `BuilderContext`. @throws {Error} outside of `BuilderContext`. */
export function useSuggestions(): Suggestions {
  return useServices().suggestions;
}

/** The time zone in which controls show times. Undefined: the time zone of the user. */
export function useTimeZone(): string | undefined {
  return useServices().timeZone;
}

/** The tables and views that can be chosen. Empty until the server has responded. */
export function useTables(): readonly TableChoice[] {
  const suggestions = useSuggestions();
  const [tables, setTables] = useState<readonly TableChoice[]>([]);
  useEffect(() => {
    let isCurrent = true;
    void suggestions.tables().then((found) => isCurrent && setTables(found));
    return () => {
      isCurrent = false;
    };
  }, [suggestions]);
  return tables;
}

/**
 * Loads the list of tables. Returns a function that lists the columns of a table without another request. If the list
 * has no columns of the table, the function returns the columns that the plugin knows of Micromegas's own tables.
 */
export function useKnownColumns(): (table: string) => readonly ColumnInfo[] {
  const { tables } = useSchema(useServices().schema);
  return (table) => columnsOfTable(table, tables.find(({ name }) => name === table)?.columns ?? []);
}

/**
 * Columns of a table. Until the server has returned columns, only those that the plugin knows of Micromegas's own
 * tables.
 */
export function useColumns({ table }: LookupTable): readonly ColumnInfo[] {
  const { schema } = useServices();
  const [loaded, setLoaded] = useState<{ table: string; columns: ColumnInfo[] }>({ table: '', columns: [] });
  useEffect(() => {
    let isCurrent = true;
    if (table !== '' && table !== PROCESS_SPANS) {
      void schema.columns(table).then((columns) => {
        if (isCurrent) {
          setLoaded({ table, columns });
        }
      });
    }
    return () => {
      isCurrent = false;
    };
  }, [schema, table]);
  return useMemo(() => columnsOfTable(table, loaded.table === table ? loaded.columns : []), [table, loaded]);
}

interface ColumnOptions {
  columns: readonly ColumnInfo[];
  /** The columns. After `loadKeys` has loaded the keys of their properties, the keys follow. */
  options: Option[];
  /** Loads the keys of the properties. Call it when the control gets the focus. */
  loadKeys: () => void;
}

/**
 * The columns of a table as options. `loadKeys` adds the keys of properties, with one lookup for each column that
 * contains properties.
 */
export function useColumnOptions(table: LookupTable): ColumnOptions {
  const suggestions = useSuggestions();
  const columns = useColumns(table);
  const of = `${table.table} ${table.instanceId ?? ''}`;
  /** The latest table, because the user can choose another one while keys are loaded. */
  const latest = useRef(of);
  useLayoutEffect(() => {
    latest.current = of;
  });
  const [keys, setKeys] = useState<{ of: string; byColumn: Record<string, Option[]> }>({ of, byColumn: {} });
  const loadKeys = () => {
    for (const column of jsonColumns(columns)) {
      void suggestions.propertyKeys(table, column).then((found) => {
        if (latest.current === of) {
          setKeys((before) => ({
            of,
            byColumn: { ...(before.of === of && before.byColumn), [column]: found },
          }));
        }
      });
    }
  };
  const options = useMemo(
    () => [...suggestions.columns(columns), ...(keys.of === of ? Object.values(keys.byColumn).flat() : [])],
    [suggestions, columns, keys, of]
  );
  return { columns, options, loadKeys };
}
