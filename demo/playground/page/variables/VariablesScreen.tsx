import React from 'react';
import { DataSourceScreen } from '../layout/DataSourceScreen';
import { type PageLocation } from '../location';
import { VariableForm } from './VariableForm';

/** Edits a query variable, like the settings of a dashboard. */
export function VariablesScreen({ location }: { location: PageLocation }) {
  return <DataSourceScreen location={location}>{(source) => <VariableForm source={source} />}</DataSourceScreen>;
}
