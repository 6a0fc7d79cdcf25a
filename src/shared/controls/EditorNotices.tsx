/** Notices below the SQL or the form, for example about a failed load of the tables. None of them prevents a query. */
import { t, Trans } from '@grafana/i18n';
import { Button, Icon, Stack, Text } from '@grafana/ui';
import React from 'react';
import { type SchemaStore, useSchema } from '../schema/schema-store';

/** Reports that completion lacks tables, and offers to load them again after a failure. */
export function SchemaNotice({ schema }: { schema: SchemaStore }) {
  const { status, error, tables, isTruncated } = useSchema(schema);
  if (isTruncated) {
    return (
      <EditorNotice
        message={t(
          'schema.truncated',
          'Completion knows only {{tables}} of the tables, because the server has too many. Type the names of the others.',
          { tables: tables.length }
        )}
      />
    );
  }
  if (status !== 'failed') {
    return null;
  }
  return (
    <EditorNotice
      message={t('schema.unknown', 'The list of tables could not be loaded: {{error}}', {
        error,
        interpolation: { escapeValue: false },
      })}
    >
      <Button size="sm" fill="text" type="button" onClick={() => void schema.refresh()}>
        <Trans i18nKey="schema.try-again">Try again</Trans>
      </Button>
    </EditorNotice>
  );
}

/** A line that screen readers announce. */
export function EditorNotice({ message, children }: React.PropsWithChildren<{ message: string }>) {
  return (
    <div role="status">
      <Stack gap={1} alignItems="center">
        <Icon name="info-circle" size="sm" />
        <Text element="span" variant="bodySmall" color="secondary">
          {message}
        </Text>
        {children}
      </Stack>
    </div>
  );
}
