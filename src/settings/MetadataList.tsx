/**
 * Additional headers of the calls to the server. Readable headers are saved as the older plugin saved them, secret
 * headers under numbered keys.
 */
import { t, Trans } from '@grafana/i18n';
import { Button, Stack } from '@grafana/ui';
import React from 'react';
import { metadataKeyProblem, metadataValueProblem } from '../../contract/problems/settings-problems';
import { useFocusOnAdd, useFocusOnMove, useFocusOnRemove } from '../shared/controls/use-focus-on-add';
import { type SettingsProps } from '../shared/types';
import { NameValueRow, type RowLabels } from './fields/NameValueRow';
import {
  type NumberedEntry,
  numberedEntries,
  SECURE_METADATA,
  withEntryName,
  withEntryValue,
  withNewEntry,
  withoutEntry,
} from './fields/numbered-entries';
import { metadataPairs, savedMetadata, withSettings } from './update-settings';

type Options = SettingsProps['options'];
type Pair = [key: string, value: string];

function rowLabels(number: number): RowLabels {
  return {
    row: t('config.metadata.row', 'Metadata {{number}}', { number }),
    name: t('config.metadata.key', 'Metadata {{number}} key', { number }),
    value: t('config.metadata.value', 'Metadata {{number}} value', { number }),
    isSecret: t('config.metadata.is-secret', 'Metadata {{number}} is secret', { number }),
    remove: t('config.metadata.remove', 'Remove metadata {{number}}', { number }),
  };
}

function withPairs(options: Options, pairs: Pair[]): Options {
  return withSettings(options, { metadata: savedMetadata(pairs) });
}

/** Shown in Additional settings. Without headers, the list has only the button that adds a header. */
export function MetadataList({ options, onOptionsChange }: SettingsProps) {
  const pairs = metadataPairs(options.jsonData.metadata);
  const secrets = numberedEntries(options, SECURE_METADATA);
  const { list, beforeAdd } = useFocusOnAdd(pairs.length);
  const count = pairs.length + secrets.length;
  const beforeRemove = useFocusOnRemove(list, count);
  const beforeMove = useFocusOnMove(list, [pairs.length, secrets.length]);
  return (
    <div ref={list}>
      <Stack direction="column" gap={1} alignItems="flex-start">
        {pairs.map((pair, index) => (
          <ReadableRow
            // React's key is the index, because a row has no other stable identity. If the name were the key, the field
            // would lose the focus at each typed character.
            key={index}
            options={options}
            onOptionsChange={onOptionsChange}
            pairs={pairs}
            index={index}
            beforeRemove={beforeRemove}
            // The row becomes the last secret.
            beforeMove={() => beforeMove(count - 1)}
          />
        ))}
        {secrets.map((entry, index) => (
          <SecretRow
            key={`secret ${entry.number}`}
            options={options}
            onOptionsChange={onOptionsChange}
            entry={entry}
            number={pairs.length + index + 1}
            beforeRemove={beforeRemove}
            // The row becomes the last readable one.
            beforeMove={() => beforeMove(pairs.length)}
          />
        ))}
        <Button
          variant="secondary"
          icon="plus"
          type="button"
          disabled={options.readOnly}
          onClickCapture={beforeAdd}
          onClick={() => onOptionsChange(withPairs(options, [...pairs, ['', '']]))}
        >
          <Trans i18nKey="config.metadata.add">Add metadata</Trans>
        </Button>
      </Stack>
    </div>
  );
}

interface RowProps extends SettingsProps {
  /** Called when the user presses the button that removes the row. */
  beforeRemove: () => void;
  /** Called when the user presses _Secret_. The row then moves to the end of the secret or readable rows. */
  beforeMove: () => void;
}

function ReadableRow({
  options,
  onOptionsChange,
  pairs,
  index,
  beforeRemove,
  beforeMove,
}: RowProps & { pairs: Pair[]; index: number }) {
  const [key, value] = pairs[index];
  const replace = (...pair: Pair[]) => onOptionsChange(withPairs(options, pairs.toSpliced(index, 1, ...pair)));
  return (
    <NameValueRow
      id="micromegas-metadata"
      labels={rowLabels(index + 1)}
      number={index + 1}
      name={key}
      value={value}
      isSecret={false}
      isStored={false}
      nameProblem={metadataKeyProblem(key)}
      valueProblem={metadataValueProblem(value)}
      disabled={options.readOnly}
      onName={(typed) => replace([typed, value])}
      onValue={(typed) => replace([key, typed])}
      onSecret={() => {
        beforeMove();
        onOptionsChange(withNewEntry(withPairs(options, pairs.toSpliced(index, 1)), SECURE_METADATA, key, value));
      }}
      onRemove={() => {
        beforeRemove();
        replace();
      }}
    />
  );
}

function SecretRow({
  options,
  onOptionsChange,
  entry,
  number,
  beforeRemove,
  beforeMove,
}: RowProps & { entry: NumberedEntry; number: number }) {
  const pairs = metadataPairs(options.jsonData.metadata);
  const without = () => withoutEntry(options, SECURE_METADATA, entry);
  return (
    <NameValueRow
      {...entry}
      id="micromegas-metadata"
      labels={rowLabels(number)}
      number={number}
      nameProblem={metadataKeyProblem(entry.name)}
      valueProblem={metadataValueProblem(entry.value)}
      disabled={options.readOnly}
      onName={(typed) => onOptionsChange(withEntryName(options, SECURE_METADATA, entry, typed))}
      onValue={(typed) => onOptionsChange(withEntryValue(options, SECURE_METADATA, entry, typed))}
      onSecret={() => {
        beforeMove();
        onOptionsChange(withPairs(without(), [...pairs, [entry.name, entry.value]]));
      }}
      onRemove={() => {
        beforeRemove();
        onOptionsChange(without());
      }}
    />
  );
}
