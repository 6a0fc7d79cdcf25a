/** What Micromegas demands of the access token, which of it the token fulfils, and the configuration that accepts it. */
import { css } from '@emotion/css';
import { type GrafanaTheme2 } from '@grafana/data';
import { ClipboardButton, useStyles2 } from '@grafana/ui';
import React from 'react';
import { type TokenExplanation } from '../../../contract/health';
import { Mark } from './Mark';
import { Subsection } from '../fields/SettingField';

export function TokenRules({ token }: { token: TokenExplanation }) {
  const styles = useStyles2(getStyles);
  return (
    <Subsection title="The access token" description="Against the rules of the Micromegas server.">
      <ul className={styles.list} aria-label="Rules for the access token">
        {token.rules.map(({ name, status, text }) => (
          <li key={name} className={styles.rule} data-testid={`rule ${name}`} data-status={status}>
            <Mark status={status === 'ok' ? 'ok' : 'failed'} />
            <span className={styles.text}>{text}</span>
          </li>
        ))}
      </ul>
      {token.serverConfig && <ServerConfig text={token.serverConfig} />}
    </Subsection>
  );
}

function ServerConfig({ text }: { text: string }) {
  const styles = useStyles2(getStyles);
  return (
    <div className={styles.config}>
      <div className={styles.configHead}>
        <span>
          Value of <code>MICROMEGAS_OIDC_CONFIG</code> with which the server accepts this token
        </span>
        <ClipboardButton
          type="button"
          size="sm"
          variant="secondary"
          icon="copy"
          aria-label="Copy the server configuration"
          getText={() => text}
        >
          Copy
        </ClipboardButton>
      </div>
      <pre className={styles.code} data-testid="server configuration">
        {text}
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
  text: css({ minWidth: 0, overflowWrap: 'anywhere' }),
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
    overflowWrap: 'anywhere',
    fontSize: theme.typography.bodySmall.fontSize,
    background: theme.colors.background.secondary,
    border: `1px solid ${theme.colors.border.weak}`,
  }),
});
