import { css } from '@emotion/css';
import { type GrafanaTheme2 } from '@grafana/data';
import { Alert, ClipboardButton, useStyles2 } from '@grafana/ui';
import React from 'react';
import { type DemoHints } from '../../playground-data';

const LABELS: ReadonlyArray<readonly [keyof DemoHints, string]> = [
  ['lakehouse', 'Host'],
  ['apiKey', 'API key'],
  ['issuer', 'OIDC issuer'],
  ['clientId', 'Client ID'],
  ['clientSecret', 'Client secret'],
  ['audience', 'Audience'],
];

/** The settings of the demo lakehouse, to copy. The form is not filled in, because the sign-in is part of the demo. */
export function DemoNote() {
  const styles = useStyles2(getStyles);
  const { hints } = window.playgroundData;
  return (
    <Alert severity="info" title="To sign in to the demo lakehouse, copy these values">
      <p>
        Enter the host, and leave TLS off. Sign in with the API key, or with OAuth 2.0: issuer, client ID, client secret
        and audience.
      </p>
      <dl className={styles.list}>
        {LABELS.map(([key, label]) => (
          <div key={key} className={styles.item}>
            <dt>{label}</dt>
            <dd>
              <span data-testid={`demo ${key}`}>{hints[key]}</span>
              <ClipboardButton
                size="sm"
                variant="secondary"
                fill="text"
                icon="copy"
                aria-label={`Copy ${label}`}
                getText={() => hints[key]}
              />
            </dd>
          </div>
        ))}
      </dl>
    </Alert>
  );
}

const getStyles = (theme: GrafanaTheme2) => ({
  list: css({
    display: 'grid',
    gridTemplateColumns: 'repeat(auto-fill, minmax(280px, 1fr))',
    columnGap: theme.spacing(3),
    margin: 0,
  }),
  item: css({
    display: 'flex',
    alignItems: 'center',
    gap: theme.spacing(1),
    minWidth: 0,
    dt: { flex: '0 0 96px', fontWeight: theme.typography.fontWeightRegular, color: theme.colors.text.secondary },
    dd: { display: 'flex', alignItems: 'center', gap: theme.spacing(1), margin: 0, minWidth: 0 },
    span: {
      minWidth: 0,
      overflow: 'hidden',
      textOverflow: 'ellipsis',
      whiteSpace: 'nowrap',
      fontFamily: theme.typography.fontFamilyMonospace,
      fontSize: theme.typography.bodySmall.fontSize,
    },
  }),
});
