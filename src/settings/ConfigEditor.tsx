/** The settings page of a data source. Each section has its own file. */
import { DataSourceDescription } from '@grafana/plugin-ui';
import { Divider, Stack } from '@grafana/ui';
import React, { useState } from 'react';
import { choiceOf } from '../../contract/settings/choices';
import { type AuthType, effectiveAuthType } from '../../contract/settings/settings';
import { docsUrl } from '../shared/docs-links';
import { type SettingsProps } from '../shared/types';
import { AdditionalSection } from './AdditionalSection';
import { AttributionSection } from './AttributionSection';
import { AuthenticationSection } from './AuthenticationSection';
import { ConnectionCheck } from './check/ConnectionCheck';
import { ConnectionSection } from './ConnectionSection';
import { DiagnosticsSection } from './diagnostics/DiagnosticsSection';
import { SourceLinksSection } from './SourceLinksSection';
import { readableOptions } from './readable-options';
import { presentSecrets } from './update-settings';

/**
 * Grafana shows this page for a data source. If the data source is provisioned, all fields are disabled, but checks
 * still run.
 */
export function ConfigEditor(saved: SettingsProps) {
  const props = { ...saved, options: readableOptions(saved.options) };
  // The saved settings determine the initial authentication method. Later, only the user's choice changes the method,
  // so the page keeps the method while the user empties a field to type a new value.
  const [method, setMethod] = useState<AuthType>(() => {
    const { jsonData } = props.options;
    const selectedAuthType = choiceOf('selectedAuthType', jsonData.selectedAuthType);
    return effectiveAuthType({ ...jsonData, selectedAuthType }, presentSecrets(props.options));
  });
  return (
    <Stack direction="column" gap={0}>
      <DataSourceDescription dataSourceName="Micromegas" docsLink={docsUrl('admin/provisioning')} hasRequiredFields />
      <Divider spacing={4} />
      <ConnectionSection {...props} method={method} />
      <Divider spacing={4} />
      <AuthenticationSection {...props} method={method} onMethodChange={setMethod} />
      <Divider spacing={4} />
      <AttributionSection {...props} method={method} />
      <Divider spacing={4} />
      <AdditionalSection {...props} method={method} />
      <Divider spacing={4} />
      <SourceLinksSection {...props} />
      <Divider spacing={4} />
      <ConnectionCheck {...props} />
      <Divider spacing={4} />
      <DiagnosticsSection {...props} />
    </Stack>
  );
}
