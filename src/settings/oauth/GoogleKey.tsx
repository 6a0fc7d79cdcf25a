/** The fields that only Google has: a warning about its issuer, and the key of a service account. */
import { css } from '@emotion/css';
import { type GrafanaTheme2 } from '@grafana/data';
import { t, Trans } from '@grafana/i18n';
import { Alert, Button, Text, useStyles2 } from '@grafana/ui';
import React, { useRef, useState } from 'react';
import { providerProblems } from '../../../contract/problems/provider-problems';
import { GOOGLE_ISSUER } from '../../../contract/settings/providers';
import { translateMessage } from '../../shared/translate-message';
import { SecretSetting } from '../fields/SecretSetting';
import { DerivedValue } from '../fields/SettingField';
import { withSecret, withSettings } from '../update-settings';
import { type PastedKey, readPastedKey } from './google-key';
import { type ProviderFieldProps } from './ProviderInputField';

const KEY_EXAMPLE = '{ "type": "service_account", … }';

/** Warns if the issuer is not Google's, and offers to replace it. */
export function GoogleIssuer({ page, isRequired }: ProviderFieldProps) {
  const { options, onOptionsChange } = page;
  const issuer = options.jsonData.oauthIssuer;
  const problem = providerProblems(options.jsonData).problems.oauthIssuer;
  if (issuer === GOOGLE_ISSUER || (!issuer && !isRequired)) {
    return null;
  }
  const title = t('config.google-issuer.title', 'The issuer of Google is {{issuer}}', {
    issuer: GOOGLE_ISSUER,
    interpolation: { escapeValue: false },
  });
  return (
    <Alert severity="warning" title={title}>
      <p>
        {issuer ? (
          <Trans i18nKey="config.google-issuer.saved">The saved issuer is {{ issuer }}.</Trans>
        ) : (
          <Trans i18nKey="config.google-issuer.none">No issuer is saved.</Trans>
        )}{' '}
        {problem && translateMessage(problem)}
      </p>
      <Button
        type="button"
        size="sm"
        variant="secondary"
        disabled={options.readOnly}
        onClick={() => onOptionsChange(withSettings(options, { oauthIssuer: GOOGLE_ISSUER }))}
      >
        <Trans i18nKey="config.google-issuer.use">Use Google&apos;s issuer</Trans>
      </Button>
    </Alert>
  );
}

/** Description of a recognised key, without the key itself. */
function keySummary(key: PastedKey | undefined): string | undefined {
  const interpolation = { escapeValue: false };
  switch (key?.kind) {
    case 'file': {
      const { email, project, keyId } = key;
      const parts = [
        t('config.google-key.account', 'JSON key of {{email}}', { email, interpolation }),
        project && t('config.google-key.project', 'project {{project}}', { project, interpolation }),
        keyId && t('config.google-key.key-id', 'key ID {{keyId}}', { keyId, interpolation }),
      ];
      return parts.filter(Boolean).join(', ');
    }
    case 'bare':
      return t('config.google-key.bare', 'a private key. Client ID must be the e-mail address of its service account');
    default:
      return undefined;
  }
}

/** A service account of Google has a key in a JSON file, which the user pastes or uploads. */
export function GoogleKey({ page, isRequired }: ProviderFieldProps) {
  const { options, onOptionsChange } = page;
  const key = readPastedKey(options.secureJsonData?.oauthClientSecret ?? '');
  const change = (content: string) => {
    const changed = withSecret(options, 'oauthClientSecret', content);
    const read = readPastedKey(content);
    onOptionsChange(read?.kind === 'file' ? withSettings(changed, { oauthClientId: read.email }) : changed);
  };
  return (
    <>
      <SecretSetting
        id="micromegas-oauth-client-secret"
        label={t('config.google-key.label', 'Service account key (JSON)')}
        description={t(
          'config.google-key.description',
          "Paste the whole file, or upload it. The value of private_key alone works too. Stored encrypted. Only Grafana's server can read it."
        )}
        page={page}
        secret="oauthClientSecret"
        missing={
          isRequired ? t('config.google-key.missing', 'Paste or upload the key of the service account.') : undefined
        }
        problem={() => (key?.kind === 'wrong' ? key.problem : undefined)}
        placeholder={KEY_EXAMPLE}
        multiline
        onType={change}
      />
      {!options.readOnly && <KeyFileButton onContent={change} />}
      <DerivedValue label={t('config.google-key.recognised', 'Recognised')} value={keySummary(key)} isProse />
    </>
  );
}

/** Reads the key from a file on the user's computer. */
function KeyFileButton({ onContent }: { onContent: (content: string) => void }) {
  const styles = useStyles2(getStyles);
  const input = useRef<HTMLInputElement>(null);
  const [failedFile, setFailedFile] = useState<string>();
  const label = t('config.google-key.upload', 'Upload key file');
  const read = async ({ currentTarget }: React.ChangeEvent<HTMLInputElement>) => {
    const file = currentTarget.files?.[0];
    if (file === undefined) {
      return;
    }
    try {
      onContent(await file.text());
      setFailedFile(undefined);
    } catch {
      setFailedFile(file.name);
    }
    // After this, the browser reports a change even if the user chooses the same file again.
    if (input.current !== null) {
      input.current.value = '';
    }
  };
  return (
    <div className={styles.upload}>
      <Button type="button" size="sm" variant="secondary" icon="upload" onClick={() => input.current?.click()}>
        {label}
      </Button>
      <input
        ref={input}
        id="micromegas-google-key-file"
        type="file"
        accept="application/json,.json"
        aria-label={label}
        hidden
        onChange={read}
      />
      {failedFile !== undefined && (
        <Text element="span" color="error" variant="bodySmall">
          <Trans i18nKey="config.google-key.unreadable">
            {{ failedFile }} could not be read. Paste its content instead.
          </Trans>
        </Text>
      )}
    </div>
  );
}

const getStyles = (theme: GrafanaTheme2) => ({
  upload: css({
    display: 'flex',
    flexWrap: 'wrap',
    alignItems: 'center',
    gap: theme.spacing(1),
    // Moves the button up to the field that it fills.
    margin: theme.spacing(-1, 0, 2),
  }),
});
