/** A button that downloads the spans of a process as a Perfetto trace, with its progress. */
import { css } from '@emotion/css';
import { formattedValueToString, getValueFormat, type GrafanaTheme2 } from '@grafana/data';
import { t, Trans } from '@grafana/i18n';
import { Button, Text, TextLink, useStyles2 } from '@grafana/ui';
import React from 'react';
import { isInstanceId } from '../../../contract/resources/lookups';
import { ProgressIcon } from '../../shared/controls/ProgressIcon';
import { TEST_IDS } from '../../shared/test-ids';
import { type TraceDownloadState, usePerfettoDownload } from './use-perfetto-download';

/** The web application that shows traces. */
const VIEWER = 'ui.perfetto.dev';

interface Props {
  datasource: { uid: string };
  /** Id of a process. Variables must already be replaced. The button is disabled for other strings. */
  processId: string;
  /** Milliseconds since 1970, both inclusive. */
  fromMs: number;
  toMs: number;
}

/** Shown below the forms of profiles and processes, if one process is chosen. A failure is shown beside the button. */
export function PerfettoDownload({ datasource, processId, fromMs, toMs }: Props) {
  const styles = useStyles2(getStyles);
  const { state, start, cancel } = usePerfettoDownload(datasource.uid);
  const id = processId.trim();
  const isWorking = state.status === 'working';
  const isReceiving = isWorking && state.bytes > 0;
  return (
    <div className={styles.row}>
      <Button
        type="button"
        variant="secondary"
        icon={<ProgressIcon isRunning={isWorking} name="download-alt" />}
        disabled={isWorking || !isInstanceId(id)}
        onClick={() => void start({ processId: id, fromMs, toMs })}
      >
        <Trans i18nKey="perfetto.download">Download Perfetto trace</Trans>
      </Button>
      {isWorking && (
        <Button type="button" variant="secondary" fill="text" onClick={cancel}>
          <Trans i18nKey="perfetto.cancel">Cancel</Trans>
        </Button>
      )}
      <div data-testid={TEST_IDS.perfetto} data-status={state.status} className={styles.outcome}>
        {/* Screen readers announce start and end, but not the size, which changes with each part. */}
        <div aria-live="polite">{isReceiving ? null : <Outcome state={state} />}</div>
        {isReceiving && <Outcome state={state} />}
      </div>
    </div>
  );
}

function formatSize(bytes: number): string {
  return formattedValueToString(getValueFormat('bytes')(bytes, 1));
}

function Outcome({ state }: { state: TraceDownloadState }) {
  switch (state.status) {
    case 'idle':
      return null;
    case 'working':
      return (
        <Text variant="bodySmall" color="secondary">
          {state.bytes === 0
            ? t('perfetto.waiting', 'Waiting for the server…')
            : t('perfetto.received', '{{size}} received', { size: formatSize(state.bytes) })}
        </Text>
      );
    case 'done':
      return (
        <Text variant="bodySmall">
          {t('perfetto.done', 'Saved {{fileName}} ({{size}}). Open it in', {
            fileName: state.fileName,
            size: formatSize(state.bytes),
            interpolation: { escapeValue: false },
          })}{' '}
          <TextLink href={`https://${VIEWER}`} external inline variant="bodySmall">
            {VIEWER}
          </TextLink>
        </Text>
      );
    case 'failed':
      return (
        <Text variant="bodySmall" color="error">
          {state.message}
        </Text>
      );
  }
}

const getStyles = (theme: GrafanaTheme2) => ({
  row: css({ display: 'flex', flexWrap: 'wrap', alignItems: 'center', gap: theme.spacing(1) }),
  outcome: css({ overflowWrap: 'anywhere' }),
});
