/** Links from the functions of a profile to their source code. The section is open at first if a template is saved. */
import { updateDatasourcePluginJsonDataOption } from '@grafana/data';
import { t } from '@grafana/i18n';
import { ConfigSection } from '@grafana/plugin-ui';
import React from 'react';
import {
  SOURCE_FILE,
  SOURCE_LINE,
  SOURCE_URL_EXAMPLE,
  sourceUrlProblem,
} from '../../contract/problems/settings-problems';
import { type SettingsProps } from '../shared/types';
import { InputSetting } from './fields/input-settings';
import { DerivedValue } from './fields/SettingField';

/** A file as the telemetry names it, for the example below the field. */
const EXAMPLE_FILE = 'src/render/frame.rs';
const EXAMPLE_LINE = '42';

/** Shown on the settings page, below Additional settings. Shows an example of a link for a valid template. */
export function SourceLinksSection(props: SettingsProps) {
  const { jsonData, readOnly } = props.options;
  const template = jsonData.sourceUrl?.trim() ?? '';
  const problem = sourceUrlProblem(template);
  return (
    <ConfigSection
      title={t('config.source.title', 'Source links')}
      description={t(
        'config.source.description',
        'Links from the functions of a profile to their source code, for example on GitHub or GitLab.'
      )}
      isCollapsible
      isInitiallyOpen={template !== ''}
    >
      <InputSetting
        id="micromegas-source-url"
        label={t('config.source.url.label', 'Source URL')}
        description={t(
          'config.source.url.description',
          'The URL of a source file. {{file}} is replaced by the path of the file as the telemetry names it, and {{line}} by the line. Empty: no links.',
          { file: SOURCE_FILE, line: SOURCE_LINE, interpolation: { escapeValue: false } }
        )}
        disabled={readOnly}
        problem={problem}
        value={jsonData.sourceUrl}
        placeholder={SOURCE_URL_EXAMPLE}
        onChange={(value) => updateDatasourcePluginJsonDataOption(props, 'sourceUrl', value)}
      />
      <DerivedValue
        label={t('config.source.url.example', 'Example of a link')}
        value={
          template === '' || problem !== undefined
            ? undefined
            : template.replaceAll(SOURCE_FILE, EXAMPLE_FILE).replaceAll(SOURCE_LINE, EXAMPLE_LINE)
        }
      />
    </ConfigSection>
  );
}
