/** The button that runs a query. */
import { Trans } from '@grafana/i18n';
import { Button } from '@grafana/ui';
import React from 'react';
import { ProgressIcon } from './ProgressIcon';

interface Props {
  isRunning: boolean;
  disabled: boolean;
  onRun: () => void;
}

/** Shown in the header of the query editor. While a query runs, the icon is a spinner and the button stays enabled. */
export function RunButton({ isRunning, disabled, onRun }: Props) {
  return (
    <Button
      size="sm"
      icon={<ProgressIcon isRunning={isRunning} name="play" />}
      type="button"
      disabled={disabled}
      onClick={onRun}
    >
      <Trans i18nKey="query.run">Run query</Trans>
    </Button>
  );
}
