/** The row below the SQL for what few queries need. Closed it is one line, which names the options that are set. */
import { Button, Combobox, InlineField, InlineSwitch, Stack, TagsInput, Text } from '@grafana/ui';
import React, { useState } from 'react';
import { readQuery } from '../../contract/query';
import { type MicromegasQuery } from '../types';
import { FILL_MODES, fillModeOf, fillPatch, type FillChoice, optionsSummary } from './query-options';

interface Props {
  query: MicromegasQuery;
  /** Unique on the page: several editors are open at once. */
  idPrefix: string;
  onChoose: (patch: Partial<MicromegasQuery>) => void;
}

export function QueryOptions({ query, idPrefix, onChoose }: Props) {
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
          <Text element="span" variant="bodySmall" color="secondary">
            {summary}
          </Text>
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
  return (
    <>
      <InlineField
        label="Fill gaps"
        htmlFor={`${idPrefix}-fill`}
        tooltip="What stands where a series has no row. Steps are as wide as those of $__dateBin: group by it."
      >
        <Combobox<FillChoice>
          id={`${idPrefix}-fill`}
          width={18}
          options={FILL_MODES}
          value={fillModeOf(query)}
          onChange={({ value }) => onChoose(fillPatch(value))}
        />
      </InlineField>
      <InlineField
        label="Label columns"
        tooltip="Columns that tell series apart although they hold no text, such as a level. Columns with text always do."
      >
        <TagsInput
          id={`${idPrefix}-labels`}
          width={40}
          placeholder="Column, then Enter"
          addOnBlur
          tags={[...readQuery(query).labelColumns]}
          onChange={(names) => onChoose({ labelColumns: names.length === 0 ? undefined : names })}
        />
      </InlineField>
    </>
  );
}
