/** The props of the form of a request. */
import { type PanelData, type TimeRange } from '@grafana/data';
import { type MicromegasApi } from '../../../shared/types';

/** Props of each form. `onChange` is called with a complete request, which is saved. */
export interface RequestFormProps<Request> {
  datasource: MicromegasApi;
  range?: TimeRange;
  /** Prefix of the ids of the controls, unique per editor. */
  idPrefix: string;
  request: Request;
  /** The refId of the query, and the result in which the query has this refId. */
  refId: string;
  data?: PanelData;
  onChange: (request: Request) => void;
}

export type RequestForm<Request> = (props: RequestFormProps<Request>) => React.ReactNode;
