/** The editor of an annotation's query: that of panels without the format, which is always a table. */
import { type QueryEditorProps } from '@grafana/data';
import { Stack, Text } from '@grafana/ui';
import React, { useMemo } from 'react';
import { QueryEditor } from '../query-editor/QueryEditor';
import { type MicromegasApi, type MicromegasOptions, type MicromegasQuery } from '../types';
import { asAnnotationQuery } from './annotation-query';

type Props = QueryEditorProps<MicromegasApi, MicromegasQuery, MicromegasOptions>;

export function AnnotationQueryEditor({ query: received, onChange, ...props }: Props) {
  const query = useMemo(() => asAnnotationQuery(received), [received]);
  return (
    <Stack direction="column" gap={1}>
      <QueryEditor {...props} query={query} onChange={(changed) => onChange(asAnnotationQuery(changed))} />
      <Text variant="bodySmall" color="secondary">
        Each row is an annotation. The columns time and text are needed; timeEnd (the end of a range), title, tags (a
        list, or a text with commas) and id are optional. Columns with other names can be assigned below.
      </Text>
    </Stack>
  );
}
