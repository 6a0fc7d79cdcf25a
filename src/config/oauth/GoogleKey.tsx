/** Google: a service account has no client secret but a key, in a JSON file that is pasted or uploaded. */
import { Alert, Button } from '@grafana/ui';
import React from 'react';
import { providerProblems } from '../../../contract/provider-problems';
import { GOOGLE_ISSUER } from '../../../contract/providers';
import { DerivedValue } from '../fields/DerivedValue';
import { FileButton } from '../fields/FileButton';
import { SecretSetting } from '../fields/SecretSetting';
import { withSecret, withSettings } from '../update-settings';
import { type PastedKey, readPastedKey } from './google-key';
import { type ProviderFieldProps } from './provider-field-props';

/** Google has one issuer. A save with another spelling is not changed unasked. */
export function GoogleIssuer({ page, isRequired }: ProviderFieldProps) {
  const { options, onOptionsChange } = page;
  const issuer = options.jsonData.oauthIssuer;
  if (issuer === GOOGLE_ISSUER || (!issuer && !isRequired)) {
    return null;
  }
  return (
    <Alert severity="warning" title={`The issuer of Google is ${GOOGLE_ISSUER}`}>
      <p>
        {issuer ? `Saved is ${issuer}. ` : 'None is saved. '}
        {providerProblems(options.jsonData).problems.oauthIssuer}
      </p>
      <Button
        type="button"
        size="sm"
        variant="secondary"
        disabled={options.readOnly}
        onClick={() => onOptionsChange(withSettings(options, { oauthIssuer: GOOGLE_ISSUER }))}
      >
        Use Google&apos;s issuer
      </Button>
    </Alert>
  );
}

/** What was recognised in the pasted text. */
function recognised(key: PastedKey | undefined): string | undefined {
  switch (key?.kind) {
    case 'file':
      return [`JSON key of ${key.email}`, key.project && `project ${key.project}`, key.keyId && `key ID ${key.keyId}`]
        .filter(Boolean)
        .join(', ');
    case 'bare':
      return 'a private key. Client ID must be the e-mail address of its service account';
    default:
      return undefined;
  }
}

export function GoogleKey({ page, isRequired }: ProviderFieldProps) {
  const { options, onOptionsChange } = page;
  const key = readPastedKey(options.secureJsonData?.oauthClientSecret ?? '');
  const take = (text: string) => {
    const changed = withSecret(options, 'oauthClientSecret', text);
    const read = readPastedKey(text);
    onOptionsChange(read?.kind === 'file' ? withSettings(changed, { oauthClientId: read.email }) : changed);
  };
  return (
    <>
      <SecretSetting
        id="micromegas-oauth-client-secret"
        label="Service account key (JSON)"
        description="Paste the whole file, or upload it. Stored encrypted: only Grafana's server can read it again. The private_key out of the file alone works, too."
        page={page}
        secret="oauthClientSecret"
        missing={isRequired ? 'Paste or upload the key of the service account.' : undefined}
        problem={() => (key?.kind === 'wrong' ? key.problem : undefined)}
        placeholder='{ "type": "service_account", … }'
        multiline
        onType={take}
      />
      {!options.readOnly && (
        <FileButton
          id="micromegas-google-key-file"
          label="Upload key file"
          accept="application/json,.json"
          onText={take}
        />
      )}
      <DerivedValue label="Recognised" value={recognised(key)} isText />
    </>
  );
}
