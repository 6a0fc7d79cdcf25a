/** The API key, and its move into the encrypted store where a very old save kept it readable. */
import { Alert, Button } from '@grafana/ui';
import React from 'react';
import { type SettingsProps } from '../types';
import { SettingField } from './fields/SettingField';
import { StoredSecretInput } from './fields/StoredSecretInput';
import { presentSecrets, withApiKey } from './update-settings';

export function ApiKeyFields({ options, onOptionsChange }: SettingsProps) {
  const readable = options.jsonData.token;
  const isStored = Boolean(options.secureJsonFields?.token);
  const isMissing = !presentSecrets(options).token && !readable;
  return (
    <>
      <SettingField
        id="micromegas-api-key"
        label="API Key"
        description="Stored encrypted. Only Grafana's server can read it again."
        required
        disabled={options.readOnly}
        problem={isMissing ? 'Enter the API key.' : undefined}
        isEmpty={isMissing}
      >
        <StoredSecretInput
          id="micromegas-api-key"
          value={options.secureJsonData?.token ?? ''}
          isStored={isStored || (Boolean(readable) && !options.secureJsonData?.token)}
          readOnly={options.readOnly}
          onChange={({ currentTarget }) => onOptionsChange(withApiKey(options, currentTarget.value))}
          onReset={() => onOptionsChange(withApiKey(options, ''))}
        />
      </SettingField>
      {readable && !isStored && (
        <Alert severity="warning" title="The API key is stored in plain text">
          <p>An old version kept it where everyone who may open dashboards can read it.</p>
          <Button
            size="sm"
            variant="secondary"
            disabled={options.readOnly}
            onClick={() => onOptionsChange(withApiKey(options, readable))}
          >
            Move it to the encrypted store
          </Button>
        </Alert>
      )}
    </>
  );
}
