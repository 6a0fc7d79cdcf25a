/**
 * The settings section with optional limits, suggestions, notices and headers. The section is open at first if one of
 * these settings is set or invalid.
 */
import { updateDatasourcePluginJsonDataOption } from '@grafana/data';
import { t } from '@grafana/i18n';
import { ConfigSection } from '@grafana/plugin-ui';
import React from 'react';
import {
  type AuthType,
  DEFAULT_FRESHNESS_NOTICES,
  DEFAULT_INCREMENTAL_REFRESH_MINUTES,
  DEFAULT_MAX_ROWS,
  DEFAULT_MAX_STATEMENTS,
  DEFAULT_QUERY_TIMEOUT_SECONDS,
  DEFAULT_RESULT_AGE_SECONDS,
  DEFAULT_RESULT_SHARING,
  type FreshnessNotices,
  type ResultSharing,
} from '../../contract/settings/settings';
import { readChoice } from '../../contract/problems/choice-problems';
import {
  incrementalRefreshProblem,
  sizeLimitProblem,
  maxRangeProblem,
  maxRowsProblem,
  maxStatementsProblem,
  resultAgeProblem,
  timeoutProblem,
} from '../../contract/problems/settings-problems';
import { readSwitch } from '../../contract/problems/switch-problems';
import { type SettingsProps } from '../shared/types';
import { type Choice, ChoiceSetting, NumberSetting, SwitchSetting } from './fields/input-settings';
import { numberedEntries, SECURE_METADATA } from './fields/numbered-entries';
import { Subsection } from './fields/SettingField';
import { MetadataList } from './MetadataList';
import { metadataPairs } from './update-settings';

function freshnessChoices(): ReadonlyArray<Choice<FreshnessNotices>> {
  return [
    { value: 'off', label: t('config.freshness.off', 'Off') },
    { value: 'explore', label: t('config.freshness.explore', 'Explore') },
    { value: 'dashboards', label: t('config.freshness.dashboards', 'Explore and dashboards') },
  ];
}

function sharingChoices(): ReadonlyArray<Choice<ResultSharing>> {
  return [
    { value: 'user', label: t('config.sharing.user', 'Each user alone') },
    { value: 'all', label: t('config.sharing.all', 'All users') },
  ];
}

/**
 * Describes which users share results, and which names the audit trail then contains.
 *
 * @param isForwarded True if the data source forwards the identities of users.
 */
function describeSharing(sharing: ResultSharing, isAttributed: boolean, isForwarded: boolean): string {
  if (isForwarded) {
    return t(
      'config.sharing.forwarded',
      'Users never share results, because the data source forwards their identities. Each user gets only results of their own.'
    );
  }
  if (sharing === 'user') {
    return isAttributed
      ? t(
          'config.sharing.of-user',
          'Equal queries of the dashboards of one user are sent once. The audit trail names each user who reads.'
        )
      : t('config.sharing.of-user-unnamed', 'Equal queries of the dashboards of one user are sent once.');
  }
  return isAttributed
    ? t(
        'config.sharing.of-all',
        'Equal queries of the dashboards of all users are sent once. The audit trail then names only the first user, dashboard and panel, and none of the others that get the same result.'
      )
    : t('config.sharing.of-all-unnamed', 'Equal queries of the dashboards of all users are sent once.');
}

/**
 * Shown on the settings page, below User Attribution. @param method The sign-in method, which decides which users can
 * share results.
 */
