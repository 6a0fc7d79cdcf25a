import { type SettingsProps } from '../../types';

/** What the fields of a service account are given. */
export interface ProviderFieldProps {
  page: SettingsProps;
  /** False while the data source works without a service account, because it forwards the users' own identity. */
  isRequired: boolean;
}
