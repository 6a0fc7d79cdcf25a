/** Downloads the diagnostics file of the saved data source. */
import { css } from '@emotion/css';
import { type GrafanaTheme2 } from '@grafana/data';
import { t, Trans } from '@grafana/i18n';
import { ConfigSection } from '@grafana/plugin-ui';
import { config } from '@grafana/runtime';
import { Button, Text, TextLink, useStyles2 } from '@grafana/ui';
import React from 'react';
import { ProgressIcon } from '../../shared/controls/ProgressIcon';
import { docsUrl } from '../../shared/docs-links';
import { TEST_IDS } from '../../shared/test-ids';
import { type SettingsProps } from '../../shared/types';
import { useSavedSettings, useUnsavedChanges } from '../check/use-connection-check';
import { type DiagnosticsDownloadState, useDiagnostics } from './use-diagnostics';

/** The reason why a download is not possible. Undefined if it is possible. The backend checks the role, too. */
function useObstacle(options: SettingsProps['options']): string | undefined {
  const { host } = useSavedSettings(options);
  if (config.bootData.user.orgRole !== 'Admin') {
    return t('config.diagnostics.admins-only', 'Only users with the role Admin can download it.');
  }
  return host
    ? undefined
    : t(
        'config.diagnostics.not-saved',
        'Enter a host and save the settings first. The file describes the saved settings.'
      );
}

/** Before the first save and for non-admins, the button is disabled and the reason is shown. */
export function DiagnosticsSection({ options }: SettingsProps) {
  const styles = useStyles2(getStyles);
  const { state, run } = useDiagnostics(options.uid);
  const obstacle = useObstacle(options);
  const hasUnsaved = useUnsavedChanges(options);
  const isWorking = state.status === 'working';
  return (
    <ConfigSection
      title={t('config.diagnostics.title', 'Diagnostics')}
      description={
        <Trans i18nKey="config.diagnostics.description">
          A file for bug reports: saved settings, the last check and the last 200 requests. It contains no secrets, no
          SQL and no names of users.{' '}
          <TextLink href={`${docsUrl('operator/observability')}#diagnostics-file`} external inline variant="bodySmall">
            All fields
          </TextLink>
        </Trans>
      }
    >
      <div className={styles.row}>
        <Button
          type="button"
          variant="secondary"
          icon={<ProgressIcon isRunning={isWorking} name="download-alt" />}
          disabled={isWorking || obstacle !== undefined}
          onClick={run}
        >
          <Trans i18nKey="config.diagnostics.download">Download diagnostics</Trans>
        </Button>
        {obstacle !== undefined && (
          <Text element="span" variant="bodySmall" color="secondary">
            {obstacle}
          </Text>
        )}
        {obstacle === undefined && hasUnsaved && (
          <Text element="span" variant="bodySmall" color="warning">
            <Trans i18nKey="config.diagnostics.unsaved">
              There are unsaved changes. The file describes the saved settings.
            </Trans>
          </Text>
        )}
      </div>
      <div aria-live="polite" data-testid={TEST_IDS.diagnostics} data-status={state.status} className={styles.outcome}>
        <Outcome state={state} />
      </div>
    </ConfigSection>
  );
}

function Outcome({ state }: { state: DiagnosticsDownloadState }) {
  switch (state.status) {
    case 'idle':
      return null;
    case 'working':
      return (
        <Text variant="bodySmall" color="secondary">
          <Trans i18nKey="config.diagnostics.working">Collecting…</Trans>
        </Text>
      );
    case 'done':
      return (
        <Text variant="bodySmall" color="success">
          {t('config.diagnostics.done', 'Downloaded {{fileName}}. Read it before you pass it on.', {
            fileName: state.fileName,
            interpolation: { escapeValue: false },
          })}
        </Text>
      );
    case 'failed':
      return (
        <Text variant="bodySmall" color="error">
          {t('config.diagnostics.failed', 'The file could not be created. {{message}}', {
            message: state.message,
            interpolation: { escapeValue: false },
          })}
        </Text>
      );
  }
}

const getStyles = (theme: GrafanaTheme2) => ({
  row: css({ display: 'flex', flexWrap: 'wrap', alignItems: 'center', gap: theme.spacing(1) }),
  outcome: css({ marginTop: theme.spacing(1), overflowWrap: 'anywhere' }),
});
