/** The row of options below the SQL or the builder: time filter, limits, and the options of the format. */
import { css } from '@emotion/css';
import { type GrafanaTheme2 } from '@grafana/data';
import { t, Trans } from '@grafana/i18n';
import { EditorField, EditorRow, EditorSwitch } from '@grafana/plugin-ui';
import { Input, useStyles2 } from '@grafana/ui';
import React, { useState } from 'react';
import {
  DEFAULT_PATTERN_ORDER,
  DEFAULT_PATTERN_RESULT,
  type PatternOrder,
  type PatternResult,
} from '../../../contract/logs/log-patterns';
import { CollapseButton } from '../../shared/controls/CollapseButton';
import { MAX_LEGEND_CHARACTERS, readQuery } from '../../../contract/queries/query';
import { ChoiceBox } from '../../shared/controls/ChoiceBox';
import { MAX_TAG_CHARACTERS, StringsInput } from '../../shared/controls/StringsInput';
import { type MicromegasQuery } from '../../shared/types';
import { LimitFields, type LimitProps } from './LimitFields';
import {
  type FillChoice,
  fillModeOf,
  fillModes,
  fillPatch,
  isRowLimitInvalid,
  optionsSummary,
  patternOrders,
  patternResults,
} from '../model/query-options';

interface OptionProps {
  query: MicromegasQuery;
  /** Prefix of the ids of the controls, unique per editor. */
  idPrefix: string;
  /** Called when the user has chosen a value. */
  onChoose: (patch: Partial<MicromegasQuery>) => void;
}

interface FillProps {
  /**
   * True if the builder's form has its own _Fill gaps_. Then this row shows _Fill gaps_ only for a query with a fill
   * mode.
   */
  builderFills: boolean;
}

type Props = OptionProps &
  FillProps & {
    /** For `LimitFields`. */
    limits: Pick<LimitProps, 'hasRowLimit' | 'onChoose' | 'onType' | 'onRun'>;
    /** Shown at the end of the row. */
    alertLink: React.ReactNode;
  };

/** A row that starts collapsed, or open if the row limit is invalid. While it is collapsed, it shows a summary. */
export function QueryOptions({ limits, alertLink, ...props }: Props) {
  const styles = useStyles2(getStyles);
  const [isOpen, setIsOpen] = useState(isRowLimitInvalid(props.query));
  const summary = optionsSummary(props.query, limits.hasRowLimit);
  return (
    <EditorRow>
      <div className={styles.header}>
        <CollapseButton isOpen={isOpen} onToggle={() => setIsOpen(!isOpen)}>
          <Trans i18nKey="query.options">Options</Trans>
        </CollapseButton>
        {!isOpen && (
          <span className={styles.summary} title={summary}>
            {summary}
          </span>
        )}
        {alertLink}
      </div>
      {isOpen && (
        <>
          <LimitFields query={props.query} idPrefix={props.idPrefix} {...limits} />
          <FormatOptions {...props} />
        </>
      )}
    </EditorRow>
  );
}

function FormatOptions(props: OptionProps & FillProps) {
  switch (readQuery(props.query).format) {
    case 'time_series':
      return <SeriesOptions {...props} />;
    case 'patterns':
      return <PatternFields {...props} />;
    default:
      return <ValueOptions {...props} />;
  }
}

/** The result and the order of the format _Log patterns_. */
function PatternFields({ query, idPrefix, onChoose }: OptionProps) {
  const { patterns } = readQuery(query);
  const result = patterns.result || DEFAULT_PATTERN_RESULT;
  return (
    <>
      <EditorField
        label={t('query.patterns.result.label', 'Result')}
        htmlFor={`${idPrefix}-pattern-result`}
        tooltip={t(
          'query.patterns.result.tooltip',
          'New patterns have no line in the equally long time before the range. Alert rules need a result other than Table.'
        )}
      >
        <ChoiceBox<PatternResult>
          id={`${idPrefix}-pattern-result`}
          width={26}
          options={patternResults()}
          value={result}
          onChange={(chosen) => onChoose({ patterns: { ...patterns, result: chosen } })}
        />
      </EditorField>
      {result === 'table' && (
        <EditorField label={t('query.patterns.order.label', 'Order')} htmlFor={`${idPrefix}-pattern-order`}>
          <ChoiceBox<PatternOrder>
            id={`${idPrefix}-pattern-order`}
            width={20}
            options={patternOrders()}
            value={patterns.order || DEFAULT_PATTERN_ORDER}
            onChange={(order) => onChoose({ patterns: { ...patterns, order } })}
          />
        </EditorField>
      )}
    </>
  );
}

