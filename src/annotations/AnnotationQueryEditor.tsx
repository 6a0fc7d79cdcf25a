/**
 * The editor of an annotation's query: the query editor without the format, which is always a table.
 *
 * Grafana runs an annotation at each `onChange`. So this editor calls `onChange` only when the focus leaves the editor,
 * when the user runs the query, and when the editor is unmounted.
 */
import { type QueryEditorProps } from '@grafana/data';
import { Trans } from '@grafana/i18n';
import { Stack, Text } from '@grafana/ui';
import React, { useMemo } from 'react';
import { QueryEditor } from '../editor/query-editor/QueryEditor';
import { useCommit } from '../editor/query-editor/use-commit';
import { type MicromegasApi, type MicromegasOptions, type MicromegasQuery } from '../shared/types';
import { asAnnotationQuery } from './saved-annotation';

type Props = QueryEditorProps<MicromegasApi, MicromegasQuery, MicromegasOptions>;

/** Grafana shows this editor in the settings of a dashboard, above the mapping of columns. */
export function AnnotationQueryEditor({ query: received, onChange, onRunQuery, ...props }: Props) {
  const query = useMemo(() => asAnnotationQuery(received), [received]);
  const { hold, commit } = useCommit((changed) => onChange(asAnnotationQuery(changed)));

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
          onChange={hold}
          onRunQuery={() => {
            if (!commit()) {
              onRunQuery();
            }
          }}
        />
      </div>
      <Text variant="bodySmall" color="secondary">
        <Trans i18nKey="annotation.help">
          Each row becomes an annotation. It needs the columns time and text. Optional are timeEnd (the end of a range),
          title, tags (a list, or text with commas) and id. Below, you can map columns with other names.
        </Trans>
      </Text>
    </Stack>
  );
}
