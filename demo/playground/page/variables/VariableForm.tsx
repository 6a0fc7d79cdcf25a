import { css } from '@emotion/css';
import { type DataSourceApi } from '@grafana/data';
import { type DataQuery } from '@grafana/schema';
import { Alert, Button, Field, Input, TagList } from '@grafana/ui';
import React, { createElement, useState } from 'react';
import { useRuntime } from '../runtime/use-runtime';
import { runVariable, type VariableOption, variableEditorOf } from './run-variable';

const VALUES = css({ justifyContent: 'flex-start' });

/** The plugin's variable editor and the values of the variable. Explore can use the variable by its name. */
export function VariableForm({ source }: { source: DataSourceApi }) {
  const { plugin, templates } = useRuntime();
  const [name, setName] = useState('process');
  const [query, setQuery] = useState<DataQuery>({ refId: 'variable-query' });
  const [options, setOptions] = useState<VariableOption[]>();
  const [error, setError] = useState<string>();
  const editor = variableEditorOf(source, plugin);

  const run = async (over = query) => {
    setError(undefined);
    try {
      const found = await runVariable(source, over);
      setOptions(found);
      templates.set({ name, values: found.map(({ value }) => value), multi: true, includeAll: false });
    } catch (reason) {
      setOptions(undefined);
      setError(reason instanceof Error ? reason.message : String(reason));
    }
  };

  /** Grafana runs the query of a variable after each `onChange` of the editor. */
  const change = (next: DataQuery) => {
    setQuery(next);
    void run(next);
  };

  return (
    <>
      <Field
        label="Name"
        description={`Explore can use the values as $${name}, or in another format, for example as \${${name}:csv}.`}
      >
        <Input
          id="variable-name"
          width={30}
          value={name}
          onChange={({ currentTarget }) => setName(currentTarget.value)}
        />
      </Field>
      {editor ? (
        createElement(editor, { datasource: source, query, onChange: change, onRunQuery: () => void run() })
      ) : (
        <Alert severity="warning" title="The plugin has no editor of variables." />
      )}
      <Button onClick={() => void run()} style={{ margin: '16px 0' }}>
        Run query
      </Button>
      {error === undefined ? null : <Alert severity="error" title={error} />}
      {options ? (
        <section aria-label="Preview of values">
          <h5>Preview of values ({options.length})</h5>
          <TagList tags={options.slice(0, 100).map(({ text }) => text)} className={VALUES} />
        </section>
      ) : null}
    </>
  );
}
