/** What most data sources leave alone: limits and extra headers. Folded unless something is set. */
import { updateDatasourcePluginJsonDataOption } from '@grafana/data';
import { ConfigSection } from '@grafana/plugin-ui';
import React from 'react';
import { DEFAULT_MAX_ROWS, DEFAULT_QUERY_TIMEOUT_SECONDS } from '../../contract/settings';
import { maxAnswerProblem, maxRowsProblem, timeoutProblem } from '../../contract/settings-problems';
import { type SettingsProps } from '../types';
import { MetadataList } from './MetadataList';
import { NumberSetting } from './fields/SettingField';
import { numberedEntries, SECURE_METADATA } from './fields/numbered-entries';
import { metadataPairs } from './update-settings';
import { Subsection } from './fields/Subsection';

export function AdditionalSection(props: SettingsProps) {
  const { jsonData, readOnly } = props.options;
  const pairs = metadataPairs(jsonData.metadata);
  const isUsed =
    jsonData.queryTimeoutSeconds !== undefined ||
    jsonData.maxRows !== undefined ||
    jsonData.maxAnswerMegabytes !== undefined ||
    pairs.some(([key, value]) => key !== '' || value !== '') ||
    numberedEntries(props.options, SECURE_METADATA).length > 0;
  return (
    <ConfigSection
      title="Additional settings"
      description="Optional limits and headers."
      isCollapsible
      isInitiallyOpen={isUsed}
    >
      <NumberSetting
        id="micromegas-query-timeout"
        label="Query timeout"
        description="Seconds after which a query is given up, on the server too."
        disabled={readOnly}
        problem={timeoutProblem(jsonData.queryTimeoutSeconds)}
        value={jsonData.queryTimeoutSeconds}
        placeholder={String(DEFAULT_QUERY_TIMEOUT_SECONDS)}
        onChange={(seconds) => updateDatasourcePluginJsonDataOption(props, 'queryTimeoutSeconds', seconds)}
      />
      <NumberSetting
        id="micromegas-row-limit"
        label="Row limit"
        description="Rows at which any answer is cut, with a notice."
        disabled={readOnly}
        problem={maxRowsProblem(jsonData.maxRows)}
        value={jsonData.maxRows}
        placeholder={String(DEFAULT_MAX_ROWS)}
        onChange={(rows) => updateDatasourcePluginJsonDataOption(props, 'maxRows', rows)}
      />
      <NumberSetting
        id="micromegas-size-limit"
        label="Size limit"
        description="Megabytes from the server at which any answer is cut, with a notice."
        disabled={readOnly}
        problem={maxAnswerProblem(jsonData.maxAnswerMegabytes)}
        value={jsonData.maxAnswerMegabytes}
        placeholder="none"
        onChange={(megabytes) => updateDatasourcePluginJsonDataOption(props, 'maxAnswerMegabytes', megabytes)}
      />
      <Subsection
        title="Metadata"
        description="Headers sent with every call, for a proxy in front of the server. Secret values are stored encrypted, all others readable."
      >
        <MetadataList {...props} />
      </Subsection>
    </ConfigSection>
  );
}
