/** Which identity provider the form below is for, what has to be set up there, and the way to its pages. */
import { css } from '@emotion/css';
import { type GrafanaTheme2 } from '@grafana/data';
import { Alert, Button, TextLink, useStyles2 } from '@grafana/ui';
import React from 'react';
import { recogniseProvider } from '../../../contract/providers';
import { type OAuthProvider } from '../../../contract/settings';
import { type SettingsProps } from '../../types';
import { ChoiceSetting } from '../fields/ChoiceSetting';
import { PROVIDER_FORMS, providerForm } from './provider-forms';
import { type ProviderChoice as Choice } from './use-provider';

export function ProviderChoice({ options, choice }: { options: SettingsProps['options']; choice: Choice }) {
  const styles = useStyles2(getStyles);
  const form = providerForm(choice.provider);
  const consoleUrl = form.value === 'keycloak' ? keycloakConsole(options.jsonData.oauthIssuer) : form.console;
  const found = recogniseProvider(options.jsonData.oauthIssuer);
  return (
    <>
      <ChoiceSetting<OAuthProvider>
        id="micromegas-oauth-provider"
        label="Provider"
        description="Whose service account it is. The fields below are those that it needs."
        disabled={options.readOnly}
        choices={PROVIDER_FORMS}
        value={choice.provider}
        onChange={choice.choose}
      />
      <div className={styles.setUp}>
        <p>{form.setUp}</p>
        <div className={styles.links}>
          {consoleUrl && (
            <TextLink href={consoleUrl} external inline variant="bodySmall">
              {`Open ${form.label}`}
            </TextLink>
          )}
          <TextLink href={form.docs} external inline variant="bodySmall">
            {form.value === 'other' ? 'About discovery documents' : `Documentation of ${form.label}`}
          </TextLink>
        </div>
      </div>
      {found !== 'other' && found !== 'cognito' && found !== choice.provider && (
        <Alert severity="info" title={`This is an issuer of ${providerForm(found).label}`}>
          <p>Its own form asks for what it needs.</p>
          <Button
            type="button"
            size="sm"
            variant="secondary"
            disabled={options.readOnly}
            onClick={() => choice.choose(found)}
          >
            Use the form of {providerForm(found).label}
          </Button>
        </Alert>
      )}
    </>
  );
}

/** The administration pages of the realm that an issuer names. */
function keycloakConsole(issuer: string | undefined): string | undefined {
  const [, base, realm] = /^(https?:\/\/.+)\/realms\/([^/]+)\/?$/.exec(issuer ?? '') ?? [];
  return base && `${base}/admin/${realm}/console/`;
}

const getStyles = (theme: GrafanaTheme2) => ({
  setUp: css({
    maxWidth: 640,
    marginBottom: theme.spacing(2),
    color: theme.colors.text.secondary,
    fontSize: theme.typography.bodySmall.fontSize,
    p: { marginBottom: theme.spacing(0.5) },
  }),
  links: css({ display: 'flex', flexWrap: 'wrap', columnGap: theme.spacing(2) }),
});
