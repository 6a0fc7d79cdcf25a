/** Runs the check of Save & test, and shows its stages whether it passed or failed. */
import { css } from '@emotion/css';
import { type GrafanaTheme2 } from '@grafana/data';
import { t, Trans } from '@grafana/i18n';
import { ConfigSection } from '@grafana/plugin-ui';
import { Button, Spinner, Text, useStyles2 } from '@grafana/ui';
import React from 'react';
import { providerOf, type RecognisedProvider } from '../../../contract/settings/providers';
import { type HealthPayload } from '../../../contract/resources/health';
import { ProgressIcon } from '../../shared/controls/ProgressIcon';
import { translateMessage } from '../../shared/translate-message';
import { TEST_IDS } from '../../shared/test-ids';
import { type SettingsProps } from '../../shared/types';
import { Mark, type MarkStatus } from './Mark';
import { StageList } from './StageList';
import { TokenRules } from './TokenRules';
import { type CheckState, useConnectionCheck, useUnsavedChanges } from './use-connection-check';
import { WhoAmITable } from './WhoAmITable';

/** Shown below all settings. Shows a message before the first check, and when a check cannot be run. */
export function ConnectionCheck({ options }: SettingsProps) {
  const styles = useStyles2(getStyles);
  const { state, run } = useConnectionCheck(options);
  const hasUnsaved = useUnsavedChanges(options);
  const isRunning = state.status === 'running';
  return (
    <ConfigSection
      title={t('config.check.title', 'Connection check')}
      description={t(
        'config.check.description',
        'Tries each step with the saved settings, from the settings themselves to the list of tables. Shows neither tokens nor secrets.'
      )}
    >
      <div className={styles.head}>
        <Button
          type="button"
          variant="secondary"
          icon={<ProgressIcon isRunning={isRunning} name="plug" />}
          disabled={isRunning}
          onClick={run}
        >
          <Trans i18nKey="config.check.run">Check connection</Trans>
        </Button>
        {hasUnsaved && (
          <Text element="span" variant="bodySmall" color="warning">
            <Trans i18nKey="config.check.unsaved">There are unsaved changes. The check uses the saved settings.</Trans>
          </Text>
        )}
      </div>
      <div aria-live="polite" data-testid={TEST_IDS.check} data-status={state.status}>
        <Outcome
          state={state}
          uid={options.uid}
          isReadOnly={options.readOnly === true}
          provider={providerOf(options.jsonData)}
        />
      </div>
    </ConfigSection>
  );
}

interface OutcomeProps {
  state: CheckState;
  uid: string;
  /** True: Grafana shows the button Test in place of Save & test. */
  isReadOnly: boolean;
  /** The messages name fields by the labels of this provider's settings form. */
  provider: RecognisedProvider;
}

function Outcome({ state, uid, isReadOnly, provider }: OutcomeProps) {
  const styles = useStyles2(getStyles);
  switch (state.status) {
    case 'idle':
      return (
        <Text element="p" variant="bodySmall" color="secondary">
          {isReadOnly ? (
            <Trans i18nKey="config.check.idle-read-only">
              Not checked yet. The button Test runs the check as well.
            </Trans>
          ) : (
            <Trans i18nKey="config.check.idle">Not checked yet. Saving the settings runs the check as well.</Trans>
          )}
        </Text>
      );
    case 'running':
      return (
        <div className={styles.summary}>
          <Spinner inline /> <Trans i18nKey="config.check.running">Checking the connection…</Trans>
        </div>
      );
    case 'not-run':
      return (
        <Summary
          status="failed"
          title={t('config.check.unanswered', 'The check could not be run')}
          message={state.advice === undefined ? state.message : `${state.message}\n${state.advice}`}
        />
      );
    case 'done':
      return <Result payload={state.payload} uid={uid} provider={provider} />;
  }
}

function Result({ payload, uid, provider }: Omit<OutcomeProps, 'state' | 'isReadOnly'> & { payload: HealthPayload }) {
  const styles = useStyles2(getStyles);
  const { message, details } = payload;
  const { stages, summary, token, whoAmI } = details;
  const hasWarnings = stages.some(({ status }) => status === 'warning');
  const status = payload.status !== 'OK' ? 'failed' : hasWarnings ? 'warning' : 'ok';
  const failed = stages.find((stage) => stage.status === 'failed');
  return (
    <div className={styles.result}>
      {failed === undefined ? (
        <Summary status={status} title={titleOf(status)} message={translateMessage(summary ?? message, provider)} />
      ) : (
        // The message is shown below, at the failed stage.
        <Summary
          status={status}
          title={t('config.check.failed-stage', 'Failed: {{stage}}', {
            stage: translateMessage(failed.title, provider),
            interpolation: { escapeValue: false },
          })}
        />
      )}
      {stages.length > 0 && <StageList stages={stages} provider={provider} />}
      {token && <TokenRules token={token} provider={provider} />}
      {whoAmI && <WhoAmITable uid={uid} byRules={whoAmI} />}
    </div>
  );
}

function titleOf(status: MarkStatus): string {
  switch (status) {
    case 'ok':
      return t('config.check.passed', 'Passed');
    case 'warning':
      return t('config.check.passed-with-warnings', 'Passed with warnings');
    case 'failed':
      return t('config.check.failed', 'Failed');
  }
}

function Summary({ status, title, message }: { status: MarkStatus; title: string; message?: string }) {
  const styles = useStyles2(getStyles);
  return (
    <div className={styles.summary} data-testid={TEST_IDS.checkSummary} data-status={status}>
      <Mark status={status} />
      <div>
        <div className={styles.title}>{title}</div>
        {message !== undefined && <div className={styles.message}>{message}</div>}
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
