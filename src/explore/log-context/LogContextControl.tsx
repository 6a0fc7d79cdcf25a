/** The control in Grafana's dialog "Log context". It selects which lines are shown, or tells why there are none. */
import { type LogRowModel } from '@grafana/data';
import { t } from '@grafana/i18n';
import { Alert, InlineField, RadioButtonGroup, Stack } from '@grafana/ui';
import React, { useEffect, useState } from 'react';
import { type ContextScope } from '../../../contract/logs/log-context';
import { reasonMessage, scopeOptions } from './context-labels';
import { type LogContext } from './log-context';
import { identifyLine } from './log-line';

interface Props {
  row: LogRowModel;
  context: LogContext;
  /** Makes the dialog read the lines again. */
  reload?: () => void;
}

/** Grafana shows this control above the lines. It tells why a line has no context, and why a request failed. */
export function LogContextControl({ row, context, reload }: Props) {
  const [scope, setScope] = useState(context.scope);
  const [failure, setFailure] = useState(context.failure);
  // The next dialog starts with the scope `process` again.
  useEffect(() => () => context.reset(), [context]);
  useEffect(() => context.onFailure(setFailure), [context]);
  const line = identifyLine(row);
  if (typeof line === 'string') {
    return <Alert severity="info" title={reasonMessage(line)} />;
  }
  const change = (chosen: ContextScope) => {
    context.choose(chosen);
    setScope(chosen);
    reload?.();
  };
  const label = t('log-context.lines-of', 'Lines of');
  return (
    <Stack direction="column">
      <InlineField label={label} transparent>
        <RadioButtonGroup aria-label={label} options={scopeOptions()} value={scope} onChange={change} />
      </InlineField>
      {failure === undefined ? null : <Alert severity="error" title={failure} />}
    </Stack>
  );
}
