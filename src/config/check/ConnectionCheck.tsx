/** What Save & Test does, step by step, for good answers as well as for bad ones. */
import { css } from '@emotion/css';
import { type GrafanaTheme2 } from '@grafana/data';
import { ConfigSection } from '@grafana/plugin-ui';
import { Button, Spinner, Text, useStyles2 } from '@grafana/ui';
import React from 'react';
import { type HealthPayload } from '../../../contract/resources';
import { type SettingsProps } from '../../types';
import { Mark, type MarkStatus } from './Mark';
import { StageList } from './StageList';
import { TokenRules } from './TokenRules';
import { type CheckState, useConnectionCheck, useUnsavedChanges } from './use-connection-check';
import { WhoAmITable } from './WhoAmITable';

export function ConnectionCheck({ options }: SettingsProps) {
  const styles = useStyles2(getStyles);
  const { state, run } = useConnectionCheck(options);
  const hasUnsaved = useUnsavedChanges(options);
  const isRunning = state.status === 'running';
  return (
    <ConfigSection
      title="Connection check"
      description="Each step from the settings to the first table, as the saved settings take it. Neither tokens nor secrets are shown."
    >
      <div className={styles.head}>
        <Button
          type="button"
          variant="secondary"
          icon={isRunning ? 'spinner' : 'plug'}
          disabled={isRunning}
          onClick={run}
        >
          Check connection
        </Button>
        {hasUnsaved && (
          <Text element="span" variant="bodySmall" color="warning">
            There are unsaved changes. The check is about what was saved.
          </Text>
        )}
      </div>
      <div aria-live="polite" data-testid="connection check" data-status={state.status}>
        <Answer state={state} uid={options.uid} />
      </div>
    </ConfigSection>
  );
}

function Answer({ state, uid }: { state: CheckState; uid: string }) {
  const styles = useStyles2(getStyles);
  switch (state.status) {
    case 'idle':
      return (
        <Text element="p" variant="bodySmall" color="secondary">
          Not checked yet. Saving the settings checks them, too.
        </Text>
      );
    case 'running':
      return (
        <div className={styles.summary}>
          <Spinner inline /> Checking the connection…
        </div>
      );
    case 'unanswered':
      return <Summary status="failed" title="The check could not be run" message={state.message} />;
    case 'done':
      return <Result payload={state.payload} uid={uid} />;
  }
}

function Result({ payload, uid }: { payload: HealthPayload; uid: string }) {
  const styles = useStyles2(getStyles);
  const { message, details } = payload;
  const { stages, token, whoAmI } = details;
  const hasWarnings = stages.some(({ status }) => status === 'warning');
  const status = payload.status === 'error' ? 'failed' : hasWarnings ? 'warning' : 'ok';
  return (
    <div className={styles.result}>
      <Summary status={status} title={TITLES[status]} message={message} />
      {stages.length > 0 && <StageList stages={stages} />}
      {token && <TokenRules token={token} />}
      {whoAmI && <WhoAmITable uid={uid} byRules={whoAmI} />}
    </div>
  );
}

const TITLES: Record<MarkStatus, string> = {
  ok: 'Passed',
  warning: 'Passed, with a remark',
  failed: 'Failed',
};

function Summary({ status, title, message }: { status: MarkStatus; title: string; message: string }) {
  const styles = useStyles2(getStyles);
  return (
    <div className={styles.summary} data-testid="check summary" data-status={status}>
      <Mark status={status} />
      <div>
        <div className={styles.title}>{title}</div>
        <div className={styles.message}>{message}</div>
      </div>
    </div>
  );
}

const getStyles = (theme: GrafanaTheme2) => ({
  head: css({
    display: 'flex',
    flexWrap: 'wrap',
    alignItems: 'center',
    gap: theme.spacing(1),
    marginBottom: theme.spacing(2),
  }),
  result: css({ display: 'flex', flexDirection: 'column', gap: theme.spacing(3) }),
  summary: css({
    display: 'flex',
    gap: theme.spacing(1),
    padding: theme.spacing(1.5),
    background: theme.colors.background.secondary,
    borderRadius: theme.shape.radius.default,
    '& > :first-child': { marginTop: 2 },
  }),
  title: css({ fontWeight: theme.typography.fontWeightMedium }),
  message: css({ color: theme.colors.text.secondary, overflowWrap: 'anywhere', whiteSpace: 'pre-line' }),
});
