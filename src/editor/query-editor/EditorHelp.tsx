/** The help that Grafana shows above a query editor. Grafana shows the help icon in the row of the query. */
import { type QueryEditorHelpProps } from '@grafana/data';
import React from 'react';
import { type MicromegasQuery } from '../../shared/types';
import { examplePatch } from './examples';
import { seededPatch } from '../model/query-draft';
import { QueryHelp } from './QueryHelp';

/** Registered as the help of the plugin's query editor. */
export function EditorHelp({ query, onClickExample }: QueryEditorHelpProps<MicromegasQuery>) {
  return (
    <QueryHelp
      onUse={(example) =>
        // Grafana replaces the whole query with this object.
        onClickExample({ ...query, ...seededPatch(query, examplePatch(example)), queryType: undefined })
      }
    />
  );
}