export function AdditionalSection({ method, ...props }: SettingsProps & { method: AuthType }) {
  const { jsonData, readOnly } = props.options;
  const suggestValues = readSwitch('suggestValues', jsonData, true);
  const freshness = readChoice('freshnessNotices', jsonData.freshnessNotices, DEFAULT_FRESHNESS_NOTICES);
  const sharing = readChoice('shareResults', jsonData.shareResults, DEFAULT_RESULT_SHARING);
  const pairs = metadataPairs(jsonData.metadata);
  const isUsed =
    jsonData.queryTimeoutSeconds !== undefined ||
    jsonData.maxRows !== undefined ||
    jsonData.maxAnswerMegabytes !== undefined ||
    jsonData.maxStatements !== undefined ||
    jsonData.maxRangeHours !== undefined ||
    jsonData.resultAgeSeconds !== undefined ||
    sharing.value !== DEFAULT_RESULT_SHARING ||
    sharing.warning !== undefined ||
    jsonData.incrementalRefreshMinutes !== undefined ||
    !suggestValues.value ||
    suggestValues.warning !== undefined ||
    freshness.value !== DEFAULT_FRESHNESS_NOTICES ||
    freshness.warning !== undefined ||
    pairs.some(([key, value]) => key !== '' || value !== '') ||
    numberedEntries(props.options, SECURE_METADATA).length > 0;
  return (
    <ConfigSection
      title={t('config.additional.title', 'Additional settings')}
      description={t('config.additional.description', 'Optional limits, suggestions, notices and headers.')}
      isCollapsible
      isInitiallyOpen={isUsed}
    >
      <NumberSetting
        id="micromegas-query-timeout"
        label={t('config.query-timeout.label', 'Query timeout')}
        description={t(
          'config.query-timeout.description',
          'Seconds until a query is cancelled, in Grafana and on the server.'
        )}
        disabled={readOnly}
        problem={timeoutProblem(jsonData.queryTimeoutSeconds)}
        value={jsonData.queryTimeoutSeconds}
        placeholder={String(DEFAULT_QUERY_TIMEOUT_SECONDS)}
        onChange={(seconds) => updateDatasourcePluginJsonDataOption(props, 'queryTimeoutSeconds', seconds)}
      />
      <NumberSetting
        id="micromegas-row-limit"
        label={t('config.row-limit.label', 'Row limit')}
        description={t(
          'config.row-limit.description',
          'Largest number of rows per query. A longer result is truncated, with a notice.'
        )}
        disabled={readOnly}
        problem={maxRowsProblem(jsonData.maxRows)}
        value={jsonData.maxRows}
        placeholder={String(DEFAULT_MAX_ROWS)}
        onChange={(rows) => updateDatasourcePluginJsonDataOption(props, 'maxRows', rows)}
      />
      <NumberSetting
        id="micromegas-size-limit"
        label={t('config.size-limit.label', 'Size limit')}
        description={t(
          'config.size-limit.description',
          'Largest number of megabytes per query that the server may send. A larger result is truncated, with a notice.'
        )}
        disabled={readOnly}
        problem={sizeLimitProblem(jsonData.maxAnswerMegabytes)}
        value={jsonData.maxAnswerMegabytes}
        placeholder={t('config.size-limit.placeholder', 'none')}
        onChange={(megabytes) => updateDatasourcePluginJsonDataOption(props, 'maxAnswerMegabytes', megabytes)}
      />
      <NumberSetting
        id="micromegas-open-statements"
        label={t('config.open-statements.label', 'Open statements')}
        description={t(
          'config.open-statements.description',
          'The server runs at most this many queries of viewers at the same time. Further queries wait, and users take turns. The same limit applies separately to the later statements of these queries, and to alert rules together with Save & test. 0 means no limit.'
        )}
        disabled={readOnly}
        problem={maxStatementsProblem(jsonData.maxStatements)}
        value={jsonData.maxStatements}
        placeholder={String(DEFAULT_MAX_STATEMENTS)}
        onChange={(statements) => updateDatasourcePluginJsonDataOption(props, 'maxStatements', statements)}
      />
      <NumberSetting
        id="micromegas-longest-range"
        label={t('config.longest-range.label', 'Longest range')}
        description={t(
          'config.longest-range.description',
          'Hours of the longest time range of a query. Queries over a longer range, or without a time filter, are rejected.'
        )}
        disabled={readOnly}
        problem={maxRangeProblem(jsonData.maxRangeHours)}
        value={jsonData.maxRangeHours}
        placeholder={t('config.longest-range.placeholder', 'none')}
        onChange={(hours) => updateDatasourcePluginJsonDataOption(props, 'maxRangeHours', hours)}
      />
      <NumberSetting
        id="micromegas-result-age"
        label={t('config.result-age.label', 'Result age')}
        description={t(
          'config.result-age.description',
          'Panels of dashboards get the result of an equal query that was sent at most this many seconds ago. With 0, results are not kept: equal queries share a result only while they wait to be sent. Explore and alert rules always send their queries.'
        )}
        disabled={readOnly}
        problem={resultAgeProblem(jsonData.resultAgeSeconds)}
        value={jsonData.resultAgeSeconds}
        placeholder={String(DEFAULT_RESULT_AGE_SECONDS)}
        onChange={(seconds) => updateDatasourcePluginJsonDataOption(props, 'resultAgeSeconds', seconds)}
      />
      <ChoiceSetting<ResultSharing>
        id="micromegas-share-results"
        label={t('config.sharing.label', 'Shared results')}
        description={describeSharing(
          sharing.value,
          readSwitch('enableUserAttribution', jsonData, true).value,
          method === 'oauth2' && readSwitch('oauthPassThru', jsonData, false).value
        )}
        disabled={readOnly}
        choices={sharingChoices()}
        {...sharing}
        onChange={(value) => updateDatasourcePluginJsonDataOption(props, 'shareResults', value)}
      />
      <NumberSetting
        id="micromegas-incremental-refresh"
        label={t('config.incremental-refresh.label', 'Incremental refresh')}
        description={t(
          'config.incremental-refresh.description',
          'Panels with time bins of log lines or measures read only the bins that have changed. After this many minutes, they read the whole time range again. 0 means off.'
        )}
        disabled={readOnly}
        problem={incrementalRefreshProblem(jsonData.incrementalRefreshMinutes)}
        value={jsonData.incrementalRefreshMinutes}
        placeholder={String(DEFAULT_INCREMENTAL_REFRESH_MINUTES)}
        onChange={(minutes) => updateDatasourcePluginJsonDataOption(props, 'incrementalRefreshMinutes', minutes)}
      />
      <SwitchSetting
        id="micromegas-suggest-values"
        label={t('config.suggest-values.label', 'Suggest values')}
        description={
          suggestValues.value
            ? t(
                'config.suggest-values.description',
                'Query editors and filters read values, property keys, processes and measures from the lakehouse, to suggest them. The audit trail shows these queries with the entrypoint completion.'
              )
            : t(
                'config.suggest-values.off',
                'Off: query editors and filters read no telemetry. They suggest tables, columns and functions only.'
              )
        }
        disabled={readOnly}
        {...suggestValues}
        onChange={(value) => updateDatasourcePluginJsonDataOption(props, 'suggestValues', value)}
      />
      <ChoiceSetting<FreshnessNotices>
        id="micromegas-freshness-notices"
        label={t('config.freshness.label', 'Freshness notices')}
        description={t(
          'config.freshness.description',
          'Where a notice says how old the newest data are, such as "Data complete up to 10:42". In Explore, each notice needs a short query, at most one in 30 seconds for the same user and processes. On dashboards, one query a minute for each user serves all panels.'
        )}
        disabled={readOnly}
        choices={freshnessChoices()}
        {...freshness}
        onChange={(place) => updateDatasourcePluginJsonDataOption(props, 'freshnessNotices', place)}
      />
      <Subsection
        title={t('config.metadata.title', 'Metadata')}
        description={t(
          'config.metadata.description',
          'Headers of every call, for a reverse proxy in front of the server. Secret values are stored encrypted. Other values can be read by everyone who may open dashboards.'
        )}
      >
        <MetadataList {...props} />
      </Subsection>
    </ConfigSection>
  );
}
