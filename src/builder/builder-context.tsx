/** What all controls of a builder use: the tables of the data source, and suggestions for names and values. */
import { type TimeRange } from '@grafana/data';
import { t } from '@grafana/i18n';
import React, { createContext, useContext, useEffect, useMemo, useState } from 'react';
import { type LookupTable } from '../../contract/lookups';
import { type ColumnInfo } from '../../contract/resources';
import { Notice } from '../query-editor/EditorNotices';
import { type SchemaStore, useSchema } from '../schema/schema-store';
import { type MicromegasApi } from '../types';
import { columnsOf } from './column-refs';
import { Suggestions } from './suggestions';

interface BuilderServices {
  suggestions: Suggestions;
  schema: SchemaStore;
}

const Services = createContext<BuilderServices | undefined>(undefined);

interface Props {
  datasource: MicromegasApi;
  range?: TimeRange;
}

/** Provides the services to the controls inside, and reports failed lookups below them. */
export function BuilderContext({ datasource, range, children }: React.PropsWithChildren<Props>) {
  const [error, setError] = useState<string>();
  const services = useMemo(
    () => ({
      schema: datasource.schema,
      suggestions: new Suggestions({
        lookups: datasource.lookups,
        range,
        variables: datasource.variableNames(),
        now: Date.now,
        onLookup: setError,
      }),
    }),
    [datasource, range]
  );
  return (
    <Services.Provider value={services}>
      {children}
      {error !== undefined && (
        <Notice
          text={t('builder.lookup-failed', 'The lists have no suggestions: {{error}} You can type names and values.', {
            error,
            interpolation: { escapeValue: false },
          })}
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

export function useSuggestions(): Suggestions {
  return useServices().suggestions;
}

/** Names of all tables that the server lists. */
export function useTableNames(): string[] {
  return useSchema(useServices().schema).tables.map(({ name }) => name);
}

/** Columns of a table, as far as they are known without a request. */
export function useKnownColumns(): (table: string) => readonly ColumnInfo[] {
  const { tables } = useSchema(useServices().schema);
  return (table) => columnsOf(table, tables.find(({ name }) => name === table)?.columns ?? []);
}

/** Columns of a table. Those of Micromegas's own tables are known before the server has answered. */
export function useColumns({ table }: LookupTable): readonly ColumnInfo[] {
  const { schema } = useServices();
  const [loaded, setLoaded] = useState<{ table: string; columns: ColumnInfo[] }>({ table: '', columns: [] });
  useEffect(() => {
    let isCurrent = true;
    if (table !== '') {
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
  return columnsOf(table, loaded.table === table ? loaded.columns : []);
}
