/** Small remarks under the SQL: that the list of tables is missing, that formatting failed. Nothing here stops a query. */
import { Button, Icon, Stack, Text } from '@grafana/ui';
import React from 'react';
import { type SchemaStore } from '../schema/schema-store';
import { useSchema } from '../schema/use-schema';

/** Says why completion knows not all tables; after a failure it offers to ask again. Nothing while all is well. */
export function SchemaNotice({ schema }: { schema: SchemaStore }) {
  const { status, error, tables, isTruncated } = useSchema(schema);
  if (isTruncated) {
    return (
      <Remark
        text={`Completion knows only ${tables.length} of the tables, because the server lists too many. Type the names of the others.`}
      />
    );
  }
  if (status !== 'failed') {
    return null;
  }
  return (
    <Remark text={`Completion knows no tables: ${error}`}>
      <Button size="sm" fill="text" type="button" onClick={() => void schema.refresh()}>
        Try again
      </Button>
    </Remark>
  );
}

/** One line of text, announced to screen readers. */
export function Remark({ text, children }: React.PropsWithChildren<{ text: string }>) {
  return (
    <div role="status">
      <Stack gap={1} alignItems="center">
        <Icon name="info-circle" size="sm" />
        <Text element="span" variant="bodySmall" color="secondary">
          {text}
        </Text>
        {children}
      </Stack>
    </div>
  );
}