function ValueOptions({ query, idPrefix, onChoose }: OptionProps) {
  return (
    <EditorField
      label={t('query.big-integers.label', 'Big integers as text')}
      htmlFor={`${idPrefix}-big-integers`}
      tooltip={t(
        'query.big-integers.tooltip',
        'Browsers round integers beyond 2^53. This option returns columns with such integers as text, so that all digits are shown.'
      )}
    >
      <EditorSwitch
        id={`${idPrefix}-big-integers`}
        value={readQuery(query).bigIntegersAsText}
        onChange={({ currentTarget }) => onChoose({ bigIntegersAsText: currentTarget.checked })}
      />
    </EditorField>
  );
}

function FillField({ query, idPrefix, onChoose }: OptionProps) {
  return (
    <EditorField
      label={t('query.fill.label', 'Fill gaps')}
      htmlFor={`${idPrefix}-fill`}
      tooltip={t(
        'query.fill.tooltip',
        'The value of a series at times without a row. The intervals are those of $__dateBin, so group by $__dateBin.'
      )}
    >
      <ChoiceBox<FillChoice>
        id={`${idPrefix}-fill`}
        width={24}
        options={fillModes()}
        value={fillModeOf(query)}
        onChange={(choice) => onChoose(fillPatch(choice))}
      />
    </EditorField>
  );
}

function SeriesOptions({ query, idPrefix, builderFills, onChoose }: OptionProps & FillProps) {
  const styles = useStyles2(getStyles);
  const [isTooLong, setIsTooLong] = useState(false);
  const hasFill = !builderFills || fillModeOf(query) !== 'off';
  return (
    <>
      {hasFill && <FillField query={query} idPrefix={idPrefix} onChoose={onChoose} />}
      <LegendField query={query} idPrefix={idPrefix} onChoose={onChoose} />
      <div className={styles.labels}>
        <EditorField
          label={t('query.label-columns.label', 'Label columns')}
          htmlFor={`${idPrefix}-labels`}
          tooltip={t(
            'query.label-columns.tooltip',
            'Columns of other types than text that become labels of the series, for example a level. Text columns always become labels.'
          )}
          invalid={isTooLong}
          error={t(
            'query.label-columns.too-long',
            'Longer than {{max}} characters. Give the column a shorter name in the SQL.',
            { max: MAX_TAG_CHARACTERS }
          )}
        >
          <StringsInput
            id={`${idPrefix}-labels`}
            placeholder={t('query.label-columns.placeholder', 'Column, then Enter')}
            strings={readQuery(query).labelColumns}
            onChange={(names) => onChoose({ labelColumns: names.length === 0 ? undefined : names })}
            onTooLong={setIsTooLong}
          />
        </EditorField>
      </div>
    </>
  );
}

/** Not translated, because double braces mark values in translations. */
const LEGEND_EXAMPLE = '{{exe}} {{column}}';

/** The template is saved when the user leaves the field or presses Enter, because each change runs the query. */
function LegendField({ query, idPrefix, onChoose }: OptionProps) {
  const styles = useStyles2(getStyles);
  const [typed, setTyped] = useState<string>();
  const saved = query.legend ?? '';
  const save = () => {
    if (typed !== undefined && typed.trim() !== saved) {
      onChoose({ legend: typed.trim() === '' ? undefined : typed.trim() });
    }
    setTyped(undefined);
  };
  return (
    <div className={styles.legend}>
      <EditorField
        label={t('query.legend.label', 'Legend')}
        htmlFor={`${idPrefix}-legend`}
        tooltip={t(
          'query.legend.tooltip',
          "Names of the series. The name of a label in double braces stands for its value, and the word column in double braces for the name of the value column. Empty: Grafana's names. Overrides of the panel have precedence."
        )}
      >
        <Input
          id={`${idPrefix}-legend`}
          maxLength={MAX_LEGEND_CHARACTERS}
          placeholder={LEGEND_EXAMPLE}
          value={typed ?? saved}
          onChange={({ currentTarget }) => setTyped(currentTarget.value)}
          onBlur={save}
          onKeyDown={({ key }) => {
            if (key === 'Enter') {
              save();
            }
          }}
        />
      </EditorField>
    </div>
  );
}

const getStyles = (theme: GrafanaTheme2) => ({
  legend: css({ flex: '1 1 160px', minWidth: 0, maxWidth: theme.spacing(40) }),
  header: css({ display: 'flex', alignItems: 'center', gap: theme.spacing(1), width: '100%' }),
  // One line. The tooltip shows the whole summary. The width is 0 so that a long summary does not widen the row.
  summary: css({
    ...theme.typography.bodySmall,
    color: theme.colors.text.secondary,
    width: 0,
    flexGrow: 1,
    overflow: 'hidden',
    textOverflow: 'ellipsis',
    whiteSpace: 'nowrap',
  }),
  // Grows to a maximum width, and shrinks on a narrow page.
  labels: css({ flex: '1 1 200px', minWidth: 0, maxWidth: theme.spacing(56) }),
});
