/** The entry of a query type in the table of `view-types.ts`. */
import { type RequestForm } from './forms/request-form';
import { type Strings } from './strings';

/** What the editor and the requests of the frontend need to know about a type of queries without SQL. */
export interface ViewType<Request> {
  /** Name of the type in the user's language. */
  label: () => string;
  /** The request of a new query. */
  newRequest: Request;
  /** Loads the form. */
  loadForm: () => Promise<RequestForm<Request>>;
  /** The request with the values of variables. Fields that are undefined are removed afterwards. */
  interpolate: (request: Request, strings: Strings) => Request;
  /** The parts of a one-line label. Empty parts are not shown. */
  describe: (request: Request) => string[];
}
