/** The settings page of a data source: one section per question, each in a file of its own. */
import { DataSourceDescription } from '@grafana/plugin-ui';
import { Divider, Stack } from '@grafana/ui';
import React, { useState } from 'react';
import { type AuthType, effectiveAuthType } from '../../contract/settings';
import { type SettingsProps } from '../types';
import { AdditionalSection } from './AdditionalSection';
import { AttributionSection } from './AttributionSection';
import { AuthenticationSection } from './AuthenticationSection';
import { ConnectionCheck } from './check/ConnectionCheck';
import { ConnectionSection } from './ConnectionSection';
import { presentSecrets } from './update-settings';

const DOCS_LINK = 'https://github.com/madesroches/micromegas';

export function ConfigEditor(props: SettingsProps) {
  // What was saved decides which method is shown at first. After that only the select does: emptying a field on the way
  // to a new value must not turn the page to another method.
  const [method, setMethod] = useState<AuthType>(() =>
    effectiveAuthType(props.options.jsonData, presentSecrets(props.options))
  );
  return (
    <Stack direction="column" gap={0}>
      <DataSourceDescription dataSourceName="Micromegas" docsLink={DOCS_LINK} hasRequiredFields />
      <Divider spacing={4} />
      <ConnectionSection {...props} method={method} />
      <Divider spacing={4} />
      <AuthenticationSection {...props} method={method} onMethodChange={setMethod} />
      <Divider spacing={4} />
      <AttributionSection {...props} method={method} />
      <Divider spacing={4} />
      <AdditionalSection {...props} />
      <Divider spacing={4} />
      <ConnectionCheck {...props} />
    </Stack>
  );
}
