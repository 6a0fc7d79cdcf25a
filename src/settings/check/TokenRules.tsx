/**
 * The rules of Micromegas for access tokens, which of them the token meets, and the server configuration that accepts
 * the token.
 */
import { css } from '@emotion/css';
import { type GrafanaTheme2 } from '@grafana/data';
import { t, Trans } from '@grafana/i18n';
import { ClipboardButton, useStyles2 } from '@grafana/ui';
import React from 'react';
import { type TokenExplanation } from '../../../contract/resources/health';
import { type RecognisedProvider } from '../../../contract/settings/providers';
import { translateMessage } from '../../shared/translate-message';
import { TEST_IDS } from '../../shared/test-ids';
import { Mark } from './Mark';
import { Subsection } from '../fields/SettingField';

/**
 * Shown below the stages of the connection check, if a token was received. Shows no configuration if the server cannot
 * be configured to accept the token.
 */
export function TokenRules({ token, provider }: { token: TokenExplanation; provider: RecognisedProvider }) {
  const styles = useStyles2(getStyles);
  return (
    <Subsection
      title={t('config.check.token-title', 'Access token')}
      description={t('config.check.token-description', 'Checked against the rules of the Micromegas server.')}
    >
      <ul className={styles.list} aria-label={t('config.check.token-rules', 'Rules for the access token')}>
        {token.rules.map(({ name, status, text }) => (
          <li key={name} className={styles.rule} data-testid={TEST_IDS.tokenRule(name)} data-status={status}>
            <Mark status={status === 'ok' ? 'ok' : 'failed'} />
            <span className={styles.message}>{translateMessage(text, provider)}</span>
          </li>
        ))}
      </ul>
      {token.serverConfig && <ServerConfig config={token.serverConfig} />}
    </Subsection>
  );
}

function ServerConfig({ config }: { config: string }) {
  const styles = useStyles2(getStyles);
  return (
    <div className={styles.config}>
      <div className={styles.configHead}>
        <span>
          <Trans i18nKey="config.check.server-config">
            The server accepts this token if <code>MICROMEGAS_OIDC_CONFIG</code> contains this entry. If the entry is
            missing, add it, keep the other entries, and restart the server.
          </Trans>
        </span>
        <ClipboardButton
          type="button"
          size="sm"
          variant="secondary"
          icon="copy"
          aria-label={t('config.check.copy-server-config', 'Copy the server configuration')}
          getText={() => config}
        >
          <Trans i18nKey="config.check.copy">Copy</Trans>
        </ClipboardButton>
      </div>
      <pre className={styles.code} data-testid={TEST_IDS.serverConfig}>
        {config}
      </pre>
    </div>
  );
}

const getStyles = (theme: GrafanaTheme2) => ({
  list: css({ listStyle: 'none', margin: 0, padding: 0 }),
  rule: css({
    display: 'flex',
    gap: theme.spacing(1),
    padding: theme.spacing(0.5, 0),
    '& > :first-child': { marginTop: 2 },
  }),
  message: css({ minWidth: 0, overflowWrap: 'anywhere' }),
  config: css({ marginTop: theme.spacing(1.5) }),
  configHead: css({
    display: 'flex',
    flexWrap: 'wrap',
    justifyContent: 'space-between',
    alignItems: 'center',
    gap: theme.spacing(1),
    marginBottom: theme.spacing(0.5),
    color: theme.colors.text.secondary,
    fontSize: theme.typography.bodySmall.fontSize,
  }),
  code: css({
    margin: 0,
    padding: theme.spacing(1),
    maxHeight: 240,
    overflow: 'auto',
    whiteSpace: 'pre-wrap',
    wordBreak: 'normal',
    overflowWrap: 'anywhere',
    fontSize: theme.typography.bodySmall.fontSize,
    background: theme.colors.background.secondary,
    border: `1px solid ${theme.colors.border.weak}`,
  }),
});
