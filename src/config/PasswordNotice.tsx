/** For data sources saved with a user name and password: why they cannot work, and the ways out. */
import { Alert, Button, Stack } from '@grafana/ui';
import React from 'react';
import { type AuthType } from '../../contract/settings';

interface Props {
  disabled?: boolean;
  onChoose: (method: AuthType) => void;
}

export function PasswordNotice({ disabled, onChoose }: Props) {
  return (
    <Alert severity="warning" title="Micromegas has no sign-in by user name and password">
      <p>
        This data source was saved with one, so its queries are refused. Choose another method; what was saved stays
        until you save this page.
      </p>
      <Stack gap={1} wrap="wrap">
        <Button size="sm" variant="secondary" disabled={disabled} onClick={() => onChoose('token')}>
          Use an API key
        </Button>
        <Button size="sm" variant="secondary" disabled={disabled} onClick={() => onChoose('oauth2')}>
          Use OAuth 2.0
        </Button>
      </Stack>
    </Alert>
  );
}
