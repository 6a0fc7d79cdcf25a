/** The row below the SQL for what few queries need. Closed it is one line, which names the options that are set. */
import { css } from '@emotion/css';
import { type GrafanaTheme2 } from '@grafana/data';
import { Button, InlineField, InlineSwitch, Stack, TagsInput, useStyles2 } from '@grafana/ui';
import React, { useState } from 'react';
import { readQuery } from '../../contract/query';
import { ChoiceBox } from '../controls/ChoiceBox';
import { type MicromegasQuery } from '../types';
import { FILL_MODES, fillModeOf, fillPatch, type FillChoice, optionsSummary } from './query-options';

interface Props {
  query: MicromegasQuery;
  /** Unique on the page: several editors are open at once. */
  idPrefix: string;
  onChoose: (patch: Partial<MicromegasQuery>) => void;
}

/** The longest text that Grafana's TagsInput takes. Beyond it Enter does nothing. */
const MAX_NAME_LENGTH = 50;

export function QueryOptions({ query, idPrefix, onChoose }: Props) {
  const styles = useStyles2(getStyles);
  const [isOpen, setIsOpen] = useState(false);
  const isSeries = readQuery(query).format === 'time_series';
  const summary = optionsSummary(query);
  return (
    <Stack direction="column" gap={0.5}>
      <Stack gap={1} alignItems="center">
        <Button
          size="sm"
          variant="secondary"
          fill="text"
          icon={isOpen ? 'angle-down' : 'angle-right'}
          type="button"
          aria-expanded={isOpen}
          onClick={() => setIsOpen(!isOpen)}
        >
          Options
        </Button>
        {!isOpen && summary !== '' && (
          <span className={styles.summary} title={summary}>
            {summary}
          </span>
        )}
      </Stack>
      {isOpen && (
        <Stack gap={0.5} wrap="wrap" alignItems="flex-start">
          {isSeries ? (
            <SeriesOptions query={query} idPrefix={idPrefix} onChoose={onChoose} />
          ) : (
            <InlineField
              label="Big integers as text"
              tooltip="Browsers round integers beyond 2^53. This makes text of each column that holds one, so that every digit is shown."
            >
              <InlineSwitch
                id={`${idPrefix}-big-integers`}
                value={readQuery(query).bigIntegersAsText}
                onChange={({ currentTarget }) => onChoose({ bigIntegersAsText: currentTarget.checked })}
              />
            </InlineField>
          )}
        </Stack>
      )}
    </Stack>
  );
}

function SeriesOptions({ query, idPrefix, onChoose }: Props) {
  const styles = useStyles2(getStyles);
  const [isTooLong, setIsTooLong] = useState(false);
  return (
    <>
      <InlineField
        label="Fill gaps"
        htmlFor={`${idPrefix}-fill`}
        tooltip="What stands where a series has no row. Steps are as wide as those of $__dateBin: group by it."
      >
        <ChoiceBox<FillChoice>
          id={`${idPrefix}-fill`}
          width={24}
          options={FILL_MODES}
          value={fillModeOf(query)}
          onChange={(choice) => onChoose(fillPatch(choice))}
        />
      </InlineField>
      <InlineField
        label="Label columns"
        className={styles.labels}
        grow
        shrink
        invalid={isTooLong}
        error={
          isTooLong
            ? `Longer than ${MAX_NAME_LENGTH} characters. Give the column a shorter name in the SQL.`
            : undefined
        }
        onInput={({ target }) =>
          setIsTooLong(target instanceof HTMLInputElement && target.value.length > MAX_NAME_LENGTH)
        }
        tooltip="Columns that tell series apart although they hold no text, such as a level. Columns with text always do."
      >
        <TagsInput
          id={`${idPrefix}-labels`}
          placeholder="Column, then Enter"
          addOnBlur
          autoColors={false}
          tags={[...readQuery(query).labelColumns]}
          onChange={(names) => onChoose({ labelColumns: names.length === 0 ? undefined : names })}
        />
      </InlineField>
    </>
  );
}

const getStyles = (theme: GrafanaTheme2) => ({
  // One line; the rest of it is shown on hovering.
  summary: css({
    ...theme.typography.bodySmall,
    color: theme.colors.text.secondary,
    minWidth: 0,
    overflow: 'hidden',
    textOverflow: 'ellipsis',
    whiteSpace: 'nowrap',
  }),
  // As wide as there is room, so that it fits beside a narrow page too.
  labels: css({ maxWidth: theme.spacing(56) }),
});
