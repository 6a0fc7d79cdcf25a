/**
 * The editor of an annotation's query: that of panels without the format, which is always a table.
 *
 * Grafana runs the query at every change that it is told of, so it is told when the author leaves the editor or runs
 * the query.
 */
import { type QueryEditorProps } from '@grafana/data';
import { Stack, Text } from '@grafana/ui';
import React, { useEffect, useMemo, useRef } from 'react';
import { QueryEditor } from '../query-editor/QueryEditor';
import { type MicromegasApi, type MicromegasOptions, type MicromegasQuery } from '../types';
import { asAnnotationQuery } from './annotation-query';

type Props = QueryEditorProps<MicromegasApi, MicromegasQuery, MicromegasOptions>;

export function AnnotationQueryEditor({ query: received, onChange, onRunQuery, ...props }: Props) {
  const query = useMemo(() => asAnnotationQuery(received), [received]);
  // QueryEditor shows what is typed; this is only what Grafana does not know yet.
  const held = useRef<MicromegasQuery>();
  /** @returns True when there was something to tell. */
  const commit = (): boolean => {
    const changed = held.current;
    held.current = undefined;
    if (changed) {
      onChange(asAnnotationQuery(changed));
    }
    return changed !== undefined;
  };
  const commitRest = useRef(commit);
  useEffect(() => {
    commitRest.current = commit;
  });
  useEffect(() => () => void commitRest.current(), []);

  return (
    <Stack direction="column" gap={1}>
      <div
        onBlur={({ currentTarget, relatedTarget }) => {
          if (!currentTarget.contains(relatedTarget)) {
            commit();
          }
        }}
      >
        <QueryEditor
          {...props}
          query={query}
          onChange={(changed) => (held.current = changed)}
          onRunQuery={() => {
            if (!commit()) {
              onRunQuery();
            }
          }}
        />
      </div>
      <Text variant="bodySmall" color="secondary">
        Each row is an annotation. The columns time and text are needed; timeEnd (the end of a range), title, tags (a
        list, or a text with commas) and id are optional. Columns with other names can be assigned below.
      </Text>
    </Stack>
  );
}
