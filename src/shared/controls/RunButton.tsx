/** The button that runs a query. */
import { Trans } from '@grafana/i18n';
import { Button, Icon } from '@grafana/ui';
import React from 'react';

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
      // Without a key, Grafana keeps the image of the spinner when the response arrives before the image has loaded.
      icon={<Icon key={isRunning ? 'running' : 'idle'} name={isRunning ? 'spinner' : 'play'} />}
      type="button"
      disabled={disabled}
      onClick={onRun}
    >
      <Trans i18nKey="query.run">Run query</Trans>
    </Button>
  );
}
