/**
 * The choice of the identity provider, the objects that the admin must create at the provider, and links to its pages.
 */
import { css } from '@emotion/css';
import { type GrafanaTheme2 } from '@grafana/data';
import { t, Trans } from '@grafana/i18n';
import { Alert, Button, TextLink, useStyles2 } from '@grafana/ui';
import React from 'react';
import { choiceWarning } from '../../../contract/problems/choice-problems';
import { recogniseProvider } from '../../../contract/settings/providers';
import { type OAuthProvider } from '../../../contract/settings/settings';
import { docsUrl } from '../../shared/docs-links';
import { type SettingsProps } from '../../shared/types';
import { ChoiceSetting } from '../fields/input-settings';
import { providerForm, providerForms } from './provider-forms';
import { type ChosenProvider } from './use-provider';

const UNESCAPED = { interpolation: { escapeValue: false } };

/** Shown at the top of the OAuth settings. */
export function ProviderChoice({ options, choice }: { options: SettingsProps['options']; choice: ChosenProvider }) {
  const styles = useStyles2(getStyles);
  const form = providerForm(choice.provider);
  const consoleUrl = form.value === 'keycloak' ? keycloakConsole(options.jsonData.oauthIssuer) : form.consoleUrl;
  const provider = form.label;
  return (
    <>
      <ChoiceSetting<OAuthProvider>
        id="micromegas-oauth-provider"
        label={t('config.provider.label', 'Provider')}
        description={t(
          'config.provider.description',
          'The identity provider of the service account. The fields below are those that this provider needs.'
        )}
        disabled={options.readOnly}
        choices={providerForms()}
        value={choice.provider}
        warning={choiceWarning('oauthProvider', options.jsonData.oauthProvider, choice.provider)}
        onChange={choice.choose}
      />
      <div className={styles.setUp}>
        <p>{form.setUp}</p>
        <div className={styles.links}>
          {consoleUrl && (
            <TextLink href={consoleUrl} external inline variant="bodySmall">
              {t('config.provider.console', 'Open {{provider}}', { provider, ...UNESCAPED })}
            </TextLink>
          )}
          <TextLink href={docsUrl(form.guide)} external inline variant="bodySmall">
            {t('config.provider.guide', 'Setup guide: {{provider}}', { provider, ...UNESCAPED })}
          </TextLink>
        </div>
      </div>
      <OtherProviderNotice options={options} choice={choice} />
    </>
  );
}

/** If the issuer belongs to another provider than the form on the page, offers the form of the issuer's provider. */
function OtherProviderNotice({ options, choice }: { options: SettingsProps['options']; choice: ChosenProvider }) {
  const found = recogniseProvider(options.jsonData.oauthIssuer);
  if (found === 'other' || found === 'cognito' || found === choice.provider) {
    return null;
  }
  const provider = providerForm(found).label;
  return (
    <Alert
      severity="info"
      title={t('config.provider.recognised', 'This is an issuer of {{provider}}', { provider, ...UNESCAPED })}
    >
      <p>
        <Trans i18nKey="config.provider.own-form">This provider has its own form, with the fields that it needs.</Trans>
      </p>
      <Button
        type="button"
        size="sm"
        variant="secondary"
        disabled={options.readOnly}
        onClick={() => choice.choose(found)}
      >
        <Trans i18nKey="config.provider.use-form">Use the form of {{ provider }}</Trans>
      </Button>
    </Alert>
  );
}

/** URL of Keycloak's administration pages for the realm that an issuer names. */
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
