/** The row above the form of a query without SQL. */
import { t } from '@grafana/i18n';
import { EditorHeader, FlexItem } from '@grafana/plugin-ui';
import { Stack, TextLink } from '@grafana/ui';
import React from 'react';
import { docsUrl } from '../../shared/docs-links';
import { RunButton } from '../../shared/controls/RunButton';

interface Props {
  typeChoice: React.ReactNode;
  isRunning: boolean;
  /** False if a required field is empty. The button that runs the query is disabled then. */
  isReady: boolean;
  onRun: () => void;
}

/** The query type, a link to the documentation and the button that runs the query. */
export function ViewQueryHeader({ typeChoice, isRunning, isReady, onRun }: Props) {
  return (
    <EditorHeader>
      {typeChoice}
      <FlexItem grow={1} />
      <Stack gap={1} wrap="wrap" alignItems="center">
        <TextLink href={docsUrl('user/query-editor')} external inline variant="bodySmall">
          {t('query-types.docs', 'Documentation')}
        </TextLink>
        <RunButton isRunning={isRunning} disabled={!isReady} onRun={onRun} />
      </Stack>
    </EditorHeader>
  );
}
